import * as fc from 'fast-check';
import {
  DescribedUser, describedUserOf, federatedNameOf, federatedNamesOf, hasIdentity, identitiesOf, identitiesText, isAnyLinkGuessed,
  isProfileOf, linksOf, userKindOf, UserKind,
} from '../../src/cognito/identities';
import { UserStatus } from '../../src/cognito/user-status';

const identity = (userId: string, more: object = {}) => ({ userId, providerName: 'Corp', providerType: 'SAML', issuer: null, dateCreated: '1', ...more });
const user = (username: string, status: string | undefined, ...identities: object[]): DescribedUser =>
  ({ username, status, attributes: identities.length > 0 ? { identities: JSON.stringify(identities) } : {} });

describe('what a user is, by identities and not by status or name', () => {
  test.each<[string, DescribedUser, UserKind]>([
    ['signed up here', user('ann', 'CONFIRMED'), 'native'],
    ['came from a provider', user('Corp_greta', 'EXTERNAL_PROVIDER', identity('greta', { primary: true })), 'federated'],
    ['came from a provider, as an event of a trigger says it', user('Corp_greta', undefined, identity('greta', { primary: 'true' })), 'federated'],
    ['came from a provider, in a pool that ignores case', user('corp_greta', 'EXTERNAL_PROVIDER', identity('Greta', { primary: 'True' })), 'federated'],
    ['came from a provider, and was given a password', user('Corp_greta', 'CONFIRMED', identity('greta', { primary: 'true' })), 'federated'],
    ['came from a provider, whose id is not in the name as it is listed', user('Corp_0a1b', 'EXTERNAL_PROVIDER', identity('a long id', { primary: 'true' })), 'federated'],
    ['came from one provider and is linked with another',
      user('Corp_greta', 'EXTERNAL_PROVIDER', identity('1', { providerName: 'Google', primary: false }), identity('greta', { primary: true })), 'federated'],
    ['has a linked identity', user('ann', 'CONFIRMED', identity('7', { primary: 'false' })), 'linked'],
    ['signed in through a linked identity', user('ann', 'EXTERNAL_PROVIDER', identity('7', { primary: 'false' })), 'linked'],
    ['has a linked identity that claims to be the primary one', user('a1b2-c3', 'EXTERNAL_PROVIDER', identity('7', { primary: true })), 'linked'],
    ['chose a name like that of a provider\'s user', user('Corp_x', 'CONFIRMED', identity('7', { primary: 'false' })), 'linked'],
    ['chose such a name and has no identity', user('Corp_x', 'CONFIRMED'), 'native'],
    ['had a link that was removed', user('a1b2-c3', 'EXTERNAL_PROVIDER'), 'native'],
    ['came from a provider that was taken away', user('Corp_greta', 'EXTERNAL_PROVIDER'), 'federated'],
  ])('%s', (_what, given, kind) => {
    expect(userKindOf(given)).toBe(kind);
  });

  const text = fc.string({ minLength: 1, maxLength: 12 });
  const statuses = fc.constantFrom<UserStatus>('CONFIRMED', 'EXTERNAL_PROVIDER', 'RESET_REQUIRED', 'FORCE_CHANGE_PASSWORD', 'UNCONFIRMED');
  const identities = fc.array(fc.record({ provider: text, subject: text, isPrimary: fc.boolean() }), { minLength: 1, maxLength: 5 });
  const listed = (all: { provider: string; subject: string; isPrimary: boolean }[]) =>
    JSON.stringify(all.map(({ provider: providerName, subject: userId, isPrimary }) => ({ providerName, userId, primary: String(isPrimary) })));

  test('no status and no order of the identities changes it', () => {
    fc.assert(fc.property(text, identities, statuses, statuses, (username, all, one, other) => {
      const kinds = [[one, all], [other, [...all].reverse()]] as const;
      expect(new Set(kinds.map(([status, given]) => userKindOf({ username, status, attributes: { identities: listed([...given]) } }))).size).toBe(1);
    }));
  });

  test('the profile that Cognito makes for an identity is federated and of that identity, whatever status it gets', () => {
    fc.assert(fc.property(identities, statuses, fc.boolean(), (all, status, ignoresCase) => {
      const name = federatedNameOf(all[0]);
      const made = { username: ignoresCase ? name.toLowerCase() : name, status, attributes: { identities: listed(all) } };
      expect(userKindOf(made)).toBe('federated');
      for (const one of all) expect(isProfileOf(made, { username: federatedNameOf(one), attributes: {} })).toBe(true);
    }));
  });

  test('the name alone makes nobody federated, and nobody has the identity of a name that they only chose', () => {
    fc.assert(fc.property(text, statuses.filter(status => status !== 'EXTERNAL_PROVIDER'), (username, status) => {
      expect(userKindOf({ username, status, attributes: {} })).toBe('native');
      expect(isProfileOf({ username, status, attributes: {} }, { username, attributes: {} })).toBe(false);
    }));
  });
});

