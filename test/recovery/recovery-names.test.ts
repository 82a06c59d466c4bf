import { NameAttribute } from '../../src/cognito/attribute-values';
import { RecoveryReport } from '../../src/recovery/recovery-report';
import { RecoveryAnswer } from '../../src/recovery/recovery-worker';
import { FakePoolOptions, WRITES } from '../helpers/fake-cognito';
import { RecoveryWorld } from '../helpers/recovery-world';

const VALUES: Readonly<Record<NameAttribute, (of: string) => Record<string, string>>> = {
  email: of => ({ email: `${of}@example.com`, email_verified: 'true' }),
  phone_number: of => ({ phone_number: `+49${[...of].map(letter => letter.charCodeAt(0)).join('')}`, phone_number_verified: 'true' }),
  preferred_username: of => ({ preferred_username: `name-${of}` }),
};

const POOLS: [string, NameAttribute, FakePoolOptions][] = [
  ['e-mail addresses as user names', 'email', { usernameAttributes: ['email'] }],
  ['phone numbers as user names', 'phone_number', { usernameAttributes: ['phone_number'], autoVerifiedAttributes: ['phone_number'] }],
  ['e-mail addresses as aliases', 'email', { aliasAttributes: ['email'] }],
  ['preferred user names as aliases', 'preferred_username', { aliasAttributes: ['preferred_username'] }],
];

function reportOf(answer: RecoveryAnswer): RecoveryReport {
  if (!('report' in answer)) throw new Error(`no report: ${JSON.stringify(answer)}`);
  return answer.report;
}

/** Gives each of these users the name of another one, all at once, as an update by a table that is off by a row does. */
function give(world: RecoveryWorld, valuesOf: (of: string) => Record<string, string>, to: Readonly<Record<string, string>>): void {
  Object.keys(to).forEach(user => world.pool.model.updateAttributes(user, valuesOf(`z${user}`)));
  Object.entries(to).forEach(([user, of]) => world.pool.model.updateAttributes(user, valuesOf(of)));
}

function people(options: FakePoolOptions, valuesOf: (of: string) => Record<string, string>, users: readonly string[]): RecoveryWorld {
  const world = new RecoveryWorld({ pageSize: 4, ...options });
  users.forEach(user => world.user(user, { attributes: { ...valuesOf(user), name: `Name of ${user}` } }));
  return world;
}

const CASES: [string, Record<string, string>][] = [
  ['two who swapped them', { a1: 'b1', b1: 'a1' }],
  ['a circle of three', { a1: 'b1', b1: 'c1', c1: 'a1' }],
  ['a row of them, the last with one that nobody had', { d1: 'c1', c1: 'b1', b1: 'a1', a1: 'x1' }],
  ['the same row the other way round', { a1: 'b1', b1: 'c1', c1: 'd1', d1: 'x1' }],
  ['a circle, and one who has the name of somebody in it who lost theirs', { a1: 'b1', b1: 'a1', c1: 'd1', d1: 'x1' }],
];

