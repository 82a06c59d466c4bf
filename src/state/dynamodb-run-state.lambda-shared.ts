import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, BatchWriteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { GroupCommit } from '../runtime/group-commit';
import { Checkpoint, RestoreRun, UserOutcome } from '../restore/restore-run';
import { Lease, Link, RestoreState, SupersededError, UserRecord } from './run-state';
import { Item, Key } from '../ledger/schema';
import { forEachConcurrently } from '../runtime/concurrency';
import { stateKeys } from './keys';
import { GroupImage } from '../cognito/user';
import { Page } from '../cognito/page';
import { Clock } from '../runtime/clock';
import { STATE } from './constants';

export interface DynamoDbRestoreStateProps {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly run: RestoreRun;
  /** Unique to this invocation: tells a slice that is alive from one that was given up. */
  readonly slice: string;
  readonly clock: Clock;
}

/** DynamoDB's own limits. */
const ITEMS_PER_WRITE = 25;
const KEYS_PER_READ = 100;
const BATCHES_AT_ONCE = 8;
/** An execution's name is free again after 90 days, as far as Step Functions is concerned. */
const KEPT_SECONDS = 90 * 86_400;
/** 50, 100, 200, ... 3200 ms: a table on demand doubles its capacity within such a time. */
const UNPROCESSED_TRIES = 8;
const FIRST_PAUSE = 50;
/**
 * A restore that was stopped from outside gives nothing back: the next one waits for this long. Longer than the state machine takes to call a slice
 * that failed again, eight times over.
 */
const LEASE = 5 * 60_000;
const RENEW_AFTER = 60_000;
const LISTED: readonly string[] = ['failed', 'skipped'];

export class DynamoDbRestoreState implements RestoreState {
  private readonly commit = new GroupCommit<UserRecord>(records => this.writeAll(records));
  private readonly commitLinks = new GroupCommit<Link>(links => this.put(links.flatMap(link => this.linkItems(link))));
  /** When this slice last took or renewed the lease; never in a dry run. */
  private leasedAt = Infinity;

  constructor(private readonly props: DynamoDbRestoreStateProps) {}

  public async begin(): Promise<Checkpoint | undefined> {
    const { run, slice } = this.props;
    const key = stateKeys.run(run.execution);
    try {
      const { Attributes } = await this.props.client.send(new UpdateCommand({
        TableName: this.props.tableName,
        Key: key,
        UpdateExpression: 'SET slice = :slice',
        // An item of an older execution of this name is as good as none.
        ConditionExpression: 'startedAt = :startedAt',
        ExpressionAttributeValues: { ':slice': slice, ':startedAt': run.startedAt },
        ReturnValues: 'ALL_NEW',
      }));
      return Attributes?.checkpoint as Checkpoint | undefined;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const { startedAt, sourceUserPoolId, targetUserPoolId } = run;
      await this.props.client.send(new PutCommand({
        TableName: this.props.tableName,
        Item: { ...key, startedAt, slice, sourceUserPoolId, targetUserPoolId, [STATE.TTL]: this.expiry() },
      }));
      return undefined;
    }
  }

