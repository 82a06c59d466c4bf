import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { fieldsOfReturn } from '../../src/ledger/recovered-subs';
import { followUp } from '../../src/standby/on-demand/follow-up';
import { followUpMessages } from '../../src/standby/on-demand/follow-up-queue.lambda-shared';
import { onConfirmed } from '../../src/standby/on-demand/post-confirmation';
import { guardSignUp, SignUpEvent } from '../../src/standby/on-demand/sign-up-guard';
import { identityOf, TokenEvent, TokenIdentity, TokenPorts, TokenRefused, tokenResponse } from '../../src/standby/on-demand/token-claims';
import { MigratedUser, migrateUser } from '../../src/standby/on-demand/user-migration';
import { writeSwitch } from '../../src/standby/switch/dynamodb-switch.lambda-shared';
import { switchInput } from '../../src/standby/switch/switch-input.lambda-shared';
import { SWITCH_KEPT, SwitchReader } from '../../src/standby/switch/switch-reader';
import { Link } from '../../src/state/link';
import { NEVER_TURNED, readSwitch, SwitchState } from '../../src/state/switch';
import { FakePoolOptions } from '../helpers/fake-cognito';
import { identitiesAt, SOURCE, STANDBY, StandbyWorld } from '../helpers/standby-world';

/*
 * Ways into the standby, each played as somebody would try it. The table in SECURITY.md lists them under these names.
 */

const MARKED = { marksUsers: true };
const ANN = { 'custom:source_sub': 'ann', 'email': 'ann@example.com', 'email_verified': 'true' };

interface Asked {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly groups?: readonly string[];
  readonly username?: string;
  readonly trigger?: string;
  readonly clientId?: string;
}

function tokenEvent({ attributes = ANN, groups = [], username = 'u', trigger = 'TokenGeneration_Authentication', clientId }: Asked = {}): TokenEvent {
  return {
    version: '2',
    triggerSource: trigger,
    userPoolId: STANDBY,
    userName: username,
    callerContext: { clientId },
    response: {},
    request: { userAttributes: { sub: 'here', ...attributes }, groupConfiguration: { groupsToOverride: groups } },
  };
}

/** What the token says, or why there is none. */
async function token(
  world: StandbyWorld, asked: Asked = {}, ports: Partial<TokenPorts> = {}, options = MARKED,
): Promise<TokenIdentity | string | undefined> {
  return identityOf(tokenEvent(asked), { ...world.tokenPorts, ...ports }, options)
    .catch((error: Error) => error instanceof TokenRefused ? error.code : error.message);
}

/** The user `here` of the standby, as the library left them. */
function link(world: StandbyWorld, sourceSub: string, groups: readonly string[] = [], more: Partial<Link> = {}): void {
  const image = { attributes: {}, enabled: true, groups };
  world.links.all.set('here', { sourceSub, targetSub: 'here', firstSub: sourceSub, image, execution: 'x', restored: false, at: 5, ...more });
}

const signUpEvent = (userName: string, attributes: Readonly<Record<string, string>> = {}, triggerSource = 'PreSignUp_SignUp'): SignUpEvent =>
  ({ triggerSource, userName, userPoolId: STANDBY, callerContext: { clientId: 'client' }, request: { userAttributes: attributes } });

const signUp = async (world: StandbyWorld, ...given: Parameters<typeof signUpEvent>): Promise<string> =>
  guardSignUp(signUpEvent(...given), world).then(() => 'goes on', (error: Error) => error.name);

/** Whom Cognito is told to make, when somebody resets the password of this name. */
const makesNow = async (world: StandbyWorld, userName: string): Promise<MigratedUser | undefined> => migrateUser(
  { triggerSource: 'UserMigration_ForgotPassword', userPoolId: STANDBY, userName, request: {} },
  { switch: world.switch, directory: world.directory, settings: async () => (await world.context()).settings, followUp: async () => undefined },
  { resetPasswordAtSignIn: true });

const rehearsal = (...names: string[]): SwitchState => ({ ...NEVER_TURNED, mode: 'rehearsal', names });
const EXTERNAL = { 'cognito:user_status': 'EXTERNAL_PROVIDER' };

