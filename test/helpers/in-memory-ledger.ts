import { LEDGER_KEYS, isRefused, sizeOfFields } from './dynamodb-limits';
import { Page } from '../../src/cognito/page';
import { LookUpKind } from '../../src/cognito/sign-in-name';
import { KEY_BYTES, LEDGER, LOOK_UP_INDEXES } from '../../src/ledger/constants';
import { formerNamePartition } from '../../src/ledger/former-names';
import { LedgerHistory, LedgerStore, ListChunk, RowChange, UserDigest } from '../../src/ledger/ledger-store';
import { linkedIdentitiesPartition } from '../../src/ledger/linked-identities';
import { IsHeld, liveMemberships } from '../../src/ledger/live-memberships';
import { readRecoveredSub, RecoveredSub, recoveredSubKey } from '../../src/ledger/recovered-subs';
import { RowRefusedError } from '../../src/ledger/row-refused-error';
import {
  GroupRow, HistoryKind, HistoryRow, Item, Key, MembershipRow, PoolPartRow, SourceRow, SweepRow, UserRow, groupOfMembersPartition, isWithin, items,
  keys, rows,
} from '../../src/ledger/schema';

/** Bytes of a page of a query, and of what one read unit reads consistently. */
const PAGE_BYTES = 1_024 * 1_024;
const UNIT_BYTES = 4 * 1_024;
/** As many as the store of DynamoDB asks for. */
const IMAGES_PER_PAGE = 4;

/** Items are replaced and never changed, and read again and again. */
const knownBytes = new WeakMap<Item, number>();
function bytesOf(item: Item): number {
  const bytes = knownBytes.get(item) ?? sizeOfFields(item);
  knownBytes.set(item, bytes);
  return bytes;
}

/** The ledger in memory, on real items of the real codec; counts what is written and, where history is read, what is paid for. */
export class InMemoryLedger implements LedgerStore, LedgerHistory {
  public readonly items = new Map<string, Item>();
  protected readonly partitions = new Map<string, Map<string, Item>>();
  public membersPerPage = Infinity;
  private held?: readonly Item[];
  /** Rows written, without histories. */
  public rowsWritten = 0;
  /** Read units of users by page, single users, memberships and histories. */
  public readUnits = 0;
  public historiesRead = 0;
  /** Called before each write; may throw, or change the table in between. */
  public beforeWrite: (change: RowChange) => void = () => undefined;

  public clear(): void {
    this.items.clear();
    this.partitions.clear();
  }

  public remove({ pk, sk }: Key): void {
    this.items.delete(address({ pk, sk }));
    this.partitions.get(pk)?.delete(sk);
  }

  public async sources(): Promise<SourceRow[]> {
    return this.partition(keys.sources()).map(rows.source);
  }

  public async user(poolId: string, sub: string): Promise<UserRow | undefined> {
    if (!isWithin(KEY_BYTES.SORT, sub)) return undefined;
    this.charge([this.items.get(address(keys.user(poolId, sub)))]);
    return this.get(keys.user(poolId, sub), rows.user);
  }

  public async usersOfShard(poolId: string, shard: string, cursor?: string): Promise<Page<UserRow>> {
    return this.page(this.partition(keys.userShard(poolId, shard)).filter(({ sk }) => cursor === undefined || sk > cursor), rows.user);
  }

  public async subsBySignInName(poolId: string, name: string, kind: LookUpKind = 'name'): Promise<string[]> {
    return this.index(LOOK_UP_INDEXES[kind].key, keys.signInName(poolId, name)).filter(isLive).map(item => item.sk);
  }

  public async subsEverBySignInName(poolId: string, name: string, kind: LookUpKind = 'name'): Promise<string[]> {
    const now = this.index(LOOK_UP_INDEXES[kind].key, keys.signInName(poolId, name));
    const found = [...now, ...this.partition(formerNamePartition(poolId, name, kind))];
    return [...new Set(found.map(item => item.sk))];
  }

  public async recoveredSub(poolId: string, sub: string): Promise<RecoveredSub> {
    return readRecoveredSub(this.items.get(address(recoveredSubKey(poolId, sub))));
  }

  public async subsByFederatedName(poolId: string, name: string): Promise<string[]> {
    return this.partition(linkedIdentitiesPartition(poolId, name)).map(item => item.sk);
  }

