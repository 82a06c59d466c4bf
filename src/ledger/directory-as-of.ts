import { comparedUntil } from './earliest-moment';
import { Doubt, Grade, ImageAt, imageAt, isCoalescedAt, KeptImage, PastImage } from './image-at';
import { LedgerHistory, LedgerReader, UsersPage } from './ledger-store';
import { liveMemberships } from './live-memberships';
import { GroupRow, hasName, HistoryKind, Item, items, keys, MembershipRow, membershipId, PoolPartRow, rows, SourceRow, UserRow } from './schema';
import { SourceSub, UserPoolId } from '../cognito/ids';
import { Page } from '../cognito/page';
import { LookUpKind } from '../cognito/sign-in-name';
import { forEachConcurrently } from '../runtime/concurrency';
import { EpochMilliseconds } from '../runtime/flavor';

/** A row as it was, of which it is not certain that it was so. */
export interface Doubted {
  readonly kind: HistoryKind;
  /** As its history has it: the `sub` of a user, the name of a group, `<group>#<sub>` of a membership, or the name of a part of the configuration. */
  readonly id: string;
  readonly grade: Doubt;
  /** It may have been something that no look showed. */
  readonly isCoalesced?: true;
}

type Then<R> = ImageAt<R> & Pick<Doubted, 'isCoalesced'>;

const READS_AT_ONCE = 16;

/** A group as the rule of memberships takes it; `item`: absent where there never was such a group. */
interface GroupThen extends Pick<Doubted, 'isCoalesced'> {
  readonly item?: Item;
  readonly grade: Grade;
}

/** What several views of one moment read once. */
interface Shared {
  readonly groupItems: Map<string, Promise<GroupThen>>;
  /** Until when everything was compared, by pool; absent until it is asked for. */
  compared?: Promise<ReadonlyMap<UserPoolId, EpochMilliseconds>>;
}

/**
 * The ledger as it was at a moment. A row that was by then what it is now is taken as it is, at no further cost; of any other the history is read,
 * newest first, until the image that had begun.
 *
 * What did not exist is not in the answers. A user whose history is not whole is, as far as it is known, with that grade: whoever acts on users has
 * to look at it. Of groups, memberships and settings only those are, which nobody doubts to have existed.
 *
 * Names lead to those who had them then, renamed since or not; by an image that an earlier release replaced, nobody is found by name.
 */
export class DirectoryAsOf implements LedgerReader {
  /**
   * For a caller that asks only whether it is known what there was, and has no time for one more read: what sweeps have compared is not looked up,
   * and a row that answers by itself is hardly ever more than `by-event`.
   */
  public static withoutSweeps(ledger: LedgerHistory, moment: EpochMilliseconds): DirectoryAsOf {
    return new DirectoryAsOf(ledger, moment, undefined, { groupItems: new Map(), compared: Promise.resolve(new Map()) });
  }

  /** @param onDoubt hears of everything that is not certain, each time that it is read */
  constructor(
    private readonly ledger: LedgerHistory,
    public readonly moment: EpochMilliseconds,
    private readonly onDoubt: (what: Doubted) => void = () => undefined,
    private readonly shared: Shared = { groupItems: new Map() },
  ) {}

  /** The same, for a caller with ears of its own. */
  public listening(onDoubt: (what: Doubted) => void): DirectoryAsOf {
    return new DirectoryAsOf(this.ledger, this.moment, onDoubt, this.shared);
  }

  public async sources(): Promise<SourceRow[]> {
    return this.ledger.sources();
  }

  public async user(poolId: UserPoolId, sub: SourceSub): Promise<UserRow | undefined> {
    const row = await (await this.present()).user(poolId, sub);
    return row && this.userAt(row);
  }

  public async usersOfShard(poolId: UserPoolId, shard: string, cursor?: string): Promise<UsersPage> {
    const page = await (await this.present()).usersOfShard(poolId, shard, cursor);
    const then = await this.allAt(page.items, row => this.userAt(row));
    return { items: then, next: page.next, later: page.items.length - then.length };
  }

