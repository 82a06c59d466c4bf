import { SourcePool } from '../../cognito/source-pool';
import { SWEEP_STATUS } from '../constants';
import { FirstSubReader } from '../first-subs';
import { ChangeWatch, SweptAway } from '../incidents/change-watch';
import { expiry } from '../observation';
import { refusedInWords, noRefusals } from '../refused-rows';
import { OnWritten, RowWriter } from '../row-writer';
import { schemaDrift } from './schema-drift';
import { sweepConfiguration } from './sweep-configuration';
import { LISTINGS_AT_A_TIME, ShardsStep, SweepCheckpoint, SweepContext, SweepCounts, SweepStep } from './sweep-context';
import { heldDeletions, heldMembers, markDeletions } from './sweep-deletions';
import { sweepGroups, sweepMembers } from './sweep-groups';
import { looksIncomplete, prefixDigits, prefixOf, shardCount, split } from './sweep-shards';
import { ShardEnd, knowsOthers, sweepOthers, sweepShard } from './sweep-users';
import { UserPoolId } from '../../cognito/ids';
import { Pacer } from '../../cognito/pacing';
import { retentionOf } from '../../ledger/earliest-moment';
import { CAUSE } from '../../ledger/incident';
import { LedgerStore } from '../../ledger/ledger-store';
import { Clock, isOver } from '../../runtime/clock';
import { forEachConcurrently } from '../../runtime/concurrency';

export interface SweepProps {
  readonly poolId: UserPoolId;
  readonly source: SourcePool;
  readonly store: LedgerStore;
  readonly pacer: Pacer;
  readonly clock: Clock;
  readonly historyDays: number;
  /** Custom attributes of the standby pool; null where they are not known. */
  readonly standbyAttributes: readonly string[] | null;
  /** Milliseconds that a slice may work. */
  readonly sliceLength: number;
  /** Absent where nobody can have come back. */
  readonly firstSubs?: FirstSubReader;
  /** Counts what is written, and is told at the end how many were found to be gone. It must not fail. */
  readonly watch?: Pick<ChangeWatch, 'flush' | 'sweepEnded'> & { readonly written: OnWritten };
}

export interface SweepRequest {
  /** Name of the state machine's execution. */
  readonly run: string;
  /** How many users, groups or memberships an operator knows to be gone. */
  readonly allowDeletions?: number;
  /** Where the slice before stopped. */
  readonly checkpoint?: SweepCheckpoint;
}

export interface SweepReport extends SweepCounts {
  /** The sweep found changes that no hint had brought, and CloudTrail delivered no event since the sweep before: the Region may have no trail. */
  readonly eventsMissing: boolean;
  /** Attributes that the standby pool lacks, by name. */
  readonly schemaDrift: readonly string[];
  readonly startedAt: string;
  readonly seconds: number;
}

export type SweepAnswer =
  | { readonly status: typeof SWEEP_STATUS.CONTINUE; readonly checkpoint: SweepCheckpoint }
  | { readonly status: typeof SWEEP_STATUS.COMPLETE; readonly report: SweepReport }
  | { readonly status: typeof SWEEP_STATUS.SKIPPED }
  | { readonly status: typeof SWEEP_STATUS.DELETIONS_HELD | typeof SWEEP_STATUS.INCOMPLETE; readonly message: string; readonly report: SweepReport };

/** A function may live on for this long after the state machine stopped waiting for it, in milliseconds. The next sweep must not begin before. */
const LEASE_GRACE = 120_000;

const FIRST_STEP: ShardsStep = { phase: 'shards', done: 0, prefixes: [] };

/** Runs one slice of a sweep: from the checkpoint on, as far as the time allows. */
export async function sweepSlice(props: SweepProps, request: SweepRequest): Promise<SweepAnswer> {
  const { poolId, store, clock } = props;
  const now = clock.now();
  const deadline = now + props.sliceLength;
  if (!await store.lease(poolId, request.run, now, deadline + LEASE_GRACE)) return { status: SWEEP_STATUS.SKIPPED };

  const pool = await props.pacer.run('UserPoolRead', async () => props.source.describe());
  const { run } = request;
  const known = (await store.sources()).find(row => row.poolId === poolId);
  const occasion = { cause: { event: CAUSE.SWEEP, id: run } };
  const rows = new RowWriter(store, poolId, props.watch?.written, props.firstSubs);
  const context: SweepContext = { ...props, run, occasion, slice: String(now), rows, pool, deadline, known, comparedAt: known?.comparedAt };
  let checkpoint: SweepCheckpoint = request.checkpoint
    ?? { startedAt: now, digits: prefixDigits(pool.estimatedUsers), counts: noCounts(), slices: [], ...FIRST_STEP };
  for (let isFirst = true; ; isFirst = false) {
    const next = await goOn(context, checkpoint, request, isFirst);
    if ('status' in next) return next;
    checkpoint = next;
    if (!isOver(context)) continue;
    await props.watch?.flush();
    return { status: SWEEP_STATUS.CONTINUE, checkpoint: { ...checkpoint, slices: [...checkpoint.slices, context.slice] } };
  }
}