  public async groups(poolId: string): Promise<GroupRow[]> {
    return this.partition(keys.groups(poolId)).map(rows.group);
  }

  public async group(poolId: string, name: string): Promise<GroupRow | undefined> {
    return this.get(keys.group(poolId, name), rows.group);
  }

  public async groupsOfUser(poolId: string, sub: string, candidates: readonly string[] = []): Promise<string[]> {
    return this.memberships(poolId, sub, [...await this.candidateGroups(poolId, sub), ...candidates]);
  }

  public async memberships(poolId: string, sub: string, groups: readonly string[], isHeld?: IsHeld): Promise<string[]> {
    return liveMemberships(async wanted => wanted.flatMap(key => this.items.get(address(key)) ?? []), poolId, sub, groups, isHeld);
  }

  public async membershipsOfUser(poolId: string, sub: string): Promise<string[]> {
    return (await this.candidateGroups(poolId, sub)).filter(group => {
      const row = this.get(keys.membership(poolId, group, sub), rows.membership);
      return row && row.deletedAt === undefined;
    });
  }

  public async membershipRows(poolId: string, sub: string, groups: readonly string[]): Promise<MembershipRow[]> {
    const found = groups.flatMap(group => this.items.get(address(keys.membership(poolId, group, sub))) ?? []);
    found.forEach(item => this.charge([item]));
    return found.map(rows.membership);
  }

  public async candidateGroups(poolId: string, sub: string): Promise<string[]> {
    return this.index(LEDGER.MEMBERSHIP_INDEX_PARTITION_KEY, keys.member(poolId, sub)).map(({ pk }) => groupOfMembersPartition(poolId, pk));
  }

  public async history(poolId: string, kind: HistoryKind, id: string, cursor?: string): Promise<Page<HistoryRow>> {
    this.historiesRead += 1;
    const newestFirst = this.partition(keys.historyOf(poolId, kind, id)).reverse();
    return this.page(newestFirst.filter(({ sk }) => cursor === undefined || sk < cursor), rows.history, IMAGES_PER_PAGE);
  }

  public async membersOfGroup(poolId: string, group: string, cursor?: string): Promise<Page<MembershipRow>> {
    const left = this.partition(keys.membersOf(poolId, group)).filter(({ sk }) => cursor === undefined || sk > cursor);
    const page = left.slice(0, this.membersPerPage);
    return { items: page.map(rows.membership), next: page.length < left.length ? page[page.length - 1].sk : undefined };
  }

  public async membership(poolId: string, group: string, sub: string): Promise<MembershipRow | undefined> {
    return this.get(keys.membership(poolId, group, sub), rows.membership);
  }

  public async poolParts(poolId: string): Promise<PoolPartRow[]> {
    return this.partition(keys.poolParts(poolId)).map(rows.poolPart);
  }

  public async poolPart(poolId: string, part: string): Promise<PoolPartRow | undefined> {
    return this.get(keys.poolPart(poolId, part), rows.poolPart);
  }

  public async * digestsOfShard(poolId: string, shard: string, subPrefix = ''): AsyncIterable<UserDigest> {
    const found = this.partition(keys.userShard(poolId, shard)).filter(({ sk }) => sk.startsWith(subPrefix));
    for (const { sub, digest, deletedAt } of found.map(rows.user)) {
      yield { sub, digest, deletedAt };
    }
  }

  public async write(change: RowChange): Promise<boolean> {
    this.beforeWrite(change);
    const written = [change.put, change.history, ...change.pointers ?? []];
    if (written.some(item => item && isRefused(item, LEDGER_KEYS))) throw new RowRefusedError(change.put);
    const stored = this.items.get(address(change.put));
    if (stored?.observedAt !== change.replacesObservedAt) return false;
    this.put(change.put);
    if (change.history) this.put(change.history);
    change.pointers?.forEach(item => this.put(item));
    this.rowsWritten += 1;
    return true;
  }

  public async markRefused({ put, replacesObservedAt }: Pick<RowChange, 'replacesObservedAt'> & { put: Key }, refusedAt: number): Promise<boolean> {
    const stored = this.items.get(address(put));
    if (!stored || stored.observedAt !== replacesObservedAt) return false;
    this.put({ refusedAt, ...stored });
    return true;
  }