test.each<[string, string | undefined]>([
  ['nothing', undefined], ['an empty text', ''], ['no JSON', '?'], ['no list', '{}'], ['nobody', '[]'], ['no id', '[{"providerName":"Corp"}]'], ['null', '[null]'],
])('the attribute may hold %s', (_what, attribute) => {
  expect(identitiesOf(attribute)).toEqual([]);
});

test.each([
  ['what it was made of', [{ provider: 'Corp', subject: 'greta', providerType: 'SAML', isPrimary: true }, { provider: 'Google', subject: '1', isPrimary: false }]],
  ['no identities, as no attribute at all', []],
])('the attribute that is written says %s', (_what, identities) => {
  const text = identitiesText(identities);
  expect(identitiesOf(text)).toEqual(identities);
  expect(text === undefined).toBe(identities.length === 0);
});

describe('the links of a user', () => {
  const ann = user('ann', 'CONFIRMED', identity('7', { primary: false }), identity('8', { providerName: 'Shop', providerType: 'OIDC', primary: false }));

  test('are made again by the attribute that their provider has in the settings, else by the subject', () => {
    expect(linksOf(ann, { Shop: 'email' })).toEqual([
      { provider: 'Corp', subject: '7', attribute: 'Cognito_Subject' }, { provider: 'Shop', subject: '8', attribute: 'email' },
    ]);
    expect(linksOf(user('ann', 'CONFIRMED'), {})).toEqual([]);
  });

  test('are guessed where the settings leave one of their providers out', () => {
    expect(isAnyLinkGuessed(ann, {})).toBe(true);
    expect(isAnyLinkGuessed(ann, { Shop: 'email' })).toBe(true);
    expect(isAnyLinkGuessed(ann, { Corp: 'sub', Shop: 'email' })).toBe(false);
    expect(isAnyLinkGuessed(user('ann', 'CONFIRMED'), {})).toBe(false);
  });

  test.each<[string, object, boolean]>([
    ...['Facebook', 'Google', 'LoginWithAmazon', 'SignInWithApple'].map((name): [string, object, boolean] => [name, { providerName: name, providerType: name }, false]),
    ['Google, in a listing without types', { providerName: 'Google', providerType: undefined }, false],
    ['a provider of somebody\'s own with a name like that', { providerName: 'Google', providerType: 'OIDC' }, true],
  ])('are not guessed where Cognito knows one way only: %s', (_which, of, isGuessed) => {
    expect(isAnyLinkGuessed(user('ann', 'CONFIRMED', identity('7', of)), {})).toBe(isGuessed);
  });
});

