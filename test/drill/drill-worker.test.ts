import { DrillCheckpoint } from '../../src/drill/drill-checkpoint';
import { scratchNameOf } from '../../src/drill/make-pool';
import { items } from '../../src/ledger/schema';
import { DrillWorld, expectNothingLeft, inhabited, OWNER, SEED } from '../helpers/drill-world';
import { SOURCE } from '../helpers/restore-world';

const address = (name: string) => ({ email: `${name}@example.com`, email_verified: 'true' });

test('a drill brings everybody into a pool of its own, compares, signs in, removes and reports', async () => {
  const world = inhabited();
  expect(await world.drill()).toMatchObject({ status: 'passed', message: 'everybody came back as the ledger has them' });
  const { facts, differing } = world.latest;
  expect(facts).toMatchObject({
    end: { how: 'completed' },
    source: { userPoolId: SOURCE, region: 'us-east-1' },
    scope: { of: 'everybody', population: 23, users: 23 },
    counts: {
      in: 23,
      out: [
        { outcome: 'restored', users: 21 }, { outcome: 'skipped', reason: 'source-unconfirmed', users: 1 },
        { outcome: 'skipped', reason: 'source-federated', users: 1 },
      ],
    },
    signIn: { kinds: [{ kind: 'sign-in-name', expected: 'signed-in', seen: 'signed-in' }, { kind: 'disabled', expected: 'refused', seen: 'refused' }] },
    removal: { how: 'proven' },
  });
  expect(facts.comparison).toMatchObject({ differences: [], expected: { users: 21, groups: 2, memberships: 10 } });
  expect(facts.comparison!.found).toEqual(facts.comparison!.expected);
  expect(facts.phases.map(({ phase }) => phase)).toEqual([
    'choose', 'make-pool', 'restore', 'compare', 'sign-in', 'delete-pool', 'prove-deletion',
  ]);
  expect(facts.phases.every(({ endedAt }) => endedAt !== undefined)).toBe(true);
  expect(facts.isolation!.filter(({ seen }) => seen === 'broken')).toEqual([]);
  expect(facts.deviations).toContainEqual({ code: 'setting-left-out', settings: ['LambdaConfig'] });
  expect(differing).toEqual([]);
  expect(world.deleted).toEqual(['us-west-2_Scratch1']);
  expect(JSON.stringify(world.reports)).not.toMatch(/example\.com|-user/);
  expect(world.emitted).toEqual([{ facts, verdict: expect.objectContaining({ validationStatus: 'SUCCESSFUL', failures: [], deletionStatus: 'SUCCESSFUL' }) }]);
  expectNothingLeft(world);
});

test('a sample is drawn by the seed, and is brought without a look-up of each', async () => {
  const world = inhabited(undefined, 60);
  expect(await world.drill({ users: 25 })).toMatchObject({ status: 'passed' });
  const { facts } = world.latest;
  expect(facts.scope).toMatchObject({ of: 'sample', users: 25, seed: SEED });
  expect(facts.measured!.extrapolated).toMatchObject({ quotaShare: 0.8 });
  expect(world.pool.calls.filter(({ operation, args }) => operation === 'listUsers' && args[1] !== undefined)).toHaveLength(facts.signIn!.kinds
    .filter(({ seen }) => seen !== 'no-such-user').length);
  expectNothingLeft(world);
});

