import { bringUser } from '../../src/converge/bring-user';
import { deleteGroup, deleteUser, keepOut } from '../../src/converge/remove';
import { standbyUserContext } from '../../src/standby/standby-context';
import { WARM_POLICY } from '../../src/standby/warm/warm-policy';
import { Link } from '../../src/state/link';
import { SOURCE, StandbyWorld } from '../helpers/standby-world';

/** A standby with one user, in the group `staff`. */
async function standby(): Promise<{ world: StandbyWorld; link: Link }> {
  const world = new StandbyWorld();
  world.group({ name: 'staff' });
  const row = world.user('ann', {}, ['staff']);
  const { link } = await bringUser(standbyUserContext(await world.context(), SOURCE, WARM_POLICY), { row, groups: ['staff'] });
  return { world, link: link! };
}

test('deletes the user of the link, once, and nobody else', async () => {
  const { world: { pool }, link } = await standby();
  const { username } = await pool.createUser({ username: 'ben@example.com', attributes: {} });
  expect(await deleteUser({ policy: WARM_POLICY, target: pool }, link)).toBe(true);
  expect([...pool.users.values()].map(user => user.username)).toEqual([username]);
  expect(await deleteUser({ policy: WARM_POLICY, target: pool }, link)).toBe(false);
});

test('deletes a group, once', async () => {
  const { world: { pool } } = await standby();
  await deleteGroup({ policy: WARM_POLICY, target: pool }, 'staff');
  expect((await pool.listGroups()).items).toEqual([]);
  await deleteGroup({ policy: WARM_POLICY, target: pool }, 'staff');
});

test('deletes nothing under a policy that may not', async () => {
  const { world: { pool }, link } = await standby();
  const policy = { ...WARM_POLICY, delete: false };
  expect(await deleteUser({ policy, target: pool }, link)).toBe(false);
  await deleteGroup({ policy, target: pool }, 'staff');
  expect([pool.users.size, (await pool.listGroups()).items.length]).toEqual([1, 1]);
});

test.each([[true, false], [false, true]])('keeps a user out where the policy may change (%s)', async (change, enabled) => {
  const { world: { pool } } = await standby();
  const [user] = (await pool.listUsers()).items;
  await keepOut({ policy: { ...WARM_POLICY, change }, target: pool }, user);
  expect([...pool.users.values()][0].enabled).toBe(enabled);
  await keepOut({ policy: WARM_POLICY, target: pool }, undefined);
});