describe('identities', () => {
  test('an identity that was unlinked at the source comes in no more as the profile that it was linked with', async () => {
    const world = new StandbyWorld();
    const linked = identitiesAt('Corp', '7', false);
    world.user('ann', { attributes: { ...ANN, identities: linked } }, ['admins']);
    link(world, 'ann', ['admins']);
    const asked = { attributes: { ...EXTERNAL, identities: identitiesAt('Corp', '7', true) }, username: 'Corp_7', groups: ['admins'] };
    expect(await token(world, asked)).toEqual({ sub: 'ann', groups: ['admins'] });
    world.user('ann', {}, ['admins']);
    expect(await token(world, asked)).toBe('not-the-linked-user');
  });

  test('an identity that was linked with a profile of the standby, and unlinked at the source, opens it no more', async () => {
    const world = new StandbyWorld();
    const linked = identitiesAt('Corp', '7', false);
    world.user('ann', { attributes: { ...ANN, identities: linked } }, ['admins']);
    link(world, 'ann', ['admins'], { identities: linked });
    const asked = { attributes: { ...ANN, identities: linked }, groups: ['admins'] };
    expect(await token(world, asked)).toEqual({ sub: 'ann', groups: ['admins'] });
    world.user('ann', {}, ['admins']);
    expect(await token(world, asked)).toBe('unlinked-at-source');
    // Nor after a comparison, which cannot unlink it.
    const user = world.pool.seed({ username: 'u', attributes: { ...ANN, identities: linked } });
    link(world, 'ann', ['admins'], { identities: linked, targetSub: user.sub });
    world.links.all.set(user.sub, world.links.all.get('here')!);
    for (let time = 0; time < 2; time++) expect(await followUp(await world.context(), { sourceSub: 'ann', username: 'u' })).toEqual({ kind: 'done' });
    expect(await token(world, { ...asked, attributes: { ...asked.attributes, sub: user.sub } })).toBe('unlinked-at-source');
    // Linked by an administrator of the standby.
    link(world, 'ann', ['admins']);
    expect(await token(world, asked)).toEqual({ sub: 'ann', groups: ['admins'] });
  });

  test('nor where the user still has the identity of another provider whose name runs together to the same', async () => {
    const world = new StandbyWorld();
    const [unlinked] = JSON.parse(identitiesAt('Corp_x', '7', false)) as object[];
    const [kept] = JSON.parse(identitiesAt('Corp', 'x_7', false)) as object[];
    const both = JSON.stringify([unlinked, kept]);
    world.user('ann', { attributes: { ...ANN, identities: both } }, ['admins']);
    const user = world.pool.seed({ username: 'u', attributes: { ...ANN, identities: both } });
    link(world, 'ann', ['admins'], { identities: both, targetSub: user.sub });
    world.links.all.set(user.sub, world.links.all.get('here')!);
    const asked = { attributes: { ...ANN, sub: user.sub, identities: both }, groups: ['admins'] };
    expect(await token(world, asked)).toEqual({ sub: 'ann', groups: ['admins'] });
    world.user('ann', { attributes: { ...ANN, identities: JSON.stringify([kept]) } }, ['admins']);
    expect(await token(world, asked)).toBe('unlinked-at-source');
    for (let time = 0; time < 2; time++) expect(await followUp(await world.context(), { sourceSub: 'ann', username: 'u' })).toMatchObject({ kind: 'done' });
    expect(await token(world, asked)).toBe('unlinked-at-source');
  });

  test('a provider that sends custom:source_sub makes nobody else of its users', async () => {
    const world = new StandbyWorld();
    world.user('ann', {}, ['admins']);
    const sent = { ...EXTERNAL, 'custom:source_sub': 'ann', 'identities': identitiesAt('Corp', '9', true) };
    expect(await signUp(world, 'Corp_9', sent, 'PreSignUp_ExternalProvider')).toBe('SignUpRefused');
    expect(await token(world, { attributes: sent, username: 'Corp_9' })).toBe('not-the-linked-user');
    // Neither by the link that a restore might have written for it.
    link(world, 'ann', ['admins']);
    expect(await token(world, { attributes: sent, username: 'Corp_9', groups: ['admins'] })).toBe('not-the-linked-user');
  });

  test('a provider\'s user whose name is that of another provider\'s user is not that one', async () => {
    const world = new StandbyWorld();
    world.user('fed', { username: 'Corp_x_7', status: 'EXTERNAL_PROVIDER', attributes: { identities: identitiesAt('Corp', 'x_7', true) } }, ['admins']);
    const other = { ...EXTERNAL, identities: identitiesAt('Corp_x', '8', true) };
    expect(await token(world, { attributes: other, username: 'Corp_x_8' })).toEqual({ sub: 'here', groups: [] });
    // Cognito gives both of these one name.
    const same = { attributes: { ...EXTERNAL, identities: identitiesAt('Corp_x', '7', true) }, username: 'Corp_x_7' };
    expect(await token(world, same)).toEqual({ sub: 'here', groups: [] });
    world.user('ann', { attributes: { ...ANN, identities: identitiesAt('Corp', 'x_9', false) } }, ['admins']);
    const linked = { attributes: { ...EXTERNAL, identities: identitiesAt('Corp_x', '9', true) }, username: 'Corp_x_9' };
    expect(await token(world, linked)).toEqual({ sub: 'here', groups: [] });
    const user = world.pool.seed({ username: 'Corp_x_9', status: 'EXTERNAL_PROVIDER', attributes: { identities: identitiesAt('Corp_x', '9', true) } });
    expect(await followUp(await world.context(), { sourceSub: 'ann', username: 'Corp_x_9' }))
      .toEqual({ kind: 'failed', reason: { code: 'another-federated-user' } });
    expect([...world.pool.model.find('Corp_x_9').groups]).toEqual([]);
    // Nor by a link that was written when names alone were compared.
    link(world, 'ann', ['admins'], { targetSub: user.sub });
    expect(await token(world, { ...linked, groups: ['admins'] })).toBe('not-the-linked-user');
  });

  test('a provider\'s user whom the source deleted keeps nothing that a follow-up gave which was cut off', async () => {
    const world = new StandbyWorld();
    world.group({ name: 'admins' });
    const attributes = { identities: identitiesAt('Corp', '7', true) };
    world.user('fed', { username: 'Corp_7', status: 'EXTERNAL_PROVIDER', attributes }, ['admins']);
    const user = world.pool.seed({ username: 'Corp_7', status: 'EXTERNAL_PROVIDER', attributes });
    const context = await world.context();
    const killed = { ...context, pool: Object.assign(Object.create(context.pool) as typeof context.pool, { addUserToGroup: async () => { throw new Error('killed'); } }) };
    await followUp(killed, { sourceSub: 'fed', username: 'Corp_7' }).catch(() => undefined);
    world.user('fed', { username: 'Corp_7', status: 'EXTERNAL_PROVIDER', attributes, deletedAt: 9 });
    expect(await token(world, { attributes: { ...EXTERNAL, ...attributes, sub: user.sub }, username: 'Corp_7', groups: ['admins'] })).toBe('deleted');
  });

  test('in a pool that cannot mark users, nobody keeps what a follow-up gave which was cut off', async () => {
    const world = new StandbyWorld({ usernameAttributes: ['email'], customAttributes: {} });
    world.group({ name: 'admins' });
    const row = world.user('ann', {}, ['admins']);
    const user = world.pool.seed({ username: 'u', attributes: row.attributes });
    const context = await world.context();
    const killed = { ...context, pool: Object.assign(Object.create(context.pool) as typeof context.pool, { addUserToGroup: async () => { throw new Error('killed'); } }) };
    await followUp(killed, { sourceSub: 'ann', username: 'u' }).catch(() => undefined);
    world.leave('admins', 'ann');
    const asked = { attributes: { ...row.attributes, sub: user.sub }, groups: ['admins'] };
    expect(await token(world, asked, {}, { marksUsers: false })).toEqual({ sub: 'ann', groups: [] });
    // And a later one does its work whole.
    world.user('ann', {}, ['admins']);
    expect(await followUp(context, { sourceSub: 'ann', username: 'u', since: world.time })).toEqual({ kind: 'done' });
    expect([...world.pool.model.find('u').groups]).toEqual(['admins']);
  });
});