describe('a planted difference is found, named by sub, and fails the drill', () => {
  const planted = async (plant: (world: DrillWorld) => void) => {
    const world = inhabited();
    let isPlanted = false;
    world.onPhase = phase => {
      if (phase !== 'compare' || isPlanted) return;
      isPlanted = true;
      plant(world);
    };
    const { status } = await world.drill();
    expect(status).toBe('failed');
    expect(world.latest.facts.comparison!.found.sha256).not.toBe(world.latest.facts.comparison!.expected.sha256);
    expectNothingLeft(world);
    return world.latest;
  };
  const somebody = (world: DrillWorld, sub: string) =>
    [...world.pool.model.users.values()].find(({ attributes }) => attributes['custom:source_sub'] === sub)!;

  test.each<[string, (world: DrillWorld) => void, object, object]>([
    ['an attribute', world => { somebody(world, 'aa00-user').attributes.name = 'planted'; },
      { code: 'attribute', field: 'name', count: 1 }, { sub: 'aa00-user', code: 'attribute', field: 'name' }],
    ['another address', world => { somebody(world, 'aa00-user').attributes.email = 'planted@example.com'; },
      { code: 'attribute', field: 'email', count: 1 }, { sub: 'aa00-user', code: 'attribute', field: 'email' }],
    ['a membership that is dropped', world => { somebody(world, 'aa01-user').groups.delete('staff'); },
      { code: 'membership-missing', count: 1 }, { sub: 'aa01-user', code: 'membership-missing' }],
    ['a membership too many', world => { somebody(world, 'aa00-user').groups.add('staff'); },
      { code: 'membership-not-expected', count: 1 }, { sub: 'aa00-user', code: 'membership-not-expected' }],
    ['a user too many', world => { world.pool.seed({ username: 'x', sub: 'target-x', attributes: address('stranger') }); },
      { code: 'user-not-expected', count: 1 }, { sub: 'target-x', code: 'user-not-expected' }],
    ['a user who is enabled', world => { somebody(world, 'bb00-disabled').enabled = true; },
      { code: 'enabled', count: 1 }, { sub: 'bb00-disabled', code: 'enabled' }],
    ['a user who is gone', world => { world.pool.model.deleteUser(somebody(world, 'aa02-user').username); },
      { code: 'user-missing', count: 1 }, { sub: 'aa02-user', code: 'user-missing' }],
  ])('%s', async (_what, plant, difference, named) => {
    const { facts, differing } = await planted(plant);
    expect(facts.comparison!.differences).toEqual([difference]);
    expect(differing).toEqual([named]);
  });

  test('the settings of a group, which is nobody', async () => {
    const { facts, differing } = await planted(world => { world.pool.groups.set('staff', { name: 'staff', description: 'planted', precedence: 1 }); });
    expect(facts.comparison!.differences).toEqual([{ code: 'group-setting', field: 'description', count: 1 }]);
    expect(differing).toEqual([]);
  });
});

describe('a drill that is killed', () => {
  test.each([
    'choose', 'make-pool', 'restore', 'compare', 'sign-in', 'delete-pool', 'prove-deletion', 'report',
  ])('in %s for good leaves nothing after its clean-up', async phase => {
    const world = inhabited();
    let kills = 0;
    world.onPhase = at => {
      // Every retry of the slice, and none of the clean-up.
      if (at === phase && kills++ < 9) throw new Error('killed');
    };
    const { status } = await world.drill();
    expect(['failed', 'passed']).toContain(status);
    expectNothingLeft(world);
  });

  test('by Lambda, at every single call, ends all the same, and with one pool at a time', async () => {
    for (let calls = 1; calls < 150; calls += 7) {
      const world = inhabited(undefined, 6);
      world.lives = [calls, calls + 3];
      expect(await world.drill()).toMatchObject({ status: 'passed' });
      expectNothingLeft(world);
    }
  });

  test('from outside leaves what the next drill removes, and nobody else\'s pool', async () => {
    const world = inhabited();
    world.seedPool('us-west-2_Production', 'users');
    world.seedPool('us-west-2_Named', `${OWNER}-of-somebody-else`);
    world.seedPool('us-west-2_Tagged', 'production', OWNER);
    await world.clock.run(async () => {
      world.lives = [60];
      await world.drillSlice('stopped', world.clock.now()).catch(() => undefined);
    });
    expect(world.pools.size).toBe(4);
    await world.clock.run(async () => world.clock.sleep(3_600_000));
    expect(await world.drill()).toMatchObject({ status: 'passed' });
    expect([...world.pools.keys()]).toEqual(['us-west-2_Production', 'us-west-2_Named', 'us-west-2_Tagged']);
    expect(world.drills.purged.map(({ execution }) => execution)).toEqual(['stopped', 'drill-1']);
    expect(world.drills.isEmpty).toBe(true);
  });
});

test('a pool whose tag IAM learns of a little later is looked at again, and is the only one', async () => {
  const world = inhabited(undefined, 6);
  world.untagged = 3;
  expect(await world.drill()).toMatchObject({ status: 'passed' });
  expect(world.created).toHaveLength(1);
  expectNothingLeft(world);
});

test('a pool that is another\'s, whatever its name, is neither filled nor removed', async () => {
  const world = inhabited(undefined, 6);
  world.untagged = -1;
  const named = scratchNameOf({ owner: OWNER, execution: 'drill-1' }, { facts: { startedAt: new Date(world.clock.now()).toISOString() } } as DrillCheckpoint);
  world.seedPool('us-west-2_Stranger', named, 'somebody else');
  expect(await world.drill()).toMatchObject({ status: 'failed' });
  expect(world.latest.facts).toMatchObject({ end: { how: 'failed', phase: 'make-pool', error: 'NotOwnPool' }, removal: { how: 'failed', error: 'NotOwnPool' } });
  expect(world.deleted).toEqual([]);
  expect(world.pool.calls).toEqual([]);
});

