import { SWEEP_STATUS } from './constants';
import { RowWriter } from './row-writer';
import { SourcePool } from './source-pool';
import { sweepConfiguration } from './sweep-configuration';
import { LISTINGS_AT_A_TIME, SweepCheckpoint, SweepContext, SweepCounts, isOver } from './sweep-context';
import { heldDeletions, markDeletions } from './sweep-deletions';
import { sweepGroups, sweepMembers } from './sweep-groups';
import { looksIncomplete, prefixDigits, shardCount } from './sweep-shards';
import { knowsOthers, sweepOthers, sweepShard } from './sweep-users';
import { LedgerStore } from '../ledger/ledger-store';
import { forEachConcurrently } from '../runtime/concurrency';
import { Clock, Pacer } from '../runtime/pacing';

export interface SweepProps {
  readonly poolId: string;
  readonly source: SourcePool;
  readonly store: LedgerStore;
  readonly pacer: Pacer;
  readonly clock: Clock;
  readonly historyDays: number;
  /** Milliseconds that a slice may work. */
  readonly sliceLength: number;
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
  /**
   * It found changes that no hint had brought, and CloudTrail delivered no event since the sweep before: there may be no trail in the Region.
   */
  readonly eventsMissing: boolean;
  readonly startedAt: string;
  readonly seconds: number;
}

export type SweepAnswer =
  | { readonly status: typeof SWEEP_STATUS.CONTINUE; readonly checkpoint: SweepCheckpoint }
  | { readonly status: typeof SWEEP_STATUS.COMPLETE; readonly report: SweepReport }
  | { readonly status: typeof SWEEP_STATUS.SKIPPED }
  | { readonly status: typeof SWEEP_STATUS.DELETIONS_HELD; readonly message: string; readonly report: SweepReport };

/** A function that the state machine stops waiting for may live on for this long; the next sweep must not begin before. */
const LEASE_GRACE = 120_000;

/** One slice of a sweep: from the checkpoint as far as the time goes. */
export async function sweepSlice(props: SweepProps, request: SweepRequest): Promise<SweepAnswer> {
  const { poolId, store, clock } = props;
  const now = clock.now();
  const deadline = now + props.sliceLength;
  if (!await store.lease(poolId, request.run, now, deadline + LEASE_GRACE)) return { status: SWEEP_STATUS.SKIPPED };

  const pool = await props.pacer.run('UserPoolRead', async () => props.source.describe());
  const context: SweepContext = { ...props, run: request.run, rows: new RowWriter(store, poolId), pool, deadline };
  let checkpoint = request.checkpoint ?? { startedAt: now, phase: 'configuration', digits: prefixDigits(pool.estimatedUsers), counts: noCounts() };
  for (;;) {
    const next = await PHASES[checkpoint.phase](context, checkpoint, request);
    if ('status' in next) return next;
    checkpoint = next;
    if (isOver(context)) return { status: SWEEP_STATUS.CONTINUE, checkpoint };
  }
}

/** Does some of a phase, at the least one step, and says where to go on; counts are the checkpoint's own to change. */
type Phase = (context: SweepContext, checkpoint: SweepCheckpoint, request: SweepRequest) => Promise<SweepCheckpoint | SweepAnswer>;

const PHASES: Record<SweepCheckpoint['phase'], Phase> = {
  configuration: async (context, { startedAt, digits, counts }) => {
    counts.poolPartsWritten = await sweepConfiguration(context);
    return { phase: 'shards', startedAt, digits, counts };
  },

  shards: async (context, { startedAt, digits, counts, done = 0 }) => {
    const end = Math.min(done + LISTINGS_AT_A_TIME, shardCount(digits));
    const batch = Array.from({ length: end - done }, (_, i) => done + i);
    await forEachConcurrently(batch, LISTINGS_AT_A_TIME, async shard => sweepShard(context, shard, digits, counts));
    if (end < shardCount(digits)) return { phase: 'shards', startedAt, digits, counts, done: end };
    const mayBeMore = counts.othersSeen || looksIncomplete(counts.users.listed, context.pool.estimatedUsers);
    const search = digits > 0 && (mayBeMore || await knowsOthers(context));
    return { phase: search ? 'others' : 'groups', startedAt, digits, counts };
  },

  others: async (context, { startedAt, digits, counts, pending }) => {
    const stopped = await sweepOthers(context, pending?.[0], counts);
    return stopped ? { phase: 'others', startedAt, digits, counts, pending: [stopped] } : { phase: 'groups', startedAt, digits, counts };
  },

  groups: async (context, { startedAt, digits, counts }) => {
    await sweepGroups(context, counts);
    return { phase: 'members', startedAt, digits, counts };
  },

  members: async (context, checkpoint) => {
    const { startedAt, digits, counts } = checkpoint;
    const stopped = await sweepMembers(context, checkpoint, counts);
    return stopped ? { phase: 'members', startedAt, digits, counts, ...stopped } : { phase: 'deletions', startedAt, digits, counts };
  },

  deletions: async (context, { startedAt, digits, counts, done = 0 }, { allowDeletions }) => {
    const message = heldDeletions(counts, allowDeletions);
    if (message) {
      const eventsMissing = await areEventsMissing(context, counts);
      await context.store.release(context.poolId, context.run);
      return { status: SWEEP_STATUS.DELETIONS_HELD, message, report: reportOf(context, startedAt, counts, eventsMissing) };
    }
    const stopped = await markDeletions(context, startedAt, done, counts);
    if (stopped !== undefined) return { phase: 'deletions', startedAt, digits, counts, done: stopped };
    const eventsMissing = await areEventsMissing(context, counts);
    await context.store.release(context.poolId, context.run, { sweepStartedAt: startedAt, sweptAt: context.clock.now(), users: counts.users.listed });
    return { status: SWEEP_STATUS.COMPLETE, report: reportOf(context, startedAt, counts, eventsMissing) };
  },
};

function reportOf(context: SweepContext, startedAt: number, counts: SweepCounts, eventsMissing: boolean): SweepReport {
  const seconds = Math.round((context.clock.now() - startedAt) / 1_000);
  return { startedAt: new Date(startedAt).toISOString(), seconds, ...counts, eventsMissing };
}

/** Before the sweep is recorded as the last one: it asks for events since the one before. The first sweep finds everything by itself. */
async function areEventsMissing(context: SweepContext, { users, groups, memberships }: SweepCounts): Promise<boolean> {
  if (![users, groups, memberships].some(kind => kind.written > 0 || kind.tombstoned > 0)) return false;
  const source = (await context.store.sources()).find(row => row.poolId === context.poolId);
  return source?.sweepStartedAt !== undefined && (source.eventSeenAt ?? 0) < source.sweepStartedAt;
}

function noCounts(): SweepCounts {
  const none = () => ({ listed: 0, known: 0, written: 0, missing: 0, tombstoned: 0 });
  return { users: none(), groups: none(), memberships: none(), poolPartsWritten: 0, othersSeen: false };
}