describe('names and addresses', () => {
  test('a mailbox that is the user\'s no more at the source opens nothing on the standby, which the change has not reached', async () => {
    const world = new StandbyWorld();
    const old = { email: 'stolen@example.com', email_verified: 'true' };
    world.user('ann', { attributes: old }, ['admins']);
    link(world, 'ann', ['admins'], { image: { attributes: old, enabled: true, groups: ['admins'] } });
    const asked = { attributes: { 'custom:source_sub': 'ann', ...old }, groups: ['admins'] };
    expect(await token(world, asked)).toEqual({ sub: 'ann', groups: ['admins'] });
    world.user('ann', { attributes: { email: 'new@example.com', email_verified: 'true' } }, ['admins']);
    expect(await token(world, asked)).toBe('address-of-before');
    // The comparison brings the new address, and the user comes in.
    expect(world.compared).toEqual([{ sourceSub: 'ann', username: 'u', since: 6 }]);
    // No more verified at the source: Cognito sends no code to it there.
    world.user('ann', { attributes: { ...old, email_verified: 'false' } }, ['admins']);
    expect(await token(world, asked)).toBe('address-of-before');
    // One that the user proved on the standby meanwhile is theirs.
    expect(await token(world, { ...asked, attributes: { ...asked.attributes, email: 'proved@example.com' } })).toEqual({ sub: 'ann', groups: ['admins'] });
  });

  test('a mailbox of before opens nothing after a comparison either that could not bring the new address, which nobody has verified', async () => {
    const world = new StandbyWorld({ autoVerifiedAttributes: ['email'] });
    const old = { email: 'stolen@example.com', email_verified: 'true' };
    world.user('ann', { attributes: old });
    world.pool.seed({ username: 'ann', attributes: { ...old, 'custom:source_sub': 'ann' } });
    await followUp(await world.context(), { sourceSub: 'ann', username: 'ann' });
    world.user('ann', { attributes: { email: 'new@example.com', email_verified: 'false' } });
    const told = { kind: 'done', warnings: ['unverified-address'] };
    expect(await followUp(await world.context(), { sourceSub: 'ann', username: 'ann' })).toEqual(told);
    // No code goes to it, and the user signs in by the password.
    const { sub, attributes } = world.pool.model.find('ann');
    expect(attributes).toMatchObject({ email: 'stolen@example.com', email_verified: 'false' });
    expect(await token(world, { attributes: { ...attributes, sub }, username: 'ann' })).toEqual({ sub: 'ann', groups: [] });
    expect(world.pool.model.messagesSent).toBe(0);
  });

  test('who has an address that was another\'s on the standby, and is somebody else\'s at the source, is neither', async () => {
    const world = new StandbyWorld();
    const address = { email: 'role@example.com', email_verified: 'true' };
    world.user('ann', { attributes: { email: 'ann@example.com', email_verified: 'true' } }, ['admins']);
    world.user('bob', { attributes: address });
    expect(await token(world, { attributes: { 'custom:source_sub': 'ann', ...address }, groups: ['admins'] })).toBe('holds-name-of-another');
  });

  test('whoever has an address that another user of the source has since does not pass for them by a mailbox that is not theirs any more', async () => {
    const role = { email: 'role@example.com', email_verified: 'true' };
    for (const settings of [{ usernameAttributes: ['email'] }, { aliasAttributes: ['email'] }] satisfies FakePoolOptions[]) {
      const world = new StandbyWorld(settings);
      // Gave the address up at the source, which has not reached the ledger; the one who has it now has.
      world.user('ann', { attributes: role, observedAt: 3 }, ['admins']);
      link(world, 'ann', ['admins'], { image: { attributes: role, enabled: true, groups: ['admins'] } });
      const asked = { attributes: { ...ANN, ...role }, groups: ['admins'], username: 'ann' };
      expect(await token(world, asked)).toEqual({ sub: 'ann', groups: ['admins'] });
      world.user('bob', { attributes: role, observedAt: 9 });
      expect(await token(world, asked)).toBe('holds-name-of-another');
      // Seen with it last, it is theirs again.
      world.user('ann', { attributes: role, observedAt: 12 }, ['admins']);
      expect(await token(world, asked)).toEqual({ sub: 'ann', groups: ['admins'] });
      for (const nobody of [{ deletedAt: 13 }, { status: 'UNCONFIRMED' }] as const) {
        world.user('bob', { attributes: role, observedAt: 13, ...nobody });
        expect(await token(world, asked)).toEqual({ sub: 'ann', groups: ['admins'] });
      }
    }
  });

  test('a user of the source whose custom:source_sub is the sub of another one does not pass for that one', async () => {
    const world = new StandbyWorld();
    world.user('ann', {}, ['admins']);
    const eve = { 'email': 'eve@example.com', 'email_verified': 'true', 'custom:source_sub': 'ann' };
    world.user('eve', { attributes: eve });
    // Before the link is written, and after.
    expect(await token(world, { attributes: eve })).toBe('holds-name-of-another');
    link(world, 'eve', [], { firstSub: 'ann' });
    expect(await token(world, { attributes: eve })).toBe('sub-of-another');
  });

  const EVE = { 'email': 'eve@example.com', 'email_verified': 'true', 'custom:source_sub': 'ann' };
  const comeBack = (world: StandbyWorld) => {
    fieldsOfReturn(SOURCE, { replaced: 'ann', sub: 'ann-2', firstSub: 'ann', execution: 'e', at: 9 })
      .forEach(({ key, fields }) => world.ledger.put({ ...key, ...fields }));
    world.user('ann-2', { firstSub: 'ann', attributes: { email: 'ann@example.com', email_verified: 'true' } }, ['admins']);
  };
  const VICTIMS: [string, (world: StandbyWorld) => void][] = [
    ['who has not come yet', world => { world.user('ann', {}, ['admins']); }],
    ['who was deleted', world => { world.user('ann', { deletedAt: 9 }, ['admins']); }],
    ['whose deletion nobody confirmed', world => {
      world.incident({ kind: 'users-gone', first: 5, last: 10 });
      world.user('ann', { deletedAt: 9 }, ['admins']);
    }],
    ['who was brought back', world => {
      world.user('ann', { deletedAt: 9 }, ['admins']);
      comeBack(world);
    }],
    ['who was brought back, and whose old row is gone', comeBack],
  ];
  test.each(VICTIMS.flatMap(([who, prepare]) => [[`${who}, by e-mail`, true, prepare], [`${who}, by name`, false, prepare]] as const))(
    'a user of the source who claims to be another one comes in as nobody but themselves: %s', async (_who, isByEmail, prepare) => {
      const world = new StandbyWorld({ usernameAttributes: isByEmail ? ['email'] : [] });
      world.group({ name: 'admins' });
      prepare(world);
      world.user('eve', { attributes: EVE });
      const { username = 'u', ...made } = (await makesNow(world, isByEmail ? 'eve@example.com' : 'eve'))!.userAttributes!;
      const user = world.pool.seed({ username, attributes: made });
      const asked = () => ({ attributes: { ...world.pool.model.find(username).attributes, sub: user.sub }, username });
      const herself = { sub: 'eve', groups: [] };
      expect(await token(world, asked())).toEqual(herself);
      // The password is set before the queue has come to the user.
      await onConfirmed({ triggerSource: 'PostConfirmation_ConfirmForgotPassword', userPoolId: STANDBY, userName: username, request: { userAttributes: asked().attributes } }, {
        switch: world.switch,
        directory: world.directory,
        linkOf: async (_pool, sub) => world.links.all.get(sub),
        followUp: async message => followUp(await world.context(), message),
        enqueue: async () => undefined,
      });
      expect([...world.links.all.values()]).toMatchObject([{ sourceSub: 'eve', firstSub: 'eve' }]);
      expect(world.pool.model.find(username)).toMatchObject({ attributes: { 'email': 'eve@example.com', 'custom:source_sub': 'eve' }, groups: new Set() });
      expect(await token(world, asked())).toEqual(herself);
      world.user('eve', { attributes: EVE, deletedAt: 99 });
      expect(await token(world, asked())).toBe('deleted');
      world.links.all.clear();
      expect(await token(world, asked())).toBe('deleted');
    });

  test('a user who was made again at the source, with the same address, does not inherit the account of before', async () => {
    const world = new StandbyWorld();
    world.user('ann', { deletedAt: 9 }, ['admins']);
    world.user('ann-2', { attributes: { email: 'ann@example.com', email_verified: 'true' } });
    link(world, 'ann', ['admins']);
    expect(await token(world, { groups: ['admins'] })).toBe('deleted');
    world.links.all.clear();
    expect(await token(world, { groups: ['admins'] })).toBe('deleted');
  });

  test('a user whose deletion is of an incident that nobody confirmed loses the account to who was made again with their address', async () => {
    const world = new StandbyWorld();
    world.incident({ kind: 'users-gone', first: 5, last: 10 });
    world.user('ann', { deletedAt: 9 }, ['admins']);
    link(world, 'ann', ['admins']);
    expect(await token(world, { groups: ['admins'] })).toMatchObject({ sub: 'ann' });
    world.user('ann-2', { attributes: { email: 'ann@example.com', email_verified: 'true' } });
    expect(await token(world, { groups: ['admins'] })).toBe('holds-name-of-another');
  });

  test('who is in the pool of before has the rights that the present source pool says, where it knows them', async () => {
    const world = new StandbyWorld();
    const ports: Partial<TokenPorts> = {
      linkOf: async () => ({ ...world.links.all.get('here')!, sourceUserPoolId: 'us-east-1_Before' }),
      row: async (poolId, sub) => poolId === SOURCE ? world.ledger.user(poolId, sub) : { ...world.user('ann'), poolId, deletedAt: undefined },
      memberships: async (poolId, sub, groups, isHeld) => poolId === SOURCE ? world.tokenPorts.memberships(poolId, sub, groups, isHeld) : ['admins'],
      candidates: async poolId => poolId === SOURCE ? [] : ['admins'],
    };
    link(world, 'ann', ['admins']);
    const present = { ...ANN, email: 'ann@example.com' };
    world.user('ann-2', { attributes: present });
    expect(await token(world, { groups: ['admins'] }, ports)).toEqual({ sub: 'ann', groups: [] });
    world.user('ann-2', { attributes: present, enabled: false });
    expect(await token(world, { groups: ['admins'] }, ports)).toBe('disabled');
  });

  test.each(['ann#x', 'ann%', '%25', '#', '__proto__', 'constructor', 'a'.repeat(2_000), 'ann\u0000'])('a strange name finds nobody: %j', async name => {
    const world = new StandbyWorld({ usernameAttributes: [] });
    world.user('ann', { username: 'ann' }, ['admins']);
    expect(await makesNow(world, name)).toBeUndefined();
    expect(await token(world, { attributes: { email: `${name}@example.com` }, username: name })).toEqual({ sub: 'here', groups: [] });
  });

  test('the group that Cognito made for users of a provider at the source is none of the standby', async () => {
    const world = new StandbyWorld();
    world.user('ann', {}, [`${SOURCE}_Corp`, 'staff']);
    expect(await token(world, { groups: [] })).toEqual({ sub: 'ann', groups: ['staff'] });
  });

  test('a group with the name of a member of every object gives no role', () => {
    for (const group of ['constructor', '__proto__', 'toString']) {
      const current = { groupsToOverride: ['admins', group], iamRolesToOverride: ['role/admins'], preferredRole: 'role/admins' };
      const details = { groupOverrideDetails: { groupsToOverride: [group], iamRolesToOverride: [] } };
      expect(tokenResponse('1', 'c', { sub: 's', groups: [group] }, current, { admins: 'role/admins' })).toMatchObject({ claimsOverrideDetails: details });
    }
  });
});