test('the pool is made from the settings of the moment, and not from those of today', async () => {
  const world = inhabited(undefined, 6);
  const [[key, item]] = [...world.ledger.items].filter(([, { part }]) => part === 'pool');
  const { SchemaAttributes } = item.value as { SchemaAttributes: object[] };
  const later = { Name: 'custom:later', AttributeDataType: 'String', Mutable: true };
  const now = world.clock.now();
  world.ledger.put(items.history(SOURCE, 'C', 'pool', item, 3, { cause: 'sweep:r', expiresAt: now / 1_000 + 86_400 }));
  world.ledger.items.set(key, { ...item, value: { ...item.value as object, SchemaAttributes: [...SchemaAttributes, later] }, observedAt: now - 1 });
  const names = () => (world.created.at(-1)!.Schema as { Name: string }[]).map(({ Name }) => Name);
  expect(await world.drill({ moment: 'random' })).toMatchObject({ status: 'passed' });
  expect(names()).not.toContain('later');
  expect(await world.drill({ moment: 'latest' })).toMatchObject({ status: 'passed' });
  expect(names()).toContain('later');
});

test('in a drill about everybody the names of groups, of which a pool may have 10,000, are in no checkpoint', async () => {
  for (const [users, names] of [['everybody', []], [1_000, ['staff']]] as const) {
    const world = inhabited();
    let needed: readonly string[] | undefined;
    world.onPhase = phase => { if (phase === 'delete-pool') needed ??= world.drills.checkpoints.get('drill-1')!.compared!.neededGroups; };
    expect(await world.drill({ users })).toMatchObject({ status: 'passed' });
    expect(needed).toEqual(names);
  }
});

test('somebody whom a list does not show yet is looked for a minute later, however short a slice is', async () => {
  for (const sliceSeconds of [300, 45, 20]) {
    const world = inhabited(new DrillWorld({ usernameAttributes: ['email'], sliceSeconds }), 6);
    let hiddenSince: number | undefined;
    world.onPhase = phase => { if (phase === 'compare') hiddenSince ??= world.clock.now(); };
    const list = world.pool.listUsers.bind(world.pool);
    world.pool.listUsers = async (cursor, filter) => {
      const page = await list(cursor, filter);
      const isHidden = !filter && hiddenSince !== undefined && world.clock.now() < hiddenSince + 55_000;
      return isHidden ? { ...page, items: page.items.slice(1) } : page;
    };
    expect([sliceSeconds, (await world.drill()).status]).toEqual([sliceSeconds, 'passed']);
  }
});

test.each([[0.3, true], [0.8, false], [1, false]])('with a share of %d of the quotas: is it said that a restore takes more? %s', async (quotaShare, isSaid) => {
  const world = inhabited(undefined, 6);
  await world.drill({ quotaShare });
  expect(world.latest.facts.deviations!.some(({ code }) => code === 'quota-share-smaller')).toBe(isSaid);
});

test('a second drill says that one is running, and ends without a pool', async () => {
  const world = inhabited();
  await world.clock.run(async () => {
    world.lives = [30];
    await world.drillSlice('first', world.clock.now()).catch(() => undefined);
    const made = world.created.length;
    expect(await world.drillSlice('second', world.clock.now())).toEqual({
      status: 'another drill is running', message: 'the drill first is running; this one, second, has made nothing',
    });
    expect(world.created).toHaveLength(made);
  });
});

test('a real restore is made way for at the next slice: what was made goes, and the report says so', async () => {
  const world = inhabited(new DrillWorld({ usernameAttributes: ['email'], sliceSeconds: 5 }), 300);
  world.onPhase = phase => { if (phase === 'restore') world.isRestoreRunning = true; };
  expect(await world.drill()).toMatchObject({ status: 'yielded' });
  const { facts } = world.latest;
  expect(facts).toMatchObject({ end: { how: 'yielded' }, removal: { how: 'proven' } });
  expect(facts.comparison).toBeUndefined();
  expectNothingLeft(world);
});

test('where no sweep was complete yet, a drill says so and ends; where the settings are not known, it fails', async () => {
  const early = new DrillWorld();
  early.ledger.put(items.source({ poolId: SOURCE, users: 0 }));
  expect(await early.drill()).toMatchObject({ status: 'nothing is copied yet' });
  expect(early.created).toEqual([]);
  expectNothingLeft(early);
  const world = new DrillWorld();
  for (const [key, item] of world.ledger.items) if (item.part === 'pool') world.ledger.items.delete(key);
  expect(await world.drill()).toMatchObject({ status: 'failed', message: expect.stringContaining('NoSettings') });
  expectNothingLeft(world);
});
