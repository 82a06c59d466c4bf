import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { STATE } from './constants';
import { DynamoDbDeletions } from './dynamodb-deletions.lambda-shared';
import { DynamoDbLinks } from './dynamodb-links.lambda-shared';
import { stateKeys } from './keys';
import { asWritten, Link } from './link';
import { HeldMoment, momentItem } from './moment';
import { Reason, UserOutcome } from './outcome';
import { Lease, RunIdentity, RunState, SupersededError, UserRecord } from './run-state';
import { StateItems } from './state-items.lambda-shared';
import { FirstSub, SourceSub, TargetSub } from '../cognito/ids';
import { Page } from '../cognito/page';
import { GroupImage } from '../cognito/user';
import { Item } from '../ledger/schema';
import { batchesOf } from '../runtime/batches.lambda-shared';
import { Clock } from '../runtime/clock';
import { forEachConcurrently } from '../runtime/concurrency';
import { EpochMilliseconds, EpochSeconds } from '../runtime/flavor';
import { GroupCommit } from '../runtime/group-commit';
import { releaseLease, takeLease } from '../runtime/lease.lambda-shared';

export interface DynamoDbRunStateProps {
  readonly items: StateItems;
  readonly run: RunIdentity;
  /** Unique to this invocation: tells a slice that is alive from one that was given up. */
  readonly slice: string;
  readonly clock: Clock;
}

/** Step Functions lets an execution's name be used again after 90 days. */
const KEPT_SECONDS = 90 * 86_400;
/**
 * A run that was stopped from outside does not give its lease back: the next run waits this long. It is longer than the state machine takes for
 * all eight retries of a failed slice.
 */
const LEASE = 5 * 60_000;
const RENEW_AFTER = 60_000;
/** DynamoDB's own limit of a transaction. */
const LINKS_PER_WRITE = 100;
const WRITES_AT_ONCE = 8;
/** Outcomes that an operator looks up by the index. */
const LISTED: readonly string[] = ['failed', 'skipped'];

/** Links of a run, many of which are written at once. */
class RunLinks extends DynamoDbLinks {
  private readonly commit = new GroupCommit<Link>(links => this.writeAll(links));

  public async write(link: Link): Promise<Link> {
    await this.commit.add([link]);
    return asWritten(link);
  }

  public async writeAll(links: readonly Link[]): Promise<void> {
    const last = [...new Map(links.map(link => [link.targetSub, link])).values()];
    await this.items.putAll(last.map(link => this.putsOf(link)[0].put));
    await forEachConcurrently(batchesOf(last, LINKS_PER_WRITE), WRITES_AT_ONCE, async some => {
      if (await this.items.transact(some.map(link => this.putsOf(link)[1]))) return;
      // Another writer is at one of them.
      await forEachConcurrently(some, WRITES_AT_ONCE, async link => { await super.write(link); });
    });
  }
}

/** One run in the state table of this Region. */
export class DynamoDbRunState<Checkpoint> implements RunState<Checkpoint> {
  public readonly links: RunLinks;
  public readonly deletions: DynamoDbDeletions;
  private readonly commit = new GroupCommit<UserRecord>(records => this.writeAll(records));
  /** When this slice last took or renewed the lease; never in a dry run. */
  private leasedAt = Infinity;

  constructor(private readonly props: DynamoDbRunStateProps) {
    this.links = new RunLinks(props.items, props.run.sourceUserPoolId, props.run.targetUserPoolId);
    this.deletions = new DynamoDbDeletions(props.items, props.run.targetUserPoolId);
  }

  public async begin(): Promise<Checkpoint | undefined> {
    const { items, run: { execution, startedAt, sourceUserPoolId, targetUserPoolId }, slice } = this.props;
    const key = stateKeys.run(execution);
    const known = await accepted(() => items.update(key, {
      UpdateExpression: 'SET slice = :slice',
      // The item of an older execution of this name does not count.
      ConditionExpression: 'startedAt = :startedAt',
      ExpressionAttributeValues: { ':slice': slice, ':startedAt': startedAt },
      ReturnValues: 'ALL_NEW',
    }));
    if (known) return known.answer?.checkpoint as Checkpoint | undefined;
    await items.put({ ...key, startedAt, slice, sourceUserPoolId, targetUserPoolId, [STATE.TTL]: this.expiry() });
    return undefined;
  }

  public async lease(): Promise<Lease | undefined> {
    const { items, run: { execution }, clock } = this.props;
    const now = clock.now();
    if (await accepted(() => items.update(this.leaseKey, takeLease(execution, now, now + LEASE)))) {
      this.leasedAt = now;
      return undefined;
    }
    const held = await items.get(this.leaseKey);
    return { execution: (held?.leaseOwner ?? 'that just ended') as string, until: (held?.leaseUntil ?? now) as EpochMilliseconds };
  }

  public async release(): Promise<void> {
    const { items, run: { execution } } = this.props;
    this.leasedAt = Infinity;
    // An earlier slice whose answer was lost may have given the lease back already.
    await accepted(() => items.update(this.leaseKey, releaseLease(execution)));
  }

