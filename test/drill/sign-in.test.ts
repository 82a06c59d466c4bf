import { kindsOf, kindsOfUser, withCandidate } from '../../src/drill/sign-in';
import { DrillWorld, expectNothingLeft } from '../helpers/drill-world';
import { WorldOptions } from '../helpers/restore-world';

const user = (attributes: Record<string, string>, enabled = true) =>
  ({ username: 'ada', sub: 'target', enabled, status: 'CONFIRMED' as const, createdAt: 1, modifiedAt: 2, attributes });
const email = { email: 'ada@example.com', email_verified: 'true' };
const phone = { phone_number: '+12025550100', phone_number_verified: 'true' };
const BY_ALIASES = { usernameAttributes: [], aliasAttributes: ['email', 'phone_number', 'preferred_username'] };
const BY_ADDRESS = { usernameAttributes: ['email', 'phone_number'], aliasAttributes: [] };

test.each([
  [BY_ALIASES, ['sign-in-name', 'email-alias', 'phone-alias', 'preferred-user-name', 'disabled']],
  [BY_ADDRESS, ['sign-in-name', 'email-alias', 'phone-alias', 'disabled']],
  [{ usernameAttributes: ['email'] }, ['sign-in-name', 'disabled']],
  [{ usernameAttributes: [] }, ['sign-in-name', 'disabled']],
])('the kinds of sign-in of %j are %j', (settings, kinds) => {
  expect(kindsOf(settings)).toEqual(kinds);
});

test.each([
  ['who has everything', BY_ALIASES, { ...email, ...phone, preferred_username: 'lady' }, ['sign-in-name', 'email-alias', 'phone-alias', 'preferred-user-name']],
  ['whose address is not verified', BY_ALIASES, { email: 'ada@example.com' }, ['sign-in-name']],
  ['who has a phone alone', BY_ADDRESS, phone, ['sign-in-name']],
  ['who has an address alone', BY_ADDRESS, email, ['sign-in-name']],
  ['who has both', BY_ADDRESS, { ...email, ...phone }, ['sign-in-name', 'phone-alias']],
  ['who has no name to sign in by', BY_ADDRESS, {}, []],
])('somebody %s can try these', (_who, settings, attributes, kinds) => {
  expect(kindsOfUser(settings, user(attributes))).toEqual(kinds);
  expect(kindsOfUser(settings, user(attributes, false))).toEqual(['disabled']);
});

test('the first user of a kind is the one to try it', () => {
  const first = withCandidate([], BY_ALIASES, user(email));
  expect(first).toEqual([{ kind: 'sign-in-name', targetSub: 'target' }, { kind: 'email-alias', targetSub: 'target' }]);
  expect(withCandidate(first, BY_ALIASES, { ...user({ ...email, ...phone }), sub: 'next' })).toEqual([...first, { kind: 'phone-alias', targetSub: 'next' }]);
});

describe('a drill of a pool of', () => {
  const drilled = async (settings: WorldOptions, fill: (world: DrillWorld) => void) => {
    const world = new DrillWorld(settings);
    fill(world);
    const { status } = await world.drill();
    expectNothingLeft(world);
    return { status, kinds: world.latest.facts.signIn?.kinds.map(({ kind, seen }) => [kind, seen]) };
  };

  test('users with phones alone', async () => {
    expect(await drilled({ usernameAttributes: ['phone_number'] }, world => { world.user('aa-1', { attributes: phone }); }))
      .toEqual({ status: 'passed', kinds: [['sign-in-name', 'signed-in'], ['disabled', 'no-such-user']] });
  });

  test('users with aliases, of whom each kind signs in', async () => {
    expect(await drilled({ aliasAttributes: ['email', 'phone_number'] }, world => {
      world.user('aa-1', { attributes: email });
      world.user('aa-2', { attributes: phone });
    })).toEqual({
      status: 'passed',
      kinds: [['sign-in-name', 'signed-in'], ['email-alias', 'signed-in'], ['phone-alias', 'signed-in'], ['disabled', 'no-such-user']],
    });
  });

  test('federated users alone shows that nobody signs in by a password, and does not pass', async () => {
    expect(await drilled({}, world => {
      world.user('aa-1', { username: 'Corp_1', status: 'EXTERNAL_PROVIDER', attributes: { identities: '[{"providerName":"Corp","userId":"1"}]' } });
    })).toEqual({ status: 'failed', kinds: [['sign-in-name', 'no-such-user'], ['disabled', 'no-such-user']] });
  });

  test('disabled users alone, who are refused, does not pass either', async () => {
    expect(await drilled({}, world => { world.user('aa-1', { enabled: false }); }))
      .toEqual({ status: 'failed', kinds: [['sign-in-name', 'no-such-user'], ['disabled', 'refused']] });
  });

  test('nobody shows nothing', async () => {
    expect(await drilled({}, () => undefined)).toMatchObject({ status: 'failed' });
  });
});
