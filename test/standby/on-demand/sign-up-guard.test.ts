import { keys } from '../../../src/ledger/schema';
import { guardSignUp, NO_SIGN_UP, SignUpEvent } from '../../../src/standby/on-demand/sign-up-guard';
import { SourceNotCopiedError } from '../../../src/standby/source-directory';
import { NEVER_TURNED } from '../../../src/state/switch';
import { identitiesAt, SOURCE, STANDBY, StandbyWorld } from '../../helpers/standby-world';

const signUp = (userName: string, attributes: Record<string, string> = {}, triggerSource = 'PreSignUp_SignUp'): SignUpEvent =>
  ({ triggerSource, userName, userPoolId: STANDBY, callerContext: { clientId: 'client' }, request: { userAttributes: attributes } });

const portsOf = (world: StandbyWorld) => ({
  switch: world.switch,
  directory: world.directory,
  mayWriteSourceSub: world.mayWriteSourceSub,
  incidents: async (poolId: string) => world.incidents(poolId),
});

describe('who signs up', () => {
  test('cannot take a name of the source pool: a user name, or an address where users sign in by theirs', async () => {
    const world = new StandbyWorld({ aliasAttributes: ['preferred_username'] });
    world.user('ann', { attributes: { preferred_username: 'annie' } });
    world.user('gone', { deletedAt: 3 });
    world.user('never', { status: 'UNCONFIRMED' });
    for (const name of ['ann', 'ANN', 'annie']) await expect(guardSignUp(signUp(name), world)).rejects.toThrow('already exists');
    for (const name of ['gone', 'never', 'new']) await guardSignUp(signUp(name), world);
    // Administrators, and restores.
    await guardSignUp(signUp('ann', {}, 'PreSignUp_AdminCreateUser'), world);

    const byAddress = new StandbyWorld({ usernameAttributes: ['email', 'phone_number'] });
    byAddress.user('bob', { attributes: { email: 'bob@example.com', email_verified: 'true', phone_number: '+1555', phone_number_verified: 'true' } });
    await expect(guardSignUp(signUp('bob@example.com'), byAddress)).rejects.toThrow('already exists');
    await expect(guardSignUp(signUp('x@example.com', { email: 'x@example.com', phone_number: '+1555' }), byAddress)).rejects.toThrow('already exists');
  });

  test.each(['email', 'phone_number'])('is answered alike whether an address is known or not, where it is an alias: %s', async alias => {
    const world = new StandbyWorld({ aliasAttributes: ['email', 'phone_number', 'preferred_username'] });
    const values = { email: 'ann@example.com', phone_number: '+1555' };
    world.user('ann', { attributes: { ...values, email_verified: 'true', phone_number_verified: 'true' } });
    const value = values[alias as keyof typeof values];
    // Cognito takes such a sign-up, too, and refuses to confirm it.
    for (const given of [value, `${value}9`]) expect(await guardSignUp(signUp('stranger', { [alias]: given }), world)).toBeUndefined();
    // Cognito itself refuses an address as a user name there: the guard need not say whose it is.
    for (const given of [value, `${value}9`]) expect(await guardSignUp(signUp(given), world)).toBeUndefined();
  });

  test('cannot say by themselves which source user they are', async () => {
    await expect(guardSignUp(signUp('new', { 'email': 'new@example.com', 'custom:source_sub': 'ann' }), new StandbyWorld())).rejects.toThrow('not yours to set');
  });

  test.each(['somebody of the source', ''])('cannot have a provider say which source user they are: "%s"', async sourceSub => {
    const world = new StandbyWorld();
    world.user('fed', { username: 'Corp_7', status: 'EXTERNAL_PROVIDER' });
    for (const name of ['Corp_7', 'Corp_8']) {
      const event = signUp(name, { 'custom:source_sub': sourceSub }, 'PreSignUp_ExternalProvider');
      await expect(guardSignUp(event, world)).rejects.toThrow('not yours to set');
    }
  });

  test('is not in the way of the very user whom UserMigration answered, as whatever sign-up Cognito asks about them; nor let in by it while closed', async () => {
    const world = new StandbyWorld();
    world.user('ann');
    world.user('gone', { deletedAt: 3 });
    world.user('off', { enabled: false });
    const migrated = (sub: string) => signUp('ann', { 'email': 'ann@example.com', 'custom:source_sub': sub });
    // Through a client that may not write the attribute, nobody but Cognito can have set it.
    world.mayWriteSourceSub = async () => false;
    await guardSignUp(migrated('ann'), world);
    for (const sub of ['gone', 'off', 'unknown']) await expect(guardSignUp(migrated(sub), world)).rejects.toThrow('not yours to set');
    world.state = NEVER_TURNED;
    await expect(guardSignUp(migrated('ann'), world)).rejects.toThrow(NO_SIGN_UP);
  });

  test('cannot take a name that two rows have until a sweep', async () => {
    const world = new StandbyWorld({ aliasAttributes: ['email'] });
    world.user('old', { username: 'ann' });
    world.user('new', { username: 'ann', observedAt: 9 });
    await expect(guardSignUp(signUp('ann'), world)).rejects.toThrow('already exists');
  });

  test('cannot take a name besides a sign-up that was never confirmed', async () => {
    const world = new StandbyWorld({ usernameAttributes: ['email', 'phone_number'] });
    world.user('bob', { attributes: { phone_number: '+1555', phone_number_verified: 'true', email: 'bob@example.com', email_verified: 'true' } });
    world.user('never', { attributes: { email: 'bob@example.com' }, status: 'UNCONFIRMED', observedAt: 9 });
    await expect(guardSignUp(signUp('bob@example.com'), world)).rejects.toThrow('already exists');
  });

  test('does not come in through a provider when disabled', async () => {
    const world = new StandbyWorld();
    world.user('fed', { username: 'Corp_7', status: 'EXTERNAL_PROVIDER', enabled: false });
    await expect(guardSignUp(signUp('Corp_7', {}, 'PreSignUp_ExternalProvider'), world)).rejects.toMatchObject({ name: 'SignUpRefused', message: 'User is disabled.' });
    await guardSignUp(signUp('Corp_8', {}, 'PreSignUp_ExternalProvider'), world);
    // Deleted: to the source, who comes again through the provider is somebody new.
    world.user('ann', { attributes: { identities: identitiesAt('Corp', '9', false) }, enabled: false, deletedAt: 5 });
    await guardSignUp(signUp('Corp_9', {}, 'PreSignUp_ExternalProvider'), world);
  });

  test('loses no name to a user who is gone, though an index is behind', async () => {
    const world = new StandbyWorld({});
    world.user('gone', { deletedAt: 3 });
    jest.spyOn(world.ledger, 'subsBySignInName').mockResolvedValue(['gone']);
    await guardSignUp(signUp('gone'), world);
  });

  test('is looked up by what was typed alone, and asks nothing about the app client', async () => {
    const world = new StandbyWorld({ usernameAttributes: ['email', 'phone_number'] });
    world.mayWriteSourceSub = async () => { throw new Error('the test did not plan this call'); };
    const find = jest.spyOn(world.directory, 'find');
    await guardSignUp(signUp('u', { email: 'new@example.com' }), world);
    expect(find.mock.calls).toEqual([['u'], ['new@example.com']]);
  });

  test('cannot take the name of somebody whose deletion nobody has confirmed yet; once it is, the name is free', async () => {
    const world = new StandbyWorld({ usernameAttributes: [] });
    const { id } = world.incident({ kind: 'users-gone', first: 5, last: 10 });
    world.user('ann', { deletedAt: 9 });
    world.user('before', { deletedAt: 2 });
    await expect(guardSignUp(signUp('ann'), portsOf(world))).rejects.toThrow('already exists');
    for (const free of ['before', 'nobody']) await guardSignUp(signUp(free), portsOf(world));
    world.state = { ...world.state, confirmedIncidents: [id] };
    await guardSignUp(signUp('ann'), portsOf(world));
  });

  test('does not come in while it is not known yet how users of the source pool sign in, and so not which names are theirs', async () => {
    const world = new StandbyWorld({ usernameAttributes: [] });
    world.user('ann', { username: 'ann' });
    world.ledger.remove(keys.poolPart(SOURCE, 'pool'));
    for (const event of [signUp('ann'), signUp('Corp_7', {}, 'PreSignUp_ExternalProvider')]) {
      await expect(guardSignUp(event, world)).rejects.toThrow(SourceNotCopiedError);
    }
  });

  test('comes in while the ledger is still empty, and in a rehearsal only who is on the list', async () => {
    const world = new StandbyWorld();
    world.ledger.clear();
    const both = (name: string) => [signUp(name), signUp(name, {}, 'PreSignUp_ExternalProvider')];
    for (const event of both('Corp_7')) await guardSignUp(event, world);
    world.state = { ...NEVER_TURNED, mode: 'rehearsal', names: ['Corp_7'] };
    for (const event of both('Corp_7')) await guardSignUp(event, world);
    for (const event of both('Corp_8')) await expect(guardSignUp(event, world)).rejects.toThrow('Sign-up is not possible here at the moment.');
  });
});

