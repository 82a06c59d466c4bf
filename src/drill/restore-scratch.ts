import { DrillCheckpoint } from './drill-checkpoint';
import { DrillContext } from './drill-context';
import { drillPolicy } from './drill-policy';
import { RESTORE_STATUS } from '../restore/constants';
import { RestoreRun } from '../restore/restore-run';
import { restoreSlice } from '../restore/restore-worker';

/** The restore of the drill, from the drill's checkpoint: by each slice the same. */
export async function restoreRunOf({ store, execution }: Pick<DrillContext, 'store' | 'execution'>, at: DrillCheckpoint): Promise<RestoreRun> {
  const { chosen, facts, order: { quotaShare } } = at;
  const begun = facts.phases.find(({ phase }) => phase === 'restore')!;
  const subs = await store.sample();
  return {
    execution,
    startedAt: Date.parse(begun.startedAt),
    sourceUserPoolId: chosen!.sourceUserPoolId,
    targetUserPoolId: facts.scratch!.userPoolId,
    asOf: chosen!.moment,
    ...subs ? { subs } : {},
    // The only client of the pool may not write it, and nobody can sign up.
    sourceSubProves: true,
    dryRun: false,
    quotaShare,
  };
}

/** Brings the users by the very restore that is rehearsed. Undefined where the slice is over before. */
export async function restoreScratch(context: DrillContext, at: DrillCheckpoint): Promise<DrillCheckpoint | undefined> {
  const { ledger, stateOf, targetOf, pacer, clock, deadline } = context;
  const run = await restoreRunOf(context, at);
  const answer = await restoreSlice({
    // Roles of groups belong to the application: a group of the scratch pool gives nobody anything.
    run, ledger, state: stateOf(run), target: targetOf(run.targetUserPoolId), pacer, clock, deadline, groupRoles: {}, policyOf: drillPolicy,
  });
  if (!('report' in answer)) return undefined;
  return {
    ...at,
    restored: { startedAt: run.startedAt, endedAt: clock.now(), isComplete: answer.status === RESTORE_STATUS.COMPLETE },
  };
}
