import { DRILL_TAG } from '../../src/drill/constants';
import { DrillCheckpoint } from '../../src/drill/drill-checkpoint';
import { DrillContext } from '../../src/drill/drill-context';
import { deletePool } from '../../src/drill/remove-scratch';
import { DrillWorld, expectNothingLeft, inhabited } from '../helpers/drill-world';

const WRITTEN = { sequence: 1, sha256: 'a', report: 'reports/1.json', page: 'pages/1.html' };

/** Does something to the pool of the drill, or beside it, when the drill has begun the phase: before that, the end of the one before is saved. */
function when(world: DrillWorld, phase: string, then: () => void): void {
  let saved = 0;
  world.onPhase = at => { if (at === phase && ++saved === 2) then(); };
}

/** Every retry of a slice fails while it is in the phase: `times` is of slices. */
function killedIn(world: DrillWorld, phase: string, times = 9): void {
  let kills = 0;
  world.onPhase = at => { if (at === phase && kills++ < times) throw new Error('killed'); };
}

const madePool = (world: DrillWorld) => [...world.pools.values()][0];

describe('a drill about a sample leaves nobody\'s sub', () => {
  test.each([
    'choose', 'make-pool', 'restore', 'compare', 'sign-in', 'delete-pool', 'prove-deletion', 'report',
  ])('that is killed in %s for good', async phase => {
    const world = inhabited(undefined, 30);
    killedIn(world, phase);
    await world.drill({ users: 10 });
    expectNothingLeft(world);
  });

  test('whose settings are not known, so that no pool is made', async () => {
    const world = inhabited(undefined, 30);
    for (const [key, item] of world.ledger.items) if (item.part === 'pool') world.ledger.items.delete(key);
    expect(await world.drill({ users: 10 })).toMatchObject({ status: 'failed' });
    expect(world.created).toEqual([]);
    expectNothingLeft(world);
  });

  test('that was stopped from outside before its pool was made keeps nobody', async () => {
    const world = inhabited(undefined, 30);
    await world.clock.run(async () => {
      killedIn(world, 'make-pool');
      await world.drillSlice('stopped', world.clock.now(), { users: 10 }).catch(() => undefined);
    });
    expect(world.drills.isEmpty).toBe(true);
    await world.clock.run(async () => world.clock.sleep(3_600_000));
    world.onPhase = () => undefined;
    expect(await world.drill({ users: 10 })).toMatchObject({ status: 'passed' });
    expectNothingLeft(world);
  });
});

describe('a real restore that begins', () => {
  test.each(['choose', 'make-pool', 'restore', 'compare'])('in %s is made way for before the next phase', async phase => {
    const world = inhabited(undefined, 30);
    when(world, phase, () => { world.isRestoreRunning = true; });
    expect(await world.drill({ users: 10 })).toMatchObject({ status: 'yielded' });
    expect(world.latest.facts).toMatchObject({ end: { how: 'yielded' }, removal: { how: phase === 'choose' ? 'nothing-to-remove' : 'proven' } });
    expect(world.latest.facts.phases.map(each => each.phase).slice(-3)).toEqual([phase, 'delete-pool', 'prove-deletion']);
    expectNothingLeft(world);
  });

  test.each(['sign-in', 'delete-pool', 'prove-deletion'])('in %s finds the drill at its end', async phase => {
    const world = inhabited(undefined, 30);
    when(world, phase, () => { world.isRestoreRunning = true; });
    expect(await world.drill({ users: 10 })).toMatchObject({ status: 'passed' });
    expectNothingLeft(world);
  });
});

describe('a pool that Cognito refuses to delete, as somebody protected it', () => {
  test('fails the drill, which reports all that it found; the next drill goes on without removing it, and one after that removes it', async () => {
    const world = inhabited();
    when(world, 'sign-in', () => { world.protectedPools.add(madePool(world).Id); });
    expect(await world.drill({ users: 10 })).toMatchObject({ status: 'failed', message: expect.stringContaining('not proven to be gone') });
    const { facts } = world.latest;
    expect(facts).toMatchObject({ end: { how: 'completed' }, removal: { how: 'failed', error: 'InvalidParameterException' } });
    expect(facts.comparison).toBeDefined();
    const [id] = [...world.pools.keys()];
    // One target stands for all pools, and the next one is empty.
    world.pool.model.users.clear();
    world.pool.model.groups.clear();

    expect(await world.drill({ users: 10 })).toMatchObject({ status: 'passed' });
    expect([...world.pools.keys()]).toEqual([id]);
    expect([...world.drills.known.keys()]).toEqual([id]);

    world.protectedPools.clear();
    expect(await world.drill({ users: 10 })).toMatchObject({ status: 'passed' });
    expectNothingLeft(world);
  });
});

