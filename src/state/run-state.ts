import { Deletions } from './deletions';
import { Link } from './link';
import { Links } from './links';
import { HeldMoment } from './moment';
import { Reason, UserOutcome } from './outcome';
import { FirstSub, SourceSub, TargetSub, UserPoolId } from '../cognito/ids';
import { Page } from '../cognito/page';
import { GroupImage } from '../cognito/user';
import { EpochMilliseconds } from '../runtime/flavor';
import { PublicError } from '../runtime/public-error';

/** What tells one run from another, and the pools that it is about. */
export interface RunIdentity {
  /** Name of the execution. */
  readonly execution: string;
  /** Start of the execution. */
  readonly startedAt: EpochMilliseconds;
  readonly sourceUserPoolId: UserPoolId;
  readonly targetUserPoolId: UserPoolId;
}

export interface UserRecord {
  readonly outcome: UserOutcome;
  readonly link?: Link;
}

/** The run that may fill a target, and until when. */
export interface Lease {
  readonly execution: string;
  readonly until: EpochMilliseconds;
}

/** What one run keeps in the state table. */
export interface RunState<Checkpoint> {
  readonly links: Links;
  /** Users to delete from a warm standby when their time has come. */
  readonly deletions: Pick<Deletions, 'schedule'>;
  /** Takes the run over from the slice that worked on it before, and answers that slice's checkpoint; undefined at the very start. */
  begin(): Promise<Checkpoint | undefined>;
  /** Takes or keeps the lease, the right to fill the target; answers the lease of another run that has it. Later writes keep it too. */
  lease(): Promise<Lease | undefined>;
  /** Gives the lease back. */
  release(): Promise<void>;
  /** Holds the standby at a moment, or lets it go. */
  writeMoment(moment: HeldMoment): Promise<void>;
  /** Fails with {@link SupersededError} once another slice has taken the run over. */
  save(checkpoint: Checkpoint): Promise<void>;
  outcomesOf(subs: readonly SourceSub[]): Promise<Map<SourceSub, UserOutcome>>;
  /** Links first: an outcome says that everything before it is safe. */
  write(records: readonly UserRecord[]): Promise<void>;
  writeFirstSubs(targetSubs: ReadonlyMap<FirstSub, TargetSub>): Promise<void>;
  /** Groups as the last run from this source into this target left them, by name. */
  groupImages(): Promise<Map<string, GroupImage>>;
  writeGroupImage(group: GroupImage): Promise<void>;
  /** All outcomes of this run, for the final count. */
  outcomes(cursor?: string): Promise<Page<UserOutcome>>;
  /** Records a user who is not in the target as the ledger has them. */
  writeDifference(sourceSub: SourceSub, difference: Reason): Promise<void>;
}

/** Another slice works on this run: it was started because this one seemed dead. */
export class SupersededError extends PublicError {
  public readonly name = 'SupersededError';

  constructor(execution: string) {
    super(`restore ${execution}: another slice has taken over; this one stops`);
  }
}
