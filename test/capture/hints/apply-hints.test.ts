import { Call, EXAMPLE_CALL, cloudTrailEvent } from './fixtures/cloudtrail-events';
import { FirstSubs } from '../../../src/capture/first-subs';
import { ApplyAnswer, applyHints } from '../../../src/capture/hints/apply-hints';
import { Hint } from '../../../src/capture/hints/hint';
import { Message } from '../../../src/capture/hints/hint-jobs';
import { readHint } from '../../../src/capture/hints/read-hint.lambda-shared';
import { Pacer } from '../../../src/cognito/pacing';
import { firstSubOf } from '../../../src/cognito/source-sub';
import { LEDGER_APPLY_ACTIONS } from '../../../src/ledger/constants';
import { RecoveredSub } from '../../../src/ledger/recovered-subs';
import { RowRefusedError } from '../../../src/ledger/row-refused-error';
import { items, keys, rows, UserRow } from '../../../src/ledger/schema';
import { WritingRun } from '../../../src/ledger/writing-runs';
import { FakeSourcePool } from '../../helpers/fake-source-pool';
import { InMemoryLedger } from '../../helpers/in-memory-ledger';

const { userPoolId: POOL } = EXAMPLE_CALL;
const NOW = Date.UTC(2026, 0, 15, 12);
const RECOVERY_ARN = 'arn:aws:iam::111122223333:role/recovery';

class World {
  public now = NOW;
  public readonly pool = new FakeSourcePool();
  public readonly ledger = new InMemoryLedger();
  public readonly spent: string[] = [];
  /** Hints that the consumer sent itself. */
  public readonly sentOn: Hint[] = [];
  /** Marks of recoveries: the execution and when it began, the newest first; one to a page. */
  public recoveryRuns: WritingRun[] = [];
  public readonly runsRead: number[] = [];
  public readonly returns = new Map<string, RecoveredSub>();
  public readonly returnsRead: string[] = [];
  private readonly firstSubs = new FirstSubs(
    { oldest: async () => this.recoveryRuns.at(-1) },
    { of: async sub => { this.returnsRead.push(sub); return { ...this.returns.get(sub) }; } },
    { now: () => this.now },
  );
  private sent = 0;
  private readonly pacer: Pacer = {
    run: async (category, call) => {
      this.spent.push(category);
      return call();
    },
  };

  public message(body: object | string, receives = 1): Message {
    this.sent += 1;
    const read = readHint(typeof body === 'string' ? body : JSON.stringify(body), POOL, this.now);
    return { id: `m${this.sent}`, read, sentAt: this.now, receives };
  }

  /** Something that CloudTrail tells, two seconds after it happened. */
  public event(eventName: string, about: Partial<Call> = {}, receives = 1): Message {
    return this.message(cloudTrailEvent(eventName, { eventTime: this.now - 2_000, eventId: 'id', ...about })!, receives);
  }

  public async apply(...messages: Message[]): Promise<ApplyAnswer> {
    return applyHints({
      poolId: POOL,
      firstSubs: this.firstSubs,
      recoveries: {
        principals: [RECOVERY_ARN],
        runs: {
          oldest: async () => this.recoveryRuns.at(-1),
          until: async (moment, cursor) => {
            this.runsRead.push(moment);
            const [run, next] = this.recoveryRuns.filter(({ begunAt }) => begunAt <= Number(cursor ?? moment));
            return { items: run ? [run] : [], next: next && String(next.begunAt) };
          },
        },
      },
      pool: this.pool,
      store: this.ledger,
      pacer: this.pacer,
      clock: { now: () => (this.now += 1), sleep: async () => undefined },
      settings: { usernameAttributes: this.pool.usernameAttributes },
      historyDays: 35,
      deadline: this.now + 40_000,
      send: async hint => { this.sentOn.push(hint); },
    }, messages);
  }

  /** A user whom the ledger knows as the pool does. */
  public async known(sub: string): Promise<void> {
    this.pool.add(sub, { modifiedAt: NOW - 10_000 });
    await this.apply(this.message({ version: 1, userPoolId: POOL, sub, eventTime: new Date(NOW - 5_000).toISOString() }));
    this.pool.calls.length = 0;
    this.spent.length = 0;
    this.now += 1_000;
  }

  public async row(sub: string) {
    return this.ledger.user(POOL, sub);
  }

  public change(sub: string): void {
    this.pool.add(sub, { attributes: { email: 'new@example.com' }, modifiedAt: this.now - 1_500 });
  }
}

let world: World;
beforeEach(() => { world = new World(); });

