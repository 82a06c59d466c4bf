import { ConvergePolicy } from './policy';
import { GONE } from './user-writes';
import { allPages } from '../cognito/page';
import { doneUnless } from '../cognito/refusals';
import { StandbyPool } from '../cognito/target-pool';
import { TargetUser } from '../cognito/user';
import { Link } from '../state/link';

interface RemovalContext {
  readonly policy: ConvergePolicy;
  readonly target: StandbyPool;
}

/**
 * Deletes the user of the link, found by `sub`: the ledger may have forgotten the user name by now, and a federated user's is not the `sub`.
 * Answers whether there was one.
 */
export async function deleteUser({ policy, target }: RemovalContext, link: Link): Promise<boolean> {
  if (!policy.delete) return false;
  const [user] = await allPages(cursor => target.listUsers(cursor, { attribute: 'sub', value: link.targetSub }));
  if (user) await doneUnless(GONE, () => target.deleteUser(user.username));
  return user !== undefined;
}

/** Deletes the group, if the target has it. */
export async function deleteGroup({ policy, target }: RemovalContext, name: string): Promise<void> {
  if (policy.delete) await doneUnless(GONE, () => target.deleteGroup(name));
}

/** Disables a user that is disabled at the source, whatever else of the user cannot be brought. */
export async function keepOut({ policy, target }: RemovalContext, user: TargetUser | undefined): Promise<void> {
  if (policy.change && user?.enabled) await target.disableUser(user.username);
}
