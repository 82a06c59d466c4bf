import { choose, sourceToDrill } from './choose';
import { compareSets } from './compare-sets';
import { uncertainUsers } from './compared-facts';
import { DRILL_STATUS } from './constants';
import { DrillCheckpoint, DrillOrder, endedBy, isBeforeRemoval, stepAfter } from './drill-checkpoint';
import { DrillContext } from './drill-context';
import { DrillFailedError } from './drill-failed-error';
import { DrillEnd, DrillFacts, DrillPhase } from './evidence/drill-facts';
import { DrillVerdict, verdictOfDrill } from './evidence/drill-verdict';
import { WrittenEvidence } from './evidence/write-evidence';
import { makePool } from './make-pool';
import { measures } from './measure';
import { deletePool, proveDeletion } from './remove-scratch';
import { restoreScratch } from './restore-scratch';
import { checkSignIns } from './sign-in';
import { unlessStopped } from '../cognito/pacing';
import { earliestMoment } from '../ledger/earliest-moment';
import { isOver } from '../runtime/clock';

/** Between the ends of a slice and of its lock: longer than the state machine takes for all retries of a slice. */
const LOCK_AFTER_SLICE = 6 * 60_000;

/** The answer to the state machine, which chooses by `status`. */
export type DrillAnswer =
  | { readonly status: typeof DRILL_STATUS.CONTINUE; readonly phase: string }
  | { readonly status: typeof DRILL_STATUS.RUNNING | typeof DRILL_STATUS.TOO_EARLY; readonly message: string }
  | { readonly status: typeof DRILL_STATUS.REPORT; readonly facts: DrillFacts }
  | {
    readonly status: End;
    readonly message: string;
    readonly report: object;
  };

/** What the first slice begins with; later ones have it in their checkpoint. */
export interface DrillBeginning {
  readonly order: DrillOrder;
  readonly facts: Omit<DrillFacts, 'endedAt' | 'end' | 'phases'>;
}

/** What the state machine knows and the checkpoint does not. */
export interface DrillNews {
  /** Name of the error that ended the drill, which from now on removes what it made. */
  readonly failed?: string;
  /** Name of the error that ended the clean-up: what is left stays for the next drill. */
  readonly unremoved?: string;
  /** What the writer of the report answered. */
  readonly written?: WrittenEvidence;
}

/** Answers the checkpoint at the end of the phase; undefined where the slice is over before. */
type Phase = (context: DrillContext, at: DrillCheckpoint) => Promise<DrillCheckpoint | undefined>;

const PHASES: { readonly [phase in DrillPhase]: Phase } = {
  'choose': choose,
  'make-pool': makePool,
  'restore': restoreScratch,
  'compare': compareAndMeasure,
  'sign-in': checkSignIns,
  'delete-pool': deletePool,
  'prove-deletion': proveDeletion,
};

/**
 * Works on the drill until it is over or the slice is. Whatever ended the slice before, this one goes on from its checkpoint.
 */
export async function drillSlice(
  context: DrillContext, beginning: DrillBeginning, { failed, unremoved, written }: DrillNews = {},
): Promise<DrillAnswer> {
  const { store, execution, clock, deadline } = context;
  let at = await store.load();
  if (at?.phase === 'done') return at.answer as DrillAnswer;
  // The pool is gone, and the report is there: another drill, which began while it was written, stands in nobody's way.
  if (at?.phase === 'report' && written) return finish(context, at, written);
  const other = await store.lock(deadline + LOCK_AFTER_SLICE);
  if (other !== undefined) {
    return { status: DRILL_STATUS.RUNNING, message: `the drill ${other} is running; this one, ${execution}, has made nothing` };
  }
  if (!at && !await isAnythingCopied(context)) {
    await store.unlock();
    return { status: DRILL_STATUS.TOO_EARLY, message: `drill ${execution}: no sweep of a user pool has been complete yet; nothing was made` };
  }
  at ??= await begun(context, beginning);
  if (failed !== undefined && isBeforeRemoval(at)) at = endedBy(at, { how: 'failed', phase: at.phase as DrillPhase, error: failed });
  // A deletion that was tried stays what it is known to be.
  if (unremoved !== undefined) at = { ...at, phase: 'report', facts: { removal: { how: 'failed', error: unremoved }, ...at.facts } };
  while (at.phase !== 'report' && at.phase !== 'done') {
    if (isBeforeRemoval(at) && await context.isRestoreRunning()) at = endedBy(at, { how: 'yielded' });
    const { phase } = at as { readonly phase: DrillPhase };
    at = withStart(at, phase, clock.now());
    await store.save(at);
    if (isOver(context)) return { status: DRILL_STATUS.CONTINUE, phase };
    const end = await attempt(context, at, phase);
    if (!end) return { status: DRILL_STATUS.CONTINUE, phase };
    // A phase that went over to the removal has no end.
    at = end.phase === phase ? { ...withEnd(end, phase, clock.now()), phase: stepAfter(phase) } : end;
    await store.save(at);
  }
  return asked(context, at);
}

/** A failure that another try would not mend ends the drill at once, and not the slice. */
async function attempt(context: DrillContext, at: DrillCheckpoint, phase: DrillPhase): Promise<DrillCheckpoint | undefined> {
  try {
    return await unlessStopped(async () => PHASES[phase](context, at));
  } catch (error) {
    if (error instanceof DrillFailedError && isBeforeRemoval(at)) return endedBy(at, { how: 'failed', phase, error: error.code });
    throw error;
  }
}