describe('which reads', () => {
  test.each([
    ['AdminUpdateUserAttributes', ['userByName']],
    ['ConfirmSignUp', ['userByName']],
    ['AdminSetUserMFAPreference', ['userByName']],
    ['AdminDisableUser', ['userBySub']],
    ['AdminResetUserPassword', ['userBySub']],
    ['AdminLinkProviderForUser', ['userBySub']],
    ['AdminAddUserToGroup', ['userByName', 'groupsOfUser']],
  ])('%s: %s', async (eventName, calls) => {
    await world.known('a');
    world.change('a');
    await world.apply(world.event(eventName, { sub: 'a' }, 2));
    expect(world.pool.calls).toEqual(calls);
  });

  test('no AdminGetUser in the month after the event, as it would make the user active again', async () => {
    await world.known('a');
    world.change('a');
    world.now = Date.UTC(2026, 1, 1) + 500;
    await world.apply(world.event('AdminUpdateUserAttributes', { sub: 'a', eventTime: Date.UTC(2026, 0, 31, 23, 59, 58) }));
    expect(world.pool.calls).toEqual(['userBySub']);
  });

  test('a hundred hints about one user are one look', async () => {
    await world.known('a');
    world.change('a');
    const answer = await world.apply(...Array.from({ length: 100 }, () => world.event('AdminUpdateUserAttributes', { sub: 'a' })));
    expect(world.pool.calls).toEqual(['userByName']);
    expect(answer).toMatchObject({ rowsWritten: 1, retries: [] });
    expect(answer.lags).toHaveLength(100);
    for (const lag of answer.lags) {
      expect(lag).toBeGreaterThanOrEqual(2_000);
      expect(lag).toBeLessThan(10_000);
    }
  });

  test('a hint of a trigger looks for the user\'s groups as well', async () => {
    world.pool.add('a');
    world.pool.addGroup({ name: 'g', precedence: 3 }, ['a']);
    await world.apply(world.message({ version: 1, userPoolId: POOL, sub: 'a', eventName: 'PostConfirmation_ConfirmSignUp' }));
    expect(await world.ledger.membership(POOL, 'g', 'a')).toMatchObject({ group: 'g' });
    // A sweep looks for members of the groups that the ledger knows.
    expect(await world.ledger.group(POOL, 'g')).toMatchObject({ precedence: 3 });
    expect(world.spent).toEqual(['UserRead', 'UserResourceRead']);
  });

  test('a user name that passed to somebody else is not the user', async () => {
    world.pool.usernameAttributes = [];
    world.pool.add('a', { username: 'ann' });
    await world.apply(world.message({ version: 1, userPoolId: POOL, sub: 'a' }));
    world.pool.users.delete('a');
    world.pool.add('b', { username: 'ann' });
    world.pool.addGroup({ name: 'g' }, ['b']);
    await world.apply(world.event('AdminAddUserToGroup', { sub: 'a', groupName: 'g' }, 4));
    expect(await world.row('a')).toMatchObject({ attributes: { email: 'a@example.com' } });
    expect(await world.ledger.membership(POOL, 'g', 'a')).toBeUndefined();
    expect(await world.row('b')).toBeUndefined();
  });
});

test('MFA is learned from an event that made the user active, and survives what does not show it', async () => {
  await world.known('a');
  world.pool.mfa.set('a', { enabled: ['SMS_MFA'], preferred: 'SMS_MFA' });
  await world.apply(world.event('SetUserMFAPreference', { sub: 'a' }));
  expect((await world.row('a'))?.mfa).toEqual({ enabled: ['SMS_MFA'], preferred: 'SMS_MFA', readAt: expect.any(Number) });
  world.change('a');
  await world.apply(world.event('AdminDisableUser', { sub: 'a' }));
  expect(await world.row('a')).toMatchObject({ attributes: { email: 'new@example.com' }, mfa: { enabled: ['SMS_MFA'] } });
});

describe('an MFA preference that shows nothing new', () => {
  beforeEach(async () => {
    await world.known('a');
    world.pool.mfa.set('a', { enabled: ['SMS_MFA'], preferred: 'SMS_MFA' });
    await world.apply(world.event('SetUserMFAPreference', { sub: 'a' }));
    world.now += 1_000;
  });

  test('after an event of it is looked at twice: it has no date that would tell whether the answer is older', async () => {
    const message = world.event('SetUserMFAPreference', { sub: 'a' });
    expect((await world.apply(message)).retries).toEqual([{ id: message.id, afterSeconds: 2 }]);
    world.pool.mfa.set('a', { enabled: [] });
    expect((await world.apply(world.event('SetUserMFAPreference', { sub: 'a' }, 2))).retries).toEqual([]);
    expect((await world.row('a'))?.mfa?.enabled).toEqual([]);
    // It may be true that nothing changed.
    expect((await world.apply(world.event('SetUserMFAPreference', { sub: 'a' }, 2))).retries).toEqual([]);
  });

  test('gets the date of the look, once in half a day, without a history', async () => {
    const readAt = (await world.row('a'))!.mfa!.readAt!;
    const signIn = () => world.message({ version: 1, userPoolId: POOL, sub: 'a', eventName: 'PostAuthentication_Authentication', source: 'trigger' });
    const histories = () => world.ledger.partition(keys.history(POOL, 'U', 'a', 0).pk).length;
    const before = histories();
    await world.apply(signIn());
    expect((await world.row('a'))!.mfa!.readAt).toBe(readAt);
    world.now += 86_400_000;
    await world.apply(signIn());
    expect((await world.row('a'))!.mfa!.readAt).toBeGreaterThan(readAt + 86_400_000);
    expect(histories()).toBe(before);
  });
});

test('the history says which call it was', async () => {
  await world.known('a');
  world.change('a');
  await world.apply(world.event('AdminUpdateUserAttributes', { sub: 'a' }));
  const [history] = world.ledger.partition(keys.history(POOL, 'U', 'a', 0).pk);
  expect(history.cause).toEqual({
    event: 'AdminUpdateUserAttributes', id: 'id', at: expect.any(Number), principal: 'arn:aws:iam::111122223333:role/admin', session: 'admin',
  });
});

