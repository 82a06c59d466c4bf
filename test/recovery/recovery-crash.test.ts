import * as fc from 'fast-check';
import { PlanHead } from '../../src/recovery/recovery-line';
import { Task } from '../../src/recovery/recovery-run';
import { cognitoError, FakePoolOptions, FakeUser } from '../helpers/fake-cognito';
import { RecoveryWorld } from '../helpers/recovery-world';

const USERS = 8;
/** Whom the script deletes: an ordinary user, a disabled one, and one with no verified address. */
const DELETED = [0, 1, 7].map(n => `u${n}`);
const name = (n: number) => `u${n}`;

/** A pool with people, most of whom a script has deleted, overwritten, disabled or put into other groups. */
async function disaster(options: FakePoolOptions = {}): Promise<{ world: RecoveryWorld; moment: number; before: unknown; after: unknown }> {
  const world = new RecoveryWorld({ pageSize: 4, ...options });
  const { model } = world.pool;
  model.createGroup({ name: 'staff', description: 'all' });
  model.createGroup({ name: 'others', precedence: 1 });
  for (let n = 0; n < USERS; n++) {
    world.user(name(n), {
      attributes: { email: `u${n}@example.com`, email_verified: n === 7 ? 'false' : 'true', phone_number: `+4912345${n}`, phone_number_verified: n % 2 ? 'true' : 'false', name: `N ${n}` },
      enabled: n !== 1,
      mfa: { enabled: n === 0 ? ['EMAIL_OTP'] : [] },
    }, n % 2 ? ['staff', 'others'] : ['others']);
  }
  const moment = await world.capture();
  const before = world.state();
  DELETED.forEach(username => model.deleteUser(username));
  model.updateAttributes(name(2), { email: 'evil@example.org', email_verified: 'true', nickname: 'x' });
  model.deleteAttributes(name(3), ['name', 'phone_number', 'phone_number_verified']);
  model.setEnabled(name(3), false);
  // The flag alone, and an address beside its flag.
  model.updateAttributes(name(6), { email_verified: 'false' });
  model.updateAttributes(name(5), { phone_number: '+4999999', phone_number_verified: 'true' });
  model.deleteGroup('staff');
  model.updateGroup({ name: 'others', description: 'spoilt', precedence: 9 });
  model.createGroup({ name: 'bad' });
  model.addUserToGroup(name(4), 'bad');
  model.removeUserFromGroup(name(4), 'others');
  await world.capture();
  return { world, moment, before, after: world.state() };
}

type Step = 'plan' | 'execute' | 'undo';
type World = Awaited<ReturnType<typeof disaster>>;

async function plan({ world, moment }: World): Promise<void> {
  const planned = await world.execute(world.run({
    do: 'plan', order: { kind: 'restore', asOf: moment, scope: { of: 'everybody' }, allowMessages: false }, isDifference: false,
  }, 'plan'));
  expect(planned.status).toBe('planned');
}

const TASKS: Readonly<Record<Exclude<Step, 'plan'>, Task>> = {
  execute: { do: 'execute', plan: 'plan' }, undo: { do: 'undo', undone: 'plan', dryRun: false, allowMessages: false },
};

async function step(at: World, which: Step): Promise<void> {
  if (which === 'plan') return plan(at);
  const done = await at.world.execute(at.world.run(TASKS[which], which));
  expect(done).toMatchObject({ status: 'complete' });
}

const STEPS: readonly Step[] = ['plan', 'execute', 'undo'];

/** Where the pool makes user names up, those who came back have another one. */
function labelOf({ username, attributes }: FakeUser): string {
  return /^u\d$/.test(username) ? username : attributes.email.split('@')[0];
}

/** The pool after all, the lines and what is known of those who came back: the same however often a run was killed. `sub`s are made up. */
function endOf({ world }: World): unknown {
  const { table, pool } = world;
  const sub = (text: string) => [...pool.users.values()].reduce((sum, user) => sum.replace(user.sub, `sub of ${labelOf(user)}`), text);
  const lines = ['plan', 'undo'].map(of => table.linesOf(of).map(({ id, action, result }) => [sub(id), action, result?.outcome, result?.reason]).sort());
  const heads = [...table.plans.values()].map(({ plan: of, executor, executedAt }: PlanHead) => [of, executor, executedAt !== undefined]);
  const names = [...pool.users.values()].map(user => [labelOf(user), user.status, user.password !== undefined, user.mfa.enabled]);
  return { state: world.state(labelOf), groups: [...pool.groups.values()], lines, heads, names: names.sort(), messages: pool.messagesSent };
}

