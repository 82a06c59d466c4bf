import { EpochMilliseconds } from '../runtime/flavor';
import { RunIdentity } from '../state/run-state';

/**
 * - `undelete`: users who were deleted come back,
 * - `revert`: users who still exist become again what they were,
 * - `restore`: both.
 */
export const RECOVERY_KINDS = ['undelete', 'revert', 'restore'] as const;
export type RecoveryKind = typeof RECOVERY_KINDS[number];

/** Which users a recovery is about. */
export type Scope =
  | { readonly of: 'everybody' }
  | { readonly of: 'subs'; readonly subs: readonly string[] }
  /** Members of these groups, then or now, and the groups themselves. */
  | { readonly of: 'groups'; readonly groups: readonly string[] }
  /** Users who were there at the first moment and not at the second. */
  | { readonly of: 'deleted' | 'changed'; readonly from: EpochMilliseconds; readonly to: EpochMilliseconds }
  /** Users that calls of one of these IAM roles or users have changed since the moment to go back to. `orFound`: or of whom a sweep found it. */
  | { readonly of: 'changed-by'; readonly principals: readonly string[]; readonly orFound?: true };

/** How a plan is made. */
export interface PlanOrder {
  readonly kind: RecoveryKind;
  readonly asOf: EpochMilliseconds;
  /** The second moment of a difference; absent: the pool as it is. */
  readonly to?: EpochMilliseconds;
  readonly scope: Scope;
  /** Only these attributes. */
  readonly attributes?: readonly string[];
  readonly allowMessages: boolean;
  /** Id of the incident whose deletions a sweep holds: the ledger has everybody, and none of them is in the plan. */
  readonly deletionsHeld?: string;
}

/** What one execution does. */
export type Task =
  /** Writes a plan, and nothing to the pool. `isDifference`: to be read, and never to be executed. */
  | { readonly do: 'plan'; readonly order: PlanOrder; readonly isDifference: boolean }
  | { readonly do: 'execute'; readonly plan: string }
  /** Plans to take an executed run back, and executes that at once unless it is a dry run. `undone`: name of the plan that was executed. */
  | { readonly do: 'undo'; readonly undone: string; readonly dryRun: boolean; readonly allowMessages: boolean };

/** One execution as the validated input describes it. Source and target are the same pool. */
export interface RecoveryRun extends RunIdentity {
  readonly task: Task;
  /** Share of each Cognito quota to use, 0 < share <= 1. */
  readonly quotaShare: number;
}

/** The plan that the run makes or executes. */
export function planIdOf({ execution, task }: RecoveryRun): string {
  return task.do === 'execute' ? task.plan : execution;
}
