import { Checkpoint, UserOutcome } from './restore-run';
import { PlannedImage } from './user-plan';
import { Page } from '../ledger/ledger-store';

/** Which user of the target stands for which user of the source. */
export interface Link {
  readonly sourceSub: string;
  readonly targetSub: string;
  /** What the last restore put there: the base that later changes are told from. */
  readonly image: PlannedImage;
  /** The restore that wrote this. */
  readonly execution: string;
  /** Whether that restore created the user. */
  readonly restored: boolean;
  /** When that restore was done with the user, milliseconds since the epoch. */
  readonly at: number;
}

export interface UserRecord {
  readonly outcome: UserOutcome;
  readonly link?: Link;
}

/** What one restore keeps in the standby table. */
export interface RestoreState {
  /** Takes the run over from whoever worked on it before, and answers where they stood; undefined at the very start. */
  begin(): Promise<Checkpoint | undefined>;
  /** Fails with {@link SupersededError} once another slice has taken the run over. */
  save(checkpoint: Checkpoint): Promise<void>;
  outcomesOf(subs: readonly string[]): Promise<Map<string, UserOutcome>>;
  /** Links first: an outcome says that everything before it is safe. */
  write(records: readonly UserRecord[]): Promise<void>;
  /** By `sub` in the target; only users of this run's source pool. */
  linksOfTargets(targetSubs: readonly string[]): Promise<Map<string, Link>>;
  targetSubOf(sourceSub: string): Promise<string | undefined>;
  /** All outcomes of this run, for the final count. */
  outcomes(cursor?: string): Promise<Page<UserOutcome>>;
  /** Names a user who is not in the target as the ledger has them. */
  writeDifference(sourceSub: string, difference: string): Promise<void>;
}

/** Another slice works on this run: it was started because this one seemed dead. */
export class SupersededError extends Error {
  public readonly name = 'SupersededError';

  constructor(execution: string) {
    super(`restore ${execution}: another slice has taken over; this one stops`);
  }
}
