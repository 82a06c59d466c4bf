import * as fc from 'fast-check';
import { poolSettingsOf } from '../../../src/cognito/pool-settings';
import { items, UserRow } from '../../../src/ledger/schema';
import { followUp } from '../../../src/standby/on-demand/follow-up';
import { FollowUp } from '../../../src/standby/on-demand/follow-up-message';
import { followUpMessages } from '../../../src/standby/on-demand/follow-up-queue.lambda-shared';
import { onConfirmed } from '../../../src/standby/on-demand/post-confirmation';
import { guardSignUp } from '../../../src/standby/on-demand/sign-up-guard';
import { identityOf } from '../../../src/standby/on-demand/token-claims';
import { UserMigrationPorts, migrateUser, newUser } from '../../../src/standby/on-demand/user-migration';
import { NEVER_TURNED } from '../../../src/state/switch';
import { cognitoError } from '../../helpers/fake-cognito';
import { identitiesAt, STANDBY, StandbyWorld } from '../../helpers/standby-world';

const FORGOT = { triggerSource: 'UserMigration_ForgotPassword', userPoolId: STANDBY, request: {} };
const SIGN_IN = { triggerSource: 'UserMigration_Authentication', userPoolId: STANDBY, request: { password: 'pw' } };
const DEFAULTS = { resetPasswordAtSignIn: false };

/** Who comes through a provider under this name; an event need not tell their identity. */
const profile = (username: string, identities?: string) => ({ username, attributes: { ...identities === undefined ? {} : { identities } } });

function portsOf(world: StandbyWorld, more: Partial<UserMigrationPorts> = {}) {
  const sent: FollowUp[] = [];
  const ports: UserMigrationPorts = {
    switch: world.switch,
    directory: world.directory,
    settings: async () => poolSettingsOf(await world.pool.describeUserPool()),
    followUp: async message => { sent.push(message); },
    ...more,
  };
  return { ports, sent };
}

