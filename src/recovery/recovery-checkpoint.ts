import { DifferencePosition } from './difference';
import { PlanCounts } from './recovery-counts';

/** A part of the scope, and the last `sub` of it that is done. */
export interface ScopePosition {
  readonly part: number;
  readonly after?: string;
}

export type RecoveryCheckpoint =
  | { readonly phase: 'plan-groups' }
  | { readonly phase: 'plan-users'; readonly position?: ScopePosition | DifferencePosition }
  | { readonly phase: 'plan-undo'; readonly cursor?: string }
  | { readonly phase: 'execute'; readonly cursor?: string }
  | { readonly phase: 'count'; readonly cursor?: string; readonly counts: PlanCounts }
  | { readonly phase: 'done'; readonly counts: PlanCounts };

export type RecoveryPhase = RecoveryCheckpoint['phase'];
