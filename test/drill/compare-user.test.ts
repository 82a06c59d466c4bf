import { countedDifference, DifferenceCounts, expectedUser, foundUser, userDifferences } from '../../src/drill/compare-user';
import { UserRow } from '../../src/ledger/schema';
import { Reason } from '../../src/state/outcome';

const POOL = 'us-east-1_Source';
const row = (given: Partial<UserRow> = {}): UserRow => ({
  poolId: POOL,
  sub: 'source-sub',
  username: 'ada',
  attributes: { sub: 'source-sub', email: 'ada@example.com', email_verified: 'true', name: 'Ada' },
  enabled: true,
  status: 'CONFIRMED',
  createdAt: 1,
  modifiedAt: 2,
  digest: 'd',
  observedAt: 3,
  ...given,
});
const restored = (attributes: Record<string, string> = {}, given: { readonly enabled?: boolean; readonly status?: 'CONFIRMED' | 'RESET_REQUIRED' } = {}) => ({
  username: 'ada',
  sub: 'target-sub',
  enabled: true,
  status: 'CONFIRMED' as const,
  createdAt: 5,
  modifiedAt: 6,
  attributes: { 'sub': 'target-sub', 'email': 'ada@example.com', 'email_verified': 'true', 'name': 'Ada', 'custom:source_sub': 'source-sub', ...attributes },
  ...given,
});

/** How a user who is restored so differs from that row. */
function differences(source: UserRow, user: ReturnType<typeof restored>, { groups = [[], []], warnings = [], made = ['staff', 'left', 'extra'] }: {
  readonly groups?: readonly [readonly string[], readonly string[]];
  readonly warnings?: readonly Reason[];
  readonly made?: readonly string[];
} = {}) {
  const found = foundUser(source.sub, user, groups[1]);
  return userDifferences({ row: source, expected: expectedUser(source, groups[0], warnings), user, found, warnings, groups: new Set(made) });
}

test('somebody who came back as they were does not differ: another sub, a mark and what Cognito writes itself are none', () => {
  expect(differences(row(), restored({ 'cognito:user_status': 'CONFIRMED' }))).toEqual([]);
  expect(differences(row({ attributes: { ...row().attributes, identities: '[]' } }), restored())).toEqual([]);
});

test.each<[string, Record<string, string>, Record<string, string>]>([
  ['an empty value', { nickname: '' }, {}],
  ['a flag that is false', { phone_number_verified: 'false' }, {}],
  ['a flag in other letters', { email_verified: 'True' }, { email_verified: 'true' }],
])('%s is the same as none, or as another spelling', (_what, before, after) => {
  expect(differences(row({ attributes: { ...row().attributes, ...before } }), restored(after))).toEqual([]);
});

test.each<[string, UserRow, ReturnType<typeof restored>, object[]]>([
  ['an attribute that is another', row(), restored({ name: 'Eve' }), [{ code: 'attribute', field: 'name' }]],
  ['one that is gone', row({ attributes: { ...row().attributes, nickname: 'a' } }), restored(), [{ code: 'attribute', field: 'nickname' }]],
  ['one too many', row(), restored({ nickname: 'a' }), [{ code: 'attribute', field: 'nickname' }]],
  ['an address that is not verified any more', row(), restored({ email_verified: 'false' }), [{ code: 'attribute', field: 'email_verified' }]],
  ['the mark of somebody else', row(), restored({ 'custom:source_sub': 'other' }), [{ code: 'attribute', field: 'custom:source_sub' }]],
  ['a status', row(), restored({}, { status: 'RESET_REQUIRED' }), [{ code: 'status' }]],
  ['who is enabled and must not be', row({ enabled: false }), restored(), [{ code: 'enabled' }]],
  ['who was compromised and is enabled', row({ status: 'COMPROMISED' }), restored(), [{ code: 'enabled' }]],
])('%s is a difference, without a value', (_what, source, user, wanted) => {
  expect(differences(source, user)).toEqual(wanted);
});

test('of memberships it says which way; those in groups of identity providers are nobody\'s', () => {
  expect(differences(row(), restored(), { groups: [['staff', `${POOL}_Corp`, 'left'], ['staff', 'extra']] }))
    .toEqual([{ code: 'membership-missing' }, { code: 'membership-not-expected' }]);
});

