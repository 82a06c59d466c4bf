import { compareSets } from '../../src/drill/compare-sets';
import { Comparing, DrillCheckpoint } from '../../src/drill/drill-checkpoint';
import { items } from '../../src/ledger/schema';
import { DrillOptions, DrillWorld, inhabited } from '../helpers/drill-world';
import { lifeOf } from '../helpers/life';
import { SOURCE, WorldOptions } from '../helpers/restore-world';

const DRILL = 'drill';
const SCRATCH = 'us-west-2_Scratch1';
const address = (name: string) => ({ email: `${name}@example.com`, email_verified: 'true' });

/** A drill whose pool is filled, and nothing compared yet. */
class Filled {
  public static async with(
    options: WorldOptions = {}, drill: DrillOptions = {}, prepare: (world: DrillWorld) => void = () => undefined,
  ): Promise<Filled> {
    const world = inhabited(new DrillWorld({ usernameAttributes: ['email'], ...options }), 6);
    prepare(world);
    world.onPhase = phase => { if (phase === 'sign-in') throw new Error('compared'); };
    await world.clock.run(async () => world.drillSlice(DRILL, world.clock.now(), drill).catch(() => undefined));
    world.onPhase = () => undefined;
    world.drills.found.clear();
    world.drills.differing.clear();
    const { compared: _compared, ...at } = world.drills.checkpoints.get(DRILL)!;
    return new Filled(world, at);
  }

  private constructor(public readonly world: DrillWorld, public at: DrillCheckpoint) {}

  /** One slice. */
  public async slice(calls = Infinity): Promise<DrillCheckpoint | undefined> {
    const life = lifeOf(calls);
    const context = this.world.contextOf(DRILL, { life });
    const end = await this.world.clock.run(async () => Promise.race([life.end, compareSets(context, this.at)]));
    this.at = this.saved ?? this.at;
    return end;
  }

  /** As many slices as it takes. */
  public async end(): Promise<DrillCheckpoint> {
    for (;;) {
      const end = await this.slice();
      if (end) return end;
    }
  }

  public get saved(): DrillCheckpoint | undefined {
    return this.world.drills.checkpoints.get(DRILL);
  }

  public get differing(): object[] {
    return [...this.world.drills.differing.get(DRILL)?.values() ?? []];
  }

  public get outcomes() {
    return this.world.stateOf(SCRATCH).runs.get(DRILL)!.outcomes;
  }

  public user(sub: string) {
    return [...this.world.pool.model.users.values()].find(({ attributes }) => attributes['custom:source_sub'] === sub)!;
  }
}

/** What the comparison says, without the fields that say when. */
const said = ({ facts: { comparison, counts, scope }, compared }: DrillCheckpoint) =>
  ({ comparison, counts, scope, candidates: compared!.candidates });

/** Of each kind one; which comes first is by the `sub`s of the targets, which are new in each world. */
const kindsOf = (candidates: Comparing['candidates']) => candidates.map(({ kind }) => kind).sort();

test('both sides are the same users, memberships and groups, and so are their digests', async () => {
  const { facts, compared } = await (await Filled.with()).end();
  // Seven of six users, a disabled one, and neither the unfinished nor the federated one; three are in a group.
  expect(facts).toMatchObject({
    scope: { of: 'everybody', population: 9, users: 9 },
    counts: { in: 9, out: expect.arrayContaining([{ outcome: 'restored', users: 7 }]) },
    comparison: { differences: [], expected: { users: 7, groups: 2, memberships: 3 }, found: { users: 7, groups: 2, memberships: 3 } },
  });
  expect(facts.comparison!.found).toEqual(facts.comparison!.expected);
  expect(compared).toMatchObject({ side: 'expected', found: { users: 7 }, expected: { users: 7 } });
});

test('killed at any one call, with pages of two, it comes to the same and notes everybody once', async () => {
  const calm = await Filled.with({ pageSize: 2 });
  calm.user('aa00-user').attributes.name = 'planted';
  const wanted = said(await calm.end());
  expect(wanted.comparison!.differences).toEqual([{ code: 'attribute', field: 'name', count: 1 }]);
  for (let calls = 0; calls < 60; calls += 5) {
    const killed = await Filled.with({ pageSize: 2 });
    killed.user('aa00-user').attributes.name = 'planted';
    await killed.slice(calls).catch(() => undefined);
    const { candidates, ...rest } = said(await killed.end());
    expect({ calls, ...rest }).toEqual({ calls, comparison: wanted.comparison, counts: wanted.counts, scope: wanted.scope });
    expect(kindsOf(candidates)).toEqual(kindsOf(wanted.candidates));
    expect(killed.differing).toEqual([{ sub: 'aa00-user', code: 'attribute', field: 'name' }]);
  }
});