describe.each(POOLS)('%s', (_pool, attribute, options) => {
  const valuesOf = VALUES[attribute];

  test.each(CASES)('%s: each gets the own one back, nobody is written to, and undo gives them back', async (_what, to) => {
    const world = people(options, valuesOf, ['a1', 'b1', 'c1', 'd1', 'o1']);
    const asOf = await world.capture();
    const before = world.state();
    give(world, valuesOf, to);
    await world.capture();
    const after = world.state();
    const planned = await world.plan({ asOf });
    expect(reportOf(planned)).toMatchObject({ users: { reverted: Object.keys(to).length, leftAsTheyAre: 0 }, warnings: {} });
    expect(world.state()).toEqual(after);
    const done = await world.execute(world.run({ do: 'execute', plan: planned.plan }));
    expect(done).toMatchObject({ status: 'complete', report: { outcomes: { 'already-there': Object.keys(to).length } } });
    expect(world.state()).toEqual(before);
    const undone = await world.execute(world.run({ do: 'undo', undone: planned.plan, dryRun: false, allowMessages: false }));
    expect(undone.status).toBe('complete');
    expect(world.state()).toEqual(after);
    expect(world.pool.messagesSent).toBe(0);
    const written = new Set(world.pool.calls.filter(({ operation }) => WRITES.includes(operation)).map(({ args: [username] }) => username));
    expect([...written].sort()).toEqual(Object.keys(to).sort());
  });

  test('a name that a newcomer has now: plan and run say so alike, everything else of the user comes back, and so do those whose name it does not hold up', async () => {
    const world = people(options, valuesOf, ['a1', 'b1', 'c1', 'd1']);
    const asOf = await world.capture();
    const before = world.state() as Record<string, { attributes: Record<string, string> }>;
    // The name of d1 is a newcomer's by now. c1 has a name that nobody had.
    give(world, valuesOf, { d1: 'x1', c1: 'y1' });
    world.pool.model.updateAttributes('d1', { name: 'Overwritten' });
    world.user('newcomer', { attributes: valuesOf('d1') });
    await world.capture();
    const newcomer = { ...world.named('newcomer')!.attributes };
    const planned = await world.plan({ asOf });
    const sentence = `${attribute} belongs to somebody else in the pool by now, whom the plan leaves alone: left as it is; give that one another, or take it `
      + 'away, and make a new plan';
    expect(reportOf(planned).warnings).toEqual({ [sentence]: 1 });
    const done = await world.execute(world.run({ do: 'execute', plan: planned.plan }));
    expect(done).toMatchObject({ status: 'complete', report: { outcomes: { 'already-there': 2 }, warnings: { [sentence]: 1 } } });
    const now = world.state() as typeof before;
    expect(now.c1).toEqual(before.c1);
    expect(now.d1.attributes.name).toBe('Name of d1');
    expect(world.named('newcomer')!.attributes).toEqual(newcomer);
    // The way out.
    world.pool.model.updateAttributes('newcomer', valuesOf('n1'));
    await world.capture();
    const again = await world.plan({ asOf });
    expect(reportOf(again).warnings).toEqual({});
    await world.execute(world.run({ do: 'execute', plan: again.plan }));
    expect((world.state() as typeof before).d1).toEqual(before.d1);
  });

  test('who was to give up a name and changed since keeps it; nobody is left with a stand-in', async () => {
    const world = people(options, valuesOf, ['a1', 'b1', 'c1']);
    const asOf = await world.capture();
    give(world, valuesOf, { a1: 'b1', b1: 'c1', c1: 'a1' });
    await world.capture();
    const after = world.state() as Record<string, { attributes: Record<string, string> }>;
    const { plan } = await world.plan({ asOf });
    world.pool.model.updateAttributes('b1', { name: 'Mine' });
    const done = await world.execute(world.run({ do: 'execute', plan }));
    expect(reportOf(done).outcomes).toMatchObject({ skipped: 1 });
    const now = world.state() as typeof after;
    expect(now.b1.attributes).toEqual({ ...after.b1.attributes, name: 'Mine' });
    // One who has another one's address may keep it, but no longer as verified.
    const known = ['a1', 'b1', 'c1'].map(user => valuesOf(user)[attribute]);
    for (const user of ['a1', 'c1']) expect(known).toContain(now[user].attributes[attribute]);
  });
});

test('whose own name is taken while they have a stand-in gets the former one back, or is named; undo still gives everybody theirs', async () => {
  for (const [, attribute, options] of POOLS) {
    const world = people(options, VALUES[attribute], ['a1', 'b1', 'c1', 'd1']);
    const asOf = await world.capture();
    // One circle; the name of c1 is nobody's, and taken once the others have given up theirs.
    give(world, VALUES[attribute], { a1: 'b1', b1: 'a1', c1: 'd1', d1: 'x1' });
    await world.capture();
    const after = world.state();
    const { plan } = await world.plan({ asOf });
    let writes = 0;
    world.pool.before = operation => {
      if (operation === 'updateAttributes' && ++writes === 3) world.user('newcomer', { attributes: VALUES[attribute]('c1') });
    };
    const done = await world.execute(world.run({ do: 'execute', plan }));
    world.pool.before = undefined;
    expect(world.named('newcomer')!.attributes).toEqual(VALUES[attribute]('c1'));
    const standIns = Object.entries(world.state()).filter(([user, { attributes }]: [string, any]) =>
      user !== 'newcomer' && !['a1', 'b1', 'c1', 'd1', 'x1'].some(of => VALUES[attribute](of)[attribute] === attributes[attribute]));
    const named = world.table.linesOf(plan).filter(({ result }) => result?.warnings?.some(({ code }) => code === 'name-parked'));
    expect(standIns).toHaveLength(named.length);
    // Somebody who waits for the name that was taken back is held up as well.
    expect([1, 2]).toContain(reportOf(done).outcomes!.failed);
    const undone = await world.execute(world.run({ do: 'undo', undone: plan, dryRun: false, allowMessages: false }));
    expect(undone.status).toBe('complete');
    const { newcomer: _newcomer, ...now } = world.state();
    expect(now).toEqual(after);
  }
});

