import { poolSettingsOf } from '../../../src/cognito/pool-settings';
import { bringUser } from '../../../src/converge/bring-user';
import { UserRow } from '../../../src/ledger/schema';
import { restorePolicy } from '../../../src/restore/restore-policy';
import { followUp } from '../../../src/standby/on-demand/follow-up';
import { FollowUp } from '../../../src/standby/on-demand/follow-up-message';
import { followUpMessages } from '../../../src/standby/on-demand/follow-up-queue.lambda-shared';
import { onConfirmed } from '../../../src/standby/on-demand/post-confirmation';
import { identityOf, TokenRefused } from '../../../src/standby/on-demand/token-claims';
import { migrateUser } from '../../../src/standby/on-demand/user-migration';
import { standbyUserContext } from '../../../src/standby/standby-context';
import { ChangeContext, SetAside, applyRecords } from '../../../src/standby/warm/apply-change';
import { cognitoError, FakeUser } from '../../helpers/fake-cognito';
import { identitiesAt, SOURCE, STANDBY, StandbyWorld } from '../../helpers/standby-world';

const PHONE = { phone_number: '+15550000001', phone_number_verified: 'true' };
const BOTH = { ...PHONE, email: 'ann@example.com', email_verified: 'true' };
const SMS = { enabled: ['SMS_MFA'], preferred: 'SMS_MFA' };
const EMAIL_OTP = { enabled: ['EMAIL_OTP'], preferred: 'EMAIL_OTP' };
const CONFIRM = 'PostConfirmation_ConfirmForgotPassword';

/** A standby that sends codes for a new password by SMS alone, and a user whose second factor it is. */
class SmsWorld extends StandbyWorld {
  public readonly sent: FollowUp[] = [];

  constructor(options: ConstructorParameters<typeof StandbyWorld>[0] = {}, more: Partial<UserRow> = {}) {
    super({ usernameAttributes: ['phone_number'], recovery: ['verified_phone_number'], ...options });
    this.user('ann', { attributes: PHONE, mfa: SMS, ...more });
  }

  public get ann(): FakeUser {
    return [...this.pool.users.values()].find(user => user.attributes['custom:source_sub'] === 'ann')!;
  }

  public get link() {
    return this.links.all.get(this.ann.sub);
  }

  /** What Cognito does at "forgot password" for somebody whom it does not know. */
  public async comeOnDemand(typed = PHONE.phone_number): Promise<FollowUp> {
    const made = await migrateUser({ triggerSource: 'UserMigration_ForgotPassword', userPoolId: STANDBY, request: {}, userName: typed }, {
      switch: this.switch,
      directory: this.directory,
      settings: async () => poolSettingsOf(await this.pool.describeUserPool()),
      followUp: async message => { this.sent.push(message); },
    }, { resetPasswordAtSignIn: false });
    this.pool.seed({ username: 'u', attributes: { ...made!.userAttributes }, createdAt: this.time });
    return this.sent.pop()!;
  }

  public async follow(message: FollowUp = { sourceSub: 'ann' }) {
    this.time += 1;
    return followUp(await this.context(), message);
  }

  public async confirm(triggerSource = CONFIRM) {
    const { sub, username, attributes } = this.ann;
    return onConfirmed({ triggerSource, userPoolId: STANDBY, userName: username, request: { userAttributes: { ...attributes, sub } } }, {
      switch: this.switch,
      directory: this.directory,
      linkOf: async (_pool, of) => this.links.all.get(of),
      followUp: async message => this.follow(message),
      enqueue: async message => { this.sent.push(message); },
    });
  }

  /** A sign-in with the first factor; answers why there is no token. */
  public async token(triggerSource = 'TokenGeneration_Authentication'): Promise<string> {
    const { sub, username, attributes } = this.ann;
    const event = {
      version: '2', triggerSource, userPoolId: STANDBY, userName: username, response: {}, request: { userAttributes: { ...attributes, sub } },
    };
    return identityOf(event, this.tokenPorts, { marksUsers: true }).then(() => 'issued', (error: unknown) => {
      if (error instanceof TokenRefused) return error.code;
      throw error;
    });
  }

