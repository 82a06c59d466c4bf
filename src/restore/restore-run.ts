import { Balance } from './balance';

/** One restore as the validated input describes it; travels through the state machine, so it stays small. */
export interface RestoreRun {
  /** Name of the execution. */
  readonly execution: string;
  /** Start of the execution, milliseconds since the epoch. */
  readonly startedAt: number;
  readonly sourceUserPoolId: string;
  readonly targetUserPoolId: string;
  /** Only these users. */
  readonly subs?: readonly string[];
  /** Only the members of these groups. */
  readonly groups?: readonly string[];
  /** Users who were deleted in the target since an earlier restore come back as well. */
  readonly restoreDeleted?: boolean;
  /**
   * `custom:source_sub` says who a user of the target is, because no app client there may write it. Absent where one may, or nobody looked:
   * whoever signs up could name anybody.
   */
  readonly sourceSubProves?: boolean;
  /** Say what would happen, write nothing to Cognito. */
  readonly dryRun: boolean;
  /** Share of each Cognito quota to use, 0 < share <= 1. */
  readonly quotaShare: number;
}

/** What became of one user of the ledger. */
export type Outcome = 'restored' | 'would-restore' | 'already-there' | 'skipped' | 'failed';

export interface UserOutcome {
  /** `sub` in the source pool. */
  readonly sub: string;
  readonly outcome: Outcome;
  /** Why, in words that say nothing about the person. */
  readonly reason?: string;
  /** What of the user could not be kept. */
  readonly warnings?: readonly string[];
  readonly targetSub?: string;
  /** Groups that a restored user was put into: what is verified later. */
  readonly memberships?: number;
  /** Was in the target before the restore, but no listing told who it is. */
  readonly late?: boolean;
}

/** Counts of outcomes; every live user of the ledger is counted once, when the page that holds it is done. */
export interface Tally {
  /** Live users read from the ledger. */
  readonly users: number;
  /** Number of users by outcome and reason. */
  readonly outcomes: { readonly [outcome in Outcome]?: Readonly<Record<string, number>> };
  readonly warnings: Readonly<Record<string, number>>;
  /** Memberships of restored users. */
  readonly memberships: number;
  /** Users of the target who turned out to be somebody's after they had been listed as nobody's. */
  readonly late: number;
}

export const NO_TALLY: Tally = { users: 0, outcomes: {}, warnings: {}, memberships: 0, late: 0 };

/** The tally with the users of one page of the ledger added. */
export function tallied(tally: Tally, liveUsers: number, outcomes: readonly UserOutcome[]): Tally {
  const counts: { [outcome in Outcome]?: Record<string, number> } = structuredClone(tally.outcomes);
  const warnings = { ...tally.warnings };
  let { memberships, late } = tally;
  for (const { outcome, reason, warnings: seen = [], memberships: added = 0, late: isLate } of outcomes) {
    const ofOutcome = counts[outcome] ??= {};
    add(ofOutcome, reason ?? '');
    seen.forEach(warning => add(warnings, warning));
    if (outcome === 'restored') memberships += added;
    if (isLate) late++;
  }
  return { users: tally.users + liveUsers, outcomes: counts, warnings, memberships, late };
}

function add(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

export function countOf(tally: Tally, ...outcomes: Outcome[]): number {
  return outcomes.flatMap(outcome => Object.values(tally.outcomes[outcome] ?? {})).reduce((sum, count) => sum + count, 0);
}

export function countOfAll(tally: Tally): number {
  return countOf(tally, 'restored', 'would-restore', 'already-there', 'skipped', 'failed');
}

/** Where a walk through the users in question stands: a shard, a group or a piece of the list of `subs`, and a page of it. */
export interface Position {
  readonly part: number;
  readonly cursor?: string;
}

export interface GroupCounts {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Groups that Cognito makes for an identity provider: the target gets its own. */
  readonly ofIdentityProviders: number;
  /** Groups that the target refused, absent where it took all. */
  readonly failed?: readonly FailedGroup[];
}

export interface FailedGroup {
  readonly name: string;
  readonly reason: string;
  /** Whether the target has no such group now, so that nobody can be put into it. */
  readonly isMissing: boolean;
}

/** What reading the target back showed; only users whom this run created are compared. */
export interface Verification {
  readonly users: number;
  readonly memberships: number;
  /** Users who are not as the ledger has them, or not there at all. */
  readonly different: number;
  /** Users who changed something themselves since they were restored. */
  readonly changedSince: number;
}

export type Phase = 'groups' | 'target' | 'users' | 'verify' | 'count' | 'missing' | 'done';

/** All that the next slice needs to go on. */
export interface Checkpoint {
  readonly phase: Phase;
  /** Next page of the listing of the phase; opaque. */
  readonly cursor?: string;
  /** Verifying: how many listings were begun, and the next page of each that is not at its end. */
  readonly listings?: { readonly begun: number; readonly open: Readonly<Record<string, string | null>> };
  /** Verifying: somebody was missing, so that everything was listed a second time. */
  readonly listedAgain?: boolean;
  /** Where the walk through the ledger stands. */
  readonly position?: Position;
  readonly tally: Tally;
  readonly groups?: GroupCounts;
  /** The last group, by name, that is done. */
  readonly groupsDone?: string;
  /** The one after it, while it is being written. */
  readonly groupBegun?: { readonly name: string; readonly kind: 'created' | 'changed' };
  /** Users in the target before the restore, and how many of them are nobody's in the ledger. */
  readonly target: { readonly users: number; readonly unknown: number };
  readonly verification: Verification;
  /** The outcomes as the standby table has them, counted independently of the tally. */
  readonly counted: Tally;
  /** What is to be seen and was not yet, where nobody can tell by the sums. */
  readonly balance?: Balance;
  /** Users who were looked up one by one, because the listings did not show somebody. */
  readonly lookedUp?: number;
}

export const FIRST_CHECKPOINT: Checkpoint = {
  phase: 'groups',
  tally: NO_TALLY,
  target: { users: 0, unknown: 0 },
  verification: { users: 0, memberships: 0, different: 0, changedSince: 0 },
  counted: NO_TALLY,
};
