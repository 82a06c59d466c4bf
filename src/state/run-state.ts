import { Checkpoint, UserOutcome } from '../restore/restore-run';
import { PlannedImage } from '../converge/user-plan';
import { GroupImage } from '../cognito/user';
import { Page } from '../cognito/page';

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
  /** False from the creation of the user until everything else was done, by that restore or by a later one. */
  readonly finished?: boolean;
}

export interface UserRecord {
  readonly outcome: UserOutcome;
  readonly link?: Link;
}

/** The restore that may fill a target, until when; milliseconds since the epoch. */
export interface Lease {
  readonly execution: string;
  readonly until: number;
}

/** What one restore keeps in the state table. */
export interface RestoreState {
  /** Takes the run over from whoever worked on it before, and answers where they stood; undefined at the very start. */
  begin(): Promise<Checkpoint | undefined>;
  /** Takes or keeps the right to fill the target; answers who has it where that is another restore. What is written later keeps it too. */
  lease(): Promise<Lease | undefined>;
  /** Gives the right back. */
  release(): Promise<void>;
  /** Fails with {@link SupersededError} once another slice has taken the run over. */
  save(checkpoint: Checkpoint): Promise<void>;
  outcomesOf(subs: readonly string[]): Promise<Map<string, UserOutcome>>;
  /** Links first: an outcome says that everything before it is safe. */
  write(records: readonly UserRecord[]): Promise<void>;
  /** By `sub` in the target; only users of this run's source pool. */
  linksOfTargets(targetSubs: readonly string[]): Promise<Map<string, Link>>;
  targetSubOf(sourceSub: string): Promise<string | undefined>;
  /** By `custom:source_sub`: users of the target whom nothing else connects with the ledger. */
  writeFirstSubs(targetSubs: ReadonlyMap<string, string>): Promise<void>;
  targetSubOfFirst(firstSub: string): Promise<string | undefined>;
  /** Says who was made of whom, before anything else is known of them. */
  writeLink(link: Link): Promise<void>;
  /** Groups as the last restore of this source into this target left them, by name. */
  groupImages(): Promise<Map<string, GroupImage>>;
  writeGroupImage(group: GroupImage): Promise<void>;
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