describe('what a recovery of this library changes', () => {
  const SECOND = 1_000;
  const causeOf = async (sub: string) => (await world.row(sub))!.cause;
  const byRecovery = (eventName: string, about: Partial<Call>) => world.event(eventName, { role: 'recovery', ...about });

  test('is said to be so by its row, with the execution and who called: the newest run that had begun', async () => {
    await world.known('a');
    world.change('a');
    const at = Math.floor(world.now / SECOND) * SECOND;
    world.recoveryRuns = [{ execution: 'next', begunAt: at + 1 }, { execution: 'second', begunAt: at - SECOND }, { execution: 'first', begunAt: at - 60 * SECOND }];
    await world.apply(byRecovery('AdminUpdateUserAttributes', { sub: 'a', eventTime: at, session: 'fn' }));
    expect(await causeOf('a')).toEqual({ event: 'recovery:second', id: 'id', at, principal: RECOVERY_ARN, session: 'fn' });
    const [history] = world.ledger.partition(keys.history(POOL, 'U', 'a', 0).pk);
    expect(history.cause).toMatchObject({ event: 'recovery:second' });
  });

  test('each by its own run, however late the events come, and groups and memberships too', async () => {
    await world.known('a');
    const at = Math.floor(world.now / SECOND) * SECOND;
    world.recoveryRuns = [{ execution: 'second', begunAt: at - 10 * SECOND }, { execution: 'first', begunAt: at - 100 * SECOND }];
    world.pool.add('b', { modifiedAt: at - 50 * SECOND, createdAt: at - 50 * SECOND });
    world.pool.addGroup({ name: 'staff' }, ['a']);
    await world.apply(
      byRecovery('AdminCreateUser', { sub: 'b', eventTime: at - 50 * SECOND, eventId: 'made' }),
      byRecovery('AdminAddUserToGroup', { sub: 'a', groupName: 'staff', eventTime: at, eventId: 'entered' }),
    );
    expect(await causeOf('b')).toMatchObject({ event: 'recovery:first' });
    expect((await world.ledger.membership(POOL, 'staff', 'a'))!.cause).toMatchObject({ event: 'recovery:second', id: 'entered' });
    // Both were found by one question, as far back as the oldest call.
    expect(world.runsRead).toEqual([at - SECOND, at - SECOND]);
  });

  test('is called recovery where no run is known, and somebody else\'s call is not, nor what a message without CloudTrail says', async () => {
    for (const sub of ['a', 'b', 'c']) await world.known(sub);
    for (const sub of ['a', 'b', 'c']) world.change(sub);
    world.runsRead.length = 0;
    await world.apply(
      world.event('AdminUpdateUserAttributes', { sub: 'b' }),
      world.message({ version: 1, userPoolId: POOL, sub: 'c', eventName: 'AdminUpdateUserAttributes', principal: RECOVERY_ARN }),
    );
    expect(world.runsRead).toEqual([]);
    expect([await causeOf('b'), await causeOf('c')]).toEqual([
      expect.objectContaining({ event: 'AdminUpdateUserAttributes' }), expect.objectContaining({ event: 'AdminUpdateUserAttributes' }),
    ]);
    await world.apply(byRecovery('AdminUpdateUserAttributes', { sub: 'a' }));
    expect(await causeOf('a')).toMatchObject({ event: 'recovery', principal: RECOVERY_ARN });
  });

  test('is not named by nobody where its event is seen before all of its calls are', async () => {
    await world.known('a');
    world.recoveryRuns = [{ execution: 'run', begunAt: NOW - 60 * SECOND }];
    // Addresses first, then the flag: the look shows both, and the second event is on its way.
    world.pool.add('a', { attributes: { email: 'new@example.com' }, enabled: false, modifiedAt: world.now - 1_500 });
    await world.apply(byRecovery('AdminUpdateUserAttributes', { sub: 'a' }));
    expect(await causeOf('a')).toMatchObject({ event: 'recovery:run' });
  });
});

describe('who was brought back by a recovery', () => {
  const SECOND = 1_000;
  const back = (sub: string) => world.event('AdminCreateUser', { sub, role: 'recovery', eventId: `made-${sub}` });

  test('has the first sub in the row, also after a second return and through later changes', async () => {
    world.recoveryRuns = [{ execution: 'run', begunAt: NOW - 60 * SECOND }];
    world.pool.add('second', { createdAt: NOW - 50 * SECOND, modifiedAt: NOW - 50 * SECOND });
    world.returns.set('second', { firstSub: 'first', replaces: 'first' });
    await world.apply(back('second'));
    expect(await world.row('second')).toMatchObject({ firstSub: 'first' });
    world.pool.add('third', { createdAt: NOW - 20 * SECOND, modifiedAt: NOW - 20 * SECOND });
    world.returns.set('third', { firstSub: 'first', replaces: 'second' });
    await world.apply(back('third'));
    world.change('third');
    world.returnsRead.length = 0;
    await world.apply(world.event('AdminUpdateUserAttributes', { sub: 'third' }));
    expect(await world.row('third')).toMatchObject({ firstSub: 'first', attributes: { email: 'new@example.com' } });
    // An attribute of that name may be written by others.
    expect(firstSubOf({ ...(await world.row('third'))!, attributes: { 'custom:source_sub': 'forged' } })).toBe('first');
    expect(world.returnsRead).toEqual([]);
  });

  test('is known by a later call of the recovery, where the first look came before it was noted', async () => {
    world.recoveryRuns = [{ execution: 'run', begunAt: NOW - 60 * SECOND }];
    world.pool.add('second', { createdAt: NOW - 50 * SECOND, modifiedAt: NOW - 50 * SECOND });
    await world.apply(back('second'));
    expect(await world.row('second')).not.toHaveProperty('firstSub');
    world.returns.set('second', { firstSub: 'first', replaces: 'first' });
    const histories = () => world.ledger.partition(keys.history(POOL, 'U', 'second', 0).pk).length;
    const before = histories();
    await world.apply(world.event('AdminSetUserPassword', { sub: 'second', role: 'recovery', eventId: 'later' }));
    expect(await world.row('second')).toMatchObject({ firstSub: 'first' });
    expect(histories()).toBe(before);
  });

  test('is asked of nobody whom Cognito made before a recovery wrote the pool, or where none did', async () => {
    world.pool.add('a', { createdAt: NOW - 50 * SECOND, modifiedAt: NOW - 50 * SECOND });
    await world.apply(world.event('AdminCreateUser', { sub: 'a' }));
    world.recoveryRuns = [{ execution: 'run', begunAt: NOW - 30 * SECOND }];
    world.pool.add('b', { createdAt: NOW - 50 * SECOND, modifiedAt: NOW - 50 * SECOND });
    await world.apply(world.event('AdminCreateUser', { sub: 'b' }));
    expect(world.returnsRead).toEqual([]);
    // That there was no run is no longer known of a user who was made since.
    world.pool.add('c', { createdAt: world.now, modifiedAt: world.now });
    await world.apply(world.event('AdminCreateUser', { sub: 'c' }));
    expect(world.returnsRead).toEqual(['c']);
  });
});

