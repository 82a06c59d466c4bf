import { DifferencePosition } from './difference';
import { PlanCounts } from './recovery-counts';
import { OutcomeCounts } from '../state/outcome';

/** A part of the scope, and the last `sub` of it that is done. */
export interface ScopePosition {
  readonly part: number;
  readonly after?: string;
}

/**
 * What is done with the lines of a plan, one after the other. Only where names move from one user of the plan to another:
 * - `check`: who is to give up a name, and has changed since the plan was made, keeps it,
 * - `settle`: whose name is not free any more by that, or by a newcomer, is said,
 * - `park`: the others give up their names,
 * - `place`: and get those that they had.
 */
export const EXECUTE_PASSES = ['groups', 'check', 'settle', 'park', 'place', 'rest'] as const;
export type ExecutePass = typeof EXECUTE_PASSES[number];

export type RecoveryCheckpoint =
  | { readonly phase: 'plan-groups' }
  | { readonly phase: 'plan-users'; readonly position?: ScopePosition | DifferencePosition }
  | { readonly phase: 'plan-undo'; readonly cursor?: string }
  | { readonly phase: 'settle-names'; readonly cursor?: string; readonly moves: boolean }
  | {
    readonly phase: 'execute';
    readonly pass?: ExecutePass;
    readonly cursor?: string;
    /** While names are settled. */
    readonly moves?: boolean;
    /** What became of the lines of this execution's last pass. */
    readonly outcomes?: OutcomeCounts;
  }
  | { readonly phase: 'count'; readonly cursor?: string; readonly counts: PlanCounts }
  | { readonly phase: 'done'; readonly counts: PlanCounts };

export type RecoveryPhase = RecoveryCheckpoint['phase'];