/**
 * Does at least one step of a phase, and answers where to go on or how the sweep ended. It changes the counts of the checkpoint. `isFirst` says that
 * it is the first step of this slice.
 */
async function goOn(
  context: SweepContext, checkpoint: SweepCheckpoint, request: SweepRequest, isFirst: boolean,
): Promise<SweepCheckpoint | SweepAnswer> {
  const { startedAt, digits, counts, slices } = checkpoint;
  const at = (step: SweepStep): SweepCheckpoint => ({ startedAt, digits, counts, slices, ...step });
  switch (checkpoint.phase) {
    case 'shards':
      return shards(context, checkpoint, isFirst);
    case 'others': {
      const pending = await sweepOthers(context, checkpoint.pending, counts);
      return at(pending ? { phase: 'others', pending } : { phase: 'groups' });
    }
    case 'groups': {
      const pending = await sweepGroups(context, checkpoint.pending, counts);
      return at(pending ? { phase: 'groups', pending } : { phase: 'members', pending: [] });
    }
    case 'members': {
      const stopped = await sweepMembers(context, checkpoint, slices, counts, isFirst);
      return at(stopped ? { phase: 'members', ...stopped } : { phase: 'configuration' });
    }
    case 'configuration': {
      const pending = await sweepConfiguration(context, checkpoint.pending, counts);
      return at(pending ? { phase: 'configuration', pending } : { phase: 'deletions', done: 0 });
    }
    case 'deletions': {
      const held = heldDeletions(counts, request.allowDeletions);
      if (held) return hold(context, checkpoint, held);
      const done = await markDeletions(context, checkpoint.done, slices, counts);
      return done === undefined ? endSweep(context, startedAt, counts) : at({ phase: 'deletions', done });
    }
  }
}

/** Lists the prefixes that are waiting, and as many further shards as may run beside them. */
async function shards(context: SweepContext, checkpoint: SweepCheckpoint & ShardsStep, isFirst: boolean): Promise<SweepCheckpoint> {
  const { startedAt, digits, counts, slices, done, prefixes } = checkpoint;
  const next = Math.min(done + Math.max(0, LISTINGS_AT_A_TIME - prefixes.length), shardCount(digits));
  const batch = [...prefixes.slice(0, LISTINGS_AT_A_TIME), ...range(done, next).map(shard => prefixOf(shard, digits))];
  const ends = new Map<string, ShardEnd>();
  await forEachConcurrently(batch, LISTINGS_AT_A_TIME, async prefix => {
    ends.set(prefix, await sweepShard(context, prefix, counts));
  });

  // A shard that had the whole slice and did not fit would not fit into the next slice either.
  const tooLarge = batch.filter(prefix => ends.get(prefix) === 'too-large' || (ends.get(prefix) === 'over' && isFirst));
  const progress = { startedAt, counts, slices };
  // The whole pool was the only shard: it becomes sixteen ordinary ones.
  if (tooLarge.includes('')) return { ...progress, digits: 1, ...FIRST_STEP };
  const again = batch.filter(prefix => ends.get(prefix) === 'over' && !isFirst);
  const waiting = [...again, ...tooLarge.flatMap(split), ...prefixes.slice(LISTINGS_AT_A_TIME)];
  if (waiting.length > 0 || next < shardCount(digits)) return { ...progress, digits, phase: 'shards', done: next, prefixes: waiting };

  const mayBeMore = counts.othersSeen || looksIncomplete(counts.users.listed, context.pool.estimatedUsers);
  const search = digits > 0 && (mayBeMore || await knowsOthers(context));
  return { ...progress, digits, phase: search ? 'others' : 'groups' };
}