describe('an answer older than the event', () => {
  test('is asked for again, at growing intervals, and believed in the end', async () => {
    await world.known('a');
    for (const [receives, afterSeconds] of [[1, 2], [2, 4], [3, 8]]) {
      const message = world.event('AdminDisableUser', { sub: 'a' }, receives);
      expect(await world.apply(message)).toMatchObject({ retries: [{ id: message.id, afterSeconds }], lags: [], staleAnswers: 0 });
    }
    expect(await world.apply(world.event('AdminDisableUser', { sub: 'a' }, 4))).toMatchObject({ retries: [], staleAnswers: 1 });
  });

  test('of a user that is to be gone writes nothing while it is doubted', async () => {
    await world.known('a');
    world.change('a');
    expect((await world.apply(world.event('DeleteUser', { sub: 'a' }))).retries).toHaveLength(1);
    expect((await world.row('a'))?.attributes.email).toBe('a@example.com');
    world.pool.users.delete('a');
    expect(await world.apply(world.event('DeleteUser', { sub: 'a' }, 2))).toMatchObject({ retries: [], rowsWritten: 1 });
    expect((await world.row('a'))?.deletedAt).toBeDefined();
  });

  test('is one that does not show a user that was just created', async () => {
    expect((await world.apply(world.event('AdminCreateUser', { sub: 'a' }))).retries).toHaveLength(1);
    expect(await world.apply(world.event('AdminCreateUser', { sub: 'a' }, 4))).toMatchObject({ retries: [], unknownUsers: 1 });
  });

  test('is not doubted where nobody knows the user and the event may be about another pool', async () => {
    const first = await world.apply(world.event('UpdateUserAttributes', { sub: 'a', tokenCallsNameThePool: false }));
    expect(first).toMatchObject({ retries: [], unknownUsers: 1 });
    await world.known('b');
    world.pool.users.delete('b');
    expect((await world.apply(world.event('UpdateUserAttributes', { sub: 'b', tokenCallsNameThePool: false }))).retries).toHaveLength(1);
  });

  test('does not make a user gone that no event deleted: a sweep decides', async () => {
    await world.known('a');
    world.pool.addGroup({ name: 'g' }, ['a']);
    await world.apply(world.message({ version: 1, userPoolId: POOL, sub: 'a' }));
    world.pool.users.delete('a');
    expect((await world.apply(world.event('AdminDisableUser', { sub: 'a' }, 3))).retries).toHaveLength(1);
    expect(await world.apply(world.event('AdminDisableUser', { sub: 'a' }, 4))).toMatchObject({ retries: [], usersLeftToSweep: 1, rowsWritten: 0 });
    expect((await world.row('a'))?.deletedAt).toBeUndefined();
    expect((await world.ledger.membership(POOL, 'g', 'a'))?.deletedAt).toBeUndefined();
    // An event of deletion is the answer.
    expect(await world.apply(world.event('AdminDeleteUser', { sub: 'a' }))).toMatchObject({ rowsWritten: 2 });
  });

  test('is written where it is newer than what is known, and asked for again', async () => {
    await world.known('a');
    world.change('a');
    world.pool.users.set('a', { ...world.pool.users.get('a')!, modifiedAt: world.now - 8_000 });
    const answer = await world.apply(world.event('AdminDisableUser', { sub: 'a' }));
    expect(answer).toMatchObject({ rowsWritten: 1, retries: [expect.anything()], lags: [] });
    expect((await world.row('a'))?.attributes.email).toBe('new@example.com');
  });

  test('is asked for again as often as a new event may ask, whatever an old one used up', async () => {
    await world.known('a');
    const old = world.event('AdminEnableUser', { sub: 'a', eventTime: world.now - 60_000 }, 8);
    const fresh = world.event('AdminDisableUser', { sub: 'a' });
    expect(await world.apply(old, fresh)).toMatchObject({
      retries: [{ id: old.id, afterSeconds: 256 }, { id: fresh.id, afterSeconds: 256 }], staleAnswers: 0,
    });
    const removal = world.event('AdminDeleteUser', { sub: 'a' });
    expect((await world.apply(old, removal)).retries).toHaveLength(2);
    world.pool.addGroup({ name: 'g' }, []);
    world.change('a');
    const joined = world.event('AdminAddUserToGroup', { sub: 'a', groupName: 'g' });
    expect((await world.apply(old, joined)).retries).toHaveLength(2);
  });

  test('of a user that was found gone a moment ago is asked for again when that can be told', async () => {
    await world.known('a');
    const image = world.pool.users.get('a')!;
    world.pool.users.delete('a');
    await world.apply(world.event('AdminDeleteUser', { sub: 'a' }));
    world.pool.users.set('a', image);
    world.now += 20_000;
    const signIn = (receives: number) => world.message({
      version: 1, userPoolId: POOL, sub: 'a', eventName: 'PostAuthentication_Authentication', source: 'trigger',
    }, receives);
    const [{ afterSeconds }] = (await world.apply(signIn(1))).retries;
    expect(afterSeconds).toBe(40);
    expect((await world.row('a'))?.deletedAt).toBeDefined();
    world.now += afterSeconds * 1_000;
    expect((await world.apply(signIn(2))).retries).toEqual([]);
    expect((await world.row('a'))?.deletedAt).toBeUndefined();
  });

  test('does not bring back a group that was just deleted', async () => {
    await world.known('a');
    world.pool.addGroup({ name: 'g' }, ['a']);
    await world.apply(world.message({ version: 1, userPoolId: POOL, sub: 'a' }));
    const group = world.pool.groups.get('g')!;
    world.pool.groups.delete('g');
    await world.apply(world.event('DeleteGroup', { groupName: 'g' }));
    world.pool.groups.set('g', group);
    world.now += 1_000;
    const { retries } = await world.apply(world.message({ version: 1, userPoolId: POOL, sub: 'a' }));
    expect(retries).toEqual([expect.objectContaining({ afterSeconds: expect.closeTo(59, 0) })]);
    expect((await world.ledger.group(POOL, 'g'))?.deletedAt).toBeDefined();
    expect((await world.ledger.membership(POOL, 'g', 'a'))?.deletedAt).toBeDefined();
    world.now += 60_000;
    expect((await world.apply(world.message({ version: 1, userPoolId: POOL, sub: 'a' }))).retries).toEqual([]);
    expect((await world.ledger.group(POOL, 'g'))?.deletedAt).toBeUndefined();
  });

  test.each([
    ['AdminAddUserToGroup', false], ['AdminRemoveUserFromGroup', true],
  ])('about a membership, against %s, is asked for once more', async (eventName, isMember) => {
    await world.known('a');
    world.pool.addGroup({ name: 'g' }, isMember ? ['a'] : []);
    expect((await world.apply(world.event(eventName, { sub: 'a', groupName: 'g' }))).retries).toHaveLength(1);
    expect((await world.apply(world.event(eventName, { sub: 'a', groupName: 'g' }, 2))).retries).toEqual([]);
    expect(Boolean(await world.ledger.membership(POOL, 'g', 'a'))).toBe(isMember);
  });
});

