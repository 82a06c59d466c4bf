import { FAIL_ON } from '../../src/cli/choices';
import { DiffCounts, ListedPool, UserDifference, diffOfMoments, diffOfSettings, diffWithPool, failsOn } from '../../src/cli/commands/diff';
import { POOL, RecoveryWorld } from '../helpers/recovery-world';

const COPY = { of: 'copy', userPoolId: POOL } as const;

async function all(differences: AsyncGenerator<UserDifference>): Promise<UserDifference[]> {
  const found: UserDifference[] = [];
  for await (const one of differences) found.push(one);
  return found;
}

/** A pool of a clerk, a guest, and somebody who will be gone; then an afternoon in which things happen. */
async function afternoon() {
  const world = new RecoveryWorld();
  world.pool.model.createGroup({ name: 'staff' });
  world.pool.model.createGroup({ name: 'guests' });
  const [clerk, guest, gone, calm] = ['clerk', 'guest', 'gone', 'calm'].map(name =>
    world.user(name, { attributes: { email: `${name}@example.com`, email_verified: 'true' } }, ['staff']));
  const before = await world.capture();
  clerk.attributes.email = 'clerk@example.net';
  clerk.enabled = false;
  world.pool.model.removeUserFromGroup('guest', 'staff');
  world.pool.model.addUserToGroup('guest', 'guests');
  world.pool.users.delete(gone.sub);
  const came = world.user('came', { attributes: { email: 'came@example.com' } });
  const after = await world.capture();
  return { world, before, after, clerk, guest, gone, calm, came };
}

test('two moments of the copy: who came, who is gone, what changed, by names and never by values', async () => {
  const { world: { past }, before, clerk, guest, gone, came } = await afternoon();
  const found = await all(diffOfMoments(past.at(before), past.now, POOL));
  const groups = { groupsGained: [], groupsLost: [] };
  expect(new Map(found.map(({ sub, ...one }) => [sub, one]))).toEqual(new Map<string, object>([
    [clerk.sub, { change: 'changed', fields: ['email', 'enabled'], ...groups }],
    [guest.sub, { change: 'changed', fields: [], groupsGained: ['guests'], groupsLost: ['staff'] }],
    [gone.sub, { change: 'deleted', fields: [], groupsGained: [], groupsLost: ['staff'] }],
    [came.sub, { change: 'created', fields: [], ...groups }],
  ]));
  expect(JSON.stringify(found)).not.toMatch(/example\.(com|net)/);
  expect(await all(diffOfMoments(past.now, past.now, POOL))).toEqual([]);
});

test('the other way round says the opposite', async () => {
  const { world: { past }, before, gone, came } = await afternoon();
  const found = await all(diffOfMoments(past.now, past.at(before), POOL));
  expect(found.filter(({ change }) => change !== 'changed').map(({ sub, change }) => [sub, change]).sort())
    .toEqual([[gone.sub, 'created'], [came.sub, 'deleted']].sort());
});

test.each(['pool', 'standby'] as const)('the copy against a %s: what either misses, and no more than can be the same', async of => {
  const { world: { past, pool }, before, clerk, guest, gone, came } = await afternoon();
  // A standby has subs of its own, confirmed users who say whose copy they are, and links their identities anew.
  const subOf = (sub: string) => (of === 'standby' ? `standby-${sub}` : sub);
  const image = (user: (typeof clerk)) => ({
    ...user,
    sub: subOf(user.sub),
    attributes: { ...user.attributes, ...of === 'standby' ? { 'custom:source_sub': user.sub, 'identities': '[]' } : {} },
    ...of === 'standby' ? { status: 'CONFIRMED' as const, username: `x-${user.username}` } : {},
  });
  const listed: ListedPool = {
    of,
    listUsers: async cursor => {
      const [first, ...others] = [...pool.users.values()];
      return cursor === undefined ? { items: [image(first)], next: 'more' } : { items: others.map(image) };
    },
    listMembers: async group => ({ items: [...pool.users.values()].filter(({ groups }) => groups.has(group)).map(({ sub }) => subOf(sub)) }),
    groupNames: async () => ['guests', 'staff'],
    sourceSubsOf: async subs => new Map(subs.map(sub => [sub, sub.replace('standby-', '')])),
  };
  const found = await all(diffWithPool(past.at(before), listed, POOL));
  const seen = found.map(({ sub, change, fields, groupsGained, groupsLost }) => [sub, [change, fields, groupsGained, groupsLost]] as const);
  expect(new Map(seen)).toEqual(new Map([
    [clerk.sub, ['changed', ['email', 'enabled'], [], []]],
    [guest.sub, ['changed', [], ['guests'], ['staff']]],
    [gone.sub, ['deleted', [], [], []]],
    [came.sub, ['created', [], [], []]],
  ]));
  expect(await all(diffWithPool(past.now, listed, POOL))).toEqual([]);
});

test('settings: by part, with the names of what differs; what Cognito counts by itself is none, nor is another order', () => {
  const pool = { Id: POOL, EstimatedNumberOfUsers: 4, MfaConfiguration: 'OFF', AliasAttributes: ['email', 'phone_number'] };
  const client = (name: string) => ({ part: 'client#a', value: { ClientName: name } });
  expect(diffOfSettings(
    [{ part: 'pool', value: pool }, client('web'), { part: 'client#b', value: {} }],
    [
      { part: 'pool', value: { ...pool, EstimatedNumberOfUsers: 9, AliasAttributes: ['phone_number', 'email'] } },
      client('app'),
      { part: 'mfa', value: {} },
    ],
  )).toEqual([
    { part: 'client#a', change: 'changed', fields: ['ClientName'] },
    { part: 'client#b', change: 'deleted', fields: [] },
    { part: 'mfa', change: 'created', fields: [] },
  ]);
});

test('all are counted, the first are named', () => {
  const counts = new DiffCounts(1);
  counts.add({ sub: 'a', change: 'changed', fields: ['email'], groupsGained: ['x'], groupsLost: [] });
  counts.add({ sub: 'b', change: 'changed', fields: ['email'], groupsGained: [], groupsLost: ['y', 'z'], isUncertain: true });
  expect(counts.document(COPY, COPY)).toEqual({
    schemaVersion: 1,
    first: COPY,
    second: COPY,
    users: { created: 0, deleted: 0, changed: 2, uncertain: 1 },
    fields: { email: 2 },
    memberships: { gained: 1, lost: 2 },
    items: [{ sub: 'a', change: 'changed', fields: ['email'], groupsGained: ['x'], groupsLost: [] }],
    more: 1,
  });
});

test.each<[string, object, boolean[]]>([
  ['nothing', { users: { created: 0, deleted: 0, changed: 0 } }, [false, false, false]],
  ['a change', { users: { created: 0, deleted: 0, changed: 1 } }, [true, false, false]],
  ['a deletion', { users: { created: 0, deleted: 1, changed: 0 } }, [true, true, false]],
  ['a setting', { settings: [{ part: 'pool', change: 'changed', fields: [] }] }, [true, false, false]],
  ['a part that is gone', { settings: [{ part: 'client#a', change: 'deleted', fields: [] }] }, [true, true, false]],
])('%s: any, deleted, never', (_, more, expected) => {
  const found = { schemaVersion: 1, first: COPY, second: COPY, ...more } as Parameters<typeof failsOn>[1];
  expect(FAIL_ON.map(failOn => failsOn(failOn, found))).toEqual(expected);
});