test.each<[string, Reason, Record<string, string>, object[]]>([
  ['a name that a stranger took', { code: 'name-lost', attribute: 'email' }, { email: '', email_verified: '' },
    [{ code: 'attribute', field: 'email', reason: 'name-lost' }, { code: 'attribute', field: 'email_verified', reason: 'name-lost' }]],
  ['attributes that the target has not', { code: 'attributes-left-out', attributes: ['name'] }, { name: '' },
    [{ code: 'attribute', field: 'name', reason: 'attributes-left-out' }]],
  ['the reason of another attribute', { code: 'attributes-left-out', attributes: ['nickname'] }, { name: '' }, [{ code: 'attribute', field: 'name' }]],
])('what the restore said itself explains a difference, and nothing else: %s', (_what, warning, attributes, wanted) => {
  expect(differences(row(), restored(attributes), { warnings: [warning] })).toEqual(wanted);
});

test('that a group was not restored explains who is not in that one, and nobody\'s missing in another', () => {
  const warnings: Reason[] = [{ code: 'totp-lost' }, { code: 'group-not-restored' }];
  expect(differences(row(), restored(), { groups: [['gone'], []], warnings })).toEqual([{ code: 'membership-missing', reason: 'group-not-restored' }]);
  expect(differences(row(), restored(), { groups: [['staff'], []], warnings })).toEqual([{ code: 'membership-missing' }]);
  expect(differences(row(), restored(), { groups: [['gone'], []], warnings: [{ code: 'totp-lost' }] })).toEqual([{ code: 'membership-missing' }]);
  expect(differences(row(), restored(), { groups: [['staff'], ['staff']], warnings })).toEqual([]);
});

test.each<[Reason, object[]]>([
  [{ code: 'attribute-immutable', attribute: 'name' }, [{ code: 'attribute', field: 'name', reason: 'attribute-immutable' }]],
  [{ code: 'attribute-immutable', attribute: 'email' }, [{ code: 'attribute', field: 'name' }]],
  [{ code: 'attribute-immutable', attribute: 'nickname' }, [{ code: 'attribute', field: 'name' }]],
  [{ code: 'totp-lost' }, [{ code: 'attribute', field: 'name' }]],
])('%j and another name: %j', (warning, wanted) => {
  expect(differences(row(), restored({ name: 'Eve' }), { warnings: [warning] })).toEqual(wanted);
});

test.each(['verified-in-ledger-only', 'unverified-address'] as const)('%s explains the flag of that address, and of no other', code => {
  const unverified = restored({ email_verified: 'false' });
  expect(differences(row(), unverified, { warnings: [{ code, attribute: 'email' }] })).toEqual([{ code: 'attribute', field: 'email_verified', reason: code }]);
  expect(differences(row(), unverified, { warnings: [{ code, attribute: 'phone_number' }] })).toEqual([{ code: 'attribute', field: 'email_verified' }]);
});

test('differences are told in one order, a user without a mark is known by the link, and a flag counts where it is true', () => {
  expect(differences(row({ attributes: { zoneinfo: 'a', address: 'b' } }), restored({ 'email': '', 'email_verified': '', 'name': '', 'custom:a': 'c' })))
    .toEqual(['address', 'custom:a', 'zoneinfo'].map(field => ({ code: 'attribute', field })));
  const { 'custom:source_sub': _mark, ...unmarked } = restored().attributes;
  expect(differences(row(), { ...restored(), attributes: unmarked as ReturnType<typeof restored>['attributes'] })).toEqual([]);
  expect(expectedUser(row({ attributes: { email_verified: 'false', phone_number_verified: 'true' } }), []).attributes).toEqual({ phone_number_verified: 'true' });
});

test('a second factor that could not be set is expected, not found, and explained', () => {
  const warnings: Reason[] = [{ code: 'mfa-refused' }, { code: 'totp-lost' }, { code: 'mfa-withheld' }];
  expect(expectedUser(row(), [], warnings).hasSecondFactor).toBe(true);
  expect(expectedUser(row(), [], [{ code: 'mfa-withheld' }]).hasSecondFactor).toBe(true);
  expect(expectedUser(row(), [], [{ code: 'totp-lost' }]).hasSecondFactor).toBe(false);
  expect(foundUser('source-sub', restored(), []).hasSecondFactor).toBe(false);
  expect(differences(row(), restored(), { warnings })).toEqual([{ code: 'second-factor', reason: 'mfa-refused' }]);
});

test('differences of many users are counted by what they are', () => {
  const counts = [{ code: 'status' }, { code: 'attribute', field: 'name' }, { code: 'status' }, { code: 'attribute', field: 'name', reason: 'name-lost' }] as const;
  const counted = counts.reduce<DifferenceCounts>(countedDifference, {});
  expect(Object.entries(counted).map(([key, count]) => [JSON.parse(key), count])).toEqual([
    [{ code: 'status' }, 2], [{ code: 'attribute', field: 'name' }, 1], [{ code: 'attribute', field: 'name', reason: 'name-lost' }, 1],
  ]);
});