test('an event of a membership that hides its group is about any of the user\'s groups', async () => {
  await world.known('a');
  world.pool.addGroup({ name: 'g' }, ['a']);
  const envelope = world.event('AdminAddUserToGroup', { sub: 'a', groupName: 'HIDDEN_DUE_TO_SECURITY_REASONS' });
  await world.apply(envelope);
  expect(await world.ledger.membership(POOL, 'g', 'a')).toBeDefined();
  world.pool.groups.get('g')!.members.delete('a');
  world.now += 1_000;
  await world.apply(world.event('AdminRemoveUserFromGroup', { sub: 'a', groupName: 'HIDDEN_DUE_TO_SECURITY_REASONS' }));
  expect((await world.ledger.membership(POOL, 'g', 'a'))?.deletedAt).toBeDefined();
});

test('a membership that an event names gets the time of the look, so that an answer from before comes too late', async () => {
  await world.known('a');
  world.pool.addGroup({ name: 'g' }, ['a']);
  await world.apply(world.event('AdminAddUserToGroup', { sub: 'a', groupName: 'g' }));
  const before = (await world.ledger.membership(POOL, 'g', 'a'))!.observedAt;
  world.now += 5_000;
  await world.apply(world.event('AdminAddUserToGroup', { sub: 'a', groupName: 'g' }));
  expect((await world.ledger.membership(POOL, 'g', 'a'))!.observedAt).toBeGreaterThan(before + 5_000);
});