/** Counts every call of a pool and every write of the table, and lets one of them fail, before or after it took effect. */
function watch(world: RecoveryWorld, fails: (call: number) => 'before' | 'after' | undefined = () => undefined): () => number {
  let calls = 0;
  world.pool.before = () => { if (fails(++calls) === 'before') throw cognitoError('InternalErrorException'); };
  world.pool.after = () => { if (fails(calls) === 'after') throw cognitoError('InternalErrorException'); };
  world.table.beforeWrite = () => { if (fails(++calls) !== undefined) throw new Error('killed'); };
  return () => calls;
}

async function undisturbed(options?: FakePoolOptions): Promise<{ ends: unknown[]; calls: number[] }> {
  const at = await disaster(options);
  const calls: number[] = [];
  const ends: unknown[] = [];
  for (const which of STEPS) {
    const counted = watch(at.world);
    await step(at, which);
    calls.push(counted());
    ends.push(endOf(at));
  }
  return { ends, calls };
}

test('undisturbed, executing the plan leaves the pool as it was, and undo as the script left it', async () => {
  const at = await disaster();
  await step(at, 'plan');
  await step(at, 'execute');
  expect(at.world.state()).toEqual(at.before);
  await step(at, 'undo');
  const now = at.world.state() as Record<string, { enabled: boolean }>;
  expect(DELETED.map(username => now[username].enabled)).toEqual([false, false, false]);
  expect(Object.fromEntries(Object.entries(now).filter(([username]) => !DELETED.includes(username)))).toEqual(at.after);
  expect(at.world.pool.groups.get('others')).toMatchObject({ description: 'spoilt', precedence: 9 });
});

const NAMES: FakePoolOptions = {};
const ADDRESSES: FakePoolOptions = { usernameAttributes: ['email'] };
const MARKED: FakePoolOptions = { customAttributes: { source_sub: { mutable: false } } };

test.each<[string, Step, FakePoolOptions]>([
  ['a pool of e-mail addresses', 'plan', ADDRESSES],
  ['a pool of user names', 'execute', NAMES],
  ['a pool of e-mail addresses', 'execute', ADDRESSES],
  ['a pool with the mark of a standby', 'execute', MARKED],
  ['a pool of user names', 'undo', NAMES],
  ['a pool of e-mail addresses', 'undo', ADDRESSES],
])('%s: a slice that is killed at any one call of "%s" is gone on with: nothing doubled, nothing lost', async (_what, which, options) => {
  const index = STEPS.indexOf(which);
  const { ends, calls } = await undisturbed(options);
  for (const when of ['before', 'after'] as const) {
    for (let kill = 1; kill <= calls[index]; kill++) {
      const at = await disaster(options);
      for (const earlier of STEPS.slice(0, index)) await step(at, earlier);
      watch(at.world, call => call === kill ? when : undefined);
      await step(at, which);
      expect({ kill, when, end: endOf(at) }).toEqual({ kill, when, end: ends[index] });
      expect(at.world.pool.users.size).toBe(which === 'plan' ? USERS - DELETED.length : USERS);
    }
  }
});

test('slices that are killed without a chance to end anything, any number of times, at every step, end in the same state', async () => {
  const { ends } = await undisturbed();
  const lives = fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 5 });
  await fc.assert(fc.asyncProperty(fc.tuple(lives, lives, lives), async all => {
    const at = await disaster();
    for (const [index, which] of STEPS.entries()) {
      at.world.lives = [...all[index]];
      await step(at, which);
      at.world.lives = [];
      expect(endOf(at)).toEqual(ends[index]);
    }
  }), { numRuns: 15 });
});

test('a run that was killed for good, at any call, can be taken back whole', async () => {
  const { calls } = await undisturbed();
  for (let kill = 1; kill <= calls[1]; kill++) {
    const at = await disaster();
    await step(at, 'plan');
    watch(at.world, call => call >= kill ? 'before' : undefined);
    await expect(at.world.execute(at.world.run(TASKS.execute, 'execute'))).rejects.toThrow();
    watch(at.world);
    // Its lease runs out.
    await at.world.pass(600_000);
    if (at.world.table.plans.get('plan')!.executionBegunAt === undefined) continue;
    await step(at, 'undo');
    const now = at.world.state() as Record<string, { enabled: boolean }>;
    for (const back of DELETED.filter(username => username in now)) {
      expect({ kill, back, enabled: now[back].enabled }).toEqual({ kill, back, enabled: false });
      delete now[back];
    }
    expect({ kill, now }).toEqual({ kill, now: at.after });
  }
});
