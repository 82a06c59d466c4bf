import { items } from '../../src/ledger/schema';
import { RestoreWorld, SOURCE } from '../helpers/restore-world';

const given = { removeGiven: true };
const at = (attributes: Record<string, string> = {}) => ({ attributes: { email: 'ann@example.com', email_verified: 'true', ...attributes } });

/** Ann is in the target, with two groups and a nickname that a restore gave her, and one that an administrator of the target did. */
async function filled(): Promise<RestoreWorld> {
  const world = new RestoreWorld({ usernameAttributes: ['email'] });
  for (const name of ['admins', 'staff', 'own']) world.group({ name });
  world.user('aa00-ann', at({ nickname: 'A', name: 'Ann' }), ['admins', 'staff']);
  await world.restore();
  ann(world).groups.add('own');
  return world;
}

function ann(world: RestoreWorld) {
  return [...world.pool.users.values()].find(user => user.attributes['custom:source_sub'] === 'aa00-ann')!;
}

function leave(world: RestoreWorld, group: string): void {
  world.ledger.put(items.membership({ poolId: SOURCE, group, sub: 'aa00-ann', observedAt: 4, deletedAt: 4, expiresAt: 9 }));
}

test('what the library gave and the ledger has not any more is taken away where it is asked for, and nothing that others gave', async () => {
  const world = await filled();
  leave(world, 'admins');
  world.user('aa00-ann', at({ name: 'Ann' }));
  await world.restore();
  expect([...ann(world).groups]).toEqual(['admins', 'staff', 'own']);
  // The plain restore before must not make the library forget what it gave.
  expect((await world.restore({ ...given, dryRun: true })).report).toMatchObject({ alreadyThere: 1 });
  expect([...ann(world).groups]).toEqual(['admins', 'staff', 'own']);
  await world.restore(given);
  expect([...ann(world).groups]).toEqual(['staff', 'own']);
  expect(ann(world).attributes).toMatchObject({ name: 'Ann' });
  expect(ann(world).attributes).not.toHaveProperty('nickname');
});

test('a removal is not lost to an index that is behind, nor is a group taken away that it does not show yet', async () => {
  const world = await filled();
  world.ledger.holdIndexes();
  leave(world, 'admins');
  world.group({ name: 'new' });
  world.user('aa00-ann', at({ nickname: 'A', name: 'Ann' }), ['new']);
  // As the follower of the stream gave it.
  const [link] = world.table.links.values();
  world.table.links.set(link.targetSub, { ...link, image: { ...link.image, groups: [...link.image.groups, 'new'] } });
  world.pool.model.createGroup({ name: 'new' });
  ann(world).groups.add('new');
  await world.restore(given);
  expect([...ann(world).groups]).toEqual(['staff', 'own', 'new']);
  expect([...world.table.links.values()][0].image.groups.slice().sort()).toEqual(['new', 'staff']);
});

test('nor where the user came after the target was listed: what the library gave is asked for too', async () => {
  const world = await filled();
  world.pool.seed({ username: 'another', attributes: at().attributes });
  world.ledger.holdIndexes();
  world.group({ name: 'new' });
  world.user('aa00-ann', at({ nickname: 'A', name: 'Ann' }), ['new']);
  const [link] = world.table.links.values();
  world.table.links.set(link.targetSub, { ...link, image: { ...link.image, groups: [...link.image.groups, 'new'] } });
  world.pool.model.createGroup({ name: 'new' });
  const { username } = ann(world);
  ann(world).groups.add('new');
  const list = world.pool.listUsers.bind(world.pool);
  world.pool.listUsers = async (cursor, filter) => {
    const page = await list(cursor, filter);
    return filter ? page : { ...page, items: page.items.filter(user => user.username !== username) };
  };
  await world.restore(given);
  expect([...ann(world).groups]).toEqual(['admins', 'staff', 'own', 'new']);
});

test('a group that was deleted at the source is not given, and taken away where that is asked for, while the rows of its members are still there', async () => {
  const world = await filled();
  world.ledger.put(items.group({ poolId: SOURCE, name: 'admins', observedAt: 4, deletedAt: 4, expiresAt: 9 }));
  world.user('bb00-bob', { attributes: { email: 'bob@example.com', email_verified: 'true' } }, ['admins', 'staff']);
  await world.restore(given);
  expect([...world.pool.users.values()].map(({ groups }) => [...groups])).toEqual([['staff', 'own'], ['staff']]);
});

test('a user who is gone from the source pool, and whom the follower missed, is to be deleted at their time', async () => {
  for (const [run, times] of [[{}, []], [{ ...given, dryRun: true }, []], [given, [['aa00-ann', 7]]]] as const) {
    const world = await filled();
    world.user('aa00-ann', { ...at(), deletedAt: 7 });
    world.user('bb00-bob', { attributes: { email: 'bob@example.com' } });
    await world.restore(run);
    expect([...world.table.deletions]).toEqual(times);
    expect(world.pool.users.size).toBe('dryRun' in run ? 1 : 2);
  }
});

test('a user of an identity provider who came loses what the source took away, at no call where nothing changed', async () => {
  const world = new RestoreWorld({ usernameAttributes: ['email'] });
  world.group({ name: 'admins' });
  const greta = { username: 'Corp_greta', status: 'EXTERNAL_PROVIDER', attributes: { email: 'greta@example.com' } } as const;
  world.user('aa00-greta', greta, ['admins']);
  const there = world.pool.seed({ ...greta });
  world.pool.model.createGroup({ name: 'admins' });
  there.groups.add('admins');
  world.table.links.set(there.sub, {
    sourceSub: 'aa00-greta', targetSub: there.sub, firstSub: 'aa00-greta', image: { attributes: {}, enabled: true, groups: ['admins'] }, execution: 'standby:on-demand', restored: false, at: 1,
  });
  const written = () => world.pool.calls.filter(({ operation }) => /add|remove|disable|update/.test(operation)).map(({ operation }) => operation);
  await world.restore(given);
  expect(written()).toEqual([]);
  world.ledger.put(items.membership({ poolId: SOURCE, group: 'admins', sub: 'aa00-greta', observedAt: 4, deletedAt: 4, expiresAt: 9 }));
  world.user('aa00-greta', { ...greta, enabled: false });
  await world.restore();
  await world.restore({ ...given, dryRun: true });
  expect(written()).toEqual([]);
  await world.restore(given);
  expect(written()).toEqual(['removeUserFromGroup', 'disableUser']);
  expect(there).toMatchObject({ enabled: false, groups: new Set() });
});

test('a name that an index shows late makes nobody somebody else, and keeps nobody out', async () => {
  const world = new RestoreWorld({ usernameAttributes: ['email'] });
  // Bob is newer and had the address until a moment ago.
  world.user('bb00-bob', { attributes: { email: 'ann@example.com', email_verified: 'true' }, createdAt: 9 });
  world.user('aa00-ann', at());
  world.ledger.holdIndexes();
  world.user('bb00-bob', { attributes: { email: 'bob@example.com', email_verified: 'true' }, createdAt: 9 });
  const there = world.pool.seed({ username: 'x', attributes: at().attributes });
  expect((await world.restore()).report).toMatchObject({ restored: 1, alreadyThere: 1, skipped: 0, failed: 0 });
  expect(world.table.links.get(there.sub)!.sourceSub).toBe('aa00-ann');
});