  public async lease(): Promise<Lease | undefined> {
    const { client, tableName, run, clock } = this.props;
    const key = stateKeys.lease(run.targetUserPoolId);
    const now = clock.now();
    try {
      await client.send(new UpdateCommand({
        TableName: tableName,
        Key: key,
        UpdateExpression: 'SET leaseOwner = :owner, leaseUntil = :until',
        ConditionExpression: 'attribute_not_exists(leaseOwner) OR leaseOwner = :owner OR leaseUntil < :now',
        ExpressionAttributeValues: { ':owner': run.execution, ':until': now + LEASE, ':now': now },
      }));
      this.leasedAt = now;
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const { Item: held } = await client.send(new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true }));
      return { execution: (held?.leaseOwner ?? 'that just ended') as string, until: (held?.leaseUntil ?? now) as number };
    }
  }

  public async release(): Promise<void> {
    const { client, tableName, run } = this.props;
    this.leasedAt = Infinity;
    try {
      await client.send(new UpdateCommand({
        TableName: tableName,
        Key: stateKeys.lease(run.targetUserPoolId),
        UpdateExpression: 'REMOVE leaseOwner, leaseUntil',
        ConditionExpression: 'leaseOwner = :owner',
        ExpressionAttributeValues: { ':owner': run.execution },
      }));
    } catch (error) {
      // Given back already, by a slice whose answer was lost.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  public async save(checkpoint: Checkpoint): Promise<void> {
    await this.renewLease();
    const { client, tableName, run, slice } = this.props;
    try {
      await client.send(new UpdateCommand({
        TableName: tableName,
        Key: stateKeys.run(run.execution),
        UpdateExpression: 'SET checkpoint = :checkpoint',
        ConditionExpression: 'slice = :slice',
        ExpressionAttributeValues: { ':checkpoint': checkpoint, ':slice': slice },
      }));
    } catch (error) {
      throw error instanceof ConditionalCheckFailedException ? new SupersededError(run.execution) : error;
    }
  }

  public async outcomesOf(subs: readonly string[]): Promise<Map<string, UserOutcome>> {
    const { run } = this.props;
    const found = await this.read(subs.map(sub => stateKeys.outcome(run.execution, sub)));
    return new Map(found.filter(item => item.startedAt === run.startedAt).map(item => [item.sk, outcomeOf(item)]));
  }

  public async write(records: readonly UserRecord[]): Promise<void> {
    return this.commit.add(records);
  }

  public async linksOfTargets(targetSubs: readonly string[]): Promise<Map<string, Link>> {
    const { run } = this.props;
    const found = await this.read(targetSubs.map(sub => stateKeys.linkOfTarget(run.targetUserPoolId, sub)));
    const ofThisSource = found.filter(item => item.sourceUserPoolId === run.sourceUserPoolId);
    return new Map(ofThisSource.map(item => [item.sk, { ...item.link as Link, targetSub: item.sk }]));
  }

  public async targetSubOf(sourceSub: string): Promise<string | undefined> {
    const { client, tableName, run } = this.props;
    const { Item: found } = await client.send(new GetCommand({
      TableName: tableName,
      Key: stateKeys.linkOfSource(run.sourceUserPoolId, run.targetUserPoolId, sourceSub),
      ConsistentRead: true,
    }));
    return found?.targetSub as string | undefined;
  }

  public async writeFirstSubs(targetSubs: ReadonlyMap<string, string>): Promise<void> {
    const { targetUserPoolId } = this.props.run;
    await this.put([...targetSubs].map(([firstSub, targetSub]) => ({ ...stateKeys.firstSub(targetUserPoolId, firstSub), targetSub })));
  }

  public async targetSubOfFirst(firstSub: string): Promise<string | undefined> {
    const [found] = await this.read([stateKeys.firstSub(this.props.run.targetUserPoolId, firstSub)]);
    return found?.targetSub as string | undefined;
  }

  public async writeLink(link: Link): Promise<void> {
    return this.commitLinks.add([link]);
  }

  public async groupImages(): Promise<Map<string, GroupImage>> {
    const { client, tableName, run } = this.props;
    const images = new Map<string, GroupImage>();
    let start: Record<string, unknown> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: `${STATE.PARTITION_KEY} = :pk`,
        ExpressionAttributeValues: { ':pk': stateKeys.groupImages(run.sourceUserPoolId, run.targetUserPoolId) },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }));
      (Items as Item[]).forEach(({ sk, description, precedence }) => images.set(sk, { name: sk, description, precedence } as GroupImage));
      start = LastEvaluatedKey;
    } while (start);
    return images;
  }

  public async writeGroupImage({ name, description, precedence }: GroupImage): Promise<void> {
    const { client, tableName, run } = this.props;
    const key = stateKeys.groupImage(run.sourceUserPoolId, run.targetUserPoolId, name);
    await client.send(new PutCommand({ TableName: tableName, Item: { ...key, description, precedence } }));
  }

  public async outcomes(cursor?: string): Promise<Page<UserOutcome>> {
    const { client, tableName, run } = this.props;
    const pk = stateKeys.runs(run.execution);
    const { Items = [], LastEvaluatedKey } = await client.send(new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: `${STATE.PARTITION_KEY} = :pk`,
      ExpressionAttributeValues: { ':pk': pk },
      ConsistentRead: true,
      ExclusiveStartKey: cursor === undefined ? undefined : { [STATE.PARTITION_KEY]: pk, [STATE.SORT_KEY]: cursor },
    }));
    const outcomes = (Items as Item[]).filter(item => item.outcome !== undefined && item.startedAt === run.startedAt).map(outcomeOf);
    return { items: outcomes, next: LastEvaluatedKey?.[STATE.SORT_KEY] as string | undefined };
  }

  public async writeDifference(sourceSub: string, difference: string): Promise<void> {
    const { client, tableName, run } = this.props;
    await client.send(new PutCommand({
      TableName: tableName,
      Item: {
        ...stateKeys.difference(run.execution, sourceSub),
        sub: sourceSub,
        difference,
        startedAt: run.startedAt,
        [STATE.OUTCOME_INDEX_PARTITION_KEY]: stateKeys.outcomeList(run.execution, 'different'),
        [STATE.TTL]: this.expiry(),
      },
    }));
  }

  /** Somebody else has it only if nothing was written for as long as it lasts. */
  private async renewLease(): Promise<void> {
    if (this.props.clock.now() - this.leasedAt < RENEW_AFTER) return;
    if (await this.lease()) throw new SupersededError(this.props.run.execution);
  }

  private async writeAll(records: readonly UserRecord[]): Promise<void> {
    await this.renewLease();
    await this.put(records.flatMap(({ link }) => link ? this.linkItems(link) : []));
    await this.put(records.map(({ outcome }) => this.outcomeItem(outcome)));
  }

  private linkItems({ targetSub, ...link }: Link): Item[] {
    const { run: { sourceUserPoolId, targetUserPoolId } } = this.props;
    return [
      { ...stateKeys.linkOfSource(sourceUserPoolId, targetUserPoolId, link.sourceSub), targetSub },
      { ...stateKeys.linkOfTarget(targetUserPoolId, targetSub), sourceUserPoolId, link },
    ];
  }

  private outcomeItem({ sub, ...outcome }: UserOutcome): Item {
    const { run } = this.props;
    return {
      ...stateKeys.outcome(run.execution, sub),
      ...outcome,
      startedAt: run.startedAt,
      ...(LISTED.includes(outcome.outcome) ? { [STATE.OUTCOME_INDEX_PARTITION_KEY]: stateKeys.outcomeList(run.execution, outcome.outcome) } : {}),
      [STATE.TTL]: this.expiry(),
    };
  }

  /** One item a key: DynamoDB refuses a batch that names a key twice. */
  private async put(items: readonly Item[]): Promise<void> {
    const unique = [...new Map(items.map(item => [JSON.stringify([item.pk, item.sk]), item])).values()];
    await forEachConcurrently(chunks(unique, ITEMS_PER_WRITE), BATCHES_AT_ONCE, async chunk => {
      await this.untilProcessed(chunk.map(item => ({ PutRequest: { Item: item } })), async requests => {
        const { UnprocessedItems } = await this.props.client.send(new BatchWriteCommand({ RequestItems: { [this.props.tableName]: requests } }));
        return UnprocessedItems?.[this.props.tableName] as typeof requests | undefined;
      });
    });
  }

  private async read(wanted: readonly Key[]): Promise<Item[]> {
    const found: Item[] = [];
    await forEachConcurrently(chunks(wanted, KEYS_PER_READ), BATCHES_AT_ONCE, async chunk => {
      await this.untilProcessed(chunk, async keys => {
        const { Responses, UnprocessedKeys } = await this.props.client.send(new BatchGetCommand({
          RequestItems: { [this.props.tableName]: { Keys: keys, ConsistentRead: true } },
        }));
        found.push(...(Responses?.[this.props.tableName] ?? []) as Item[]);
        return UnprocessedKeys?.[this.props.tableName]?.Keys as Key[] | undefined;
      });
    });
    return found;
  }

  /** A batch may be done in part, which is no error: the rest is sent again. */
  private async untilProcessed<T>(all: T[], send: (some: T[]) => Promise<T[] | undefined>): Promise<void> {
    let rest: T[] | undefined = all;
    for (let tries = 0; tries < UNPROCESSED_TRIES; tries++) {
      rest = await send(rest);
      if (!rest || rest.length === 0) return;
      await this.props.clock.sleep(FIRST_PAUSE * 2 ** tries);
    }
    throw new Error(`table ${this.props.tableName} did not take ${rest?.length} items after ${UNPROCESSED_TRIES} tries`);
  }

  private expiry(): number {
    return Math.ceil(this.props.clock.now() / 1_000) + KEPT_SECONDS;
  }
}

function outcomeOf(item: Item): UserOutcome {
  const { outcome, reason, warnings, targetSub, memberships, late } = item as Item & UserOutcome;
  return { sub: item.sk, outcome, reason, warnings, targetSub, memberships, late };
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
}