describe('the switch', () => {
  const attempts: [string, SignUpEvent][] = [
    ['somebody new', signUp('new@example.com', { email: 'new@example.com' })],
    ['somebody of the source', signUp('ann@example.com', { email: 'ann@example.com' })],
    ['somebody of a provider', signUp('Corp_8', {}, 'PreSignUp_ExternalProvider')],
    ['somebody of a provider whom the ledger has', signUp('Corp_7', {}, 'PreSignUp_ExternalProvider')],
  ];
  const world = () => {
    const made = new StandbyWorld();
    made.user('ann');
    made.user('fed', { username: 'Corp_7', status: 'EXTERNAL_PROVIDER' });
    return made;
  };

  test.each(attempts)('closed: %s is refused, in the same words', async (_who, event) => {
    const closed = world();
    closed.state = NEVER_TURNED;
    await expect(guardSignUp(event, closed)).rejects.toThrow(NO_SIGN_UP);
  });

  test('closed: administrators, restores and a warm standby make users', async () => {
    const closed = world();
    closed.state = NEVER_TURNED;
    await guardSignUp(signUp('ann@example.com', {}, 'PreSignUp_AdminCreateUser'), closed);
  });

  test('rehearsal: whoever is on the list signs up, and nobody else', async () => {
    const rehearsing = world();
    rehearsing.state = { ...NEVER_TURNED, mode: 'rehearsal', names: ['New@example.com', 'corp_7'] };
    await guardSignUp(attempts[0][1], rehearsing);
    await guardSignUp(attempts[3][1], rehearsing);
    // Nobody whom the ledger has, by the name that the pool gives, in any case where it ignores case.
    rehearsing.state = { ...rehearsing.state, names: [...rehearsing.state.names, 'corp_9'] };
    await guardSignUp(signUp('Corp_9', {}, 'PreSignUp_ExternalProvider'), rehearsing);
    await expect(guardSignUp(attempts[2][1], rehearsing)).rejects.toThrow(NO_SIGN_UP);
    await expect(guardSignUp(attempts[1][1], rehearsing)).rejects.toThrow(NO_SIGN_UP);
  });

  test('a switch that cannot be read is no permission', async () => {
    await expect(guardSignUp(attempts[0][1], {
      ...portsOf(world()), switch: { of: async () => Promise.reject(new Error('down')) },
    })).rejects.toThrow('down');
  });
});