test('each page is kept before the next one is asked for', async () => {
  const filled = await Filled.with({ pageSize: 2 });
  const kept: (string | undefined)[] = [];
  const list = filled.world.pool.listUsers.bind(filled.world.pool);
  filled.world.pool.listUsers = async (cursor, filter) => {
    if (!filter) kept.push(cursor === undefined ? 'begins' : filled.saved!.compared!.cursor);
    expect(filter || cursor === undefined || filled.saved!.compared!.cursor === cursor).toBe(true);
    return list(cursor, filter);
  };
  await filled.end();
  expect(kept).toHaveLength(4);
  expect(new Set(kept).size).toBe(4);
});

test('a slice that is over looks at no page, and keeps what it has', async () => {
  const filled = await Filled.with({ sliceSeconds: 30 });
  const context = filled.world.contextOf(DRILL);
  const saved = structuredClone(filled.saved);
  expect(await filled.world.clock.run(async () => compareSets({ ...context, deadline: filled.world.clock.now() - 1 }, filled.at))).toBeUndefined();
  expect(filled.saved).toEqual(saved);
  // Nor on the side of the ledger.
  const { side: _side, ...compared } = (await filled.end()).compared!;
  filled.at = { ...filled.at, compared: { ...compared, side: 'expected' } };
  expect(await filled.world.clock.run(async () => compareSets({ ...context, deadline: filled.world.clock.now() - 1 }, filled.at))).toBeUndefined();
});

describe('somebody is not in the list', () => {
  const missing = async () => {
    const filled = await Filled.with();
    filled.world.pool.model.deleteUser(filled.user('aa02-user').username);
    return filled;
  };

  test('everything is listed once more, a minute later, from the beginning, and what was noted of the first look is forgotten', async () => {
    const filled = await missing();
    filled.user('aa00-user').attributes.name = 'planted';
    const before = filled.world.clock.now();
    expect(await filled.slice()).toBeUndefined();
    expect(filled.differing).toEqual([]);
    expect(filled.world.drills.found.get(DRILL)).toBeUndefined();
    const { listsAgainAt, ...compared } = filled.saved!.compared!;
    expect(listsAgainAt! - before).toBeGreaterThanOrEqual(60_000);
    expect(listsAgainAt! - before).toBeLessThan(70_000);
    expect(compared).toMatchObject({ side: 'found', found: { users: 0 }, expected: { users: 0 }, differences: {}, candidates: [], neededGroups: [] });

    const end = await filled.slice();
    expect(filled.world.clock.now()).toBeGreaterThanOrEqual(listsAgainAt!);
    expect(said(end!)).toMatchObject({
      counts: { in: 9 },
      comparison: {
        differences: expect.arrayContaining([{ code: 'attribute', field: 'name', count: 1 }, { code: 'user-missing', count: 1 }]),
        expected: { users: 7, memberships: 3 },
        found: { users: 6 },
      },
    });
    expect(filled.differing).toEqual([{ sub: 'aa00-user', code: 'attribute', field: 'name' }, { sub: 'aa02-user', code: 'user-missing' }]);
  });

  test('a slice that ends before that minute waits as long as it can, and compares nothing', async () => {
    const filled = await missing();
    await filled.slice();
    const context = filled.world.contextOf(DRILL);
    const deadline = filled.world.clock.now() + 20_000;
    filled.world.pool.calls.length = 0;
    expect(await filled.world.clock.run(async () => compareSets({ ...context, deadline }, filled.at))).toBeUndefined();
    expect(filled.world.clock.now()).toBe(deadline);
    expect(filled.world.pool.callsOf('listUsers')).toBe(0);
  });

  test('where only something else differs, nothing is listed again', async () => {
    const filled = await Filled.with();
    filled.user('aa00-user').attributes.name = 'planted';
    expect(await filled.slice()).toBeDefined();
  });
});