describe('a user whom the standby does not have', () => {
  test('is made at "forgot password", with everything that can only be set now', async () => {
    const world = new StandbyWorld();
    world.user('ann', { attributes: { email: 'Ann@example.com', email_verified: 'true', name: 'Ann', identities: '[]' } }, ['staff']);
    const { ports, sent } = portsOf(world);
    expect(await migrateUser({ ...FORGOT, userName: 'ANN@example.com' }, ports, DEFAULTS)).toEqual({
      // As it was typed: it is not documented that Cognito ignores case when it looks for the name in the answer.
      userAttributes: { 'email': 'ANN@example.com', 'email_verified': 'true', 'name': 'Ann', 'custom:source_sub': 'ann' },
      messageAction: 'SUPPRESS',
      forceAliasCreation: false,
    });
    expect(sent).toEqual([{ sourceSub: 'ann' }]);
  });

  test('is made without an attribute that the standby\'s schema lacks, and gets their groups all the same', async () => {
    const world = new StandbyWorld();
    world.group({ name: 'staff' });
    world.user('ann', { attributes: { 'email': 'ann@example.com', 'email_verified': 'true', 'custom:added': 'x' } }, ['staff']);
    const made = await migrateUser({ ...FORGOT, userName: 'ann@example.com' }, portsOf(world).ports, DEFAULTS);
    expect(made?.userAttributes).toEqual({ 'email': 'ann@example.com', 'email_verified': 'true', 'custom:source_sub': 'ann' });
    const user = world.pool.seed({ username: 'm', attributes: { ...made!.userAttributes }, createdAt: world.time });
    const reports: object[] = [];
    const messages = [{ id: '1', body: JSON.stringify({ sourceSub: 'ann', username: 'm' }), receives: 1 }];
    expect(await followUpMessages(await world.context(), messages, report => reports.push(report))).toEqual([]);
    expect(reports).toEqual([{ kind: 'done', warnings: ['attributes-left-out'], sourceSub: 'ann' }]);
    expect([...user.groups]).toEqual(['staff']);
  });

  test('is found by each verified alias, and made under the user name', async () => {
    const world = new StandbyWorld({ aliasAttributes: ['email', 'phone_number', 'preferred_username'] });
    world.user('ann', {
      attributes: {
        email: 'a@b.c', email_verified: 'true', phone_number: '+1555', phone_number_verified: 'false', preferred_username: 'nick',
      },
    });
    const { ports } = portsOf(world);
    for (const [typed, isFound] of [['ann', true], ['a@b.c', true], ['nick', true], ['+1555', false]] as const) {
      const made = await migrateUser({ ...FORGOT, userName: typed }, ports, DEFAULTS);
      expect([typed, made?.userAttributes?.username]).toEqual([typed, isFound ? 'ann' : undefined]);
    }
  });

  test.each<[string, Partial<UserRow>]>([
    ['deleted', { deletedAt: 5 }],
    ['disabled', { enabled: false }],
    ['archived', { status: 'ARCHIVED' }],
    ['compromised', { status: 'COMPROMISED' }],
    ['not confirmed', { status: 'UNCONFIRMED' }],
    ['of an identity provider', { username: 'Corp_ann', status: 'EXTERNAL_PROVIDER', attributes: { email: 'ann@example.com', email_verified: 'true', identities: identitiesAt('Corp', 'ann', true) } }],
    ['without an address that could get a code', { attributes: { email: 'ann@example.com', email_verified: 'false' } }],
  ])('is not made who is %s', async (_what, more) => {
    const world = new StandbyWorld();
    world.user('ann', more);
    const { ports, sent } = portsOf(world);
    expect(await migrateUser({ ...FORGOT, userName: 'ann@example.com' }, ports, DEFAULTS)).toBeUndefined();
    expect(sent).toEqual([]);
  });

  test('whoever it is, as many reads', async () => {
    const world = new StandbyWorld({ usernameAttributes: ['email', 'phone_number'] });
    world.user('ann');
    world.user('bob', { enabled: false });
    world.user('carl', { deletedAt: 4 });
    const counts = new Set<number>();
    await world.directory.find('warm-up');
    for (const name of ['ann', 'bob', 'carl', 'nobody']) {
      const calls = (['user', 'subsBySignInName', 'groupsOfUser', 'sources', 'poolPart'] as const).map(method => jest.spyOn(world.ledger, method));
      await world.directory.find(`${name}@example.com`);
      counts.add(calls.reduce((sum, spy) => sum + spy.mock.calls.length, 0));
      calls.forEach(spy => spy.mockRestore());
    }
    expect(counts.size).toBe(1);
  });

  test('is whoever was seen last with a name that two have until a sweep; a sign-up that was never confirmed takes it from nobody', async () => {
    const world = new StandbyWorld({ usernameAttributes: ['email', 'phone_number'] });
    const attributes = { email: 'ann@example.com', email_verified: 'true' };
    world.user('deleted-unseen', { attributes, observedAt: 5, createdAt: 9 });
    world.user('now', { attributes, observedAt: 6 });
    world.user('squatter', { attributes: { email: 'bob@example.com' }, status: 'UNCONFIRMED', observedAt: 9 });
    world.user('bob', { attributes: { phone_number: '+1555', phone_number_verified: 'true', email: 'bob@example.com', email_verified: 'true' } });
    for (const [typed, sub] of [['ann@example.com', 'now'], ['bob@example.com', 'bob']]) {
      const made = await migrateUser({ ...FORGOT, userName: typed }, portsOf(world).ports, DEFAULTS);
      expect(made?.userAttributes?.['custom:source_sub']).toBe(sub);
    }
  });

  test('a sign-in makes nobody and looks nobody up, as no password can be checked', async () => {
    const world = new StandbyWorld();
    world.user('ann');
    const find = jest.spyOn(world.directory, 'find');
    expect(await migrateUser({ ...SIGN_IN, userName: 'ann@example.com' }, portsOf(world).ports, DEFAULTS)).toBeUndefined();
    expect(find).not.toHaveBeenCalled();
    const reset = await migrateUser({ ...SIGN_IN, userName: 'ann@example.com' }, portsOf(world).ports, { resetPasswordAtSignIn: true });
    expect(reset?.finalUserStatus).toBe('RESET_REQUIRED');
  });

  test('who signs in by one address keeps the other, and gets none that they do not have', async () => {
    const world = new StandbyWorld({ usernameAttributes: ['email', 'phone_number'] });
    world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true', phone_number: '+1555', phone_number_verified: 'true' } });
    world.user('bob');
    const attributesOf = async (userName: string) => (await migrateUser({ ...FORGOT, userName }, portsOf(world).ports, DEFAULTS))?.userAttributes;
    expect(await attributesOf('+1555')).toMatchObject({ email: 'ann@example.com', phone_number: '+1555' });
    expect(await attributesOf('bob@example.com')).not.toHaveProperty('phone_number');
  });

  test('who has no name to be made by is not made, and nothing follows', async () => {
    const world = new StandbyWorld();
    world.user('ann', { signInName: undefined });
    const { ports, sent } = portsOf(world);
    expect(await migrateUser({ ...FORGOT, userName: 'ann@example.com' }, ports, DEFAULTS)).toBeUndefined();
    expect(sent).toEqual([]);
  });

  test('a right password makes also who could get no code; one that Cognito leaves out is no password', async () => {
    const world = new StandbyWorld();
    world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'false' } });
    const passwordOwner = jest.fn(async () => ({ sub: 'ann' }));
    const { ports } = portsOf(world, { passwordOwner });
    const signIn = { ...SIGN_IN, userName: 'ann@example.com' };
    expect((await migrateUser(signIn, ports, DEFAULTS))?.finalUserStatus).toBe('CONFIRMED');
    await migrateUser({ ...signIn, request: {} }, ports, DEFAULTS);
    expect(passwordOwner.mock.calls).toEqual([['ann@example.com', 'pw'], ['ann@example.com', '']]);
  });

  test('the source pool is asked about every password, of strangers too, and only a right one makes the user', async () => {
    const world = new StandbyWorld();
    world.user('ann');
    world.user('bob', { enabled: false });
    const asked: string[] = [];
    const { ports } = portsOf(world, {
      passwordOwner: async (typed, password) => { asked.push(typed); return password === 'right' ? { sub: typed.split('@')[0] } : undefined; },
    });
    const attempt = async (name: string, password: string) =>
      migrateUser({ ...SIGN_IN, userName: `${name}@example.com`, request: { password } }, ports, DEFAULTS);
    expect((await attempt('ann', 'right'))?.finalUserStatus).toBe('CONFIRMED');
    expect([await attempt('ann', 'wrong'), await attempt('bob', 'right'), await attempt('nobody', 'right')]).toEqual([undefined, undefined, undefined]);
    expect(asked).toHaveLength(4);
  });
});