  public async apply() {
    const record = { sequenceNumber: '1', key: { pk: `${SOURCE}#U#xx`, sk: 'ann' }, newImage: { poolId: SOURCE, shard: 's' } };
    const deletions = { schedule: async () => undefined, async * due() { /* none */ }, cancel: async () => undefined };
    const setAside = async ({ reason }: SetAside) => { throw new Error(reason.code); };
    const held = { isHeldAtMoment: async () => false, openIncidents: async () => [] };
    const context: ChangeContext = { ...await this.context(), deletions, ...held, grace: 1, setAside };
    return applyRecords(context, [record]);
  }

  public async restore() {
    const run = { execution: 'run', startedAt: 1, sourceUserPoolId: SOURCE, targetUserPoolId: STANDBY, dryRun: false, subs: ['ann'] };
    const context = { ...standbyUserContext(await this.context(), SOURCE, restorePolicy(run as never)) };
    const record = await bringUser(context, { row: (await this.ledger.user(SOURCE, 'ann'))!, groups: [] });
    if (record.link) await this.links.write(record.link);
    return record.outcome;
  }
}

describe('a second factor on the only way to a new password (B8)', () => {
  test('on demand: waits for the password, whenever the queue is served; there is no token before it is set', async () => {
    const world = new SmsWorld();
    const message = await world.comeOnDemand();
    expect(await world.token()).toBe('second-factor-not-set');
    expect(await world.follow(message)).toEqual({ kind: 'done', warnings: ['mfa-withheld'] });
    expect(world.ann.mfa.enabled).toEqual([]);
    expect(await world.token('TokenGeneration_RefreshTokens')).toBe('second-factor-not-set');
    expect(await world.confirm()).toBe('done');
    expect(world.ann.mfa).toEqual(SMS);
    expect(await world.token()).toBe('issued');
    // Late, or again: it stays.
    for (const again of [message, { sourceSub: 'ann', since: 1 }]) await world.follow(again);
    expect(await world.confirm()).toBe('nothing');
    expect([world.ann.mfa, await world.token()]).toEqual([SMS, 'issued']);
  });

  test('on demand: is set by the confirmation itself, where that is first', async () => {
    const world = new SmsWorld();
    await world.comeOnDemand();
    expect(await world.confirm()).toBe('done');
    expect([world.ann.mfa, await world.token()]).toEqual([SMS, 'issued']);
  });

  test.each<[string, (world: SmsWorld) => Promise<unknown>]>([
    ['a warm standby', async world => world.apply()], ['a restore', async world => world.restore()],
  ])('%s: makes the user without, says so, and never sets it again by itself; the confirmation does', async (_what, bring) => {
    const world = new SmsWorld();
    expect(JSON.stringify(await bring(world))).toContain('mfa-withheld');
    expect([world.ann.mfa.enabled, world.ann.status]).toEqual([[], 'CONFIRMED']);
    await bring(world);
    await world.apply();
    expect([world.ann.mfa.enabled, await world.token()]).toEqual([[], 'second-factor-not-set']);
    // A sign-up or a sign-in through a provider says nothing about a password.
    expect(await world.confirm('PostConfirmation_ConfirmSignUp')).toBe('nothing');
    expect(await world.confirm()).toBe('done');
    expect([world.ann.mfa, await world.token()]).toEqual([SMS, 'issued']);
    await bring(world);
    await world.apply();
    expect([world.ann.mfa, await world.token()]).toEqual([SMS, 'issued']);
  });

  test('a warm standby asks Cognito nothing about a user who waits', async () => {
    const world = new SmsWorld();
    await world.apply();
    const calls = world.pool.calls.length;
    expect((await world.apply()).counts).toEqual({ unchanged: 1 });
    expect(world.pool.calls.slice(calls).map(({ operation }) => operation)).toEqual(['describeUserPool']);
  });

  test.each<[string, object, Partial<UserRow>, boolean]>([
    ['by e-mail, where that is the only way', { usernameAttributes: ['email'], recovery: ['verified_email'] }, { attributes: BOTH, mfa: EMAIL_OTP }, true],
    ['where no setting says how', { recovery: undefined }, {}, true],
    ['the other address is not verified', { recovery: undefined }, { attributes: { ...BOTH, email_verified: 'false' } }, true],
    ['the other address is a way', { recovery: ['verified_phone_number', 'verified_email'] }, { attributes: BOTH }, false],
    ['there is no way in any case', { recovery: ['admin_only'] }, {}, false],
    ['there are no passwords', { firstAuthFactors: ['SMS_OTP'] }, {}, false],
  ])('waits or not: %s', async (_what, options, more, waits) => {
    for (const bring of [async (world: SmsWorld) => world.apply(), async (world: SmsWorld) => world.restore()]) {
      const world = new SmsWorld(options, more);
      await bring(world);
      expect(world.ann.mfa.enabled.length > 0).toBe(!waits);
      expect(await world.token()).toBe(waits ? 'second-factor-not-set' : 'issued');
    }
  });

  test('a dry run says so, too', async () => {
    const world = new SmsWorld();
    const context = standbyUserContext(await world.context(), SOURCE, { ...restorePolicy({ subs: ['ann'] } as never), dryRun: true });
    const { outcome } = await bringUser(context, { row: (await world.ledger.user(SOURCE, 'ann'))!, groups: [] });
    expect(outcome).toMatchObject({ outcome: 'would-restore', warnings: [{ code: 'mfa-withheld' }] });
  });

  test('a person who has a password of their own gets it at once: one who signed up there, and one of the very pool', async () => {
    const world = new SmsWorld({ customAttributes: {} });
    world.pool.seed({ username: 'own', attributes: PHONE });
    const context = standbyUserContext({ ...await world.context(), sourceSubProves: false }, SOURCE, restorePolicy({ subs: ['ann'] } as never));
    await bringUser(context, { row: (await world.ledger.user(SOURCE, 'ann'))!, groups: [] });
    expect(world.pool.users.size).toBe(1);
    expect([...world.pool.users.values()][0].mfa).toEqual(SMS);

    const inPlace = new SmsWorld({}, { attributes: { ...PHONE, 'custom:source_sub': 'first' } });
    inPlace.pool.seed({ username: 'ann', sub: 'ann', attributes: { ...PHONE, 'custom:source_sub': 'first' } });
    const same = { ...standbyUserContext(await inPlace.context(), SOURCE, restorePolicy({ subs: ['ann'] } as never)), targetUserPoolId: SOURCE };
    await bringUser(same, { row: (await inPlace.ledger.user(SOURCE, 'ann'))!, groups: [] });
    expect([...inPlace.pool.users.values()][0].mfa).toEqual(SMS);
  });

  test('is set by the confirmation also where users carry no mark: the link says who it is', async () => {
    const world = new SmsWorld({ customAttributes: {} });
    await world.restore();
    const [user] = [...world.pool.users.values()];
    expect(user.attributes).not.toHaveProperty('custom:source_sub');
    jest.spyOn(world, 'ann', 'get').mockReturnValue(user);
    expect([user.mfa.enabled, await world.token()]).toEqual([[], 'second-factor-not-set']);
    expect(await world.confirm()).toBe('done');
    expect([user.mfa, await world.token()]).toEqual([SMS, 'issued']);
  });

  test('made again after a deletion, the user waits again: the new password is nobody\'s', async () => {
    const world = new SmsWorld();
    await world.restore();
    await world.confirm();
    expect(world.ann.mfa).toEqual(SMS);
    world.pool.users.clear();
    await world.restore();
    expect([world.ann.mfa.enabled, await world.token()]).toEqual([[], 'second-factor-not-set']);
  });
});

