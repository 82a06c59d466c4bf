import { RestoreWorld } from '../helpers/restore-world';

const at = (name: string, more: Record<string, string> = {}) => ({ attributes: { email: `${name}@example.com`, email_verified: 'true', ...more } });

/** Three people whom the target has already, without what the ledger knows of them; each page has one. */
function world(): RestoreWorld {
  const made = new RestoreWorld({ usernameAttributes: ['email'], pageSize: 1 });
  for (const name of ['staff', 'helpers']) made.group({ name });
  made.user('aaaa-ann', at('ann', { name: 'Ann' }), ['staff']);
  made.user('bbbb-bob', at('bob', { name: 'Bob' }), ['staff', 'helpers']);
  made.user('cccc-carl', at('carl', { name: 'Carl' }));
  for (const name of ['ann', 'bob', 'carl']) made.pool.seed({ username: `there-${name}`, ...at(name) });
  return made;
}

const named = (made: RestoreWorld) => [...made.pool.users.values()].flatMap(({ attributes: { name } }) => name ?? []).sort();

test.each([
  ['everybody', {}, ['Ann', 'Bob', 'Carl']],
  ['those of a list', { subs: ['aaaa-ann', 'cccc-carl'] }, ['Ann', 'Carl']],
  ['members of a group', { groups: ['helpers'] }, ['Bob']],
  ['members of any of several groups', { groups: ['helpers', 'staff'] }, ['Ann', 'Bob']],
])('of the users whom the target has already, a restore converges whom it is about: %s', async (_who, run, expected) => {
  const made = world();
  const { report } = await made.restore(run);
  expect(named(made)).toEqual(expected);
  expect(report).toMatchObject({ alreadyThere: expected.length, restored: 0, failed: 0 });
});

test('whom the ledger does not know is counted over all pages, and left alone', async () => {
  const made = world();
  for (const name of ['x', 'y']) made.pool.seed({ username: name, ...at(name) });
  const { report } = await made.restore();
  expect(report).toMatchObject({ users: 3, alreadyThere: 3, unknownInTarget: 2 });
});

test('who came through a provider is left alone, whatever the ledger has under the name, and is no unknown user', async () => {
  const made = world();
  made.user('dddd-dora', { username: 'Corp_7', status: 'EXTERNAL_PROVIDER', ...at('dora', { name: 'Dora' }) });
  made.pool.seed({ username: 'Corp_7', status: 'EXTERNAL_PROVIDER', attributes: { 'email': 'dora@example.com', 'custom:source_sub': 'dddd-dora' } });
  const { report } = await made.restore();
  expect(named(made)).toEqual(['Ann', 'Bob', 'Carl']);
  expect(report).toMatchObject({ unknownInTarget: 0 });
});

test('a restore that has no more time goes on behind the last page that it finished', async () => {
  const made = new RestoreWorld({ usernameAttributes: ['email'], pageSize: 1, sliceSeconds: 31 });
  for (let i = 0; i < 40; i++) {
    made.user(`aaaa-${i}`, at(`u${i}`, { name: `N${i}` }));
    made.pool.seed({ username: `there-${i}`, ...at(`u${i}`) });
  }
  made.pool.before = async operation => { if (operation === 'listUsers') await made.clock.sleep(1_000); };
  const { report } = await made.restore();
  expect(report).toMatchObject({ users: 40, alreadyThere: 40, unknownInTarget: 0 });
  expect(made.slices).toBeGreaterThan(1);
  // Each page is listed about once: in the target, and once more by what counts at the end.
  expect(made.pool.callsOf('listUsers')).toBeLessThan(40 * 3);
});