describe('somebody has the name', () => {
  const LETTERS: [string, NameAttribute, FakePoolOptions][] = POOLS.filter(([, attribute]) => attribute !== 'phone_number');

  // The developer guide says that searches by ListUsers are case-insensitive, its reference that some are not.
  test.each(LETTERS)('in other letters, whatever a listing makes of them: %s', async (_pool, attribute, options) => {
    const valuesOf = (of: string) => VALUES[attribute](of);
    const world = people(options, valuesOf, ['a1', 'b1']);
    const asOf = await world.capture();
    const before = world.state();
    give(world, of => ({ ...valuesOf(of), ...of.startsWith('z') ? {} : { [attribute]: valuesOf(of)[attribute].toUpperCase() } }), { a1: 'b1', b1: 'a1' });
    await world.capture();
    const { plan } = await world.plan({ asOf });
    const done = await world.execute(world.run({ do: 'execute', plan }));
    expect(reportOf(done)).toMatchObject({ outcomes: { 'already-there': 2 }, warnings: {} });
    expect(world.state()).toEqual(before);
  });

  test('as a user of an identity provider, whose address is no name: the user gets the own one back', async () => {
    const world = people({ usernameAttributes: ['email'] }, VALUES.email, ['a1']);
    world.pool.model.signInFederated({ provider: 'Google', subject: '1' }, VALUES.email('a1'));
    const asOf = await world.capture();
    const before = world.state();
    give(world, VALUES.email, { a1: 'x1' });
    await world.capture();
    const { plan, ...planned } = await world.plan({ asOf });
    expect(reportOf(planned as RecoveryAnswer).warnings).toEqual({});
    await world.execute(world.run({ do: 'execute', plan }));
    expect(world.state()).toEqual(before);
  });

  test('which is longer than what Cognito looks anybody up by: the plan is made, and executed', async () => {
    const long = 'n'.repeat(300);
    const world = people({ aliasAttributes: ['preferred_username'] }, VALUES.preferred_username, ['a1']);
    world.pool.model.updateAttributes('a1', { preferred_username: long });
    const asOf = await world.capture();
    const before = world.state();
    give(world, VALUES.preferred_username, { a1: 'x1' });
    await world.capture();
    const { plan } = await world.plan({ asOf });
    await world.execute(world.run({ do: 'execute', plan }));
    expect(world.state()).toEqual(before);
  });
});

describe.each(POOLS)('%s: who changes while others wait for the name that they gave up', (_pool, attribute, options) => {
  const CIRCLE = { a1: 'b1', b1: 'c1', c1: 'a1' };
  const valuesOf = VALUES[attribute];

  /** Changes users right after, or before, so many writes of the run: three give up their names, then each gets the own one. */
  async function meanwhile(writes: number, when: 'before' | 'after', change: (world: RecoveryWorld) => void, kills = false) {
    const world = people(options, valuesOf, ['a1', 'b1', 'c1', 'o1']);
    const asOf = await world.capture();
    const before = world.state() as Record<string, { attributes: Record<string, string> }>;
    give(world, valuesOf, CIRCLE);
    await world.capture();
    const { plan } = await world.plan({ asOf });
    let seen = 0;
    world.pool[when] = operation => {
      if (operation !== 'updateAttributes' || ++seen !== writes) return;
      change(world);
      if (kills) throw new Error('killed');
    };
    const done = reportOf(await world.execute(world.run({ do: 'execute', plan })));
    world.pool[when] = undefined;
    const { newcomer: _newcomer, ...now } = world.state() as typeof before;
    const standIns = Object.values(now).filter(({ attributes }) => attributes[`${attribute}_verified`] === 'false'
      || ![...'abcon'].some(of => valuesOf(`${of}1`)[attribute] === attributes[attribute]));
    expect(standIns).toHaveLength(Object.values(done.warnings).reduce((sum, count) => sum + count, 0));
    return { before, done, now };
  }

  const changeAll = (world: RecoveryWorld) => ['a1', 'b1', 'c1'].forEach(user => world.pool.model.updateAttributes(user, { name: 'Mine' }));

  test.each([false, true])('is left as they are otherwise, with the own name; killed: %s', async kills => {
    const { before, done, now } = await meanwhile(3, 'after', changeAll, kills);
    for (const user of ['a1', 'b1', 'c1']) expect(now[user].attributes).toEqual({ ...before[user].attributes, name: 'Mine' });
    expect(done).toMatchObject({ outcomes: { skipped: 3 }, warnings: {} });
  });

  test.each([1, 2, 3, 4, 5, 6])('has no stand-in, or is named, wherever the run was killed: write %i', async write => {
    for (const when of ['before', 'after'] as const) await meanwhile(write, when, changeAll, true);
  });

  test('and whose own name is taken by then, has the former one, or is named', async () => {
    await meanwhile(3, 'after', world => {
      world.pool.model.updateAttributes('b1', { name: 'Mine' });
      world.user('newcomer', { attributes: valuesOf('b1') });
    });
  });

  test('and chose another name themselves, keeps that', async () => {
    const { now, done } = await meanwhile(3, 'after', world => world.pool.model.updateAttributes('b1', valuesOf('n1')));
    expect(now.b1.attributes).toMatchObject(valuesOf('n1'));
    expect(done).toMatchObject({ outcomes: { skipped: 1 }, warnings: {} });
  });

  test('and chose one that is not verified yet, keeps that', async () => {
    if (attribute === 'preferred_username') return;
    const flag = `${attribute}_verified`;
    const world = people(options, valuesOf, ['a1', 'b1']);
    const asOf = await world.capture();
    give(world, valuesOf, { a1: 'b1', b1: 'a1' });
    await world.capture();
    const { plan } = await world.plan({ asOf });
    let seen = 0;
    world.pool.after = operation => {
      if (operation === 'updateAttributes' && ++seen === 2) world.pool.model.updateAttributes('b1', { ...valuesOf('n1'), [flag]: 'false' });
    };
    await world.execute(world.run({ do: 'execute', plan }));
    expect(world.named('b1')!.attributes).toMatchObject({ ...valuesOf('n1'), [flag]: 'false' });
  });
});

