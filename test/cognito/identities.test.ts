import * as fc from 'fast-check';
import { DescribedUser, federatedNameOf, hasFederatedName, identitiesOf, userKindOf, UserKind } from '../../src/cognito/identities';
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
      for (const one of all) expect(hasFederatedName(made, federatedNameOf(one))).toBe(true);
    }));
  });

  test('the name alone makes nobody federated, and nobody has the identity of a name that they only chose', () => {
    fc.assert(fc.property(text, statuses.filter(status => status !== 'EXTERNAL_PROVIDER'), (username, status) => {
      expect(userKindOf({ username, status, attributes: {} })).toBe('native');
      expect(hasFederatedName({ username, status, attributes: {} }, username)).toBe(false);
    }));
  });
});

test.each<[string, string | undefined]>([
  ['nothing', undefined], ['an empty text', ''], ['no JSON', '?'], ['no list', '{}'], ['nobody', '[]'], ['no id', '[{"providerName":"Corp"}]'], ['null', '[null]'],
])('the attribute may hold %s', (_what, attribute) => {
  expect(identitiesOf(attribute)).toEqual([]);
});