/** Ends a sweep that found too many rows missing: nothing is marked as gone, and the sweep is not recorded as a complete one. */
async function hold(context: SweepContext, { startedAt, counts, slices }: SweepCheckpoint, message: string): Promise<SweepAnswer> {
  const report = sweepReport(context, startedAt, counts, await areEventsMissing(context, counts));
  await tellWatch(context, { users: counts.users.missing, groups: await heldMembers(context, slices), held: true });
  await context.store.release(context.poolId, context.run);
  return { status: SWEEP_STATUS.DELETIONS_HELD, message, report };
}

async function endSweep(context: SweepContext, startedAt: number, counts: SweepCounts): Promise<SweepAnswer> {
  const report = sweepReport(context, startedAt, counts, await areEventsMissing(context, counts));
  await tellWatch(context, { users: counts.users.tombstoned, groups: new Map(), held: false });
  const { poolId, run, store, known, historyDays } = context;
  const sweptAt = context.clock.now();
  const users = counts.users.listed;
  await store.keepSweep({
    poolId, startedAt, endedAt: sweptAt, users, refused: counts.refused, written: rowsOf(counts), expiresAt: expiry(sweptAt, historyDays),
  });
  await store.release(poolId, run, {
    sweepStartedAt: startedAt,
    sweptAt,
    users,
    firstSweptAt: known?.firstSweptAt ?? sweptAt,
    comparedAt: comparedAll(counts) ? startedAt : known?.comparedAt,
    ...retentionOf(known, historyDays, sweptAt),
  });
  const gaps = gapsOf(counts);
  return gaps ? { status: SWEEP_STATUS.INCOMPLETE, message: gaps, report } : { status: SWEEP_STATUS.COMPLETE, report };
}

/** Before this sweep is recorded: what it found happened since the one before. */
async function tellWatch({ watch }: SweepContext, swept: SweptAway): Promise<void> {
  await watch?.flush();
  await watch?.sweepEnded(swept);
}

const NOT_COPIED = 'rows that could not be copied, because DynamoDB refuses them or a group is too large to compare';

/** What could not be copied, in a sentence; undefined where everything was copied. */
function gapsOf({ configurationError, ...counts }: SweepCounts): string | undefined {
  const gaps = [
    ...(counts.refused > 0 ? [`${NOT_COPIED}: ${counts.refused} (${refusedInWords(counts)})`] : []),
    ...(configurationError ? [`Cognito refused to describe the pool's configuration: ${configurationError}`] : []),
  ];
  return gaps.length > 0 ? `${gaps.join('; ')}; everything else was copied. The function's log has more` : undefined;
}

/** Whether every row was compared with Cognito, or says that it is not what there is: only then is it known of all others that they were so. */
function comparedAll({ unmarked, isUncompared, configurationError }: SweepCounts): boolean {
  return unmarked === 0 && isUncompared === undefined && configurationError === undefined;
}

/** Rows that the sweep wrote. */
function rowsOf({ users, groups, memberships, poolPartsWritten }: SweepCounts): number {
  return [users, groups, memberships].reduce((sum, { written, tombstoned }) => sum + written + tombstoned, poolPartsWritten);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function sweepReport(context: SweepContext, startedAt: number, counts: SweepCounts, eventsMissing: boolean): SweepReport {
  const seconds = Math.round((context.clock.now() - startedAt) / 1_000);
  const drift = schemaDrift(context.pool.attributes, context.standbyAttributes);
  return { startedAt: new Date(startedAt).toISOString(), seconds, ...counts, eventsMissing, schemaDrift: drift };
}

/** To be called before this sweep is recorded: it looks for events since the sweep before. The first sweep has none before it. */
async function areEventsMissing(context: SweepContext, { users, groups, memberships }: SweepCounts): Promise<boolean> {
  if (![users, groups, memberships].some(kind => kind.written > 0 || kind.tombstoned > 0)) return false;
  const source = (await context.store.sources()).find(row => row.poolId === context.poolId);
  return source?.sweepStartedAt !== undefined && (source.eventSeenAt ?? 0) < source.sweepStartedAt;
}

function noCounts(): SweepCounts {
  const none = () => ({ listed: 0, known: 0, written: 0, missing: 0, tombstoned: 0 });
  return { users: none(), groups: none(), memberships: none(), poolPartsWritten: 0, ...noRefusals(), othersSeen: false };
}