describe('a password opens its owner\'s account and no other', () => {
  const NAME = 'ann@example.com';
  // The address has passed from ann to bob at the source; the ledger has not heard of it, and still has it as ann's.
  async function signIn(owner: { sub: string } | { username: string } | undefined, options = DEFAULTS, caseSensitive = true) {
    const world = new StandbyWorld({ usernameAttributes: ['email'], caseSensitive });
    world.user('ann', { username: 'Ann' }, ['admins']);
    world.user('bob', { username: 'Bob', attributes: { email: 'bob@example.com', email_verified: 'true' } });
    const { ports, sent } = portsOf(world, { passwordOwner: async () => owner });
    const made = await migrateUser({ ...SIGN_IN, userName: NAME }, ports, options);
    return { status: made?.finalUserStatus, of: made?.userAttributes?.['custom:source_sub'], sent };
  }

  test.each<[string, Parameters<typeof signIn>[0]]>([
    ['by the token', { sub: 'bob' }], ['by the user name, at a second factor', { username: 'Bob' }], ['of nobody', undefined], ['in another case', { username: 'ann' }],
  ])('another one\'s makes nobody: %s', async (_how, owner) => {
    expect(await signIn(owner)).toEqual({ status: undefined, of: undefined, sent: [] });
    // And proves nothing where the password is to be reset.
    expect(await signIn(owner, { resetPasswordAtSignIn: true })).toMatchObject({ status: 'RESET_REQUIRED', of: 'ann' });
  });

  test('another one\'s makes nobody: where the pool ignores case', async () => {
    expect(await signIn({ username: 'Bob' }, DEFAULTS, false)).toEqual({ status: undefined, of: undefined, sent: [] });
  });

  test.each<[Parameters<typeof signIn>[0], boolean]>([[{ sub: 'ann' }, true], [{ username: 'Ann' }, true], [{ username: 'ann' }, false]])(
    'one\'s own does: %j', async (owner, caseSensitive) => {
      expect(await signIn(owner, DEFAULTS, caseSensitive)).toMatchObject({ status: 'CONFIRMED', of: 'ann' });
    });
});

describe('while the standby is closed', () => {
  const closed = () => {
    const world = new StandbyWorld({ usernameAttributes: ['email', 'phone_number'] });
    world.user('ann');
    world.state = NEVER_TURNED;
    return world;
  };

  test('nobody is made, by a reset, a sign-in or the right password, and nothing follows; no password leaves the Region', async () => {
    const world = closed();
    const passwordOwner = jest.fn(async () => ({ sub: 'ann' }));
    for (const [event, more] of [[FORGOT, {}], [SIGN_IN, {}], [SIGN_IN, { passwordOwner }]] as const) {
      const { ports, sent } = portsOf(world, more);
      expect(await migrateUser({ ...event, userName: 'ann@example.com' }, ports, { resetPasswordAtSignIn: true })).toBeUndefined();
      expect(sent).toEqual([]);
    }
    expect(passwordOwner).not.toHaveBeenCalled();
  });

  test('a user whom the ledger has takes the reads of one whom it has not', async () => {
    const world = closed();
    await world.directory.find('warm-up');
    const reads = async (name: string) => {
      const calls = (['user', 'subsBySignInName', 'groupsOfUser', 'sources', 'poolPart'] as const).map(method => jest.spyOn(world.ledger, method));
      await migrateUser({ ...FORGOT, userName: name }, portsOf(world).ports, DEFAULTS);
      const made = calls.map(spy => spy.mock.calls.length);
      calls.forEach(spy => spy.mockRestore());
      return made;
    };
    const ofAnn = await reads('ann@example.com');
    expect(await reads('nobody@example.com')).toEqual(ofAnn);
    world.state = { ...NEVER_TURNED, mode: 'open' };
    expect(await reads('nobody@example.com')).toEqual(ofAnn);
  });

  test('a switch that cannot be read makes nobody', async () => {
    const { ports } = portsOf(closed(), { switch: { of: async () => Promise.reject(new Error('down')) } });
    await expect(migrateUser({ ...FORGOT, userName: 'ann@example.com' }, ports, DEFAULTS)).rejects.toThrow('down');
  });

  test('in a rehearsal those of the list are made, by whichever name they come, and nobody else', async () => {
    const world = closed();
    world.user('bob', { attributes: { phone_number: '+1555', phone_number_verified: 'true', email: 'bob@example.com', email_verified: 'true' } });
    world.state = { ...NEVER_TURNED, mode: 'rehearsal', names: ['BOB@example.com'] };
    const { ports } = portsOf(world);
    const made = [];
    for (const userName of ['ann@example.com', 'bob@example.com', '+1555', 'nobody@example.com']) {
      made.push((await migrateUser({ ...FORGOT, userName }, ports, DEFAULTS))?.userAttributes?.['custom:source_sub']);
    }
    expect(made).toEqual([undefined, 'bob', 'bob', undefined]);
  });

  test('a confirmation gives nothing', async () => {
    const world = closed();
    const never = async () => { throw new Error('the test did not plan this call'); };
    const event = {
      triggerSource: 'PostConfirmation_ConfirmForgotPassword', userPoolId: STANDBY, userName: 'm', request: { userAttributes: { 'custom:source_sub': 'ann', 'sub': 's' } },
    };
    const ports = { switch: world.switch, directory: world.directory, linkOf: never, enqueue: never, followUp: never };
    expect(await onConfirmed(event, ports)).toBe('nothing');
  });
});