describe('no token with one factor where the source asks for two (B8)', () => {
  test('also where codes reach the user in another way: until the follow-up has set it', async () => {
    const world = new SmsWorld({ recovery: undefined }, { attributes: BOTH });
    const message = await world.comeOnDemand();
    expect(await world.token()).toBe('second-factor-not-set');
    expect(await world.follow(message)).toEqual({ kind: 'done' });
    expect([world.ann.mfa, await world.token()]).toEqual([SMS, 'issued']);
  });

  test('a link of a user who was made and not finished is no proof of it', async () => {
    const world = new SmsWorld({ recovery: undefined }, { attributes: BOTH });
    world.pool.before = operation => { if (operation === 'setPermanentPassword') throw Object.assign(new Error('killed'), { name: 'Killed' }); };
    await expect(world.restore()).rejects.toThrow('killed');
    world.pool.before = undefined;
    expect(world.link).toMatchObject({ finished: false });
    expect(await world.token()).toBe('second-factor-not-set');
    await world.restore();
    expect(await world.token()).toBe('issued');
  });

  test('a refused token has it set, so that the next sign-in asks for it: where nothing but a password lets anybody in', async () => {
    const world = new SmsWorld();
    await world.apply();
    expect(await world.token()).toBe('second-factor-not-set');
    await world.follow(world.compared.pop());
    expect([world.ann.mfa, await world.token()]).toEqual([SMS, 'issued']);
  });

  test.each<[string, object, string, Partial<UserRow>, boolean]>([
    ['a one-time code may have done', { firstAuthFactors: ['PASSWORD', 'SMS_OTP'] }, 'TokenGeneration_Authentication', {}, false],
    ['a temporary password was changed', { firstAuthFactors: ['PASSWORD', 'SMS_OTP'] }, 'TokenGeneration_NewPasswordChallenge', {}, true],
    ['a session was refreshed', {}, 'TokenGeneration_RefreshTokens', {}, false],
    ['a linked identity may have done', {}, 'TokenGeneration_HostedAuth', { attributes: { ...PHONE, identities: identitiesAt('Corp', '7', false) } }, false],
    ['by Cognito\'s pages', {}, 'TokenGeneration_HostedAuth', {}, true],
  ])('what a sign-in proves of a password: %s', async (_what, options, triggerSource, more, proves) => {
    const world = new SmsWorld(options, more);
    await world.apply();
    // The fake does not show what is linked.
    if (more.attributes) world.ann.attributes.identities = more.attributes.identities;
    expect(await world.token(triggerSource)).toBe('second-factor-not-set');
    await world.follow(world.compared.pop());
    expect(world.ann.mfa.enabled.length > 0).toBe(proves);
    if (!proves) expect(await world.token(triggerSource)).toBe('second-factor-not-set');
    // Never for good: a reset does it.
    await world.confirm();
    expect([world.ann.mfa, await world.token()]).toEqual([SMS, 'issued']);
  });

  test('challenges of the pool\'s own prove no password', async () => {
    const world = new SmsWorld();
    await world.apply();
    const described = { ...await world.pool.describeUserPool(), LambdaConfig: { DefineAuthChallenge: 'arn' } };
    await followUp({ ...await world.context(), settings: poolSettingsOf(described) }, { sourceSub: 'ann', password: 'used' });
    expect(world.ann.mfa.enabled).toEqual([]);
  });

  test('one that an administrator of the standby set is one, and the link says so from then on', async () => {
    const world = new SmsWorld();
    await world.apply();
    await world.pool.setMfaPreference(world.ann.username, SMS);
    expect(await world.token()).toBe('issued');
    await world.follow(world.compared.pop());
    expect(world.link!.image.mfa).toEqual(SMS);
  });

  test('a user of whom something else is refused has it, and gets tokens', async () => {
    const world = new SmsWorld({}, { attributes: { ...PHONE, name: 'Ann' } });
    await world.comeOnDemand();
    world.pool.before = operation => { if (operation === 'addUserToGroup') throw cognitoError('InvalidParameterException'); };
    world.user('ann', { attributes: { ...PHONE, name: 'Ann' }, mfa: SMS }, ['staff']);
    await world.confirm();
    expect(world.link?.image.mfa).toBeUndefined();
    expect([world.ann.mfa, await world.token()]).toEqual([SMS, 'issued']);
  });

  test('one that Cognito refuses to set is counted, is no second factor, and is tried again', async () => {
    const world = new SmsWorld();
    await world.comeOnDemand();
    world.pool.before = operation => { if (operation === 'setMfaPreference') throw cognitoError('InvalidParameterException'); };
    for (let time = 0; time < 2; time++) {
      expect(await world.follow({ sourceSub: 'ann', password: 'set' })).toEqual({ kind: 'done', warnings: ['mfa-refused'] });
      expect(await world.token()).toBe('second-factor-not-set');
    }
    world.pool.before = () => undefined;
    await world.follow({ sourceSub: 'ann', password: 'set' });
    expect([world.ann.mfa, await world.token()]).toEqual([SMS, 'issued']);
  });

  test('a pool of one\'s own that asks nobody for a second factor refuses it to everybody, and holds nobody up', async () => {
    const world = new SmsWorld();
    await world.comeOnDemand();
    world.pool.before = operation => { if (operation === 'setMfaPreference') throw cognitoError('InvalidParameterException'); };
    const settings = poolSettingsOf({ ...await world.pool.describeUserPool(), MfaConfiguration: 'OFF' });
    const refused = { kind: 'done', warnings: ['mfa-refused'] };
    expect(await followUp({ ...await world.context(), settings }, { sourceSub: 'ann', password: 'set' })).toEqual(refused);
    expect(await world.token()).toBe('issued');
  });

  test('users of identity providers are asked for none, and those without one at the source are not held up', async () => {
    const world = new SmsWorld({}, { attributes: { ...PHONE, identities: identitiesAt('Corp', '7', false) } });
    const user = world.pool.seed({ username: 'Corp_7', status: 'EXTERNAL_PROVIDER', attributes: { identities: identitiesAt('Corp', '7', true) } });
    const attributes = { ...user.attributes, 'sub': user.sub, 'cognito:user_status': user.status };
    const event = {
      version: '2', triggerSource: 'TokenGeneration_HostedAuth', userPoolId: STANDBY, userName: 'Corp_7', response: {}, request: { userAttributes: attributes },
    };
    expect((await identityOf(event, world.tokenPorts, { marksUsers: true }))?.sub).toBe('ann');
    const without = new SmsWorld({}, { mfa: { enabled: ['SOFTWARE_TOKEN_MFA'] } });
    await without.comeOnDemand();
    without.tokenPorts.hasSecondFactor = async () => { throw new Error('nobody asks'); };
    expect(await without.token()).toBe('issued');
  });
});

