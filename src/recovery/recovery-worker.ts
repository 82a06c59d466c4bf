import { PLAN_KEPT, PLAN_VALID, RECOVERY_STATUS } from './constants';
import { executePlan } from './execute-plan';
import { makePlan } from './make-plan';
import { PastLedger } from './past-reader';
import { planRefusal } from './plan-refusal';
import { planUndoOf } from './plan-undo';
import { RecoveryCheckpoint, RecoveryPhase } from './recovery-checkpoint';
import { linksOfReturns, RecoveryContext, SaveRecovery } from './recovery-context';
import { countLines, PlanCounts, NO_COUNTS } from './recovery-counts';
import { PlanHead } from './recovery-line';
import { recoveryReport, RecoveryReport, RecoveryVerdict, recoveryVerdict } from './recovery-report';
import { planIdOf, RecoveryRun } from './recovery-run';
import { RecoveryStore } from './recovery-store';
import { settleNames } from './settle-names';
import { QuotaPacer } from '../cognito/pacing';
import { Page } from '../cognito/page';
import { poolSettingsOf } from '../cognito/pool-settings';
import { paced, TargetPool } from '../cognito/target-pool';
import { RecoveredSubs } from '../ledger/recovered-subs';
import { RUN_AHEAD } from '../ledger/writing-runs';
import { Clock, isOver } from '../runtime/clock';
import { EpochMilliseconds } from '../runtime/flavor';
import { Lease, SupersededError } from '../state/run-state';

export interface RecoverySliceProps {
  readonly run: RecoveryRun;
  readonly past: PastLedger;
  readonly store: RecoveryStore;
  readonly recovered: RecoveredSubs;
  readonly target: TargetPool;
  readonly pacer: QuotaPacer;
  readonly clock: Clock;
  readonly deadline: EpochMilliseconds;
  readonly groupRoles: Readonly<Record<string, string>>;
  /** Milliseconds for which what was replaced is kept. */
  readonly retention: number;
}

/** The answer to the state machine, which chooses by `status`. */
export type RecoveryAnswer =
  | { readonly status: typeof RECOVERY_STATUS.CONTINUE; readonly phase: RecoveryPhase }
  | { readonly status: typeof RECOVERY_STATUS.RUNNING | typeof RECOVERY_STATUS.REFUSED; readonly message: string }
  | RecoveryVerdict & { readonly report: RecoveryReport };

/** No execution has this name: names that are settled when the plan is made are looked at again when it is executed. */
const PLANNED = '#planned';

/** The lease lasts five minutes; a line may take a while, where a user is in many groups. */
const KEEP_LEASE_EVERY = 60_000;

/** Works on the recovery until it is done or the slice is over. Whatever ended the slice before, this one goes on from its checkpoint. */
export async function recoverySlice(props: RecoverySliceProps): Promise<RecoveryAnswer> {
  const { run, store, clock } = props;
  let checkpoint: RecoveryCheckpoint = await store.begin() ?? firstCheckpoint(run);
  const save: SaveRecovery = async next => {
    await store.save(next);
    checkpoint = next;
  };
  // Two recoveries never write the pool at once, and what one plans, the other does not change meanwhile.
  const busy = checkpoint.phase === 'done' ? undefined : await store.lease();
  if (busy) return { status: RECOVERY_STATUS.RUNNING, message: busyWith(run, busy) };
  const opened = await openPlan(props, checkpoint);
  if ('refusal' in opened) {
    await store.release();
    return { status: RECOVERY_STATUS.REFUSED, message: opened.refusal };
  }
  let { head } = opened;
  const context = await contextOf(props);
  for (;;) {
    const at: RecoveryCheckpoint = checkpoint;
    if (at.phase === 'done') break;
    const done = await phaseDone(context, head, at, save);
    if (!done) return { status: RECOVERY_STATUS.CONTINUE, phase: at.phase };
    ({ head } = done);
    await save(done.next);
  }
  await store.release();
  const { counts } = checkpoint as Extract<RecoveryCheckpoint, { phase: 'done' }>;
  return { ...recoveryVerdict(planIdOf(run), head, counts), report: recoveryReport(run, head, counts, clock.now(), PLAN_VALID) };
}

function firstCheckpoint({ task }: RecoveryRun): RecoveryCheckpoint {
  switch (task.do) {
    case 'plan': return { phase: 'plan-groups' };
    case 'undo': return { phase: 'plan-undo' };
    case 'execute': return { phase: 'execute' };
  }
}

function busyWith({ sourceUserPoolId }: RecoveryRun, { execution, until }: Lease): string {
  return `the recovery ${execution} is at work on ${sourceUserPoolId}; wait for its end, or stop it and start again after `
    + `${new Date(until).toISOString()}`;
}

