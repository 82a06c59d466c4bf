import { API_EVENTS, Aspect, CHALLENGE_EVENTS, CHANGING_CHALLENGES, EventFacts, factsOf, PAGE_EVENTS } from '../../../src/capture/hints/user-events';

const all = { ...API_EVENTS, ...CHALLENGE_EVENTS, ...PAGE_EVENTS };
const eventsThat = (holds: (facts: EventFacts) => unknown) => Object.keys(all).filter(name => holds(factsOf(name))).sort();

test('every event is about a user, but for these', () => {
  expect(eventsThat(({ changes }) => changes === 'group')).toEqual(['CreateGroup', 'DeleteGroup', 'UpdateGroup']);
  expect(eventsThat(({ changes }) => changes === 'membership')).toEqual(['AdminAddUserToGroup', 'AdminRemoveUserFromGroup']);
  expect(eventsThat(({ changes }) => changes === 'user')).toHaveLength(Object.keys(all).length - 5);
});

test('after these the user or the group is gone', () => {
  expect(eventsThat(({ removes }) => removes)).toEqual(['AdminDeleteUser', 'DeleteGroup', 'DeleteUser']);
});

test('these set second factors, which have no date', () => {
  expect(eventsThat(({ setsMfa }) => setsMfa)).toEqual([
    'AdminDeleteSoftwareToken', 'AdminSetUserMFAPreference', 'AdminSetUserSettings', 'SetUserMFAPreference', 'SetUserSettings', 'VerifySoftwareToken',
  ]);
});

test('these move the date of the user; an answer with an older one is doubted', () => {
  expect(eventsThat(({ moves }) => moves)).toEqual([
    'AdminConfirmSignUp', 'AdminCreateUser', 'AdminDeleteUserAttributes', 'AdminDisableUser', 'AdminEnableUser', 'AdminResetUserPassword',
    'AdminRespondToAuthChallenge', 'AdminSetUserPassword', 'AdminUpdateUserAttributes', 'ConfirmForgotPassword', 'ConfirmSignUp', 'DeleteUserAttributes',
    'RespondToAuthChallenge', 'SignUp', 'UpdateUserAttributes', 'VerifyUserAttribute',
  ]);
});

test('of these the user is billed for the month anyway: whatever else may be asked by AdminGetUser would make one more active user', () => {
  expect(eventsThat(({ active }) => !active)).toEqual([
    'AdminDeleteUser', 'AdminDisableProviderForUser', 'AdminDisableUser', 'AdminEnableUser', 'AdminLinkProviderForUser', 'AdminResetUserPassword',
    'CreateGroup', 'DeleteGroup', 'DeleteUser', 'UpdateGroup', ...Object.keys(PAGE_EVENTS),
  ].sort());
});

test.each<[Aspect, string[]]>([
  ['existence', ['AdminCreateUser', 'AdminDeleteUser', 'DeleteUser', 'SignUp']],
  ['enabled', ['AdminDisableProviderForUser', 'AdminDisableUser', 'AdminEnableUser']],
  ['status', [
    'AdminConfirmSignUp', 'AdminCreateUser', 'AdminDisableProviderForUser', 'AdminResetUserPassword', 'AdminRespondToAuthChallenge', 'AdminSetUserPassword',
    'ConfirmForgotPassword', 'ConfirmSignUp', 'RespondToAuthChallenge', 'SignUp',
  ]],
  ['attributes', [
    'AdminConfirmSignUp', 'AdminCreateUser', 'AdminDeleteUserAttributes', 'AdminRespondToAuthChallenge', 'AdminUpdateUserAttributes', 'ConfirmForgotPassword',
    'ConfirmSignUp', 'DeleteUserAttributes', 'RespondToAuthChallenge', 'SignUp', 'UpdateUserAttributes', 'VerifyUserAttribute',
  ]],
  ['identities', ['AdminDisableProviderForUser', 'AdminLinkProviderForUser']],
  ['mfa', [
    'AdminDeleteSoftwareToken', 'AdminRespondToAuthChallenge', 'AdminSetUserMFAPreference', 'AdminSetUserSettings', 'RespondToAuthChallenge',
    'SetUserMFAPreference', 'SetUserSettings', 'VerifySoftwareToken',
  ]],
])('these and every page explain a change of %s; what no event explains is nobody\'s', (aspect, names) => {
  expect(eventsThat(({ sets }) => sets.includes(aspect))).toEqual([...names, ...Object.keys(PAGE_EVENTS)].sort());
});

test.each<[Aspect, string[]]>([
  ['membership', ['AdminAddUserToGroup', 'AdminDeleteUser', 'AdminRemoveUserFromGroup', 'DeleteGroup', 'DeleteUser']],
  ['group', ['CreateGroup', 'DeleteGroup', 'UpdateGroup']],
])('these explain a change of a %s, and no page does', (aspect, names) => {
  expect(eventsThat(({ sets }) => sets.includes(aspect))).toEqual(names);
});

test('after these it is known what there is; the others leave that to the look', () => {
  expect(eventsThat(({ leaves }) => leaves === true)).toEqual(['AdminAddUserToGroup', 'AdminCreateUser', 'AdminEnableUser', 'CreateGroup', 'SignUp', 'UpdateGroup']);
  expect(eventsThat(({ leaves }) => leaves === false)).toEqual(['AdminDeleteUser', 'AdminDisableUser', 'AdminRemoveUserFromGroup', 'DeleteGroup', 'DeleteUser']);
});

test('of all challenges these change more than a session', () => {
  expect(CHANGING_CHALLENGES).toEqual(['NEW_PASSWORD_REQUIRED', 'MFA_SETUP']);
});

test.each<[string, Omit<EventFacts, 'sets'>]>([
  ['PostConfirmation_ConfirmSignUp', { changes: 'user', active: true }],
  ['PostAuthentication_Authentication', { changes: 'user', active: true }],
  ['PreSignUp_PostConfirmation_', { changes: 'user' }],
  ['what an application says', { changes: 'user' }],
  ['toString', { changes: 'user' }],
])('an event that CloudTrail does not tell is about a user: %s', (name, facts) => {
  const sets = ['existence', 'enabled', 'status', 'attributes', 'identities', 'mfa'];
  expect(factsOf(name)).toEqual({ ...facts, sets });
});
