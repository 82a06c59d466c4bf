import { PLAN_VALID } from './constants';
import { PlanHead } from './recovery-line';
import { UserPoolId } from '../cognito/ids';
import { EpochMilliseconds } from '../runtime/flavor';

interface Asking {
  readonly execution: string;
  readonly userPoolId: UserPoolId;
  readonly now: EpochMilliseconds;
}

/** Why a plan is not executed, in one sentence; undefined where it may be. A plan whose execution was stopped half-way is gone on with. */
export function planRefusal(plan: string, head: PlanHead | undefined, { execution, userPoolId, now }: Asking): string | undefined {
  if (!head) return `plan: there is no plan ${plan}; a plan is valid for a day: make one with {"dryRun": true}`;
  if (head.userPoolId !== userPoolId) return `plan: ${plan} is a plan of ${head.userPoolId}, and this recovery writes ${userPoolId}; make a new plan`;
  if (head.isDifference) return `plan: ${plan} is a difference, which is only read; make a plan with {"kind": ..., "dryRun": true}`;
  if (head.plannedAt === undefined) return `plan: ${plan} is not whole; wait for the end of its execution, or make a new plan`;
  if (head.executedAt !== undefined && head.executor !== execution) {
    return `plan: ${plan} was executed by ${head.executor} at ${new Date(head.executedAt).toISOString()}; make a new plan, or take it back with `
      + `{"undo": "${head.executor}"}`;
  }
  if (head.executionBegunAt === undefined && now >= head.plannedAt + PLAN_VALID) {
    return `plan: ${plan} expired at ${new Date(head.plannedAt + PLAN_VALID).toISOString()}, 24 hours after it was made; make a new plan`;
  }
  return undefined;
}

/** Why a run cannot be taken back, in one sentence; undefined where it can. */
export function undoRefusal(undone: string, head: PlanHead | undefined, userPoolId: UserPoolId): string | undefined {
  if (!head) return `undo: nothing is kept of a recovery ${undone}; what a run replaced is kept for as long as the history`;
  if (head.userPoolId !== userPoolId) return `undo: ${undone} wrote ${head.userPoolId}, and this recovery writes ${userPoolId}`;
  if (head.executionBegunAt === undefined) return `undo: the plan ${undone} was never executed; there is nothing to take back`;
  return undefined;
}