describe('somebody who signs in through a provider', () => {
  test.each<[string, DescribedUser, string[]]>([
    ['is nobody who has no identity', user('Corp_7', 'CONFIRMED'), []],
    ['is whoever is linked with it', user('ann', 'CONFIRMED', identity('7', { primary: false })), ['Corp_7']],
    ['is the profile that Cognito made, whatever its name says', user('Corp_0a1b', 'EXTERNAL_PROVIDER', identity('a long id', { primary: 'true' })), ['Corp_0a1b', 'Corp_a long id']],
    ['is that profile also where no identity can be read', user('Corp_7', 'EXTERNAL_PROVIDER'), ['Corp_7']],
  ])('%s', (_who, given, names) => {
    expect(federatedNamesOf(given)).toEqual(names);
    for (const name of names) {
      expect([name.toUpperCase(), name.toLowerCase()].map(username => isProfileOf(given, { username, attributes: {} }))).toEqual([true, true]);
    }
    expect(isProfileOf(given, { username: 'Corp_another', attributes: {} })).toBe(false);
  });

  test.each<[string, DescribedUser, boolean]>([
    ['one that is linked with them', user('ann', 'CONFIRMED', identity('8', { primary: false }), identity('X_7', { primary: false })), true],
    ['that of their profile', user('corp_x_7', 'EXTERNAL_PROVIDER', identity('x_7', { primary: true })), true],
    ['that of their profile, by its name, where it lists none', user('corp_x_7', 'EXTERNAL_PROVIDER'), true],
    ['not one of a name that they chose', user('Corp_x_7', 'CONFIRMED'), false],
    ['not another of that provider', user('ann', 'CONFIRMED', identity('x_8', { primary: false })), false],
    ['not one of another provider, with a name that runs together to the same',
      user('ann', 'CONFIRMED', identity('7', { providerName: 'Corp_x', primary: false })), false],
    ['not such a one of a profile', user('Corp_x_7', 'EXTERNAL_PROVIDER', identity('7', { providerName: 'Corp_x', primary: true })), false],
  ])('comes in as the user with an identity: %s', (_which, given, isTheirs) => {
    expect(hasIdentity(given, { provider: 'Corp', subject: 'x_7' })).toBe(isTheirs);
  });

  test.each<[string, DescribedUser, DescribedUser, boolean]>([
    ['the same identity', user('Corp_x_7', 'EXTERNAL_PROVIDER', identity('x_7', { primary: true })), user('corp_x_7', undefined, identity('X_7', { primary: 'true' })), true],
    ['one that is linked with the user', user('ann', 'CONFIRMED', identity('x_7', { primary: false })), user('Corp_x_7', undefined, identity('x_7', { primary: true })), true],
    ['one whose id is not in the name', user('Corp_0a', undefined, identity('a long id', { primary: true })), user('Corp_0a', undefined, identity('a long id', { primary: true })), true],
    ['one that cannot be read', user('Corp_x_7', 'EXTERNAL_PROVIDER', identity('x_7', { primary: true })), user('Corp_x_7', 'EXTERNAL_PROVIDER'), true],
    ['one whose user cannot be read', user('Corp_x_7', 'EXTERNAL_PROVIDER'), user('Corp_x_7', undefined, identity('x_7', { primary: true })), true],
    ['one of another provider, which is linked with a third that both have',
      user('ann', 'CONFIRMED', identity('x_7', { primary: false }), identity('1', { providerName: 'Google', primary: false })),
      user('Corp_x_7', undefined, identity('7', { providerName: 'Corp_x', primary: true }), identity('1', { providerName: 'Google', primary: false })), false],
    ['one of another provider, with a name that runs together to the same',
      user('Corp_x_7', 'EXTERNAL_PROVIDER', identity('x_7', { primary: true })), user('Corp_x_7', undefined, identity('7', { providerName: 'Corp_x', primary: true })), false],
    ['such a one, where the user is linked', user('ann', 'CONFIRMED', identity('x_7', { primary: false })),
      user('Corp_x_7', undefined, identity('7', { providerName: 'Corp_x', primary: true })), false],
    ['another name', user('Corp_8', 'EXTERNAL_PROVIDER', identity('8', { primary: true })), user('Corp_7', undefined, identity('7', { primary: true })), false],
  ])('comes by a profile that is theirs by the name and the provider: %s', (_what, given, profile, isTheirs) => {
    expect(isProfileOf(given, profile)).toBe(isTheirs);
  });

  test('is described by the event of a trigger as by a listing', () => {
    const userAttributes = { 'cognito:user_status': 'EXTERNAL_PROVIDER', 'sub': '1' };
    expect(describedUserOf({ userName: 'Corp_7', request: { userAttributes } })).toEqual({ username: 'Corp_7', attributes: userAttributes, status: 'EXTERNAL_PROVIDER' });
  });
});