/** The plan that the run makes or executes. */
async function openPlan(props: RecoverySliceProps, { phase }: RecoveryCheckpoint): Promise<{ head: PlanHead } | { refusal: string }> {
  const { run, store, clock } = props;
  const { task, execution, sourceUserPoolId: userPoolId } = run;
  const plan = planIdOf(run);
  const known = await store.plan(plan);
  if (task.do === 'execute') {
    const refusal = planRefusal(plan, known, { execution, userPoolId, now: clock.now() });
    if (refusal !== undefined) return { refusal };
    if (phase === 'done' || known!.executor === execution) return { head: known! };
    await noteRun(props);
    const head: PlanHead = { ...known!, executor: execution, executionBegunAt: known!.executionBegunAt ?? clock.now() };
    await store.writeExecutor(head, execution);
    await store.writePlan(head);
    return { head };
  }
  if (known) return { head: known };
  const head: PlanHead = task.do === 'plan'
    ? { plan, userPoolId, order: task.order, isDifference: task.isDifference }
    : { plan, userPoolId, undoes: task.undone, isDifference: false };
  await store.writePlan(head);
  return { head };
}

/** Before the first write: capture says of each change whose it was. */
async function noteRun({ recovered, run, clock, retention }: Pick<RecoverySliceProps, 'recovered' | 'run' | 'clock' | 'retention'>): Promise<void> {
  await recovered.beginRun(run.execution, clock.now(), Math.ceil((clock.now() + retention) / 1_000));
  await clock.sleep(RUN_AHEAD);
}

async function contextOf({ pacer, ...props }: RecoverySliceProps): Promise<RecoveryContext> {
  const { store, clock, run } = props;
  const target = paced(props.target, pacer);
  let keptAt = clock.now();
  return {
    ...props,
    links: linksOfReturns(store.links, props.recovered),
    target,
    settings: poolSettingsOf(await target.describeUserPool()),
    stop: () => pacer.stop(),
    keepLease: async () => {
      if (clock.now() - keptAt < KEEP_LEASE_EVERY) return;
      if (await store.lease()) throw new SupersededError(run.execution);
      keptAt = clock.now();
    },
  };
}

interface EndOfPhase {
  readonly head: PlanHead;
  readonly next: RecoveryCheckpoint;
}

/** Undefined where the slice is over before the phase is. */
async function phaseDone(
  context: RecoveryContext, head: PlanHead, at: Exclude<RecoveryCheckpoint, { phase: 'done' }>, save: SaveRecovery,
): Promise<EndOfPhase | undefined> {
  const { run, clock, store } = context;
  const { task } = run;
  const written = async (changed: PlanHead): Promise<PlanHead> => {
    await store.writePlan(changed);
    return changed;
  };
  switch (at.phase) {
    case 'plan-groups':
    case 'plan-users':
      if (task.do !== 'plan' || !await makePlan(context, task.order, at, save)) return undefined;
      return { head, next: { phase: 'settle-names', moves: false } };
    case 'plan-undo':
      if (task.do !== 'undo' || !await planUndoOf(context, task, at, save)) return undefined;
      return { head, next: { phase: 'settle-names', moves: false } };
    case 'settle-names': {
      // Between two moments of the past nobody is in anybody's way.
      const movesNames = head.order?.to === undefined
        ? await settleNames(context, PLANNED, clock.now() + PLAN_KEPT, at, position => save({ phase: 'settle-names', ...position }))
        : false;
      if (movesNames === undefined) return undefined;
      const planned: PlanHead = { ...head, plannedAt: clock.now(), movesNames };
      if (task.do !== 'undo' || task.dryRun) return { head: await written(planned), next: { phase: 'count', counts: NO_COUNTS } };
      await noteRun(context);
      return { head: await written({ ...planned, executor: run.execution, executionBegunAt: clock.now() }), next: { phase: 'execute' } };
    }
    case 'execute':
      return await executePlan(context, head, at, save) ? { head, next: { phase: 'count', counts: NO_COUNTS } } : undefined;
    case 'count': {
      const counts = await countPlan(context, at, save);
      if (!counts) return undefined;
      const isExecuted = head.executionBegunAt !== undefined && counts.open === 0 && head.executedAt === undefined;
      return { head: isExecuted ? await written({ ...head, executedAt: clock.now() }) : head, next: { phase: 'done', counts } };
    }
  }
}

async function countPlan(
  context: RecoveryContext, at: Extract<RecoveryCheckpoint, { phase: 'count' }>, save: SaveRecovery,
): Promise<PlanCounts | undefined> {
  let { cursor, counts } = at;
  do {
    if (isOver(context)) return undefined;
    const page: Page<Parameters<typeof countLines>[1][number]> = await context.store.lines(planIdOf(context.run), cursor);
    counts = countLines(counts, page.items);
    cursor = page.next;
    if (cursor !== undefined) await save({ phase: 'count', cursor, counts });
  } while (cursor !== undefined);
  return counts;
}
