import { Balance } from './balance';
import { SourceSub } from '../cognito/ids';
import { EpochMilliseconds } from '../runtime/flavor';
import { Outcome, OutcomeCounts, OUTCOMES, Reason, reasonKey, UserOutcome } from '../state/outcome';
import { RunIdentity } from '../state/run-state';

/** One restore as the validated input describes it; travels through the state machine, so it stays small. */
export interface RestoreRun extends RunIdentity {
  /** Only these users. */
  readonly subs?: readonly SourceSub[];
  /** Only the members of these groups. */
  readonly groups?: readonly string[];
  /**
   * The ledger is read as it was at this moment, and what users gained since is taken away. Absent: as it is. In a standby that a restore holds at a
   * moment, that one.
   */
  readonly asOf?: EpochMilliseconds;
  /** Everything that follows the ledger for the standby is to read it as this run does, from its start on: held at the moment, or let go. */
  readonly setsMoment?: boolean;
  /** Users who were deleted in the target since an earlier restore come back as well. */
  readonly restoreDeleted?: boolean;
  /**
   * What this library once gave and the ledger no longer has is taken away: groups, attributes, and, where a warm standby deletes after a time,
   * users. What others gave stays.
   */
  readonly removeGiven?: boolean;
  /**
   * `custom:source_sub` says who a user of the target is, because no app client of the target may write it. Absent where one may, or where
   * this was not checked: a stranger who signs up could then claim to be any user.
   */
  readonly sourceSubProves?: boolean;
  /** A clock asked for it, and nobody waits for it. Where there is nothing to do yet, or another one is at it, that is no error. */
  readonly scheduled?: boolean;
  /** Say what would happen, write nothing to Cognito. */
  readonly dryRun: boolean;
  /** Share of each Cognito quota to use, 0 < share <= 1. */
  readonly quotaShare: number;
}

/** Counts of outcomes; every live user of the ledger is counted once, when the page that holds it is done. */
export interface Tally {
  /** Live users read from the ledger. */
  readonly users: number;
  /** Number of users by outcome and {@link reasonKey}; empty where there is no reason. */
  readonly outcomes: { readonly [outcome in Outcome]?: Readonly<Record<string, number>> };
  /** By {@link reasonKey}. */
  readonly warnings: Readonly<Record<string, number>>;
  /** Memberships of restored users. */
  readonly memberships: number;
  /** Users of the ledger who did not exist at the moment of the restore; absent where it has none. */
  readonly later?: number;
  /** Users of the target that turned out to be in the ledger after the listing had counted them as unknown. */
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
    add(ofOutcome, reason ? reasonKey(reason) : '');
    seen.forEach(warning => add(warnings, reasonKey(warning)));
    if (outcome === 'restored') memberships += added;
    if (isLate) late++;
  }
  return { ...tally, users: tally.users + liveUsers, outcomes: counts, warnings, memberships, late };
}

function add(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

export function countOf(tally: Tally, ...outcomes: Outcome[]): number {
  return outcomes.flatMap(outcome => Object.values(tally.outcomes[outcome] ?? {})).reduce((sum, count) => sum + count, 0);
}

export function outcomeCountsOf(tally: Tally): OutcomeCounts {
  return Object.fromEntries(OUTCOMES.map(outcome => [outcome, countOf(tally, outcome)]));
}

export function countOfAll(tally: Tally): number {
  return countOf(tally, ...OUTCOMES);
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
  /** Groups that the target refused; absent where it took all. */
  readonly failed?: readonly FailedGroup[];
}

export interface FailedGroup {
  readonly name: string;
  readonly reason: Reason;
  /** Whether the target has no such group now, so that nobody can be put into it. */
  readonly isMissing: boolean;
}

/** What reading the target back showed; only users that this run created are compared. */
export interface Verification {
  readonly users: number;
  readonly memberships: number;
  /** Users who are not as the ledger has them, or not there at all. */
  readonly different: number;
  /** Users who changed something themselves since they were restored. */
  readonly changedSince: number;
}

/** What every phase hands on. */
interface Progress {
  readonly tally: Tally;
  readonly groups: GroupCounts;
  /** Users in the target before the restore, and how many of them the ledger does not know. */
  readonly target: { readonly users: number; readonly unknown: number };
}

export interface GroupsCheckpoint extends Progress {
  readonly phase: 'groups';
  /** The last group, by name, that is done. */
  readonly groupsDone?: string;
  /** The next group, while it is being written. */
  readonly groupBegun?: { readonly name: string; readonly kind: 'created' | 'changed' };
}

export interface TargetCheckpoint extends Progress {
  readonly phase: 'target';
  /** Next page of the listing; opaque. */
  readonly cursor?: string;
}

export interface UsersCheckpoint extends Progress {
  readonly phase: 'users';
  /** Where the walk through the ledger stands. */
  readonly position?: Position;
}

export interface VerifyCheckpoint extends Progress {
  readonly phase: 'verify';
  readonly verification: Verification;
  /** What the listings should show and have not shown yet, by bucket: sums would not tell where something is missing. */
  readonly balance: Balance;
  /** How many listings were begun, and the next page of each that is not at its end. */
  readonly listings?: { readonly begun: number; readonly open: Readonly<Record<string, string | null>> };
  /** A user or a membership was missing, so everything is listed a second time. */
  readonly listedAgain?: boolean;
}

export interface CountCheckpoint extends Progress {
  readonly phase: 'count';
  readonly verification: Verification;
  readonly balance: Balance;
  /** The outcomes as the state table has them, counted independently of the tally. */
  readonly counted: Tally;
  /** Next page of the outcomes; opaque. */
  readonly cursor?: string;
}

export interface MissingCheckpoint extends Progress {
  readonly phase: 'missing';
  readonly verification: Verification;
  readonly balance: Balance;
  readonly counted: Tally;
  /** Next page of the outcomes; opaque. */
  readonly cursor?: string;
  /** How many users were looked up one by one, because the listings did not show all. */
  readonly lookedUp: number;
}

export interface DoneCheckpoint extends Progress {
  readonly phase: 'done';
  readonly verification: Verification;
  readonly counted: Tally;
}

/** All that the next slice needs to go on. */
export type Checkpoint =
  | GroupsCheckpoint | TargetCheckpoint | UsersCheckpoint | VerifyCheckpoint | CountCheckpoint | MissingCheckpoint | DoneCheckpoint;

export type Phase = Checkpoint['phase'];

export const NO_GROUPS: GroupCounts = { created: 0, changed: 0, unchanged: 0, ofIdentityProviders: 0 };
export const NO_TARGET: Progress['target'] = { users: 0, unknown: 0 };
export const NO_VERIFICATION: Verification = { users: 0, memberships: 0, different: 0, changedSince: 0 };

export const FIRST_CHECKPOINT: GroupsCheckpoint = { phase: 'groups', tally: NO_TALLY, groups: NO_GROUPS, target: NO_TARGET };

/** What the next phase takes over from an earlier one. */
export function progressOf({ tally, groups, target }: Checkpoint): Progress {
  return { tally, groups, target };
}
