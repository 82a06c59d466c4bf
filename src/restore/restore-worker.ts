import { EVEN } from './balance';
import { RESTORE_STATUS } from './constants';
import { countOutcomes } from './count-outcomes';
import { findMissing } from './find-missing';
import { ListingExpiredError } from './listing';
import { matchTarget } from './match-target';
import { restoreReport, RestoreReport, Verdict, verdictOf } from './report';
import { groupsOfTarget, restoreGroups } from './restore-groups';
import { restorePolicy } from './restore-policy';
import {
  Checkpoint, CountCheckpoint, countOfAll, outcomeCountsOf, FIRST_CHECKPOINT, NO_TALLY, NO_TARGET, NO_VERIFICATION, Phase, progressOf, RestoreRun,
  UsersCheckpoint,
} from './restore-run';
import { restoreUsers } from './restore-users';
import { Save, SliceContext } from './slice-context';
import { verify } from './verify';
import { QuotaPacer } from '../cognito/pacing';
import { poolSettingsOf, PoolSettings } from '../cognito/pool-settings';
import { CUSTOM_SOURCE_SUB } from '../cognito/source-sub';
import { paced, TargetPool } from '../cognito/target-pool';
import { PassedNames } from '../converge/passed-names';
import { gradeOf, ledgerAt, listening } from '../ledger/directory-as-of';
import { comparedUntil } from '../ledger/earliest-moment';
import { LedgerHistory } from '../ledger/ledger-store';
import { GroupRow, SourceRow } from '../ledger/schema';
import { Clock } from '../runtime/clock';
import { EpochMilliseconds } from '../runtime/flavor';
import { MOMENT_KEPT } from '../state/moment';
import { isHopeless } from '../state/outcome';
import { Lease, RunState } from '../state/run-state';

export interface SliceProps {
  readonly run: RestoreRun;
  readonly ledger: LedgerHistory;
  readonly state: RunState<Checkpoint>;
  readonly target: TargetPool;
  readonly pacer: QuotaPacer;
  readonly clock: Clock;
  readonly deadline: EpochMilliseconds;
  readonly groupRoles: Readonly<Record<string, string>>;
  /** Absent: as a restore does it. */
  readonly policyOf?: SliceContext['policyOf'];
}

/** What the state machine draws a progress bar from. */
export interface SliceProgress {
  readonly phase: Phase;
  /** Users with an outcome. */
  readonly done: number;
  /** Users to expect; absent where that is not known before all are read. */
  readonly total?: number;
}

/** The answer to the state machine, which chooses by `status`. */
export type SliceAnswer = { readonly progress: SliceProgress } & (
  | { readonly status: typeof RESTORE_STATUS.CONTINUE }
  | { readonly status: typeof RESTORE_STATUS.RUNNING | typeof RESTORE_STATUS.YIELDED; readonly message: string }
  | Verdict & { readonly report: RestoreReport });

/** Answers the checkpoint at the end of its phase; undefined where the slice is over before. */
type Work<C extends Checkpoint> = (context: SliceContext, checkpoint: C, save: Save) => Promise<C | undefined>;

/** One phase: its work, and where the next one begins. */
interface PhaseOf<C extends Checkpoint> {
  readonly work: Work<C>;
  readonly next: (end: C) => Checkpoint;
}

type Phases = { readonly [P in Exclude<Phase, 'done'>]: PhaseOf<Extract<Checkpoint, { readonly phase: P }>> };

/** `rows`: live groups of the ledger. */
function phasesOf(run: RestoreRun, rows: readonly GroupRow[]): Phases {
  const countFrom = (end: UsersCheckpoint): CountCheckpoint =>
    ({ phase: 'count', ...progressOf(end), verification: NO_VERIFICATION, balance: EVEN, counted: NO_TALLY });
  return {
    groups: {
      work: (context, at, save) => restoreGroups(context, rows, at, save),
      next: end => ({ phase: 'target', ...progressOf(end) }),
    },
    target: {
      work: async (context, at, save) => run.subs ? at : matchTarget(context, at, save),
      next: end => ({ phase: 'users', ...progressOf(end) }),
    },
    users: {
      work: restoreUsers,
      // There is nothing to verify where nothing was written, or where most users failed.
      next: end => run.dryRun || isHopeless(outcomeCountsOf(end.tally))
        ? countFrom(end)
        : { phase: 'verify', ...progressOf(end), verification: NO_VERIFICATION, balance: EVEN },
    },
    verify: {
      work: verify,
      next: end => ({ phase: 'count', ...progressOf(end), verification: end.verification, balance: end.balance, counted: NO_TALLY }),
    },
    count: {
      work: countOutcomes,
      next: end => ({ ...end, phase: 'missing', cursor: undefined, lookedUp: 0 }),
    },
    missing: {
      work: findMissing,
      next: end => ({ phase: 'done', ...progressOf(end), verification: end.verification, counted: end.counted }),
    },
  };
}

