import { SourceSub, UserPoolId } from '../cognito/ids';
import { Cause } from '../ledger/beginning';
import { Grade, GRADES } from '../ledger/image-at';
import { LedgerReader } from '../ledger/ledger-store';
import { EpochMilliseconds } from '../runtime/flavor';

/** What a comparison reads of a directory. Tombstones may be left out, and rows may carry a grade where they are not certain. */
export type Directory = Pick<LedgerReader, 'user' | 'usersOfShard' | 'groups' | 'groupsOfUser' | 'membersOfGroup'>;

/** The ledger, and what it was. */
export interface PastLedger {
  /** As it is now. */
  readonly now: Directory & Pick<LedgerReader, 'subsBySignInName'>;
  /** As it was at a moment. */
  at(moment: EpochMilliseconds): Directory;
  /** The groups that the user was in at a moment, and how sure that is. */
  groupsAt(poolId: UserPoolId, sub: SourceSub, moment: EpochMilliseconds): Promise<GroupsAt>;
  /** Names of the groups of which it is not known whether they were there, and what they were. */
  groupsUnknownAt(poolId: UserPoolId, moment: EpochMilliseconds): Promise<ReadonlySet<string>>;
  /** What has changed the user, and their memberships, since a moment. */
  causesSince(poolId: UserPoolId, sub: SourceSub, moment: EpochMilliseconds): Promise<ChangeCause[]>;
}

/** What changed a row. `isCoalesced`: the last of several changes, of which no look showed the others. */
export interface ChangeCause extends Cause {
  readonly isCoalesced?: true;
}

export interface GroupsAt {
  readonly groups: readonly string[];
  readonly grade: Grade;
  /** They may have been others, which no look showed. */
  readonly isCoalesced?: boolean;
}

/** The least sure of them. */
export function leastCertain(grades: readonly Grade[]): Grade {
  return GRADES[Math.max(0, ...grades.map(grade => GRADES.indexOf(grade)))];
}
