import { accepted, api, assumed, Behaviour, refused, same } from '../behaviour';
import { ContractPool } from '../driver';

async function member(pool: ContractPool) {
  const [newcomer, group] = [pool.newcomer(), pool.groupName()];
  const { sub } = await pool.createUser(newcomer);
  await pool.createGroup({ name: group });
  await pool.addUserToGroup(newcomer.username, group);
  return { username: newcomer.username, sub, group };
}

const one = async (pool: ContractPool, name: string) => (await pool.groups()).find(group => group.name === name);
/** Precedence 0 is one; an empty description is none. */
/** Without the two dates, which every pool gives in its own way. */
const shown = (group: Awaited<ReturnType<typeof one>>) =>
  group && { ...group, description: group.description || undefined, createdAt: undefined, modifiedAt: undefined };

export const GROUPS: readonly Behaviour[] = [
  {
    id: 'groups.exists',
    what: 'A second group of the same name is refused: GroupExistsException.',
    source: api('CreateGroup'),
    kind: 'username',
    check: async pool => {
      const name = pool.groupName();
      await pool.createGroup({ name });
      await refused('CreateGroup', () => pool.createGroup({ name }), 'GroupExistsException');
    },
  },
  {
    id: 'groups.settings',
    what: 'A group has the description and the precedence that it was given, 0 too, and none where none was given.',
    source: api('GroupType'),
    kind: 'username',
    check: async pool => {
      const [bare, full] = [{ name: pool.groupName() }, { name: pool.groupName(), description: 'A group', precedence: 0 }];
      await pool.createGroup(bare);
      await pool.createGroup(full);
      same('without settings', shown(await one(pool, bare.name)), bare);
      same('with settings', shown(await one(pool, full.name)), full);
    },
  },
  {
    id: 'groups.update',
    what: 'UpdateGroup changes description and precedence.',
    source: api('UpdateGroup'),
    kind: 'username',
    check: async pool => {
      const name = pool.groupName();
      await pool.createGroup({ name, description: 'before', precedence: 1 });
      await pool.updateGroup({ name, description: 'after', precedence: 2 });
      same('group', shown(await one(pool, name)), { name, description: 'after', precedence: 2 });
    },
  },
  {
    id: 'groups.update-clears',
    what: 'UpdateGroup without a precedence removes it, and an empty description clears it.',
    source: assumed('update-group'),
    kind: 'username',
    check: async pool => {
      const name = pool.groupName();
      await pool.createGroup({ name, description: 'before', precedence: 1 });
      await pool.updateGroup({ name, description: '' });
      same('group', shown(await one(pool, name)), { name });
    },
  },
  {
    id: 'groups.unknown',
    what: 'Entering or listing a group that is not there is refused: ResourceNotFoundException.',
    source: api('AdminAddUserToGroup'),
    kind: 'username',
    check: async pool => {
      const [newcomer, name] = [pool.newcomer(), pool.groupName()];
      await pool.createUser(newcomer);
      await refused('AdminAddUserToGroup', () => pool.addUserToGroup(newcomer.username, name), 'ResourceNotFoundException');
      await refused('ListUsersInGroup', () => pool.membersOf(name), 'ResourceNotFoundException');
    },
  },
  {
    id: 'groups.unknown-changed',
    what: 'Changing, deleting or leaving one is refused as well.',
    source: api('UpdateGroup'),
    kind: 'username',
    check: async pool => {
      const [newcomer, name] = [pool.newcomer(), pool.groupName()];
      await pool.createUser(newcomer);
      await refused('UpdateGroup', () => pool.updateGroup({ name, description: 'x' }), 'ResourceNotFoundException');
      await refused('DeleteGroup', () => pool.deleteGroup(name), 'ResourceNotFoundException');
      await refused('AdminRemoveUserFromGroup', () => pool.removeUserFromGroup(newcomer.username, name), 'ResourceNotFoundException');
    },
  },
  {
    id: 'groups.unknown-user',
    what: 'Somebody who is not there cannot enter a group: UserNotFoundException.',
    source: api('AdminAddUserToGroup'),
    kind: 'username',
    check: async pool => {
      const name = pool.groupName();
      await pool.createGroup({ name });
      await refused('AdminAddUserToGroup', () => pool.addUserToGroup(pool.newcomer().username, name), 'UserNotFoundException');
    },
  },
  {
    id: 'groups.membership',
    what: 'A member is shown by the group and by the user, once, however often they were added.',
    source: api('AdminAddUserToGroup'),
    kind: 'username',
    check: async pool => {
      const { username, sub, group } = await member(pool);
      await accepted('AdminAddUserToGroup again', () => pool.addUserToGroup(username, group));
      same('groups of the user', (await pool.groupsOf(username)).filter(name => name === group), [group]);
      await pool.eventually(async () => same('members of the group', (await pool.membersOf(group)).map(each => each === sub), [true]));
    },
  },
  {
    id: 'groups.leave',
    what: 'A user who is taken out of a group is no member.',
    source: api('AdminRemoveUserFromGroup'),
    kind: 'username',
    check: async pool => {
      const { username, group } = await member(pool);
      await pool.removeUserFromGroup(username, group);
      same('groups of the user', (await pool.groupsOf(username)).includes(group), false);
      await pool.eventually(async () => same('members of the group', (await pool.membersOf(group)).length, 0));
    },
  },
  {
    id: 'groups.deletion',
    what: 'A deleted group has no members any more, also when a group of its name is made again.',
    source: api('DeleteGroup'),
    kind: 'username',
    check: async pool => {
      const { username, group } = await member(pool);
      await pool.deleteGroup(group);
      same('groups of the user', (await pool.groupsOf(username)).includes(group), false);
      await refused('ListUsersInGroup', () => pool.membersOf(group), 'ResourceNotFoundException');
      await pool.createGroup({ name: group });
      await pool.eventually(async () => same('members of the group', (await pool.membersOf(group)).length, 0));
    },
  },
  {
    id: 'groups.deleted-user',
    what: 'A deleted user is a member of nothing, also when a user of that name is made again.',
    source: api('AdminDeleteUser'),
    kind: 'username',
    check: async pool => {
      const { username, group } = await member(pool);
      await pool.deleteUser(username);
      await pool.eventually(async () => same('members of the group', (await pool.membersOf(group)).length, 0));
      await pool.createUser({ ...pool.newcomer(), username });
      same('groups of the next user', (await pool.groupsOf(username)).includes(group), false);
    },
  },
];