describe('who has to be in the pool', () => {
  test('nobody whom the restore left out for a reason, and everybody of whom it says nothing', async () => {
    const filled = await Filled.with();
    filled.outcomes.set('aa00-user', { sub: 'aa00-user', outcome: 'skipped', reason: { code: 'source-unconfirmed' }, warnings: [] });
    filled.world.pool.model.deleteUser(filled.user('aa00-user').username);
    filled.outcomes.delete('aa01-user');
    filled.world.pool.model.deleteUser(filled.user('aa01-user').username);
    const { facts } = await filled.end();
    expect(facts.comparison).toMatchObject({ differences: [{ code: 'user-missing', count: 1 }], expected: { users: 6 }, found: { users: 5 } });
    expect(filled.differing).toEqual([{ sub: 'aa01-user', code: 'user-missing' }]);
    expect(facts.counts!.out).toContainEqual({ outcome: 'restored', users: 5 });
  });

  test.each<[string, (filled: Filled) => void]>([
    ['nobody has a link to them', filled => { filled.world.stateOf(SCRATCH).links.clear(); }],
    ['the restore says of them that they were left out', filled => {
      for (const [sub, outcome] of filled.outcomes) filled.outcomes.set(sub, { ...outcome, outcome: 'failed' });
    }],
    ['the restore made somebody else for them', filled => {
      for (const [sub, outcome] of filled.outcomes) filled.outcomes.set(sub, { ...outcome, targetSub: 'target-other' });
    }],
  ])('nobody of whom %s: they are in the pool by the name that they have there', async (_what, change) => {
    const filled = await Filled.with();
    const there = [...filled.world.pool.model.users.values()].map(({ sub }) => sub).sort();
    change(filled);
    const { facts, compared } = await filled.end();
    expect(facts.comparison!.differences).toContainEqual({ code: 'user-not-expected', count: 7 });
    expect((filled.differing as { sub: string; code: string }[]).flatMap(({ sub, code }) => code === 'user-not-expected' ? [sub] : []).sort()).toEqual(there);
    // Nobody signs in as somebody whom the ledger does not have.
    expect(compared!.candidates).toEqual([]);
  });

  test('nobody who was deleted by the moment', async () => {
    const filled = await Filled.with();
    const row = await filled.world.ledger.user(SOURCE, 'aa00-user');
    filled.world.ledger.put(items.user({ ...row!, deletedAt: row!.observedAt }));
    expect((await filled.end()).facts.comparison!.differences).toEqual([{ code: 'user-not-expected', count: 1 }]);
  });
});

describe('groups', () => {
  test('one that was deleted, or that Cognito makes for a provider, has not to be there', async () => {
    const filled = await Filled.with({}, {}, world => {
      world.ledger.put(items.group({ poolId: SOURCE, name: 'gone', observedAt: 3, deletedAt: 4 }));
      world.group({ name: `${SOURCE}_Corp` });
    });
    expect((await filled.end()).facts.comparison).toMatchObject({ differences: [], expected: { groups: 2 }, found: { groups: 2 } });
  });

  test('where the ledger has none, nobody\'s are asked for', async () => {
    const filled = await Filled.with({}, {}, world => {
      for (const name of ['staff', 'empty']) world.ledger.put(items.group({ poolId: SOURCE, name, observedAt: 3, deletedAt: 4 }));
    });
    filled.world.pool.calls.length = 0;
    const end = await filled.end();
    expect([filled.world.pool.callsOf('groupsOfUser'), end.facts.comparison!.expected.groups]).toEqual([0, 0]);
  });

  test('about a sample, those that its users are in, each once', async () => {
    const filled = await Filled.with({}, { users: 8 });
    const { compared, facts } = await filled.end();
    expect(compared!.neededGroups).toEqual(['staff']);
    expect(facts.scope).toMatchObject({ of: 'sample', users: 8 });
    expect(facts.comparison!.differences).toEqual([]);
  });
});

test('one user of each kind signs in later: the same, in whatever order they are listed', async () => {
  expect(kindsOf((await (await Filled.with()).end()).compared!.candidates)).toEqual(['disabled', 'sign-in-name']);
  const filled = await Filled.with({ pageSize: 3 });
  const first = await filled.end();
  const list = filled.world.pool.listUsers.bind(filled.world.pool);
  const { compared: _compared, ...at } = first;
  filled.at = at;
  filled.world.pool.listUsers = async (cursor, filter) => {
    const page = await list(cursor, filter);
    return { ...page, items: [...page.items].reverse() };
  };
  expect((await filled.end()).compared!.candidates).toEqual(first.compared!.candidates);
});

test('a stranger in the pool has an address that nothing of the report shows', async () => {
  const filled = await Filled.with();
  filled.world.pool.seed({ username: 'x', sub: 'target-x', attributes: address('stranger') });
  const end = await filled.end();
  expect(filled.differing).toEqual([{ sub: 'target-x', code: 'user-not-expected' }]);
  expect(JSON.stringify([end.facts, filled.differing])).not.toContain('example.com');
});