describe('the list of a rehearsal', () => {
  test.each([['written otherwise', 'ANN@Example.COM', 'goes'], ['with a space', ' ann@example.com', 'not-listed'], ['with a letter that only looks alike', '\u0430nn@example.com', 'not-listed']])(
    'the list of a rehearsal lets in who is on it, and no other name: %s', async (_how, name, what) => {
      const world = new StandbyWorld();
      world.user('ann');
      world.state = rehearsal(name);
      expect(await token(world)).toEqual(what === 'goes' ? { sub: 'ann', groups: [] } : what);
    });

  test('the id of an app client that is on the list of a rehearsal lets nobody sign up: it is no secret', async () => {
    const world = new StandbyWorld({ usernameAttributes: [] });
    world.state = { ...NEVER_TURNED, mode: 'rehearsal', names: [], clients: ['1client2id'] };
    expect(await signUp(world, '1client2id', { email: 'eve@example.com' })).toBe('SignUpRefused');
    expect(await token(world, { attributes: {}, username: '1client2id' })).toBe('not-listed');
    const job = { attributes: {}, username: '', trigger: 'TokenGeneration_ClientCredentials' };
    expect(await token(world, { ...job, clientId: '1client2id' })).toBeUndefined();
    // Nor does a client get in as a person.
    world.state = rehearsal('1client2id');
    expect(await token(world, { ...job, clientId: '1client2id' })).toBe('not-listed');
  });

  test('the list of a rehearsal is not got round by an alias', async () => {
    const world = new StandbyWorld({ aliasAttributes: ['email', 'preferred_username'] });
    world.user('boss', { username: 'boss' });
    world.user('eve', { username: 'eve' });
    world.state = rehearsal('boss');
    const attributes = { 'custom:source_sub': 'eve', 'preferred_username': 'boss' };
    expect(await token(world, { attributes, username: 'eve' })).toBe('not-listed');
    expect(await token(world, { attributes: { preferred_username: 'boss' }, username: 'eve2' })).toBe('holds-name-of-another');
  });
});

