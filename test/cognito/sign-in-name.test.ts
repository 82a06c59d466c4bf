import { SignInSettings, kindsToLookUp, looksLike, lookUpNamesOf, signInNameOf, signInSettingsOf } from '../../src/cognito/sign-in-name';
import { UserStatus } from '../../src/cognito/user-status';

const USER = {
  username: 'Ann',
  status: 'CONFIRMED' as UserStatus,
  attributes: { email: 'A@b.c', email_verified: 'true', phone_number: '+1555', phone_number_verified: 'true', preferred_username: 'Nick' },
};
const user = (attributes: Record<string, string> = {}, more: { username?: string; status?: UserStatus } = {}) =>
  ({ ...USER, ...more, attributes: { ...USER.attributes, ...attributes } });
const at = (providerName: string, userId: string, primary: boolean, ...more: string[]) =>
  JSON.stringify([{ providerName, userId, primary }, ...more.map(name => ({ providerName: name, userId: '8', primary: false }))]);
const EMAIL: SignInSettings = { usernameAttributes: ['email'] };
const NICK: SignInSettings = { usernameAttributes: ['email'], aliasAttributes: ['preferred_username'] };
const BOTH: SignInSettings = { usernameAttributes: ['email', 'phone_number'], caseSensitive: false };
const ALIASES: SignInSettings = { usernameAttributes: [], aliasAttributes: ['email', 'phone_number', 'preferred_username'] };

test.each<[string, SignInSettings, ReturnType<typeof user>, object | undefined]>([
  ['a user name alone', { usernameAttributes: [] }, user(), { name: 'Ann' }],
  ['a user name in any case', { usernameAttributes: [], caseSensitive: false }, user(), { name: 'ann' }],
  ['every verified alias', ALIASES, user(), { name: 'Ann', email: 'A@b.c', phone: '+1555', preferredUsername: 'Nick' }],
  ['no alias that is not verified', ALIASES, user({ email_verified: 'false', phone_number_verified: '' }), { name: 'Ann', preferredUsername: 'Nick' }],
  ['aliases of the pool only', { usernameAttributes: [], aliasAttributes: ['email'], caseSensitive: false }, user(), { name: 'ann', email: 'a@b.c' }],
  ['the address that is the name, once', EMAIL, user(), { name: 'A@b.c' }],
  ['an address that is the name, verified or not', EMAIL, user({ email_verified: 'false' }), { name: 'A@b.c' }],
  ['both addresses', BOTH, user(), { name: 'a@b.c', phone: '+1555' }],
  ['the other address only if it is verified', BOTH, user({ phone_number_verified: 'false' }), { name: 'a@b.c' }],
  ['the address that is verified, where the other one is not', BOTH, user({ email_verified: 'false' }), { name: '+1555' }],
  ['an address of the kind that is a name, and of no other', EMAIL, user({ email: '' }), undefined],
  ['the first address, where neither is verified', BOTH, user({ email_verified: 'false', phone_number_verified: 'false' }), { name: 'a@b.c' }],
  ['neither address', BOTH, user({ email: '', phone_number: '' }), undefined],
  ['an address that was verified in other letters', ALIASES, user({ email_verified: 'True', phone_number_verified: 'false' }), { name: 'Ann', email: 'A@b.c', preferredUsername: 'Nick' }],
  ['the names of linked identities besides', BOTH, user({ identities: at('Corp', 'Greta', false) }), { name: 'a@b.c', phone: '+1555', federated: ['corp_greta'] }],
  ['a linked identity alone', BOTH, user({ email: '', phone_number: '', identities: at('Corp', 'Greta', false) }), { federated: ['corp_greta'] }],
  ['a linked identity alone, although there is a second name but no first', NICK, user({ email: '', identities: at('Corp', 'Greta', false) }), { federated: ['Corp_Greta'] }],
  ['a second name beside the address', NICK, user(), { name: 'A@b.c', preferredUsername: 'Nick' }],
  ['a federated user of another name, linked with one more', EMAIL, user({ identities: at('Corp', '7', true, 'Google') }, { username: 'Corp_7' }), { name: 'Corp_7', federated: ['Google_8'] }],
  ['a federated user, who types nothing', BOTH, user({}, { username: 'Idp_7', status: 'EXTERNAL_PROVIDER' }), { name: 'idp_7' }],
])('looks up by %s', (_what, settings, given, names) => {
  expect(lookUpNamesOf(settings, given)).toEqual(names);
});

test('a federated user is never taken for the native one with the same address', () => {
  expect(signInNameOf(EMAIL, { ...USER, username: 'Idp_7', status: 'EXTERNAL_PROVIDER' })).toBe('Idp_7');
});

test('looks where the pool\'s settings say', () => {
  expect(kindsToLookUp(EMAIL)).toEqual(['name']);
  expect(kindsToLookUp(BOTH)).toEqual(['name', 'email', 'phone']);
  // An address beside the one that is the name.
  expect(kindsToLookUp(NICK)).toEqual(['name', 'preferredUsername']);
  expect(kindsToLookUp({ usernameAttributes: [] })).toEqual(['name']);
  expect(kindsToLookUp(ALIASES)).toEqual(['name', 'email', 'phone', 'preferredUsername']);
});

test.each<[string, boolean, boolean]>([
  ['ann@example.com', true, false],
  ['a@b', true, false],
  ['@b.c', false, false],
  ['ann@', false, false],
  ['a@b@c', false, false],
  ['ann @b.c', false, false],
  ['ann', false, false],
  ['+4915112345678', false, true],
  ['+155', false, true],
  ['+15', false, false],
  ['+1234567890123456', false, false],
  ['155', false, false],
  ['a+1555', false, false],
  ['+1555a', false, false],
])('looks like an address or a number: %s', (name, isEmail, isPhone) => {
  expect([looksLike('email', name), looksLike('phone_number', name)]).toEqual([isEmail, isPhone]);
});

test('what a pool does not say is as Cognito has it: user names alone, in which case counts', () => {
  expect(signInSettingsOf({})).toEqual({ usernameAttributes: [], aliasAttributes: [], caseSensitive: true });
  const said = { UsernameAttributes: ['email'], AliasAttributes: ['phone_number'], UsernameConfiguration: { CaseSensitive: false } };
  expect(signInSettingsOf(said)).toEqual({ usernameAttributes: ['email'], aliasAttributes: ['phone_number'], caseSensitive: false });
});