async function isAnythingCopied(context: DrillContext): Promise<boolean> {
  const source = await sourceToDrill(context);
  return source !== undefined && earliestMoment(source, context.clock.now()) !== undefined;
}

async function begun(context: DrillContext, { order, facts }: DrillBeginning): Promise<DrillCheckpoint> {
  const first: DrillCheckpoint = {
    phase: 'choose',
    order,
    facts: { ...facts, end: { how: 'completed' }, endedAt: facts.startedAt, phases: [] },
  };
  await context.store.save(first);
  return first;
}

async function compareAndMeasure(context: DrillContext, at: DrillCheckpoint): Promise<DrillCheckpoint | undefined> {
  const end = await compareSets(context, at);
  if (!end) return undefined;
  const { order, chosen, restored, compared, facts } = end;
  const { counts } = compared!;
  return {
    ...end,
    facts: {
      ...facts,
      measured: measures({
        startedAt: Date.parse(facts.startedAt),
        restoreStartedAt: restored!.startedAt,
        restoreEndedAt: restored!.endedAt,
        restored: compared!.found.users,
        memberships: compared!.found.memberships,
        byPassword: end.byPassword === true,
        population: facts.scope!.population,
        isSample: order.users !== 'everybody',
        quotaShare: order.quotaShare,
        quotas: context.quotas,
        moment: chosen!.moment,
        sweep: chosen!.sweepStartedAt === undefined ? undefined : { startedAt: chosen!.sweepStartedAt },
        earliest: chosen!.earliest,
        uncertainUsers: uncertainUsers(counts),
      }),
      end: restored!.isComplete ? facts.end : { how: 'failed', phase: 'restore', error: 'RestoreIncomplete' },
    },
  };
}

/** What the report is made of. Asked again, it is the same: the end that was said once is the end. */
async function asked({ store, clock }: DrillContext, at: DrillCheckpoint): Promise<DrillAnswer> {
  const { facts } = at;
  const ended = at.isReported ? facts : { ...facts, endedAt: new Date(clock.now()).toISOString() };
  if (!at.isReported) await store.save({ ...at, facts: ended, isReported: true });
  return { status: DRILL_STATUS.REPORT, facts: ended };
}

/** The report is written: everything about users goes, and the next drill may begin. */
async function finish(context: DrillContext, at: DrillCheckpoint, written: WrittenEvidence): Promise<DrillAnswer> {
  const { store, clock, execution } = context;
  const { facts } = at;
  const verdict = verdictOfDrill(facts);
  // A pool whose deletion failed stays known, and the next drill removes it.
  const isGone = verdict.deletionStatus === 'SUCCESSFUL';
  for (const scratch of await store.scratches()) {
    if (scratch.execution === execution && isGone) await store.purge(scratch);
  }
  const status = endStatusOf(facts.end, verdict);
  const answer: DrillAnswer = { status, message: endInWords(facts.end, verdict), report: { ...eventSummary(facts), ...verdict, ...written } };
  const { compared: _users, ...rest } = at;
  context.emit(facts, verdict);
  await store.save({ ...rest, phase: 'done', answer });
  await store.unlock(status === DRILL_STATUS.PASSED ? clock.now() : undefined);
  return answer;
}

/** What the event says of the drill besides its verdict: no user. */
function eventSummary({ id, startedAt, endedAt, end, source, moment, scope, measured }: DrillFacts): object {
  return { id, startedAt, endedAt, end, source, moment, scope, measured };
}

type End = typeof DRILL_STATUS.PASSED | typeof DRILL_STATUS.FAILED | typeof DRILL_STATUS.YIELDED;

function endStatusOf({ how }: DrillEnd, { validationStatus, deletionStatus }: DrillVerdict): End {
  if (deletionStatus === 'FAILED') return DRILL_STATUS.FAILED;
  if (how === 'yielded') return DRILL_STATUS.YIELDED;
  return validationStatus === 'SUCCESSFUL' ? DRILL_STATUS.PASSED : DRILL_STATUS.FAILED;
}

function endInWords(end: DrillEnd, { validationStatus, deletionStatus, failures }: DrillVerdict): string {
  if (deletionStatus === 'FAILED') return 'what the drill had made is not proven to be gone; the next drill tries again to remove it';
  if (end.how === 'failed') return `the phase ${end.phase} failed with ${end.error}; the report says what was done until then`;
  if (end.how === 'yielded') return 'a restore is running: the drill made way for it, and removed what it had made';
  if (validationStatus === 'SUCCESSFUL') return 'everybody came back as the ledger has them';
  return `the drill came to its end, and did not show what it was to show (${failures.join(', ')}); the report says more`;
}

function withStart(at: DrillCheckpoint, phase: DrillPhase, now: number): DrillCheckpoint {
  const { facts } = at;
  if (facts.phases.some(each => each.phase === phase)) return at;
  return { ...at, facts: { ...facts, phases: [...facts.phases, { phase, startedAt: new Date(now).toISOString() }] } };
}

function withEnd(at: DrillCheckpoint, phase: DrillPhase, now: number): DrillCheckpoint {
  const phases = at.facts.phases.map(each => each.phase === phase ? { ...each, endedAt: new Date(now).toISOString() } : each);
  return { ...at, facts: { ...at.facts, phases } };
}
