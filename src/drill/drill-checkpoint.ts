import { DifferenceCounts, FoundDifference } from './compare-user';
import { DrillEnd, DrillFacts, DrillPhase, DRILL_PHASES } from './evidence/drill-facts';
import { RunningDigest } from './set-digest';
import { SourceSub, TargetSub, UserPoolId } from '../cognito/ids';
import { Position, Tally } from '../restore/restore-run';
import { EpochMilliseconds } from '../runtime/flavor';

/** What the report and the end of a drill are, after its last phase. */
export type DrillStep = DrillPhase | 'report' | 'done';

/** What a drill was asked for, with everything decided that the input left open. */
export interface DrillOrder {
  readonly seed: string;
  readonly moment: 'latest' | 'random';
  readonly windowDays?: number;
  readonly users: number | 'everybody';
  /** Share of each Cognito quota to use. */
  readonly quotaShare: number;
}

/** All that the next slice needs to go on. */
export interface DrillCheckpoint {
  readonly phase: DrillStep;
  readonly order: DrillOrder;
  /** What the report is made of, as far as it is known. */
  readonly facts: DrillFacts;
  /** Known once the moment is chosen. */
  readonly chosen?: ChosenDrill;
  /** Known once the pool is made: the client to sign in by, and whether users have passwords. */
  readonly clientId?: string;
  readonly byPassword?: boolean;
  readonly restored?: RestoredDrill;
  readonly compared?: Comparing;
  /** The report was asked for. */
  readonly isReported?: boolean;
  /** What was done, for the answer of a slice that comes again. */
  readonly answer?: object;
}

export interface ChosenDrill {
  readonly sourceUserPoolId: UserPoolId;
  readonly moment: EpochMilliseconds;
  /** The moment before which nothing is known. */
  readonly earliest: EpochMilliseconds;
  readonly sweepStartedAt?: EpochMilliseconds;
  /** Live users of the last sweep that had ended by the moment. */
  readonly population: number;
}

export interface RestoredDrill {
  readonly startedAt: EpochMilliseconds;
  readonly endedAt: EpochMilliseconds;
  /** Whether the restore itself says that everything was done. */
  readonly isComplete: boolean;
}

/** One user of each kind; their names are read again when they sign in. */
export interface SignInCandidate {
  readonly kind: string;
  readonly targetSub: TargetSub;
}

/** Where the comparison stands: what the pool holds first, then what the ledger expects. */
export interface Comparing {
  readonly side: 'found' | 'expected';
  readonly cursor?: string;
  readonly position?: Position;
  readonly found: RunningDigest;
  readonly expected: RunningDigest;
  readonly counts: Tally;
  /** Names of groups that somebody expected is in; none where everybody is, so that each group has to be there. */
  readonly neededGroups: readonly string[];
  readonly differences: DifferenceCounts;
  readonly candidates: readonly SignInCandidate[];
  /** Somebody was missing, so everything is listed a second time, from this moment on. */
  readonly listsAgainAt?: EpochMilliseconds;
}

/** A user who is not as expected, for the file that names them. */
export interface DrillDiffering extends FoundDifference {
  /** `sub` in the source pool; of a user whom nobody expected, in the scratch pool. */
  readonly sub: SourceSub;
}

/** What comes after a phase. */
export function stepAfter(phase: DrillPhase): DrillStep {
  return DRILL_PHASES[DRILL_PHASES.indexOf(phase) + 1] ?? 'report';
}

/** Whether the drill is still about what it came for, and not about removing what it made. */
export function isBeforeRemoval({ phase }: Pick<DrillCheckpoint, 'phase'>): boolean {
  return phase !== 'done' && phase !== 'report' && DRILL_PHASES.indexOf(phase) < DRILL_PHASES.indexOf('delete-pool');
}

/** Goes over to removing what was made: a real restore came first, or a phase failed. The phase has no end. */
export function endedBy(checkpoint: DrillCheckpoint, end: DrillEnd): DrillCheckpoint {
  return { ...checkpoint, phase: 'delete-pool', facts: { ...checkpoint.facts, end } };
}