describe('a group', () => {
  const members = async (group: string) =>
    (await world.ledger.membersOfGroup(POOL, group)).items.filter(row => row.deletedAt === undefined).map(row => row.sub).sort();

  beforeEach(async () => {
    for (const sub of ['a', 'b', 'c']) world.pool.add(sub);
    world.pool.addGroup({ name: 'g' }, ['a', 'b']);
    await world.apply(...['a', 'b', 'c'].map(sub => world.message({ version: 1, userPoolId: POOL, sub })));
    expect(await members('g')).toEqual(['a', 'b']);
    world.now += 1_000;
  });

  test('that is deleted takes its members with it', async () => {
    world.pool.groups.delete('g');
    expect(await world.apply(world.event('DeleteGroup', { groupName: 'g' }))).toMatchObject({ rowsWritten: 3, retries: [] });
    expect(await members('g')).toEqual([]);
    expect((await world.ledger.group(POOL, 'g'))?.deletedAt).toBeDefined();
  });

  test('that is deleted and made anew has the members that it has now', async () => {
    world.pool.addGroup({ name: 'g', description: 'new' }, ['b', 'c']);
    await world.apply(world.event('DeleteGroup', { groupName: 'g' }, 2));
    expect(await members('g')).toEqual(['b', 'c']);
    expect(await world.ledger.group(POOL, 'g')).toMatchObject({ description: 'new' });
  });

  describe('of any size that is deleted', () => {
    const all = Array.from({ length: 300 }, (_, i) => `m${String(i).padStart(3, '0')}`);

    beforeEach(async () => {
      for (const sub of all) world.pool.add(sub);
      world.pool.addGroup({ name: 'huge' }, all);
      for (const sub of all) await world.apply(world.message({ version: 1, userPoolId: POOL, sub }));
      expect(await members('huge')).toHaveLength(300);
      world.now += 1_000;
      world.ledger.membersPerPage = 10;
      world.pool.groups.delete('huge');
    });

    const left = () => world.ledger.partition(keys.membersOf(POOL, 'huge')).filter(item => item.deletedAt === undefined).length;
    /** From now on every write takes its time. */
    const slow = () => { world.ledger.beforeWrite = () => { world.now += 200; }; };
    const again = () => world.sentOn.splice(0).map(hint => world.message(JSON.parse(JSON.stringify(hint))));

    test('is worked through from where the time was over, by messages that were never received: neither it nor others end among the dead letters', async () => {
      world.change('c');
      slow();
      let batch = [world.event('DeleteGroup', { groupName: 'huge' }), world.event('AdminUpdateUserAttributes', { sub: 'c' })];
      const pages = jest.spyOn(world.ledger, 'membersOfGroup');
      let invocations = 0;
      for (; batch.length > 0; batch = again()) {
        const began = world.now;
        const before = left();
        expect(await world.apply(...batch)).toMatchObject({ retries: [], errors: [] });
        // The innocent hint was applied although the group took the rest of the time, which is a share: the queue is not theirs alone.
        expect((await world.row('c'))?.attributes).toEqual({ email: 'new@example.com' });
        expect(world.now - began).toBeLessThan(30_000);
        expect(left()).toBeLessThan(before);
        invocations += 1;
      }
      expect(invocations).toBeGreaterThan(2);
      // Users first: what a group takes is not known.
      expect((await world.row('c'))?.observedAt).toBeLessThan((await world.ledger.group(POOL, 'huge'))!.deletedAt!);
      // Only the first one began with the first member.
      expect(pages.mock.calls.filter(([, , cursor]) => cursor === undefined)).toHaveLength(1);
      expect(left()).toBe(0);
    });

    test('is done at once where there is the time', async () => {
      await world.apply(world.event('DeleteGroup', { groupName: 'huge' }));
      expect([world.sentOn, left()]).toEqual([[], 0]);
    });

    test.each([
      ['the deletion, where there is one', ['DeleteGroup', 'UpdateGroup'], 'DeleteGroup'], ['else the newest event', ['CreateGroup', 'UpdateGroup'], 'UpdateGroup'],
    ])('goes on by a message that says %s', async (_what, events, said) => {
      slow();
      await world.apply(...events.map(name => world.event(name, { groupName: 'huge' }, 2)));
      expect(world.sentOn).toMatchObject([{ eventName: said, group: 'huge' }]);
    });

    test('begins anew with a new event, and comes again where the message that goes on could not be sent', async () => {
      slow();
      await world.apply(world.event('DeleteGroup', { groupName: 'huge' }));
      const [hint] = world.sentOn.splice(0);
      expect(hint).toMatchObject({ eventName: 'DeleteGroup', group: 'huge', membersFrom: expect.any(String) });
      expect(hint).not.toHaveProperty('eventId');
      world.sentOn.push = () => { throw new Error('no queue'); };
      const [one, other] = [world.message(hint), world.event('DeleteGroup', { groupName: 'huge' }, 2)];
      expect(await world.apply(one, other)).toMatchObject({ retries: [{ id: one.id, afterSeconds: 4 }, { id: other.id, afterSeconds: 4 }], errors: [new Error('no queue')] });
    });

    test('and made again with more members than there is time for is left to a sweep, instead of failing again and again', async () => {
      world.pool.addGroup({ name: 'huge' }, all);
      const list = world.pool.listUsersInGroup.bind(world.pool);
      world.pool.listUsersInGroup = async (...args) => {
        world.now += 50_000;
        return { ...(await list(...args))!, next: 'more' };
      };
      expect(await world.apply(world.event('DeleteGroup', { groupName: 'huge' }, 2))).toMatchObject({ retries: [], errors: [], groupsLeftToSweep: 1 });
    });
  });

  test('is left by a user that is deleted', async () => {
    world.pool.users.delete('a');
    world.pool.groups.get('g')!.members.delete('a');
    await world.apply(world.event('AdminDeleteUser', { sub: 'a' }));
    expect(await members('g')).toEqual(['b']);
  });
});

describe('a group, as an event has it against Cognito\'s answer', () => {
  test.each([['DeleteGroup', ['g']], ['CreateGroup', []]])('is asked for once more: %s', async (eventName, groups) => {
    for (const name of groups) world.pool.addGroup({ name }, []);
    const message = world.event(eventName, { groupName: 'g' });
    expect(await world.apply(message)).toMatchObject({ retries: [{ id: message.id, afterSeconds: 2 }], rowsWritten: 0 });
    expect((await world.apply(world.event(eventName, { groupName: 'g' }, 2))).retries).toEqual([]);
  });

  test('is believed where two events say both', async () => {
    world.pool.addGroup({ name: 'g' }, []);
    const events = ['DeleteGroup', 'CreateGroup'].map(name => world.event(name, { groupName: 'g' }));
    expect(await world.apply(...events)).toMatchObject({ retries: [], rowsWritten: 1 });
  });

  test('takes the time of the look though nothing differs, and costs one call', async () => {
    world.pool.addGroup({ name: 'g' }, ['a']);
    await world.apply(world.event('CreateGroup', { groupName: 'g' }));
    const before = (await world.ledger.group(POOL, 'g'))!.observedAt;
    world.now += 1_000;
    world.pool.calls.length = 0;
    expect(await world.apply(world.event('UpdateGroup', { groupName: 'g' }))).toMatchObject({ retries: [], errors: [], lags: [expect.any(Number)] });
    expect((await world.ledger.group(POOL, 'g'))!.observedAt).toBeGreaterThan(before);
    expect(world.pool.calls).toEqual(['group']);
  });

  describe('that was deleted and made anew', () => {
    const live = async () => (await world.ledger.membersOfGroup(POOL, 'g')).items.filter(row => row.deletedAt === undefined).map(row => row.sub).sort();

    beforeEach(async () => {
      for (const sub of ['a', 'b', 'c']) world.pool.add(sub);
      world.pool.addGroup({ name: 'g' }, ['a', 'b']);
      await world.apply(...['a', 'b'].map(sub => world.message({ version: 1, userPoolId: POOL, sub })));
      world.spent.length = 0;
      world.now += 100_000;
    });

    test('has the members of every page, who were in it once or not', async () => {
      world.pool.addGroup({ name: 'g' }, ['b']);
      await world.apply(world.event('DeleteGroup', { groupName: 'g' }, 2));
      expect(await live()).toEqual(['b']);
      world.spent.length = 0;
      world.now += 100_000;
      world.pool.pageSize = 1;
      world.pool.addGroup({ name: 'g' }, ['a', 'b', 'c']);
      await world.apply(world.event('DeleteGroup', { groupName: 'g' }, 2));
      expect(await live()).toEqual(['a', 'b', 'c']);
      expect(world.spent).toEqual(['UserPoolResourceRead', 'UserList', 'UserList', 'UserList']);
    });

    test('has no members where it was deleted again meanwhile', async () => {
      world.pool.listUsersInGroup = async () => undefined;
      expect((await world.apply(world.event('DeleteGroup', { groupName: 'g' }, 2))).errors).toEqual([]);
      expect(await live()).toEqual([]);
    });

    test('is done, though the time was over with its last page', async () => {
      const list = world.pool.listUsersInGroup.bind(world.pool);
      world.pool.listUsersInGroup = async (...args) => { world.now += 50_000; return list(...args); };
      world.pool.addGroup({ name: 'g' }, ['b', 'c']);
      expect(await world.apply(world.event('DeleteGroup', { groupName: 'g' }, 2))).toMatchObject({ retries: [], groupsLeftToSweep: 0 });
      expect(await live()).toEqual(['b', 'c']);
      expect(world.sentOn).toEqual([]);
    });
  });
});

