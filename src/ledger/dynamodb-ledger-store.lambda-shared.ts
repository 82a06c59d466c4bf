import {
  DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, QueryCommandInput, TransactWriteCommand, UpdateCommand,
  paginateQuery,
} from '@aws-sdk/lib-dynamodb';
import { KEY_BYTES, LEDGER, LOOK_UP_INDEXES } from './constants';
import { formerNamePartition } from './former-names';
import { CompletedSweep, LedgerHistory, LedgerStore, ListChunk, RowChange, UserDigest } from './ledger-store';
import { linkedIdentitiesPartition } from './linked-identities';
import { IsHeld, liveMemberships } from './live-memberships';
import { readRecoveredSub, RecoveredSub, recoveredSubKey } from './recovered-subs';
import { RowRefusedError } from './row-refused-error';
import {
  GroupRow, HistoryKind, HistoryRow, Item, Key, MembershipRow, PoolPartRow, SCHEMA_VERSION, SourceRow, SweepRow, UserRow, groupOfMembersPartition,
  isWithin, items, keys, rows,
} from './schema';
import { SourceSub, UserPoolId } from '../cognito/ids';
import { Page } from '../cognito/page';
import { isValidationError } from '../cognito/refusals';
import { LookUpKind } from '../cognito/sign-in-name';
import { cancellationReasonsOf, isAccepted } from '../runtime/accepted.lambda-shared';
import { Batches } from '../runtime/batches.lambda-shared';
import { systemClock } from '../runtime/clock';
import { EpochMilliseconds, EpochSeconds } from '../runtime/flavor';
import { releaseLease, takeLease } from '../runtime/lease.lambda-shared';

/** Size of a chunk of a list. DynamoDB allows 400 KB an item. */
const LIST_BYTES = 320_000;

/** What DynamoDB reads is paid for: most rows have changed once or twice since any moment that somebody goes back to. */
const IMAGES_PER_PAGE = 4;

/** The ledger in this Region's replica of the table. */
export class DynamoDbLedgerStore implements LedgerStore, LedgerHistory {
  private readonly batches: Batches;

  constructor(private readonly client: DynamoDBDocumentClient, private readonly table: string) {
    this.batches = new Batches(client, table, systemClock);
  }

  public async sources(): Promise<SourceRow[]> {
    return this.all(keys.sources(), rows.source);
  }

  public async user(poolId: UserPoolId, sub: SourceSub): Promise<UserRow | undefined> {
    // What an attribute or an operator says may be anything; a question with such a key would be refused.
    return isWithin(KEY_BYTES.SORT, sub) ? this.get(keys.user(poolId, sub), rows.user) : undefined;
  }

  public async usersOfShard(poolId: UserPoolId, shard: string, cursor?: string): Promise<Page<UserRow>> {
    return this.page(keys.userShard(poolId, shard), rows.user, cursor, true);
  }

  public async subsBySignInName(poolId: UserPoolId, name: string, kind: LookUpKind = 'name'): Promise<SourceSub[]> {
    return collect(this.named(poolId, name, kind), item => (item.deletedAt === undefined ? item.sk : undefined));
  }

  public async subsEverBySignInName(poolId: UserPoolId, name: string, kind: LookUpKind = 'name'): Promise<SourceSub[]> {
    const [now, then] = await Promise.all([
      collect(this.named(poolId, name, kind), item => item.sk), this.all(formerNamePartition(poolId, name, kind), item => item.sk),
    ]);
    return [...new Set([...now, ...then])];
  }

  public async subsByFederatedName(poolId: UserPoolId, name: string): Promise<SourceSub[]> {
    return this.all(linkedIdentitiesPartition(poolId, name), item => item.sk);
  }

  public async groups(poolId: UserPoolId): Promise<GroupRow[]> {
    return this.all(keys.groups(poolId), rows.group);
  }

  public async group(poolId: UserPoolId, name: string): Promise<GroupRow | undefined> {
    return this.get(keys.group(poolId, name), rows.group);
  }