  public async subsBySignInName(poolId: UserPoolId, name: string, kind: LookUpKind = 'name'): Promise<SourceSub[]> {
    const candidates = await this.ledger.subsEverBySignInName(poolId, name, kind);
    const then = await this.allAt(candidates, sub => this.user(poolId, sub));
    return then.filter(row => row.deletedAt === undefined && hasName(row, name, kind)).map(({ sub }) => sub);
  }

  /** Users who were, at some time, linked with that identity: the row says whether they were at the moment. */
  public async subsByFederatedName(poolId: UserPoolId, name: string): Promise<SourceSub[]> {
    return this.ledger.subsByFederatedName(poolId, name);
  }

  public async groups(poolId: UserPoolId): Promise<GroupRow[]> {
    return this.allAt(await (await this.present()).groups(poolId), row => this.groupAt(row));
  }

  public async group(poolId: UserPoolId, name: string): Promise<GroupRow | undefined> {
    const row = await (await this.present()).group(poolId, name);
    return row && this.groupAt(row);
  }

  /** The index knows every group that the user has been in for as long as the history is kept. */
  public async groupsOfUser(poolId: UserPoolId, sub: SourceSub, candidates: readonly string[] = []): Promise<string[]> {
    return this.memberships(poolId, sub, [...await this.ledger.candidateGroups(poolId, sub), ...candidates]);
  }

  public async memberships(poolId: UserPoolId, sub: SourceSub, groups: readonly string[]): Promise<string[]> {
    return liveMemberships(async wanted => {
      const names = wanted.filter(key => key.pk === keys.groups(poolId)).map(({ sk }) => sk);
      const present = await this.present();
      const rowsOfUser = await this.allAt(await present.membershipRows(poolId, sub, names), row => this.membershipAt(row));
      const live = rowsOfUser.filter(({ deletedAt }) => deletedAt === undefined);
      return [...live.map(items.membership), ...await this.allAt(live, ({ group }) => this.groupItem(poolId, group))];
    }, poolId, sub, groups);
  }

  public async candidateGroups(poolId: UserPoolId, sub: SourceSub): Promise<string[]> {
    return this.ledger.candidateGroups(poolId, sub);
  }

  public async membersOfGroup(poolId: UserPoolId, group: string, cursor?: string): Promise<Page<MembershipRow>> {
    const page = await (await this.present()).membersOfGroup(poolId, group, cursor);
    return { items: await this.allAt(page.items, row => this.membershipAt(row)), next: page.next };
  }

  public async poolParts(poolId: UserPoolId): Promise<PoolPartRow[]> {
    return this.allAt(await (await this.present()).poolParts(poolId), row => this.partAt(row));
  }

  public async poolPart(poolId: UserPoolId, part: string): Promise<PoolPartRow | undefined> {
    const row = await (await this.present()).poolPart(poolId, part);
    return row && this.partAt(row);
  }

  /** Few groups have many members, and a moment does not change. One that did not exist gives no right, as one that was gone. */
  private async groupItem(poolId: UserPoolId, name: string): Promise<Item | undefined> {
    const key = JSON.stringify([poolId, name]);
    const reading = this.shared.groupItems.get(key) ?? this.readGroup(poolId, name);
    this.shared.groupItems.set(key, reading);
    reading.catch(() => this.shared.groupItems.delete(key));
    const { item, grade, ...doubt } = await reading;
    if (grade !== 'certain') this.onDoubt({ kind: 'G', id: name, grade, ...doubt });
    return item;
  }

  /** The rows, once it is known what sweeps have compared: a sweep that ends later has changed some of them, and vouches for none. */
  private async present(): Promise<LedgerHistory> {
    await this.compared();
    return this.ledger;
  }

  private async compared(): Promise<ReadonlyMap<UserPoolId, EpochMilliseconds>> {
    const { shared } = this;
    const reading = shared.compared ??= this.readCompared();
    reading.catch(() => { if (shared.compared === reading) shared.compared = undefined; });
    return reading;
  }

  private async readCompared(): Promise<ReadonlyMap<UserPoolId, EpochMilliseconds>> {
    return new Map((await this.ledger.sources()).map(source => [source.poolId, comparedUntil(source)]));
  }