test('a long row is looked through once, whatever the order', async () => {
  const users = Array.from({ length: 60 }, (_, n) => `u${n}`);
  const world = people({ usernameAttributes: ['email'] }, VALUES.email, users);
  const asOf = await world.capture();
  const before = world.state();
  give(world, VALUES.email, Object.fromEntries(users.map((user, n) => [user, users[n + 1] ?? 'x1'])));
  await world.capture();
  const planned = await world.plan({ asOf });
  expect(world.pool.callsOf('listUsers')).toBeLessThanOrEqual(3 * users.length);
  await world.execute(world.run({ do: 'execute', plan: planned.plan }));
  expect(world.state()).toEqual(before);
});

test('a circle that is cut short at any call is gone on with, and taken back whole', async () => {
  const TO = { a1: 'b1', b1: 'c1', c1: 'a1' };
  for (const [, attribute, options] of [POOLS[0], POOLS[2]]) {
    const disaster = async () => {
      const world = people(options, VALUES[attribute], ['a1', 'b1', 'c1', 'o1']);
      const asOf = await world.capture();
      const before = world.state();
      give(world, VALUES[attribute], TO);
      await world.capture();
      const after = world.state();
      return { world, asOf, before, after };
    };
    const watch = (world: RecoveryWorld, fails: (call: number) => 'before' | 'after' | undefined = () => undefined) => {
      let calls = 0;
      world.pool.before = () => { if (fails(++calls) === 'before') throw new Error('killed'); };
      world.pool.after = () => { if (fails(calls) === 'after') throw new Error('killed'); };
      world.table.beforeWrite = () => { if (fails(++calls) !== undefined) throw new Error('killed'); };
      return () => calls;
    };
    const { world: calm, asOf: moment } = await disaster();
    const planCalls = watch(calm);
    const { plan } = await calm.plan({ asOf: moment });
    const calls = { plan: planCalls(), execute: 0 };
    const executeCalls = watch(calm);
    await calm.execute(calm.run({ do: 'execute', plan }));
    calls.execute = executeCalls();
    for (const step of ['plan', 'execute'] as const) {
      for (const when of ['before', 'after'] as const) {
        // What makes lines is killed elsewhere, at each call.
        for (let kill = step === 'plan' ? calls.plan - 30 : 1; kill <= calls[step]; kill++) {
          const { world, asOf, before, after } = await disaster();
          if (step === 'plan') watch(world, call => call === kill ? when : undefined);
          const made = await world.plan({ asOf });
          if (step === 'execute') watch(world, call => call === kill ? when : undefined);
          const done = await world.execute(world.run({ do: 'execute', plan: made.plan }));
          expect({ attribute, step, kill, when, status: done.status, state: world.state() }).toEqual({ attribute, step, kill, when, status: 'complete', state: before });
          // Killed for good: undo.
          if (step !== 'execute') continue;
          const other = await disaster();
          const again = await other.world.plan({ asOf: other.asOf });
          watch(other.world, call => call >= kill ? when : undefined);
          await expect(other.world.execute(other.world.run({ do: 'execute', plan: again.plan }))).rejects.toThrow();
          watch(other.world);
          await other.world.pass(600_000);
          if (other.world.table.plans.get(again.plan)!.executionBegunAt === undefined) continue;
          const undone = await other.world.execute(other.world.run({ do: 'undo', undone: again.plan, dryRun: false, allowMessages: false }));
          expect({ attribute, kill, when, status: undone.status, state: other.world.state() }).toEqual({ attribute, kill, when, status: 'complete', state: after });
        }
      }
    }
  }
});