  /**
   * The index says which rows to read, and never what is in them: it is behind the table for a moment. So the groups that it shows as left are read
   * too: the user may have come back.
   */
  public async groupsOfUser(poolId: UserPoolId, sub: SourceSub, candidates: readonly string[] = []): Promise<string[]> {
    return this.memberships(poolId, sub, [...await this.candidateGroups(poolId, sub), ...candidates]);
  }

  public async memberships(poolId: UserPoolId, sub: SourceSub, groups: readonly string[], isHeld?: IsHeld): Promise<string[]> {
    return liveMemberships(async wanted => this.read(wanted), poolId, sub, groups, isHeld);
  }

  public async membershipsOfUser(poolId: UserPoolId, sub: SourceSub): Promise<string[]> {
    const found = await this.read((await this.candidateGroups(poolId, sub)).map(group => keys.membership(poolId, group, sub)));
    return found.map(rows.membership).filter(({ deletedAt }) => deletedAt === undefined).map(({ group }) => group);
  }

  public async membershipRows(poolId: UserPoolId, sub: SourceSub, groups: readonly string[]): Promise<MembershipRow[]> {
    return (await this.read(groups.map(group => keys.membership(poolId, group, sub)))).map(rows.membership);
  }

  /** Groups that the user may be in, as the index of memberships knows: which rows to read, and no right by itself. */
  public async candidateGroups(poolId: UserPoolId, sub: SourceSub): Promise<string[]> {
    return collect(this.query({
      IndexName: LEDGER.MEMBERSHIP_INDEX,
      ...partition(LEDGER.MEMBERSHIP_INDEX_PARTITION_KEY, keys.member(poolId, sub)),
    }), ({ pk }) => groupOfMembersPartition(poolId, pk));
  }

  public async membersOfGroup(poolId: UserPoolId, group: string, cursor?: string): Promise<Page<MembershipRow>> {
    return this.page(keys.membersOf(poolId, group), rows.membership, cursor);
  }

  public async membership(poolId: UserPoolId, group: string, sub: SourceSub): Promise<MembershipRow | undefined> {
    return this.get(keys.membership(poolId, group, sub), rows.membership);
  }

  public async poolParts(poolId: UserPoolId): Promise<PoolPartRow[]> {
    return this.all(keys.poolParts(poolId), rows.poolPart);
  }

  public async poolPart(poolId: UserPoolId, part: string): Promise<PoolPartRow | undefined> {
    return this.get(keys.poolPart(poolId, part), rows.poolPart);
  }

  public async recoveredSub(poolId: UserPoolId, sub: string): Promise<RecoveredSub> {
    return await this.get(recoveredSubKey(poolId, sub), readRecoveredSub) ?? {};
  }

  /** Consistent: a row may have named its predecessor a moment ago. */
  public async history(poolId: UserPoolId, kind: HistoryKind, id: string, cursor?: string): Promise<Page<HistoryRow>> {
    const read = { ScanIndexForward: false, Limit: IMAGES_PER_PAGE };
    return this.page(keys.historyOf(poolId, kind, id), rows.history, cursor, true, read);
  }

  public async * digestsOfShard(poolId: UserPoolId, shard: string, subPrefix = ''): AsyncIterable<UserDigest> {
    const shardKey = keys.userShard(poolId, shard);
    const found = this.query({
      IndexName: LEDGER.DIGEST_INDEX,
      ...(subPrefix === ''
        ? partition(LEDGER.DIGEST_INDEX_PARTITION_KEY, shardKey)
        : beginningWith(LEDGER.DIGEST_INDEX_PARTITION_KEY, shardKey, subPrefix)),
    });
    for await (const item of found) {
      yield { sub: item.sk, digest: item.digest as string, deletedAt: item.deletedAt as EpochMilliseconds | undefined };
    }
  }