test('the standby\'s view of a user depends on the row alone, whatever was asked before and in which order', async () => {
  const users = fc.uniqueArray(fc.record({
    sub: fc.stringMatching(/^[a-z]{3,8}$/),
    enabled: fc.boolean(),
    status: fc.constantFrom('CONFIRMED', 'UNCONFIRMED', 'RESET_REQUIRED', 'EXTERNAL_PROVIDER', 'COMPROMISED', 'ARCHIVED'),
    kind: fc.constantFrom('native', 'linked', 'federated'),
    verified: fc.constantFrom('true', 'True', 'false'),
  }), { selector: user => user.sub, minLength: 1, maxLength: 6 });
  await fc.assert(fc.asyncProperty(users, fc.array(fc.nat(20), { maxLength: 12 }), async (given, order) => {
    const world = new StandbyWorld();
    const rows = given.map(({ sub, verified, kind, ...user }) => world.user(sub, {
      ...user,
      username: kind === 'federated' ? `Corp_${sub}` : sub,
      attributes: {
        email: `${sub}@example.com`,
        email_verified: verified,
        ...kind === 'native' ? {} : { identities: identitiesAt('Corp', sub, kind === 'federated') },
      },
    }));
    const settings = poolSettingsOf(await world.pool.describeUserPool());
    const { ports } = portsOf(world);
    for (const i of [...order, ...rows.keys()]) {
      const row = rows[i % rows.length];
      const may = row.enabled && row.username === row.sub && ['CONFIRMED', 'RESET_REQUIRED', 'EXTERNAL_PROVIDER'].includes(row.status)
        && row.attributes.email_verified.toLowerCase() === 'true';
      const userName = row.attributes.email;
      expect(await migrateUser({ ...FORGOT, userName }, ports, DEFAULTS)).toEqual(may ? newUser(row, settings, userName) : undefined);
    }
  }), { numRuns: 50 });
});