  public async writeMoment(moment: HeldMoment): Promise<void> {
    await this.props.items.put(momentItem(moment));
  }

  public async save(checkpoint: Checkpoint): Promise<void> {
    await this.renewLease();
    const { items, run: { execution }, slice } = this.props;
    const saved = await accepted(() => items.update(stateKeys.run(execution), {
      UpdateExpression: 'SET checkpoint = :checkpoint',
      ConditionExpression: 'slice = :slice',
      ExpressionAttributeValues: { ':checkpoint': checkpoint, ':slice': slice },
    }));
    if (!saved) throw new SupersededError(execution);
  }

  public async outcomesOf(subs: readonly SourceSub[]): Promise<Map<SourceSub, UserOutcome>> {
    const { items, run: { execution } } = this.props;
    const found = await items.getAll(subs.map(sub => stateKeys.outcome(execution, sub)));
    return new Map(found.filter(item => this.isOfThisRun(item)).map(item => [item.sk, readOutcome(item)]));
  }

  public async write(records: readonly UserRecord[]): Promise<void> {
    return this.commit.add(records);
  }

  public async writeFirstSubs(targetSubs: ReadonlyMap<FirstSub, TargetSub>): Promise<void> {
    const { items, run: { targetUserPoolId } } = this.props;
    await items.putAll([...targetSubs].map(([firstSub, targetSub]) => ({ ...stateKeys.firstSub(targetUserPoolId, firstSub), targetSub })));
  }

  public async groupImages(): Promise<Map<string, GroupImage>> {
    const { items, run: { sourceUserPoolId, targetUserPoolId } } = this.props;
    const images = new Map<string, GroupImage>();
    for await (const { sk: name, description, precedence } of items.all(stateKeys.groupImages(sourceUserPoolId, targetUserPoolId))) {
      images.set(name, { name, description, precedence } as GroupImage);
    }
    return images;
  }

  public async writeGroupImage({ name, description, precedence }: GroupImage): Promise<void> {
    const { items, run: { sourceUserPoolId, targetUserPoolId } } = this.props;
    await items.put({ ...stateKeys.groupImage(sourceUserPoolId, targetUserPoolId, name), description, precedence });
  }

  public async outcomes(cursor?: string): Promise<Page<UserOutcome>> {
    const { items, run: { execution } } = this.props;
    const page = await items.page(stateKeys.runs(execution), cursor);
    return { items: page.items.filter(item => item.outcome !== undefined && this.isOfThisRun(item)).map(readOutcome), next: page.next };
  }

  public async writeDifference(sourceSub: SourceSub, difference: Reason): Promise<void> {
    const { items, run: { execution, startedAt } } = this.props;
    await items.put({
      ...stateKeys.difference(execution, sourceSub),
      sub: sourceSub,
      difference,
      startedAt,
      [STATE.OUTCOME_INDEX_PARTITION_KEY]: stateKeys.outcomeList(execution, 'different'),
      [STATE.TTL]: this.expiry(),
    });
  }

  private get leaseKey() {
    return stateKeys.lease(this.props.run.targetUserPoolId);
  }

  private isOfThisRun({ startedAt }: Item): boolean {
    return startedAt === this.props.run.startedAt;
  }

  /** Another run can have the lease only if this one wrote nothing for as long as a lease lasts. */
  private async renewLease(): Promise<void> {
    if (this.props.clock.now() - this.leasedAt < RENEW_AFTER) return;
    if (await this.lease()) throw new SupersededError(this.props.run.execution);
  }

  private async writeAll(records: readonly UserRecord[]): Promise<void> {
    await this.renewLease();
    await this.links.writeAll(records.flatMap(({ link }) => link ?? []));
    await this.props.items.putAll(records.map(({ outcome }) => this.outcomeItem(outcome)));
  }

  private outcomeItem({ sub, ...outcome }: UserOutcome): Item {
    const { run: { execution, startedAt } } = this.props;
    const list = LISTED.includes(outcome.outcome) ? { [STATE.OUTCOME_INDEX_PARTITION_KEY]: stateKeys.outcomeList(execution, outcome.outcome) } : {};
    return { ...stateKeys.outcome(execution, sub), ...outcome, startedAt, ...list, [STATE.TTL]: this.expiry() };
  }

  private expiry(): EpochSeconds {
    return Math.ceil(this.props.clock.now() / 1_000) + KEPT_SECONDS;
  }
}

function readOutcome(item: Item): UserOutcome {
  const { outcome, reason, warnings, targetSub, memberships, late } = item as Item & UserOutcome;
  return { sub: item.sk, outcome, reason, warnings, targetSub, memberships, late };
}

/** What the write answers; undefined where its condition did not hold. */
async function accepted<T>(write: () => Promise<T>): Promise<{ readonly answer: T } | undefined> {
  try {
    return { answer: await write() };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