describe('a user', () => {
  const MFA = { enabled: ['SMS_MFA', 'SOFTWARE_TOKEN_MFA'], preferred: 'SMS_MFA' };
  const sets = (receives: number) => world.event('SetUserMFAPreference', { sub: 'a' }, receives);

  test('as of the second of the event is not doubted', async () => {
    await world.known('a');
    const eventTime = Math.floor(world.now / 1_000) * 1_000;
    world.pool.add('a', { enabled: false, modifiedAt: eventTime });
    expect((await world.apply(world.event('AdminDisableUser', { sub: 'a', eventTime }))).retries).toEqual([]);
  });

  test('is asked for by the user name that a listing shows, where no row says it; and at the pace of each call', async () => {
    world.pool.usernameAttributes = [];
    world.pool.add('a', { username: 'ann', modifiedAt: world.now });
    world.pool.mfa.set('a', MFA);
    await world.apply(world.event('SetUserMFAPreference', { sub: 'a' }));
    expect(world.pool.calls).toEqual(['userBySub', 'userByName']);
    expect(world.spent).toEqual(['UserList', 'UserRead']);
    expect((await world.row('a'))?.mfa?.enabled).toEqual(MFA.enabled);
    world.pool.add('b', { username: 'bob', modifiedAt: world.now });
    world.pool.calls.length = 0;
    await world.apply(world.event('AdminDisableUser', { sub: 'b' }));
    expect(world.pool.calls).toEqual(['userBySub']);
  });

  test.each<[string, object, boolean]>([
    ['another preferred one', { ...MFA, preferred: 'SOFTWARE_TOKEN_MFA' }, true],
    ['one less', { ...MFA, enabled: ['SMS_MFA'] }, true],
    ['the same in another order', { ...MFA, enabled: ['SOFTWARE_TOKEN_MFA', 'SMS_MFA'] }, false],
  ])('whose second factors are told anew is written where they differ: %s', async (_what, now, differs) => {
    await world.known('a');
    world.pool.mfa.set('a', MFA);
    await world.apply(sets(1));
    world.now += 1_000;
    world.pool.mfa.set('a', now as typeof MFA);
    expect(await world.apply(sets(1))).toMatchObject({ rowsWritten: Number(differs), retries: differs ? [] : [expect.anything()] });
  });

  test('whose second factors no answer shows keeps them, and is done', async () => {
    await world.known('a');
    world.pool.mfa.set('a', MFA);
    await world.apply(sets(1));
    world.change('a');
    expect(await world.apply(world.event('AdminDisableUser', { sub: 'a' }))).toMatchObject({ retries: [], errors: [], rowsWritten: 1 });
  });

  test('whose second factors were read anew has a newer row for it', async () => {
    await world.known('a');
    world.pool.mfa.set('a', MFA);
    await world.apply(sets(1));
    world.now += 86_400_000;
    const before = (await world.row('a'))!.observedAt;
    await world.apply(sets(2));
    expect((await world.row('a'))!.observedAt).toBe(before + 1);
  });

  test.each<[string, (row: UserRow, now: number) => UserRow | undefined]>([
    ['expired', () => undefined],
    ['was found gone', (row, now) => ({ ...row, deletedAt: now, expiresAt: 1 })],
    ['was read later by somebody else', (row, now) => ({ ...row, observedAt: now + 1_000 })],
    ['has other second factors', row => ({ ...row, mfa: { enabled: [] } })],
    ['has none any more', row => ({ ...row, mfa: undefined })],
  ])('whose row meanwhile %s is left to whoever wrote it', async (_what, meanwhile) => {
    await world.known('a');
    world.pool.mfa.set('a', MFA);
    await world.apply(sets(1));
    world.now += 86_400_000;
    const row = (await world.row('a'))!;
    const written: unknown[] = [];
    world.ledger.beforeWrite = change => { written.push(change); };
    const read = world.pool.userByName.bind(world.pool);
    let asked = false;
    world.pool.userByName = async name => { asked = true; return read(name); };
    let reads = 0;
    // The last of the reads is the one before the date is noted.
    world.ledger.user = async () => { if (asked) reads += 1; return reads < 2 ? row : meanwhile(row, world.now); };
    expect((await world.apply(sets(2))).errors).toEqual([]);
    expect([reads, written]).toEqual([2, []]);
  });

  test('who was gone before is no unknown one, nor left to a sweep; what is left of their memberships goes', async () => {
    await world.known('a');
    world.pool.users.delete('a');
    expect(await world.apply(world.event('AdminDeleteUser', { sub: 'a' }))).toMatchObject({ unknownUsers: 0, usersLeftToSweep: 0, rowsWritten: 1 });
    world.ledger.put(items.membership({ poolId: POOL, group: 'g', sub: 'a', observedAt: 1 }));
    world.now += 1_000;
    expect(await world.apply(world.event('AdminDisableUser', { sub: 'a' }))).toMatchObject({ unknownUsers: 0, usersLeftToSweep: 0, retries: [], rowsWritten: 1 });
    expect((await world.ledger.membership(POOL, 'g', 'a'))?.deletedAt).toBeDefined();
  });

  test('who went between two reads is looked at again, for a while', async () => {
    await world.known('a');
    world.pool.groupsOfUser = async () => undefined;
    const joined = (receives: number) => world.event('AdminAddUserToGroup', { sub: 'a', groupName: 'g' }, receives);
    for (const receives of [1, 3]) expect(await world.apply(joined(receives))).toMatchObject({ retries: [expect.anything()], errors: [] });
    expect(await world.apply(joined(4))).toMatchObject({ retries: [], errors: [] });
  });

  test('who entered and left by events of one batch is believed to be where Cognito says; against one event nothing is written yet', async () => {
    await world.known('a');
    world.pool.addGroup({ name: 'g' }, ['a']);
    const [enters, leaves] = ['AdminAddUserToGroup', 'AdminRemoveUserFromGroup'].map(name => () => world.event(name, { sub: 'a', groupName: 'g' }));
    expect((await world.apply(leaves())).retries).toHaveLength(1);
    expect(await world.ledger.membership(POOL, 'g', 'a')).toBeUndefined();
    expect(await world.apply(enters(), leaves())).toMatchObject({ retries: [], rowsWritten: 2 });
  });
});