describe('what follows', () => {
  async function come(world: StandbyWorld, sub: string) {
    const answer = (await migrateUser({ ...FORGOT, userName: `${sub}@example.com` }, portsOf(world).ports, DEFAULTS))!;
    return world.pool.seed({ username: `made-${sub}`, attributes: { ...answer.userAttributes }, createdAt: world.time });
  }

  test('groups, made for their first members, MFA, identities, and the map; done again, in any order, it changes nothing', async () => {
    const world = new StandbyWorld();
    world.group({ name: 'staff', description: 'Staff', precedence: 0 });
    const identities = JSON.stringify([{ providerName: 'Corp', userId: '7' }]);
    const attributes = { email: 'ann@example.com', email_verified: 'true', phone_number: '+1555', identities };
    world.user('ann', { attributes, mfa: { enabled: ['SMS_MFA'] } }, ['staff']);
    const user = await come(world, 'ann');
    const context = await world.context();
    await Promise.all([followUp(context, { sourceSub: 'ann' }), followUp(context, { sourceSub: 'ann', username: user.username })]);
    expect(world.pool.groups.get('staff')).toMatchObject({ description: 'Staff', precedence: 0 });
    expect([...user.groups]).toEqual(['staff']);
    expect(user.mfa.enabled).toEqual(['SMS_MFA']);
    expect(world.pool.links).toEqual([{ username: user.username, provider: 'Corp', subject: '7', attribute: 'Cognito_Subject' }]);
    expect(world.links.all.get(user.sub)).toMatchObject({ sourceSub: 'ann', firstSub: 'ann' });
    const calls = world.pool.calls.length;
    // Nothing says by which attribute the identity was linked.
    expect(await followUp(context, { sourceSub: 'ann' })).toEqual({ kind: 'done', warnings: ['linked-by-subject'] });
    expect(world.pool.calls.slice(calls).map(({ operation }) => operation)).toEqual(['getUser']);
  });

  test('whoever has not set the new password yet, or has no verified address, is known by the mark, where the guard keeps it', async () => {
    for (const [status, verified] of [['RESET_REQUIRED', 'true'], ['CONFIRMED', 'false']] as const) {
      const world = new StandbyWorld();
      world.group({ name: 'staff' });
      world.user('ann', { attributes: { email: 'ann@example.com', email_verified: verified } }, ['staff']);
      const user = world.pool.seed({ username: 'm', status, attributes: { 'email': 'ann@example.com', 'email_verified': verified, 'custom:source_sub': 'ann' } });
      const context = await world.context();
      expect(await followUp({ ...context, sourceSubProves: false }, { sourceSub: 'ann' })).toMatchObject({ kind: 'failed' });
      expect(user.groups.size).toBe(0);
      expect(await followUp(context, { sourceSub: 'ann' })).toMatchObject({ kind: 'done' });
      expect([...user.groups]).toEqual(['staff']);
    }
  });

  test('what changed since the last time, but not what the user changed here', async () => {
    const world = new StandbyWorld();
    world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true', name: 'Ann' } });
    const user = await come(world, 'ann');
    await followUp(await world.context(), { sourceSub: 'ann', username: user.username });
    user.attributes.name = 'Changed here';
    world.user('ann', { attributes: { email: 'new@example.com', email_verified: 'true', name: 'Ann' } });
    await followUp(await world.context(), { sourceSub: 'ann', username: user.username });
    expect(user.attributes).toMatchObject({ email: 'new@example.com', email_verified: 'true', name: 'Changed here' });
  });

  test('a user who was disabled since is disabled', async () => {
    const world = new StandbyWorld();
    world.user('ann');
    const user = await come(world, 'ann');
    world.user('ann', { enabled: false });
    await followUp(await world.context(), { sourceSub: 'ann' });
    expect(user.enabled).toBe(false);
  });

  test('never another person\'s groups: somebody else under the same name is left alone', async () => {
    const world = new StandbyWorld();
    world.user('ann', {}, ['staff']);
    const stranger = world.pool.seed({ username: 'x', attributes: { 'email': 'ann@example.com', 'custom:source_sub': 'somebody-else' } });
    expect(await followUp(await world.context(), { sourceSub: 'ann' })).toMatchObject({ kind: 'failed' });
    expect(stranger.groups.size).toBe(0);
    stranger.attributes = { email: 'ann@example.com' };
    expect(await followUp(await world.context(), { sourceSub: 'ann' })).toMatchObject({ kind: 'failed', reason: { code: 'not-made-from-ledger' } });
    expect(stranger.groups.size).toBe(0);
  });

  test('a federated user gets what the provider does not say, and no native user is ever made', async () => {
    const world = new StandbyWorld({
      usernameAttributes: ['email'],
      customAttributes: {
        source_sub: { mutable: false }, plan: {}, tenant: { mutable: false },
      },
    });
    world.group({ name: 'staff' });
    world.user('fed', {
      username: 'Corp_7',
      status: 'EXTERNAL_PROVIDER',
      attributes: {
        'email': 'old@example.com', 'name': 'Fed', 'custom:plan': 'pro', 'custom:tenant': 't', 'identities': '[{"providerName":"Corp","userId":"7"}]',
      },
    }, ['staff', `${'us-east-1_Source'}_Corp`]);
    const user = world.pool.seed({ username: 'Corp_7', status: 'EXTERNAL_PROVIDER', attributes: { email: 'new@example.com' } });
    const event = {
      triggerSource: 'PostConfirmation_ConfirmSignUp',
      userPoolId: STANDBY,
      userName: 'Corp_7',
      request: { userAttributes: { ...user.attributes, 'sub': user.sub, 'cognito:user_status': 'EXTERNAL_PROVIDER' } },
    };
    const context = await world.context();
    const enqueue = jest.fn();
    const ports = {
      switch: world.switch,
      directory: world.directory,
      linkOf: async () => undefined,
      enqueue,
      followUp: async (message: FollowUp) => followUp(context, message),
    };
    expect(await onConfirmed(event, ports)).toBe('done');
    expect(user.attributes).toEqual({ 'email': 'new@example.com', 'name': 'Fed', 'custom:plan': 'pro' });
    expect([...user.groups]).toEqual(['staff']);
    expect(world.links.all.get(user.sub)?.firstSub).toBe('fed');
    expect(world.pool.callsOf('createUser')).toBe(0);
  });

  test('what Cognito refuses about a federated user who comes in is left to the queue, which tells somebody in the end', async () => {
    const world = new StandbyWorld();
    world.user('fed', { username: 'Corp_7', status: 'EXTERNAL_PROVIDER', attributes: { name: 'Fed' } });
    const user = world.pool.seed({ username: 'Corp_7', status: 'EXTERNAL_PROVIDER' });
    const event = {
      triggerSource: 'PostConfirmation_ConfirmSignUp',
      userPoolId: STANDBY,
      userName: 'Corp_7',
      request: { userAttributes: { 'sub': user.sub, 'cognito:user_status': 'EXTERNAL_PROVIDER' } },
    };
    world.pool.before = operation => { if (operation === 'updateAttributes') throw cognitoError('InvalidParameterException'); };
    const context = await world.context();
    const sent: FollowUp[] = [];
    const ports = {
      switch: world.switch,
      directory: world.directory,
      linkOf: async () => undefined,
      enqueue: async (message: FollowUp) => { sent.push(message); },
      followUp: async (message: FollowUp) => followUp(context, message),
    };
    expect(await onConfirmed(event, ports)).toBe('queued');
    expect(sent).toEqual([{ sourceSub: 'fed', username: 'Corp_7' }]);
  });

  test('a user of an identity provider never gets what is another one\'s, whatever the message says', async () => {
    const world = new StandbyWorld();
    world.group({ name: 'staff' });
    world.user('victim', { username: 'Corp_7', status: 'EXTERNAL_PROVIDER', attributes: { name: 'Fed' } }, ['staff']);
    const other = world.pool.seed({ username: 'Corp_8', status: 'EXTERNAL_PROVIDER' });
    expect(await followUp(await world.context(), { sourceSub: 'victim', username: 'Corp_8' }))
      .toEqual({ kind: 'failed', reason: { code: 'another-federated-user' } });
    expect([other.attributes, [...other.groups], world.links.all.size]).toEqual([{}, [], 0]);
  });

  test('a confirmation that takes too long is left to the queue, and never fails', async () => {
    const world = new StandbyWorld();
    world.user('ann');
    const user = await come(world, 'ann');
    const event = {
      triggerSource: 'PostConfirmation_ConfirmForgotPassword',
      userPoolId: STANDBY,
      userName: user.username,
      request: { userAttributes: { ...user.attributes, sub: user.sub } },
    };
    const sent: FollowUp[] = [];
    const ports = {
      switch: world.switch,
      directory: world.directory,
      linkOf: async () => undefined,
      enqueue: async (message: FollowUp) => { sent.push(message); },
      followUp: async () => new Promise<never>(() => undefined),
    };
    expect(await onConfirmed(event, ports, 20)).toBe('queued');
    expect(sent).toEqual([{ sourceSub: 'ann', username: user.username, password: 'set' }]);
    expect(await onConfirmed(event, { ...ports, enqueue: async () => Promise.reject(new Error('down')) }, 20)).toBe('missed');
    expect(await onConfirmed(event, { ...ports, linkOf: async () => ({ image: { mfa: { enabled: ['SMS_MFA'] } } } as never) }, 20)).toBe('nothing');
    // Whatever it is that does not answer.
    const never = async () => new Promise<never>(() => undefined);
    expect(await onConfirmed(event, { ...ports, linkOf: never }, 20)).toBe('queued');
    expect(sent[1]).toEqual(sent[0]);
    expect(await onConfirmed(event, { ...ports, enqueue: never }, 20)).toBe('missed');
  });

  test('messages: what is not there yet comes again for a while, what is none is set aside', async () => {
    const world = new StandbyWorld();
    world.user('ann');
    const reports: object[] = [];
    const body = JSON.stringify({ sourceSub: 'ann' });
    const failures = await followUpMessages(await world.context(), [
      { id: 'early', body, receives: 1 }, { id: 'late', body, receives: 4 }, { id: 'other', body: '{"a":1}', receives: 1 }, { id: 'none', body: 'x', receives: 9 },
      { id: 'gone', body: JSON.stringify({ sourceSub: 'nobody' }), receives: 1 },
    ], report => reports.push(report));
    expect(failures.sort()).toEqual(['early', 'none', 'other']);
    expect(reports).toHaveLength(5);

    // What Cognito refuses is told to somebody in the end.
    world.pool.seed({ username: 'm', attributes: { 'email': 'ann@example.com', 'email_verified': 'true', 'custom:source_sub': 'ann' } });
    world.user('ann', {}, ['group that nobody copied']);
    expect(await followUpMessages(await world.context(), [{ id: 'refused', body, receives: 9 }], report => reports.push(report))).toEqual(['refused']);
    expect(reports[5]).toMatchObject({ kind: 'failed', sourceSub: 'ann' });
  });
});

