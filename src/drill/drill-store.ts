import { DrillDiffering, DrillCheckpoint } from './drill-checkpoint';
import { SourceSub, UserPoolId } from '../cognito/ids';
import { EpochMilliseconds } from '../runtime/flavor';

/** A pool that was made, until everything of it is gone. */
export interface KnownScratch {
  readonly userPoolId: UserPoolId;
  readonly sourceUserPoolId: UserPoolId;
  /** Name of the execution of the drill. */
  readonly execution: string;
}

/** What drills keep, in a table of their own. */
export interface DrillStore {
  /** Takes or keeps the right to drill; answers the execution that has it. */
  lock(until: EpochMilliseconds): Promise<string | undefined>;
  /** Gives it back; `passedAt`: a drill succeeded. */
  unlock(passedAt?: EpochMilliseconds): Promise<void>;
  load(): Promise<DrillCheckpoint | undefined>;
  save(checkpoint: DrillCheckpoint): Promise<void>;
  saveSample(subs: readonly SourceSub[]): Promise<void>;
  /** Undefined where the drill is about everybody. */
  sample(): Promise<SourceSub[] | undefined>;
  noteScratch(scratch: KnownScratch): Promise<void>;
  scratches(): Promise<KnownScratch[]>;
  /** Notes that these users were found in the pool. */
  noteFound(subs: readonly SourceSub[]): Promise<void>;
  foundOf(subs: readonly SourceSub[]): Promise<Set<SourceSub>>;
  noteDiffering(users: readonly DrillDiffering[]): Promise<void>;
  /** Forgets whom it found and who differs: the pool is listed once more. */
  forgetCompared(): Promise<void>;
  /** Removes every link, outcome and name that a drill kept of the pool's users, and then that the pool was known. */
  purge(scratch: KnownScratch): Promise<void>;
}