describe('what goes wrong', () => {
  test('with one user does not keep the others, and comes again later', async () => {
    await world.known('a');
    await world.known('b');
    world.change('a');
    world.change('b');
    world.ledger.beforeWrite = ({ put }) => {
      if (put.sk === 'a') throw new Error('throttled');
    };
    const message = world.event('AdminUpdateUserAttributes', { sub: 'a' }, 5);
    const answer = await world.apply(message, world.event('AdminUpdateUserAttributes', { sub: 'b' }));
    expect(answer).toMatchObject({ retries: [{ id: message.id, afterSeconds: 32 }], rowsWritten: 1, errors: [expect.any(Error)] });
    expect((await world.row('b'))?.attributes.email).toBe('new@example.com');
  });

  test.each([
    ['new', false], ['changed', true],
  ])('with a %s row that DynamoDB will never take is counted by name, and no further try is made', async (_how, isKnown) => {
    if (isKnown) await world.known('a');
    await world.known('b');
    world.change('b');
    // Cognito takes 50 attributes of that length; together they are more than the 400 KB that DynamoDB takes.
    const attributes = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`custom:${i}`, '\u{1f600}'.repeat(2_048)]));
    world.pool.add('a', { attributes, modifiedAt: world.now - 1_500 });
    world.pool.addGroup({ name: 'g' }, ['a']);
    expect(await world.apply(...['a', 'b'].map(sub => world.message({ version: 1, userPoolId: POOL, sub })))).toMatchObject({
      retries: [], refused: 1, refusedRows: ['user a'], rowsWritten: 3, errors: [],
    });
    expect((await world.row('a'))?.attributes.email).toBe(isKnown ? 'a@example.com' : undefined);
    expect((await world.row('b'))?.attributes.email).toBe('new@example.com');
  });

  test('with the date of an MFA preference that DynamoDB will never take is counted as well', async () => {
    await world.known('a');
    world.pool.mfa.set('a', { enabled: ['SMS_MFA'], preferred: 'SMS_MFA' });
    await world.apply(world.event('SetUserMFAPreference', { sub: 'a' }));
    world.now += 86_400_000;
    world.ledger.beforeWrite = ({ put }) => { throw new RowRefusedError(put); };
    const signIn = { version: 1, userPoolId: POOL, sub: 'a', eventName: 'PostAuthentication_Authentication', source: 'trigger' };
    expect(await world.apply(world.message(signIn))).toMatchObject({ refused: 1, refusedRows: ['user a'], errors: [], retries: [] });
  });

  test('with a message itself sets it aside at once', async () => {
    const poison = world.message('x'.repeat(256 * 1_024));
    expect(await world.apply(poison)).toMatchObject({ retries: [{ id: poison.id, afterSeconds: 0 }], unreadable: ['is not a JSON object'] });
  });

  test('is counted where nothing is to be done', async () => {
    const answer = await world.apply(
      world.event('SAML2Response_POST'), world.event('SignUp'), world.message({ version: 1, userPoolId: 'us-east-1_Other', sub: 'a' }),
      world.message(cloudTrailEvent('AdminDeleteUser', { errorCode: 'UserNotFoundException' })!),
    );
    expect(answer).toMatchObject({ ignored: { 'no-user': 2, 'other-pool': 1, 'failed-call': 1 }, retries: [], lags: [], eventSeenAt: world.now - 1 });
    expect(world.pool.calls).toEqual([]);
  });
});

test('a thousand users deleted one by one are a thousand tombstones that keep everything', async () => {
  const subs = Array.from({ length: 1_000 }, (_, i) => `u${i}`);
  subs.forEach(sub => world.pool.add(sub));
  await world.apply(...subs.map(sub => world.message({ version: 1, userPoolId: POOL, sub })));
  world.pool.users.clear();
  world.now += 1_000;
  const answer = await world.apply(...subs.map(sub => world.event('AdminDeleteUser', { sub })));
  expect(answer.rowsWritten).toBe(1_000);
  const users = [...world.ledger.items.values()].filter(item => item.pk.startsWith(`${POOL}#U#`)).map(rows.user);
  expect(users.filter(row => row.deletedAt !== undefined && row.attributes.email)).toHaveLength(1_000);
});

test('the ledger is used in the ways that the policy allows', () => {
  // What the cores call, in DynamoDB's words; that the store calls no more is its own test.
  expect(LEDGER_APPLY_ACTIONS).toEqual(
    ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem']);
});