describe('a local user of the source pool who is linked with an identity, and comes to the standby through the provider', () => {
  const LINKED = { email: 'ann@example.com', email_verified: 'true', identities: identitiesAt('Corp', 'Greta', false) };
  const FEDERATED = { identities: identitiesAt('Corp', 'Greta', true) };

  /** What Cognito does: it knows neither the user nor the identity. */
  async function comeThrough(world: StandbyWorld, userName: string) {
    await guardSignUp({
      triggerSource: 'PreSignUp_ExternalProvider', userPoolId: STANDBY, callerContext: { clientId: 'client' }, userName, request: { userAttributes: {} },
    }, world);
    const user = world.pool.seed({ username: userName, status: 'EXTERNAL_PROVIDER', attributes: FEDERATED });
    const attributes = { ...user.attributes, 'sub': user.sub, 'cognito:user_status': user.status };
    const event = { triggerSource: 'PostConfirmation_ConfirmSignUp', userPoolId: STANDBY, userName, request: { userAttributes: attributes } };
    const context = await world.context();
    const ports = {
      switch: world.switch,
      directory: world.directory,
      linkOf: async (_pool: string, sub: string) => world.links.all.get(sub),
      enqueue: async () => Promise.reject(new Error('nothing is left to the queue')),
      followUp: async (message: FollowUp) => followUp(context, message),
    };
    const token = async () => identityOf({
      ...event, version: '2', response: {}, request: { ...event.request, groupConfiguration: { groupsToOverride: [...user.groups] } },
    }, world.tokenPorts, { marksUsers: true });
    const first = await token();
    expect(await onConfirmed(event, ports)).toBe('done');
    return { user, first, later: await token() };
  }

  test.each<[string, boolean, Partial<UserRow>]>([
    ['confirmed', true, {}],
    ['with the status that an earlier sign-in through the provider left', true, { status: 'EXTERNAL_PROVIDER' }],
    ['in a pool that ignores case', false, {}],
  ])('is that user from the first token on, with groups and the first sub: %s', async (_what, caseSensitive, more) => {
    const world = new StandbyWorld({ usernameAttributes: ['email'], caseSensitive });
    world.group({ name: 'staff' });
    world.user('ann', { attributes: { ...LINKED, 'custom:source_sub': 'first' }, ...more }, ['staff']);
    const { user, first, later } = await comeThrough(world, caseSensitive ? 'Corp_Greta' : 'corp_greta');
    expect(first).toEqual({ sub: 'first', groups: ['staff'] });
    expect(later).toEqual({ sub: 'first', groups: ['staff'] });
    expect([...user.groups]).toEqual(['staff']);
    // The address is the name of the profile that a password reset makes.
    expect(user.attributes).toEqual(FEDERATED);
    expect(world.links.all.get(user.sub)).toMatchObject({ sourceSub: 'ann', firstSub: 'first' });
    // And the local profile can still come.
    expect((await migrateUser({ ...FORGOT, userName: 'ann@example.com' }, portsOf(world).ports, DEFAULTS))?.userAttributes).toMatchObject({ email: 'ann@example.com' });
  });

  test('does not come in where the source pool has disabled them, or bars them', async () => {
    for (const more of [{ enabled: false }, { status: 'COMPROMISED' }, { status: 'ARCHIVED' }] as const) {
      const world = new StandbyWorld();
      world.user('ann', { attributes: LINKED, ...more });
      await expect(comeThrough(world, 'Corp_Greta')).rejects.toThrow('User is disabled.');
    }
  });

  test.each<[string, Partial<UserRow>]>([
    ['disabled', { enabled: false }], ['archived', { status: 'ARCHIVED' }], ['compromised', { status: 'COMPROMISED' }],
  ])('is disabled where the trigger could not tell at the sign-in: %s', async (_what, barred) => {
    const world = new StandbyWorld();
    world.user('ann', { attributes: LINKED, ...barred });
    const user = world.pool.seed({ username: 'Corp_Greta', status: 'EXTERNAL_PROVIDER', attributes: FEDERATED });
    expect(await followUp(await world.context(), { sourceSub: 'ann', username: 'Corp_Greta' })).toEqual({ kind: 'done' });
    expect(user.enabled).toBe(false);
  });

  test('is nobody else: not of an identity that the user had once, nor of one that is only named like it', async () => {
    const world = new StandbyWorld({ aliasAttributes: ['preferred_username'], caseSensitive: true });
    const row = world.user('ann', { attributes: LINKED }, ['admins']);
    world.user('bob', { username: 'Corp_8', attributes: { preferred_username: 'Corp_9' } }, ['admins']);
    for (const name of ['Corp_8', 'Corp_9', 'Corp_greta2', 'Other_Greta', 'Greta']) expect(await world.directory.findFederated(profile(name))).toBeUndefined();
    expect((await world.directory.findFederated(profile('Corp_Greta')))?.sub).toBe('ann');
    const runsTogether = world.user('cid', { attributes: { ...LINKED, identities: identitiesAt('Corp', 'x_7', false) } });
    expect(await world.directory.findFederated(profile('Corp_x_7', identitiesAt('Corp_x', '7', true)))).toBeUndefined();
    expect((await world.directory.findFederated(profile('Corp_x_7', identitiesAt('Corp', 'x_7', true))))?.sub).toBe(runsTogether.sub);
    // Unlinked: the item that led to the row stays for as long as the history does.
    world.ledger.put(items.user({ ...row, attributes: {}, lookUp: { name: 'ann' } }));
    expect(await world.directory.findFederated(profile('Corp_Greta'))).toBeUndefined();
  });

  test('is the one whom the identity was seen with last, where two rows have it until a sweep', async () => {
    const world = new StandbyWorld();
    world.user('old', { username: 'Corp_Greta', status: 'EXTERNAL_PROVIDER', attributes: FEDERATED, observedAt: 5 });
    world.user('ann', { attributes: LINKED, observedAt: 6 });
    expect((await world.directory.findFederated(profile('Corp_Greta')))?.sub).toBe('ann');
    world.user('ann', { attributes: LINKED, observedAt: 7, deletedAt: 7 });
    expect((await world.directory.findFederated(profile('Corp_Greta')))?.sub).toBe('old');
  });
});

