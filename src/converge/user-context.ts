import { RestoreState } from '../state/run-state';
import { SliceContext } from '../restore/slice-context';
import { LedgerReader } from '../ledger/ledger-store';
import { UserRow } from '../ledger/schema';

export interface LedgerUser {
  readonly row: UserRow;
  /** Names of the groups that the user is in. */
  readonly groups: readonly string[];
}

/** What working on one user needs of a slice; the standby works on single users as well. */
export interface UserContext extends Pick<SliceContext, 'run' | 'settings' | 'target' | 'groups' | 'clock'> {
  /** Whoever creates users has to write links; whoever only converges them need not. */
  readonly state: Pick<RestoreState, 'targetSubOf' | 'linksOfTargets'> & Partial<Pick<RestoreState, 'writeLink' | 'targetSubOfFirst'>>;
  /** Tells who else has a sign-in name; absent where the caller knows that nobody has. */
  readonly ledger?: Pick<LedgerReader, 'subsBySignInName' | 'user'>;
  /** The target held nobody when the restore began: who was there once was not deleted one by one. */
  readonly targetWasEmpty?: boolean;
}