test('where the standby sends no code to any of a user\'s verified addresses, nobody is made', async () => {
  const world = new StandbyWorld({ usernameAttributes: ['email', 'phone_number'], recovery: ['verified_phone_number'] });
  world.user('ann');
  world.user('bob', { attributes: { ...BOTH, email: 'bob@example.com' } });
  const made = [];
  for (const userName of ['ann@example.com', 'bob@example.com']) {
    made.push(await migrateUser({ triggerSource: 'UserMigration_ForgotPassword', userPoolId: STANDBY, request: {}, userName }, {
      switch: world.switch,
      directory: world.directory,
      settings: async () => poolSettingsOf(await world.pool.describeUserPool()),
      followUp: async () => undefined,
    }, { resetPasswordAtSignIn: false }));
  }
  expect(made.map(user => user !== undefined)).toEqual([false, true]);
});

test('a password that was right at the source is the person\'s own: the second factor is set at once', async () => {
  const world = new SmsWorld();
  const followed: FollowUp[] = [];
  await migrateUser({ triggerSource: 'UserMigration_Authentication', userPoolId: STANDBY, request: { password: 'right' }, userName: PHONE.phone_number }, {
    switch: world.switch,
    directory: world.directory,
    settings: async () => poolSettingsOf(await world.pool.describeUserPool()),
    passwordOwner: async () => ({ sub: 'ann' }),
    followUp: async message => { followed.push(message); },
  }, { resetPasswordAtSignIn: false });
  world.pool.seed({ username: 'u', attributes: { ...PHONE, 'custom:source_sub': 'ann' } });
  expect(await world.token()).toBe('second-factor-not-set');
  const reports: object[] = [];
  await followUpMessages(await world.context(), followed.map(message => ({ id: '1', body: JSON.stringify(message), receives: 1 })), report => reports.push(report));
  expect(reports).toEqual([]);
  expect([world.ann.mfa, await world.token()]).toEqual([SMS, 'issued']);
});
