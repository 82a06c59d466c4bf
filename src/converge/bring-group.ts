import { planGroup } from './group-plan';
import { UserContext } from './user-context';
import { refused } from './user-failure';
import { doneUnless, isAccessDenied, isRefusal } from '../cognito/refusals';
import { GroupImage } from '../cognito/user';
import { GroupRow } from '../ledger/schema';
import { Reason } from '../state/outcome';

type GroupContext = Pick<UserContext, 'target' | 'groupRoles'>;

/** Creates the group; false where the target has it already. */
export async function makeGroup(context: GroupContext, row: GroupRow): Promise<boolean> {
  return createUnlessThere(context, newGroup(context, row));
}

/** Creates the group, or writes the ledger's fields where the target has it already. */
export async function bringGroup(context: GroupContext, row: GroupRow): Promise<void> {
  if (!await makeGroup(context, row)) await context.target.updateGroup(newGroup(context, row));
}

/** Writes a group as it was planned; answers why the target refuses it, undefined where the target took it. */
export async function writeGroup(context: GroupContext, group: GroupImage, kind: 'created' | 'changed'): Promise<Reason | undefined> {
  try {
    await (kind === 'created' ? createUnlessThere(context, group) : context.target.updateGroup(group));
    return undefined;
  } catch (error) {
    // Access is also denied where this function may not pass the group's role; without a role the group would be taken.
    if (!isRefusal(error) && !(group.roleArn && isAccessDenied(error))) throw error;
    return refused(kind === 'created' ? 'CreateGroup' : 'UpdateGroup', error as Error);
  }
}

async function createUnlessThere({ target }: GroupContext, group: GroupImage): Promise<boolean> {
  return doneUnless(['GroupExistsException'], () => target.createGroup(group));
}

function newGroup({ groupRoles }: GroupContext, row: GroupRow): GroupImage {
  return planGroup(row, undefined, groupRoles[row.name])!;
}