  public async lease(poolId: string, owner: string, now: number, until: number): Promise<boolean> {
    const source = this.source(poolId);
    if (source.leaseOwner !== undefined && source.leaseOwner !== owner && Number(source.leaseUntil) >= now) return false;
    this.put({ ...source, leaseOwner: owner, leaseUntil: until });
    return true;
  }

  public async release(poolId: string, owner: string, completed?: object): Promise<void> {
    const { leaseOwner, leaseUntil: _until, ...source } = this.source(poolId);
    if (leaseOwner === owner) this.put(JSON.parse(JSON.stringify({ ...source, ...completed })) as Item);
  }

  public async keepSweep(sweep: SweepRow): Promise<void> {
    this.put(items.sweep(sweep));
  }

  public async noteEvent(poolId: string, seenAt: number): Promise<void> {
    const source = this.source(poolId);
    if (source.eventSeenAt === undefined || Number(source.eventSeenAt) < seenAt) this.put({ ...source, eventSeenAt: seenAt });
  }

  public async saveList(poolId: string, list: string, values: Iterable<string> | AsyncIterable<string>): Promise<void> {
    const all: string[] = [];
    for await (const value of values) all.push(value);
    this.partition(keys.sweepLists(poolId)).filter(item => item.list === list).forEach(item => this.remove(item));
    // Two chunks where there is more than one value, as the table has for many.
    const half = Math.ceil(all.length / 2);
    [all.slice(0, half), all.slice(half)].filter(chunk => chunk.length > 0)
      .forEach((chunk, i) => this.put({ ...keys.sweepList(poolId, list, i), v: 1, list, values: chunk }));
  }

  public async * loadLists(poolId: string, prefix: string): AsyncIterable<ListChunk> {
    for (const item of this.partition(keys.sweepLists(poolId)).filter(({ sk }) => sk.startsWith(prefix))) {
      yield { list: item.list as string, values: item.values as string[] };
    }
  }

  public put(item: Item): void {
    this.items.set(address(item), item);
    const partition = this.partitions.get(item.pk) ?? new Map<string, Item>();
    this.partitions.set(item.pk, partition.set(item.sk, item));
  }

  /** All items of one partition, by sort key. */
  public partition(pk: string): Item[] {
    return [...this.partitions.get(pk)?.values() ?? []].sort((a, b) => (a.sk < b.sk ? -1 : 1));
  }

  /** From now on the indexes show the table as it is at this moment. */
  public holdIndexes(): void {
    this.held = [...this.items.values()];
  }

  public releaseIndexes(): void {
    this.held = undefined;
  }

  /** What one query answers: as many items as were asked for, and no more than a page holds. */
  private page<R>(left: readonly Item[], row: (item: Item) => R, most = Infinity): Page<R> {
    let [bytes, count] = [0, 0];
    for (const item of left) {
      if (count === most || (count > 0 && bytes + bytesOf(item) > PAGE_BYTES)) break;
      bytes += bytesOf(item);
      count += 1;
    }
    const found = left.slice(0, count);
    this.charge(found);
    return { items: found.map(row), next: count < left.length ? found[count - 1].sk : undefined };
  }

  /** One consistent read of these items together. */
  private charge(read: readonly (Item | undefined)[]): void {
    const bytes = read.reduce((sum, item) => sum + (item ? bytesOf(item) : 0), 0);
    this.readUnits += Math.max(1, Math.ceil(bytes / UNIT_BYTES));
  }

  private index(key: string, value: string): Item[] {
    return [...this.held ?? this.items.values()].filter(item => item[key] === value);
  }

  private get<R>(key: Key, row: (item: Item) => R): R | undefined {
    if (isRefused({ ...key }, LEDGER_KEYS)) throw Object.assign(new Error('One or more parameter values were invalid'), { name: 'ValidationException' });
    const item = this.items.get(address(key));
    return item && row(item);
  }

  private source(poolId: string): Item {
    return this.items.get(address(keys.source(poolId))) ?? { ...keys.source(poolId), v: 1, poolId };
  }
}

function address(key: Key): string {
  return JSON.stringify([key.pk, key.sk]);
}

function isLive(item: Item): boolean {
  return item.deletedAt === undefined;
}