test('a federated user who was given a password at the source comes in through the provider only: no native user of their name is made', async () => {
  const world = new StandbyWorld({ usernameAttributes: [] });
  const attributes = { email: 'g@example.com', email_verified: 'true', identities: identitiesAt('Corp', 'greta', true) };
  world.user('g', { username: 'Corp_greta', status: 'CONFIRMED', attributes });
  expect(await migrateUser({ ...FORGOT, userName: 'Corp_greta' }, portsOf(world).ports, DEFAULTS)).toBeUndefined();
  expect((await world.directory.findFederated(profile('Corp_greta')))?.sub).toBe('g');
});

describe('an identity is linked again', () => {
  async function link(linkAttributes: Record<string, string>, identities: string, refuse = false) {
    const world = new StandbyWorld();
    world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true', identities } });
    world.pool.seed({ username: 'm', attributes: { 'email': 'ann@example.com', 'email_verified': 'true', 'custom:source_sub': 'ann' } });
    if (refuse) world.pool.before = operation => { if (operation === 'linkProvider') throw cognitoError('InvalidParameterException'); };
    const context = { ...await world.context(), linkAttributes };
    return { world, context, outcome: await followUp(context, { sourceSub: 'ann' }) };
  }

  test('by the attribute that was named', async () => {
    const { world, outcome } = await link({ Corp: 'email' }, identitiesAt('Corp', 'ann@corp', false));
    expect(outcome).toEqual({ kind: 'done' });
    expect(world.pool.links).toMatchObject([{ provider: 'Corp', subject: 'ann@corp', attribute: 'email' }]);
  });

  test('by the subject, with a warning, where none was named and there may be another', async () => {
    const { world, outcome } = await link({ Other: 'email' }, identitiesAt('Corp', '7', false));
    expect(outcome).toEqual({ kind: 'done', warnings: ['linked-by-subject'] });
    expect(world.pool.links).toMatchObject([{ provider: 'Corp', subject: '7', attribute: 'Cognito_Subject' }]);
  });

  test('beside that of another provider, whose name runs together to the same', async () => {
    const before = identitiesAt('Corp', 'x_7', false);
    const { world, context } = await link({}, before);
    const [first] = JSON.parse(before) as object[];
    const [second] = JSON.parse(identitiesAt('Corp_x', '7', false)) as object[];
    world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true', identities: JSON.stringify([first, second]) } });
    expect(await followUp(context, { sourceSub: 'ann' })).toMatchObject({ kind: 'done' });
    expect(world.pool.links.map(({ provider, subject }) => [provider, subject])).toEqual([['Corp', 'x_7'], ['Corp_x', '7']]);
  });

  test.each([['named as such', { Corp: 'Cognito_Subject' }, 'Corp'], ['of a social provider', {}, 'Google']])(
    'by the subject without a warning: %s', async (_what, linkAttributes, provider) => {
      const identities = JSON.stringify([{ providerName: provider, providerType: provider === 'Google' ? 'Google' : 'OIDC', userId: '7' }]);
      expect((await link(linkAttributes, identities)).outcome).toEqual({ kind: 'done' });
    });

  test('the next time, where the target refused', async () => {
    const { world, context, outcome } = await link({ Corp: 'email' }, identitiesAt('Corp', '7', false), true);
    expect(outcome).toEqual({ kind: 'done', warnings: ['link-refused'] });
    expect([...world.links.all.values()]).toMatchObject([{ identities: undefined }]);
    world.pool.before = undefined;
    expect(await followUp(context, { sourceSub: 'ann' })).toEqual({ kind: 'done' });
    expect(world.pool.links).toHaveLength(1);
  });
});