describe('time', () => {
  test.each(['TokenGeneration_RefreshTokens', 'TokenGeneration_AuthenticateDevice', 'TokenGeneration_NewPasswordChallenge', 'TokenGeneration_HostedAuth', 'TokenGeneration_Another'])(
    'who signed up, or got a session, in an earlier opening gets no token once it is closed: %s', async trigger => {
      const world = new StandbyWorld();
      const newcomer = { attributes: { email: 'new@example.com', email_verified: 'true' }, trigger };
      expect(await token(world, newcomer)).toEqual({ sub: 'here', groups: [] });
      world.state = NEVER_TURNED;
      expect(await token(world, newcomer)).toBe('closed');
      world.state = rehearsal('other@example.com');
      expect(await token(world, newcomer)).toBe('not-listed');
    });

  test('an instance that was warm when the standby closed lets in for no more than a few seconds', async () => {
    let [now, state] = [1_000, { ...NEVER_TURNED, mode: 'open' } as SwitchState];
    const reader = new SwitchReader(async () => state, { now: () => now });
    await reader.of(STANDBY);
    state = NEVER_TURNED;
    now += SWITCH_KEPT;
    expect((await reader.of(STANDBY)).mode).toBe('closed');
  });

  test.each<[string, unknown]>([
    ['a mode in capitals', { mode: 'OPEN' }], ['a mode with a space', { mode: 'open ' }], ['no mode', { names: ['x'] }], ['a list', [{ mode: 'open' }]],
    ['a text', 'open'], ['nothing', null], ['another field', { mode: 'open', userPoolId: 'us-west-2_Other' }], ['a list for an open one', { mode: 'open', names: ['x'] }],
    ['an empty list', { mode: 'rehearsal', names: [] }], ['no list', { mode: 'rehearsal' }], ['an empty name', { mode: 'rehearsal', names: [''] }],
  ])('the switch is turned by no input that is not as said: %s', (_what, input) => {
    expect(switchInput(input)).toMatchObject({ status: 'invalid' });
  });

  test('of two executions that began in one millisecond, the one that closes is right, whichever comes last or is retried', async () => {
    const dynamodb = mockClient(DynamoDBDocumentClient);
    const conditions = async (mode: 'open' | 'closed') => {
      dynamodb.on(PutCommand).resolves({});
      const written = { ...NEVER_TURNED, mode, at: 5, execution: mode };
      await writeSwitch(dynamodb as unknown as DynamoDBDocumentClient, 'state', STANDBY, written, { ...NEVER_TURNED, at: 4, execution: 'read' });
      const { ConditionExpression: condition, ExpressionAttributeValues: values } = dynamodb.commandCalls(PutCommand).at(-1)!.args[0].input;
      return { condition, values };
    };
    const own = '(turnedAt = :at AND #execution = :execution)';
    const newer = 'attribute_not_exists(turnedAt) OR turnedAt < :at OR ';
    // Another one that wrote since is read first: what it confirmed is not to be lost.
    const asRead = `AND (${own} OR (turnedAt = :readAt AND #execution = :readExecution))`;
    const values = { ':at': 5, ':readAt': 4, ':readExecution': 'read' };
    expect(await conditions('closed')).toEqual({ condition: `(${newer}turnedAt = :at) ${asRead}`, values: { ...values, ':execution': 'closed' } });
    expect(await conditions('open')).toEqual({ condition: `(${newer}${own}) ${asRead}`, values: { ...values, ':execution': 'open' } });
    dynamodb.on(PutCommand).rejects(new ConditionalCheckFailedException({ message: 'no', $metadata: {} }));
    const open = { ...NEVER_TURNED, mode: 'open' as const, at: 5 };
    expect(await writeSwitch(dynamodb as unknown as DynamoDBDocumentClient, 'state', STANDBY, open, NEVER_TURNED)).toBe(false);
  });

  test.each<[string, object]>([
    ['no mode', { names: ['x'], turnedAt: 1 }], ['another mode', { mode: 'OPEN', turnedAt: 1 }], ['a mode that is no text', { mode: ['open'], turnedAt: 1 }],
  ])('an item of the switch that was tampered with is a closed one: %s', (_what, item) => {
    expect(readSwitch({ pk: 'p', sk: 's', ...item }).mode).toBe('closed');
  });
});