  public async write(change: RowChange): Promise<boolean> {
    const put = {
      TableName: this.table,
      Item: change.put,
      ...(change.replacesObservedAt === undefined
        ? { ConditionExpression: 'attribute_not_exists(#pk)', ExpressionAttributeNames: { '#pk': LEDGER.PARTITION_KEY } }
        : { ConditionExpression: 'observedAt = :replaces', ExpressionAttributeValues: { ':replaces': change.replacesObservedAt } }),
    };
    try {
      return await isAccepted(async () => {
        const others = [...(change.history ? [change.history] : []), ...(change.pointers ?? [])];
        if (others.length === 0) return this.client.send(new PutCommand(put));
        const puts = [put, ...others.map(item => ({ TableName: this.table, Item: item }))];
        return this.client.send(new TransactWriteCommand({ TransactItems: puts.map(Put => ({ Put })) }));
      });
    } catch (error) {
      throw refusesRow(error) ? new RowRefusedError(change.put) : error;
    }
  }

  public async markRefused(
    { put: { pk, sk }, replacesObservedAt }: Pick<RowChange, 'replacesObservedAt'> & { readonly put: Key }, refusedAt: EpochMilliseconds,
  ): Promise<boolean> {
    try {
      return await isAccepted(async () => this.client.send(new UpdateCommand({
        TableName: this.table,
        Key: { pk, sk },
        UpdateExpression: 'SET refusedAt = if_not_exists(refusedAt, :refusedAt)',
        ConditionExpression: 'observedAt = :replaces',
        ExpressionAttributeValues: { ':refusedAt': refusedAt, ':replaces': replacesObservedAt },
      })));
    } catch (error) {
      // The row has no room even for the mark. That it was refused is counted and named all the same.
      if (!isValidationError(error)) throw error;
      return false;
    }
  }

  public async lease(poolId: UserPoolId, owner: string, now: EpochMilliseconds, until: EpochMilliseconds): Promise<boolean> {
    return this.updateSource(poolId, takeLease(owner, now, until, { poolId, v: SCHEMA_VERSION }));
  }

  public async release(poolId: UserPoolId, owner: string, completed?: CompletedSweep): Promise<void> {
    const fields = Object.entries(completed ?? {}).filter(([, value]) => value !== undefined);
    await this.updateSource(poolId, releaseLease(owner, Object.fromEntries(fields)));
  }

  public async keepSweep(sweep: SweepRow): Promise<void> {
    await this.client.send(new PutCommand({ TableName: this.table, Item: items.sweep(sweep) }));
  }

  public async noteEvent(poolId: UserPoolId, seenAt: EpochMilliseconds): Promise<void> {
    await this.updateSource(poolId, {
      UpdateExpression: 'SET poolId = :poolId, v = :v, eventSeenAt = :seenAt',
      ConditionExpression: 'attribute_not_exists(eventSeenAt) OR eventSeenAt < :seenAt',
      ExpressionAttributeValues: { ':poolId': poolId, ':v': SCHEMA_VERSION, ':seenAt': seenAt },
    });
  }

  public async saveList(
    poolId: UserPoolId, list: string, values: Iterable<string> | AsyncIterable<string>, expiresAt: EpochSeconds,
  ): Promise<void> {
    let chunks = 0;
    for await (const chunk of inChunks(values)) {
      await this.client.send(new PutCommand({
        TableName: this.table,
        Item: { ...keys.sweepList(poolId, list, chunks), v: SCHEMA_VERSION, list, values: chunk, expiresAt },
      }));
      chunks += 1;
    }
    // The list may have been longer before: what is left of it goes.
    for await (const { pk, sk, list: of } of this.listItems(poolId, list)) {
      if (of === list && sk >= keys.sweepList(poolId, list, chunks).sk) {
        await this.client.send(new DeleteCommand({ TableName: this.table, Key: { pk, sk } }));
      }
    }
  }

  public async * loadLists(poolId: UserPoolId, prefix: string): AsyncIterable<ListChunk> {
    for await (const item of this.listItems(poolId, prefix)) yield { list: item.list as string, values: item.values as string[] };
  }

  private async read(wanted: readonly Key[]): Promise<Item[]> {
    return await this.batches.get(wanted) as Item[];
  }

