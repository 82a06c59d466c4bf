import { PassedNames } from './passed-names';
import { ConvergePolicy } from './policy';
import { UserPoolId } from '../cognito/ids';
import { PoolSettings } from '../cognito/pool-settings';
import { TargetPool } from '../cognito/target-pool';
import { Grade } from '../ledger/image-at';
import { LedgerReader } from '../ledger/ledger-store';
import { GroupRow, UserRow } from '../ledger/schema';
import { Clock } from '../runtime/clock';
import { Links } from '../state/links';
import { Reason } from '../state/outcome';

export interface LedgerUser {
  readonly row: UserRow;
  /** Names of the groups that the user is in. */
  readonly groups: readonly string[];
  /** How sure it is that user and groups were so, where the ledger is read as it was at a moment. */
  readonly grade?: Grade;
  /** Whether they may have been something else that no look showed. */
  readonly isCoalesced?: boolean;
}

/** Everything that bringing one user into one pool needs. */
export interface UserContext {
  readonly policy: ConvergePolicy;
  readonly sourceUserPoolId: UserPoolId;
  readonly targetUserPoolId: UserPoolId;
  /**
   * `custom:source_sub` says who a user of the target is, because no app client of the target may write it. False where one may, or where
   * this was not checked: a stranger who signs up could then claim to be any user.
   */
  readonly sourceSubProves: boolean;
  readonly settings: PoolSettings;
  /** The target held no users when this began, so that nobody in it has a name. */
  readonly targetIsEmpty: boolean;
  /** Paced: every call waits for its turn. */
  readonly target: TargetPool;
  readonly links: Links;
  readonly ledger: Pick<LedgerReader, 'subsBySignInName' | 'user'>;
  /** Whether the target has the group, or gets it from the ledger. */
  readonly hasGroup: (name: string) => boolean;
  readonly groupRow: (name: string) => Promise<GroupRow | undefined>;
  /** Whether another user of the ledger may be given their names, too, where they have one in the target that is this user's now. */
  readonly mayMove: (row: UserRow) => Promise<boolean>;
  readonly passedNames: PassedNames;
  /** By which attribute the identities of a provider are linked, by its name; `Cognito_Subject` where none is given. */
  readonly linkAttributes: Readonly<Record<string, string>>;
  /** Role ARN by group name. */
  readonly groupRoles: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/** Whether users are brought back into the very pool that they were copied from. */
export function isInPlace({ sourceUserPoolId, targetUserPoolId }: Pick<UserContext, 'sourceUserPoolId' | 'targetUserPoolId'>): boolean {
  return sourceUserPoolId === targetUserPoolId;
}

/** What a user who was brought as of a moment is warned of. */
export function doubtsOf({ grade, isCoalesced }: LedgerUser): Reason[] {
  const doubts: Reason[] = isCoalesced ? [{ code: 'moment-coalesced' }] : [];
  if (grade === 'uncertain') return [{ code: 'moment-uncertain' }, ...doubts];
  return grade === 'by-event' ? [{ code: 'moment-by-event' }, ...doubts] : doubts;
}