/** Works on the restore until it is complete or the slice is over. Whatever ended the slice before, this one goes on from its checkpoint. */
export async function restoreSlice(props: SliceProps): Promise<SliceAnswer> {
  const { run, state, pacer, clock } = props;
  const ledger = ledgerAt(props.ledger, run.asOf);
  const begun = await state.begin();
  let checkpoint: Checkpoint = begun ?? FIRST_CHECKPOINT;
  const save: Save = async next => {
    await state.save(next);
    checkpoint = next;
  };
  const busy = run.dryRun || checkpoint.phase === 'done' ? undefined : await state.lease();
  if (busy) {
    const status = run.scheduled ? RESTORE_STATUS.YIELDED : RESTORE_STATUS.RUNNING;
    return { status, progress: await sliceProgress(props, checkpoint), message: alreadyRunning(run, busy) };
  }
  if (run.setsMoment && !run.dryRun && !begun) await setMoment(props);
  const target = paced(props.target, pacer);
  let unknownGroups = 0;
  const then = listening(ledger, ({ kind, grade }) => { if (kind === 'G' && grade === 'incomplete') unknownGroups++; });
  const rows = (await then.groups(run.sourceUserPoolId)).filter(group => group.deletedAt === undefined);
  const settings = poolSettingsOf(await target.describeUserPool());
  const { policyOf = restorePolicy } = props;
  const shared = { policyOf, ledger, present: props.ledger, target, settings, passedNames: new PassedNames() };
  const contextAt = ({ groups }: Checkpoint): SliceContext =>
    ({ ...props, ...shared, groups: groupsOfTarget(rows, groups), stop: () => pacer.stop() });

  const phases = phasesOf(run, rows);
  while (checkpoint.phase !== 'done') {
    // The compiler does not see that a phase's work belongs to a checkpoint of that phase.
    const { work, next } = phases[checkpoint.phase] as PhaseOf<Checkpoint>;
    try {
      const end = await work(contextAt(checkpoint), checkpoint, save);
      if (!end) return { status: RESTORE_STATUS.CONTINUE, progress: await sliceProgress(props, checkpoint) };
      await save(next(end));
    } catch (error) {
      if (!(error instanceof ListingExpiredError)) throw error;
      await save(atStartOfPhase(checkpoint));
    }
  }
  if (!run.dryRun) await state.release();
  const notes = [...notesOn(run, settings), ...notesOnMoment(run, rows, unknownGroups, await sourceRowOf(props))];
  const report = restoreReport(run, checkpoint, clock.now(), notes);
  return { ...verdictOf(run, checkpoint), progress: await sliceProgress(props, checkpoint), report };
}

/** What was begun by another reading of the ledger is written before this run writes, and corrected by it. */
async function setMoment({ run: { asOf, execution }, state, clock }: SliceProps): Promise<void> {
  await state.writeMoment({ asOf, execution, since: clock.now() });
  await clock.sleep(MOMENT_KEPT);
}

function alreadyRunning({ targetUserPoolId }: RestoreRun, { execution, until }: Lease): string {
  return `targetUserPoolId: the restore ${execution} is filling ${targetUserPoolId}; wait for its end, or stop it and start again after `
    + `${new Date(until).toISOString()}`;
}

function notesOn({ sourceSubProves }: RestoreRun, { hasSourceSub }: PoolSettings): string[] {
  if (!hasSourceSub) return [`the target has no attribute ${CUSTOM_SOURCE_SUB}: only the state table knows which user was restored from which`];
  return sourceSubProves ? [] : [`app clients of the target may write ${CUSTOM_SOURCE_SUB}, or were too many to look at all of them, so it was not `
    + 'trusted to say who a user is: remove it from their WriteAttributes'];
}

function notesOnMoment(
  { asOf, setsMoment, dryRun }: RestoreRun, groups: readonly GroupRow[], unknownGroups: number, source: SourceRow | undefined,
): string[] {
  const doubted = groups.filter(group => gradeOf(group) === 'uncertain').length;
  return [
    ...asOf !== undefined && doubted > 0 ? [`${doubted} groups changed around the moment: taken as before that change`] : [],
    ...unknownGroups > 0 ? [`${unknownGroups} groups are not known at that moment: an image that was replaced is not in the ledger; they are left as `
      + 'they are, and nobody is put into them'] : [],
    ...asOf !== undefined && source && asOf > comparedUntil(source) ? ['no sweep has compared everything since the moment: what changed before '
      + 'it, and no event told of, is not known yet'] : [],
    ...asOf !== undefined && setsMoment && !dryRun ? [`the standby is held at ${new Date(asOf).toISOString()}: tokens, sign-ins, the follower and `
      + 'every later restore read the ledger as it was then, until a restore with {"asOf": "now"}'] : [],
    ...asOf === undefined && setsMoment && !dryRun ? ['the standby follows the ledger as it is'] : [],
  ];
}

async function sourceRowOf({ run, ledger }: Pick<SliceProps, 'run' | 'ledger'>): Promise<SourceRow | undefined> {
  return (await ledger.sources()).find(row => row.poolId === run.sourceUserPoolId);
}

/** Only the phases that list the target have a listing that can expire. */
function atStartOfPhase(checkpoint: Checkpoint): Checkpoint {
  if (checkpoint.phase === 'verify') return { ...checkpoint, verification: NO_VERIFICATION, balance: EVEN, listings: undefined };
  return checkpoint.phase === 'target' ? { ...checkpoint, target: NO_TARGET, cursor: undefined } : checkpoint;
}

async function sliceProgress({ run, ledger }: SliceProps, { phase, tally, target }: Checkpoint): Promise<SliceProgress> {
  const done = phase === 'target' ? target.users : countOfAll(tally);
  if (phase === 'done') return { phase, done, total: tally.users };
  const source = await sourceRowOf({ run, ledger });
  return { phase, done, total: run.subs?.length ?? (run.groups ? undefined : source?.users) };
}