  private async readGroup(poolId: UserPoolId, name: string): Promise<GroupThen> {
    const row = await (await this.present()).group(poolId, name);
    if (!row) return { grade: 'certain' };
    const { image, grade, ...doubt } = await this.lookBack('G', name, row, rows.group);
    const then = grade === 'incomplete' ? undefined : image;
    return { item: items.group(then ?? { ...row, deletedAt: row.observedAt }), grade, ...doubt };
  }

  private async userAt(row: UserRow): Promise<UserRow | undefined> {
    return this.at('U', row.sub, row, rows.user);
  }

  private async groupAt(row: GroupRow): Promise<GroupRow | undefined> {
    return unlessIncomplete(await this.at('G', row.name, row, rows.group));
  }

  private async membershipAt(row: MembershipRow): Promise<MembershipRow | undefined> {
    return unlessIncomplete(await this.at('M', membershipId(row.group, row.sub), row, rows.membership));
  }

  private async partAt(row: PoolPartRow): Promise<PoolPartRow | undefined> {
    return unlessIncomplete(await this.at('C', row.part, row, rows.poolPart));
  }

  private async at<R extends PastImage & { readonly poolId: UserPoolId }>(
    kind: HistoryKind, id: string, row: R, toRow: (item: Item) => R,
  ): Promise<R | undefined> {
    const { image, grade, ...doubt } = await this.lookBack(kind, id, row, toRow);
    if (grade === 'certain') return image;
    this.onDoubt({ kind, id, grade, ...doubt });
    return image && { ...image, grade, ...doubt };
  }

  private async lookBack<R extends PastImage & { readonly poolId: UserPoolId }>(
    kind: HistoryKind, id: string, row: R, toRow: (item: Item) => R,
  ): Promise<Then<R>> {
    const how = { moment: this.moment, isUser: kind === 'U', comparedUntil: (await this.compared()).get(row.poolId) ?? -Infinity };
    const kept: KeptImage<R>[] = [];
    let isWhole = false;
    let cursor: string | undefined;
    for (;;) {
      const found = imageAt(row, kept, { ...how, isWhole });
      if (found !== 'more') {
        const images = [row, ...kept.map(({ image }) => image)];
        const isLost = found.grade === 'uncertain' && images.some(image => isCoalescedAt(image, this.moment));
        return isLost ? { ...found, isCoalesced: true } : found;
      }
      const page = await this.ledger.history(row.poolId, kind, id, cursor);
      kept.push(...page.items.map(({ key, image, ended }) => ({ key, image: toRow(image), ended })));
      cursor = page.next;
      isWhole = cursor === undefined;
    }
  }

  /** What there was of each, in the order given. */
  private async allAt<T, R>(given: readonly T[], at: (one: T) => Promise<R | undefined>): Promise<R[]> {
    const then = new Array<R | undefined>(given.length);
    await forEachConcurrently(given.entries(), READS_AT_ONCE, async ([i, one]) => { then[i] = await at(one); });
    return then.filter((one): one is Awaited<R> & R => one !== undefined);
  }
}

/** The ledger as it is, or as it was. */
export function ledgerAt(ledger: LedgerHistory, moment: EpochMilliseconds | undefined): LedgerReader {
  return moment === undefined ? ledger : new DirectoryAsOf(ledger, moment);
}

/** The same ledger, with somebody who hears what it doubts: nothing, where it is read as it is. */
export function listening(ledger: LedgerReader, onDoubt: (what: Doubted) => void): LedgerReader {
  return ledger instanceof DirectoryAsOf ? ledger.listening(onDoubt) : ledger;
}

/** How sure it is that the row was so; certain of any row that was read as it is. */
export function gradeOf(row: object): Grade {
  return (row as { readonly grade?: Grade }).grade ?? 'certain';
}

/** Whether the row may have been something else that no look showed. */
export function isCoalesced(row: object): boolean {
  return (row as Pick<Doubted, 'isCoalesced'>).isCoalesced === true;
}

/** What nobody knows to have existed gives no right. */
function unlessIncomplete<R extends object>(row: R | undefined): R | undefined {
  return row && gradeOf(row) === 'incomplete' ? undefined : row;
}
