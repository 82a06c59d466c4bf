import { EVEN } from './balance';
import { RESTORE_STATUS } from './constants';
import { countOutcomes } from './count-outcomes';
import { findMissing } from './find-missing';
import { ListingExpiredError } from './listing';
import { matchTarget } from './match-target';
import { isHopeless, reportOf, RestoreReport, verdictOf } from './report';
import { groupsOfTarget, restoreGroups } from './restore-groups';
import { Checkpoint, countOfAll, FIRST_CHECKPOINT, Phase, RestoreRun } from './restore-run';
import { Lease, RestoreState } from '../state/run-state';
import { restoreUsers } from './restore-users';
import { Save, SliceContext } from './slice-context';
import { paced, TargetPool } from '../cognito/target-pool';
import { poolSettingsOf, PoolSettings } from '../cognito/pool-settings';
import { verify } from './verify';
import { LedgerReader } from '../ledger/ledger-store';
import { QuotaPacer } from '../cognito/pacing';
import { Clock } from '../runtime/clock';
import { CUSTOM_SOURCE_SUB } from '../cognito/source-sub';

export interface SliceProps {
  readonly run: RestoreRun;
  readonly ledger: LedgerReader;
  readonly state: RestoreState;
  readonly target: TargetPool;
  readonly pacer: QuotaPacer;
  readonly clock: Clock;
  readonly deadline: number;
  readonly groupRoles: Readonly<Record<string, string>>;
}

/** What the state machine gets, and draws a progress bar from. */
export interface SliceAnswer {
  readonly status: typeof RESTORE_STATUS[keyof typeof RESTORE_STATUS];
  readonly progress: {
    readonly phase: Phase;
    /** Users with an outcome. */
    readonly done: number;
    /** Users to expect; absent where it is not known before all were read. */
    readonly total?: number;
  };
  readonly report?: RestoreReport;
  readonly message?: string;
}

/** Answers the checkpoint at its end; undefined where the slice is over before. */
type Work = (context: SliceContext, checkpoint: Checkpoint, save: Save) => Promise<Checkpoint | undefined>;

/** Works on the restore until it is complete or the slice is over. Whatever ended the slice before, this one goes on from its checkpoint. */
export async function restoreSlice(props: SliceProps): Promise<SliceAnswer> {
  const { run, ledger, state, pacer, clock } = props;
  let checkpoint = await state.begin() ?? FIRST_CHECKPOINT;
  const save: Save = async next => {
    await state.save(next);
    checkpoint = next;
  };
  const busy = run.dryRun || checkpoint.phase === 'done' ? undefined : await state.lease();
  if (busy) return { status: RESTORE_STATUS.RUNNING, progress: await progressOf(props, checkpoint), message: alreadyRunning(run, busy) };
  const target = paced(props.target, pacer);
  const rows = (await ledger.groups(run.sourceUserPoolId)).filter(group => group.deletedAt === undefined);
  const settings = poolSettingsOf(await target.describeUserPool());
  const contextAt = ({ groups }: Checkpoint): SliceContext =>
    ({ ...props, target, settings, groups: groupsOfTarget(rows, groups), stop: () => pacer.stop() });

  const phases: Record<Exclude<Phase, 'done'>, { readonly work: Work; readonly next: Phase }> = {
    groups: { work: (c, at, s) => restoreGroups(c, rows, at, s), next: 'target' },
    target: { work: async (c, at, s) => run.subs ? at : matchTarget(c, at, s), next: 'users' },
    users: { work: restoreUsers, next: run.dryRun ? 'count' : 'verify' },
    verify: { work: verify, next: 'count' },
    count: { work: countOutcomes, next: 'missing' },
    missing: { work: findMissing, next: 'done' },
  };
  while (checkpoint.phase !== 'done') {
    const { work, next } = phases[checkpoint.phase];
    try {
      const end = await work(contextAt(checkpoint), checkpoint, save);
      if (!end) return { status: RESTORE_STATUS.CONTINUE, progress: await progressOf(props, checkpoint) };
      await save({ ...end, phase: isHopeless(end.tally) && checkpoint.phase === 'users' ? 'count' : next, cursor: undefined, position: undefined, listings: undefined });
    } catch (error) {
      if (!(error instanceof ListingExpiredError)) throw error;
      await save(atStartOfPhase(checkpoint));
    }
  }
  if (!run.dryRun) await state.release();
  const report = reportOf(run, checkpoint, clock.now(), notesOn(run, settings));
  return { ...verdictOf(run, checkpoint), progress: await progressOf(props, checkpoint), report };
}

function alreadyRunning({ targetUserPoolId }: RestoreRun, { execution, until }: Lease): string {
  return `targetUserPoolId: the restore ${execution} is filling ${targetUserPoolId}; wait for its end, or stop it and start again after ${new Date(until).toISOString()}`;
}

function notesOn({ sourceSubProves }: RestoreRun, { hasSourceSub }: PoolSettings): string[] {
  if (!hasSourceSub) return [`the target has no attribute ${CUSTOM_SOURCE_SUB}: only the standby table knows who was restored from whom`];
  return sourceSubProves ? [] : [`app clients of the target may write ${CUSTOM_SOURCE_SUB}, so it was not taken as saying who somebody is: take it out of their WriteAttributes`];
}

function atStartOfPhase(checkpoint: Checkpoint): Checkpoint {
  const { target, verification } = FIRST_CHECKPOINT;
  return { ...checkpoint, ...(checkpoint.phase === 'verify' ? { verification, balance: EVEN } : { target }), cursor: undefined, listings: undefined };
}

async function progressOf({ run, ledger }: SliceProps, { phase, tally, target }: Checkpoint): Promise<SliceAnswer['progress']> {
  const done = phase === 'target' ? target.users : countOfAll(tally);
  if (phase === 'done') return { phase, done, total: tally.users };
  const source = (await ledger.sources()).find(row => row.poolId === run.sourceUserPoolId);
  return { phase, done, total: run.subs?.length ?? (run.groups ? undefined : source?.users) };
}