describe('what cannot be read', () => {
  test('a client whose rights cannot be described lets nobody say who they are', async () => {
    const world = new StandbyWorld();
    world.user('ann');
    world.mayWriteSourceSub = async () => { throw Object.assign(new Error('slow down'), { name: 'TooManyRequestsException' }); };
    expect(await signUp(world, 'x', ANN)).toBe('TooManyRequestsException');
  });

  test('a copy that is throttled gives no token, and makes nobody', async () => {
    const world = new StandbyWorld();
    world.user('ann', {}, ['admins']);
    for (const read of ['user', 'subsBySignInName', 'sources'] as const) jest.spyOn(world.ledger, read).mockRejectedValue(new Error('throttled'));
    for (const attributes of [ANN, { email: 'new@example.com', email_verified: 'true' }, EXTERNAL] as Readonly<Record<string, string>>[]) {
      expect(await token(world, { attributes, username: 'Corp_7' })).toBe('throttled');
    }
    await expect(makesNow(world, 'ann@example.com')).rejects.toThrow('throttled');
    expect(await signUp(world, 'ann@example.com')).toBe('Error');
  });

  test('a copy of no pool yet lets nobody be anybody of it', async () => {
    const world = new StandbyWorld();
    world.ledger.clear();
    expect(await token(world)).toBe('not-in-ledger');
    expect(await token(world, { attributes: { email: 'new@example.com' } })).toEqual({ sub: 'here', groups: [] });
  });
});

