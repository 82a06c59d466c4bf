import { PLAN_KEPT } from './constants';
import { planGroupLines } from './plan-groups';
import { differsAsUser, planUserLines } from './plan-user';
import { planView } from './plan-view';
import { RecoveryCheckpoint } from './recovery-checkpoint';
import { RecoveryContext, SaveRecovery } from './recovery-context';
import { RecoveryLine } from './recovery-line';
import { PlanOrder, planIdOf } from './recovery-run';
import { Candidate, CandidatePage, scopePages } from './scope-pages';
import { unlessStopped } from '../cognito/pacing';
import { isOver } from '../runtime/clock';
import { runPipeline } from '../runtime/pipeline';

/** Users in flight: enough to fill a third of the quotas for look-ups. */
const USERS_AT_ONCE = 32;

type PlanPhase = Extract<RecoveryCheckpoint, { readonly phase: 'plan-groups' | 'plan-users' }>;

/** Writes the lines of a plan; answers whether it is whole. Nothing is written to the pool. */
export async function makePlan(context: RecoveryContext, order: PlanOrder, at: PlanPhase, save: SaveRecovery): Promise<boolean> {
  const { past, store, run, clock } = context;
  const view = await planView(context, order);
  const write = async (lines: readonly RecoveryLine[]) => store.writeLines(planIdOf(run), lines, clock.now() + PLAN_KEPT);
  let position = at.phase === 'plan-users' ? at.position : undefined;
  if (at.phase === 'plan-groups') {
    await write(planGroupLines(context, view));
    await save({ phase: 'plan-users' });
  }
  return runPipeline<Candidate, CandidatePage, readonly RecoveryLine[]>({
    pages: scopePages(past, view, position),
    atOnce: USERS_AT_ONCE,
    isOver: () => isOver(context),
    stop: context.stop,
    work: async candidate => unlessStopped(async () => {
      const isPlanned = candidate.of === 'membership' && await differsAsUser(view, candidate.sub);
      return isPlanned ? [] : planUserLines(context, view, candidate);
    }),
    commit: async pages => {
      await write(pages.flatMap(({ results }) => results.flat()));
      position = pages[pages.length - 1].page.next;
      if (position) await save({ phase: 'plan-users', position });
    },
  });
}
