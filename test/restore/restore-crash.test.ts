import * as fc from 'fast-check';
import { cognitoError, FakePoolOptions, Operation } from '../helpers/fake-cognito';
import { RestoreWorld } from '../helpers/restore-world';

const USERS = 12;
const sub = (n: number) => `${(n * 37 % 256).toString(16).padStart(2, '0')}00-${n}`;

function world(options: FakePoolOptions = {}): RestoreWorld {
  const made = new RestoreWorld({ usernameAttributes: ['email'], ...options, sliceSeconds: 20 });
  made.group({ name: 'admins', precedence: 1 });
  made.group({ name: 'staff' });
  for (let n = 0; n < USERS; n++) {
    made.user(sub(n), {
      attributes: { email: `u${n}@example.com`, email_verified: 'true', phone_number: `+4912345${n}`, name: `N ${n}` },
      enabled: n % 3 > 0,
      mfa: n % 4 === 0 ? { enabled: ['SMS_MFA'], preferred: 'SMS_MFA' } : undefined,
    }, n % 2 ? ['admins', 'staff'] : []);
  }
  made.user(sub(50), { attributes: { email: 'x@example.com' }, status: 'UNCONFIRMED' });
  return made;
}

/** Everything about the target that a restore decides. */
function endState({ pool }: RestoreWorld): unknown {
  return [...pool.users.values()]
    .map(({ attributes, enabled, status, groups, mfa, password }) =>
      ({ attributes, enabled, status, groups: [...groups].sort(), mfa, hasPassword: password !== undefined }))
    .sort((a, b) => (a.attributes.email < b.attributes.email ? -1 : 1));
}

async function undisturbed(options?: FakePoolOptions): Promise<{ state: unknown; calls: number; tableWrites: number }> {
  const calm = world(options);
  let tableWrites = 0;
  calm.table.beforeWrite = () => { tableWrites++; };
  await calm.restore();
  return { state: endState(calm), calls: calm.pool.calls.length, tableWrites };
}

/** Lets the first call and its followers through until `when`, then throws once, before or after the call took effect. */
function failOnce(target: RestoreWorld, crashes: readonly { readonly after: number; readonly tookEffect: boolean }[], name: string): void {
  let calls = 0;
  const left = [...crashes].sort((a, b) => a.after - b.after);
  const maybe = (tookEffect: boolean) => {
    if (left.length > 0 && left[0].tookEffect === tookEffect && calls >= left[0].after) {
      left.shift();
      throw cognitoError(name);
    }
  };
  target.pool.before = () => { calls++; maybe(false); };
  target.pool.after = () => maybe(true);
}

describe.each<[string, FakePoolOptions]>([
  ['a pool with source_sub', {}],
  ['a pool without source_sub', { customAttributes: {} }],
  ['a pool without passwords', { firstAuthFactors: ['EMAIL_OTP'] }],
])('%s', (_name, options) => {
  test('a slice that is killed at any one call to Cognito is gone on with', async () => {
    const { state, calls } = await undisturbed(options);
    for (const tookEffect of [false, true]) {
      for (let after = 1; after <= calls; after++) {
        const killed = world(options);
        failOnce(killed, [{ after, tookEffect }], 'InternalErrorException');
        const { status, report } = await killed.restore();
        expect({ after, tookEffect, status, report }).toMatchObject({ status: 'complete', report: { users: USERS + 1, skipped: 1, failed: 0, verified: { different: 0 } } });
        expect(report!.restored).toBe(USERS);
        expect(endState(killed)).toEqual(state);
      }
    }
  });

  test('a slice that is killed at any one write to the state table is gone on with', async () => {
    const { state, tableWrites } = await undisturbed(options);
    for (let at = 1; at <= tableWrites; at++) {
      const killed = world(options);
      let writes = 0;
      killed.table.beforeWrite = () => {
        if (++writes === at) throw new Error('killed');
      };
      const { status, report } = await killed.restore();
      expect({ at, status, restored: report?.restored }).toEqual({ at, status: 'complete', restored: USERS });
      expect(endState(killed)).toEqual(state);
    }
  });
});