describe('what is sent', () => {
  test.each<[string, string]>([
    ['no JSON', 'admin'], ['nothing', 'null'], ['a list', '[]'], ['no user', '{"username":"eve"}'], ['a number', '{"sourceSub":7,"username":"eve"}'],
    ['another\'s row for a user', '{"sourceSub":"boss","username":"eve"}'], ['a row that is not there', '{"sourceSub":"__proto__","username":"eve"}'],
    ['from the future', '{"sourceSub":"boss","username":"eve","since":9e15}'],
  ])('a message to the follow-up gives nobody what is another\'s: %s', async (_what, body) => {
    const world = new StandbyWorld({ usernameAttributes: [] });
    world.group({ name: 'admins' });
    world.user('boss', { username: 'boss' }, ['admins']);
    world.user('eve', { username: 'eve' });
    world.pool.seed({ username: 'eve', attributes: { 'email': 'eve@example.com', 'custom:source_sub': 'eve' } });
    const writes = world.pool.calls.length;
    await followUpMessages(await world.context(), [{ id: '1', body, receives: 1 }], () => undefined);
    expect(world.pool.calls.slice(writes).map(({ operation }) => operation).filter(name => !/^(get|list|describe|groupsOf)/.test(name))).toEqual([]);
    expect(world.links.all.size).toBe(0);
  });

  test('a confirmation while the standby is closed gives nothing', async () => {
    const world = new StandbyWorld();
    world.user('ann', {}, ['admins']);
    world.state = NEVER_TURNED;
    const never = async () => { throw new Error('the test did not plan this call'); };
    const event = { triggerSource: 'PostConfirmation_ConfirmSignUp', userPoolId: STANDBY, userName: 'u', request: { userAttributes: ANN } };
    expect(await onConfirmed(event, { switch: world.switch, directory: world.directory, linkOf: never, followUp: never, enqueue: never })).toBe('nothing');
  });
});