  private listItems(poolId: UserPoolId, prefix: string): AsyncIterable<Item> {
    return this.query({ ...beginningWith(LEDGER.PARTITION_KEY, keys.sweepLists(poolId), prefix), ConsistentRead: true });
  }

  private async updateSource(
    poolId: UserPoolId, update: Omit<ConstructorParameters<typeof UpdateCommand>[0], 'TableName' | 'Key'>,
  ): Promise<boolean> {
    return isAccepted(async () => this.client.send(new UpdateCommand({ TableName: this.table, Key: keys.source(poolId), ...update })));
  }

  private named(poolId: UserPoolId, name: string, kind: LookUpKind): AsyncIterable<Item> {
    const { index, key } = LOOK_UP_INDEXES[kind];
    return this.query({ IndexName: index, ...partition(key, keys.signInName(poolId, name)) });
  }

  /** A consistent read: what is decided on it is written under a condition, which a stale row would not meet. */
  private async get<R>(key: Key, row: (item: Item) => R): Promise<R | undefined> {
    const { Item: item } = await this.client.send(new GetCommand({ TableName: this.table, Key: key, ConsistentRead: true }));
    return item && row(item as Item);
  }

  private async all<R>(pk: string, row: (item: Item) => R): Promise<R[]> {
    return collect(this.query({ ...partition(LEDGER.PARTITION_KEY, pk), ConsistentRead: true }), row);
  }

  /** Members are read at half the price: each is confirmed by a read of its own where something depends on it. */
  private async page<R>(
    pk: string, row: (item: Item) => R, cursor?: string, ConsistentRead = false, how: Pick<QueryCommandInput, 'ScanIndexForward' | 'Limit'> = {},
  ): Promise<Page<R>> {
    const ExclusiveStartKey = cursor === undefined ? undefined : JSON.parse(cursor) as Record<string, unknown>;
    const answer = await this.client.send(new QueryCommand({
      TableName: this.table, ...partition(LEDGER.PARTITION_KEY, pk), ExclusiveStartKey, ConsistentRead, ...how,
    }));
    return { items: (answer.Items ?? []).map(item => row(item as Item)), next: answer.LastEvaluatedKey && JSON.stringify(answer.LastEvaluatedKey) };
  }

  private async * query(input: Omit<QueryCommandInput, 'TableName'>): AsyncIterable<Item> {
    for await (const { Items = [] } of paginateQuery({ client: this.client }, { TableName: this.table, ...input })) {
      yield* Items as Item[];
    }
  }
}

function partition(key: string, value: string) {
  return { KeyConditionExpression: '#key = :key', ExpressionAttributeNames: { '#key': key }, ExpressionAttributeValues: { ':key': value } };
}

/** Part of a partition of the table, or of an index with the same sort key. */
function beginningWith(key: string, value: string, prefix: string) {
  return {
    KeyConditionExpression: '#key = :key AND begins_with(#sort, :prefix)',
    ExpressionAttributeNames: { '#key': key, '#sort': LEDGER.SORT_KEY },
    ExpressionAttributeValues: { ':key': value, ':prefix': prefix },
  };
}

async function collect<T>(found: AsyncIterable<Item>, pick: (item: Item) => T | undefined): Promise<T[]> {
  const all: T[] = [];
  for await (const item of found) {
    const picked = pick(item);
    if (picked !== undefined) all.push(picked);
  }
  return all;
}

async function* inChunks(values: Iterable<string> | AsyncIterable<string>): AsyncIterable<string[]> {
  let chunk: string[] = [];
  let bytes = 0;
  for await (const value of values) {
    // Three bytes more for each value of a list.
    const size = Buffer.byteLength(value) + 3;
    if (chunk.length > 0 && bytes + size > LIST_BYTES) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(value);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

/**
 * What DynamoDB says about an item that it will never take. It refuses a single item, and most items in a transaction, as a request that is not
 * valid; it cancels a transaction where a key of an index is too long.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
function refusesRow(error: unknown): boolean {
  return isValidationError(error) || cancellationReasonsOf(error).includes('ValidationError');
}