test('a clean-up that fails for good is reported, too, and the next drill removes what is left', async () => {
  const world = inhabited();
  killedIn(world, 'delete-pool', 18);
  expect(await world.drill({ users: 10 })).toMatchObject({ status: 'failed' });
  expect(world.latest.facts).toMatchObject({ removal: { how: 'failed', error: 'KilledAgain' } });
  expect(world.latest.facts.comparison).toBeDefined();
  expect(world.pools.size).toBe(1);
  world.onPhase = () => undefined;
  expect(await world.drill({ users: 10 })).toMatchObject({ status: 'passed' });
  expectNothingLeft(world);
});

describe('lists of pools that lag behind a deletion', () => {
  test('are looked at again', async () => {
    const world = inhabited();
    world.lingering = 4;
    expect(await world.drill({ users: 10 })).toMatchObject({ status: 'passed' });
    expect(world.latest.facts).toMatchObject({ removal: { how: 'proven' } });
  });

  test('and not for ever', async () => {
    const world = inhabited();
    world.lingering = Infinity;
    const before = world.clock.now();
    expect(await world.drill({ users: 10 })).toMatchObject({ status: 'failed' });
    expect(world.latest.facts).toMatchObject({ removal: { how: 'not-proven' } });
    expect(world.clock.now() - before).toBeLessThan(1_800_000);
  });
});

test.each<[string, (pool: { Name?: string; UserPoolTags?: object }) => void]>([
  ['its tag is another', pool => { pool.UserPoolTags = { [DRILL_TAG]: 'somebody else' }; }],
  ['its tag is gone', pool => { pool.UserPoolTags = undefined; }],
  ['its name is another', pool => { pool.Name = 'kept for later'; }],
])('a pool that is somebody\'s now, as %s, is left alone, and the drill says that it is not proven to be gone', async (_what, change) => {
  const world = inhabited();
  when(world, 'sign-in', () => change(madePool(world)));
  expect(await world.drill({ users: 10 })).toMatchObject({ status: 'failed' });
  expect(world.latest.facts).toMatchObject({ end: { how: 'completed' }, removal: { how: 'failed', error: 'NotOwnPool' } });
  expect(world.deleted).toEqual([]);
});

test('a pool that a slice deleted without saying so had been made all the same', async () => {
  const clock = { now: () => 7 };
  const noted = { userPoolId: 'us-west-2_Made', sourceUserPoolId: 'us-east-1_A', execution: 'drill-1' };
  const store = { scratches: async () => [noted, { ...noted, userPoolId: 'us-west-2_Other', execution: 'other' }] };
  const asked: string[] = [];
  const pools = { named: async () => [], describe: async (id: string) => { asked.push(id); return undefined; } };
  const at = { facts: { startedAt: '2026-11-22T04:00:00.000Z' } } as unknown as DrillCheckpoint;
  const end = await deletePool({ owner: 'o', execution: 'drill-1', store, pools, clock } as unknown as DrillContext, at);
  expect(end.facts.removal).toEqual({ how: 'not-proven', deletedAt: '1970-01-01T00:00:00.007Z' });
  expect(asked).toEqual(['us-west-2_Made']);
});

test('a report that was written ends the drill, although another one began meanwhile', async () => {
  const world = inhabited();
  await world.clock.run(async () => {
    const at = world.clock.now();
    expect(await world.drillSlice('first', at, { users: 10 })).toMatchObject({ status: 'report' });
    world.drills.holder = { execution: 'second', until: at + 86_400_000 };
    expect(await world.drillSlice('first', at, { users: 10 }, { written: WRITTEN })).toMatchObject({ status: 'passed' });
    expect(world.drills.holder).toMatchObject({ execution: 'second' });
  });
});