test('any sequence of crashes ends in the same state, everybody once', async () => {
  const { state } = await undisturbed();
  const crash = fc.record({ after: fc.integer({ min: 1, max: 120 }), tookEffect: fc.boolean() });
  await fc.assert(fc.asyncProperty(fc.array(crash, { maxLength: 8 }), async crashes => {
    const killed = world();
    failOnce(killed, crashes, 'InternalErrorException');
    const { status } = await killed.restore();
    expect(status).toBe('complete');
    expect(endState(killed)).toEqual(state);
    expect([...killed.table.runs.values()][0].outcomes.size).toBe(USERS + 1);
  }), { numRuns: 60 });
});

test('slices that are killed without a chance to end anything, any number of times, end in the same state', async () => {
  const { state } = await undisturbed();
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 7 }), async lives => {
    const killed = world();
    killed.lives = [...lives];
    const { status, report } = await killed.restore();
    expect({ status, restored: report?.restored }).toEqual({ status: 'complete', restored: USERS });
    expect(endState(killed)).toEqual(state);
    expect([...killed.table.runs.values()][0].outcomes.size).toBe(USERS + 1);
  }), { numRuns: 100 });
});

test('passwords are set once for each user, even when a slice is killed right after', async () => {
  const killed = world();
  failOnce(killed, [{ after: 30, tookEffect: true }], 'InternalErrorException');
  await killed.restore();
  expect(killed.pool.callsOf('setPermanentPassword')).toBe(USERS);
});

test('two slices alive at once do no harm', async () => {
  const { state } = await undisturbed();
  const both = world();
  const run = both.run();
  const results = await both.clock.run(async () => Promise.allSettled([both.slice(run), both.clock.sleep(300).then(() => both.slice(run))]));
  expect(results[1]).toMatchObject({ status: 'fulfilled', value: { status: 'complete' } });
  expect(results[0]).toMatchObject({ status: 'rejected', reason: { name: 'SupersededError' } });
  expect(endState(both)).toEqual(state);
});

test('a user who was created half-way by a restore that was never finished is finished by the next one', async () => {
  const { state } = await undisturbed();
  const first = world();
  first.pool.before = (operation: Operation) => {
    if (operation === 'setPermanentPassword') throw cognitoError('InternalErrorException');
  };
  await expect(first.restore()).rejects.toThrow('InternalErrorException');
  expect([...first.pool.users.values()].some(user => user.status === 'FORCE_CHANGE_PASSWORD')).toBe(true);
  first.pool.before = undefined;
  await first.clock.run(() => first.clock.sleep(86_400_000));
  const { status, report } = await first.restore();
  expect(status).toBe('complete');
  expect(report!.restored + report!.alreadyThere).toBe(USERS);
  expect(endState(first)).toEqual(state);
});

test('an error that is nobody\'s own ends the slice and marks no user', async () => {
  const denied = world();
  denied.pool.before = (operation: Operation) => {
    if (operation === 'createUser') throw cognitoError('AccessDeniedException');
  };
  await expect(denied.restore()).rejects.toThrow('AccessDeniedException');
  expect([...denied.table.runs.values()][0].outcomes.size).toBeLessThanOrEqual(1);
});

test('throttled for 30 seconds, the restore slows down and recovers', async () => {
  const { state } = await undisturbed();
  const throttled = world();
  const start = throttled.clock.now();
  let refused = 0;
  throttled.pool.before = () => {
    const seconds = (throttled.clock.now() - start) / 1_000;
    if (seconds < 0.2 || seconds > 30.2) return;
    refused++;
    throw cognitoError('TooManyRequestsException');
  };
  const { status } = await throttled.restore();
  expect(status).toBe('complete');
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(400);
  expect(endState(throttled)).toEqual(state);
});
