/** What is known about an event that changes a user, a group or a membership. */
export interface EventFacts {
  readonly changes: 'user' | 'membership' | 'group';
  /** The user or the group is gone after it. */
  readonly removes?: true;
  /**
   * The event itself made the user active this month, so AdminGetUser costs nothing more. Cognito's documentation counts sign-up, creation,
   * confirmation, attribute and group changes, passwords set, and sign-in; that setting MFA preferences counts as well is our reading of it.
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
   */
  readonly active?: true;
  /** The event moves `UserLastModifiedDate`: an answer with an older date was given without knowing of the event. */
  readonly moves?: true;
  /** The event sets the MFA preference, which has no date. */
  readonly setsMfa?: true;
}

const changed: EventFacts = { changes: 'user', active: true, moves: true };
/** Groups come in a list of their own, which has no date. */
const membership: EventFacts = { changes: 'membership', active: true };
const mfa: EventFacts = { changes: 'user', active: true, setsMfa: true };
/** A page of managed login: it may name its user, and does not say whether it went well. */
const page: EventFacts = { changes: 'user' };

/**
 * API calls as CloudTrail names them. Left out on purpose: calls that change nothing that a copy could hold (ForgotPassword, ChangePassword, devices,
 * passkeys, sign-out), and sign-in, which is too frequent, and which a trigger sees at once.
 */
export const API_EVENTS: Readonly<Record<string, EventFacts>> = {
  AdminCreateUser: changed,
  AdminConfirmSignUp: changed,
  AdminUpdateUserAttributes: changed,
  AdminDeleteUserAttributes: changed,
  AdminDeleteUser: { changes: 'user', removes: true },
  AdminEnableUser: { changes: 'user', moves: true },
  AdminDisableUser: { changes: 'user', moves: true },
  AdminResetUserPassword: { changes: 'user', moves: true },
  AdminSetUserPassword: changed,
  AdminSetUserMFAPreference: mfa,
  AdminSetUserSettings: mfa,
  AdminDeleteSoftwareToken: mfa,
  AdminLinkProviderForUser: { changes: 'user' },
  AdminDisableProviderForUser: { changes: 'user' },
  AdminAddUserToGroup: membership,
  AdminRemoveUserFromGroup: membership,
  CreateGroup: { changes: 'group' },
  UpdateGroup: { changes: 'group' },
  DeleteGroup: { changes: 'group', removes: true },
  SignUp: changed,
  ConfirmSignUp: changed,
  ConfirmForgotPassword: changed,
  UpdateUserAttributes: changed,
  DeleteUserAttributes: changed,
  VerifyUserAttribute: changed,
  DeleteUser: { changes: 'user', removes: true },
  SetUserMFAPreference: mfa,
  SetUserSettings: mfa,
  VerifySoftwareToken: mfa,
};

/** Every step of every sign-in is one of these calls; only these challenges change more than a session. */
export const CHALLENGE_EVENTS: Readonly<Record<string, EventFacts>> = { AdminRespondToAuthChallenge: changed, RespondToAuthChallenge: changed };
export const CHANGING_CHALLENGES: readonly string[] = ['NEW_PASSWORD_REQUIRED', 'MFA_SETUP'];

/** Pages of the hosted UI and of managed login that change a user. */
export const PAGE_EVENTS: Readonly<Record<string, EventFacts>> = {
  Signup_POST: page,
  Confirm_POST: page,
  Confirm_With_Link_GET: page,
  ConfirmForgotPassword_POST: page,
  ResetPassword_POST: page,
  MfaRegister_POST: page,
  MfaOption_POST: page,
  SAML2Response_POST: page,
  OAuth2Response_GET: page,
  OAuth2Response_POST: page,
  signup_POST: page,
  signup_confirm_POST: page,
  confirmUser_GET: page,
  forgotPassword_POST: page,
  mfa_options_POST: page,
  mfa_phone_verify_POST: page,
};

/** What a hint of that name is about. Where nothing better is known, it is a user, and anything may have changed. */
export function factsOf(eventName: string): EventFacts {
  const known = [API_EVENTS, CHALLENGE_EVENTS, PAGE_EVENTS].find(events => Object.hasOwn(events, eventName))?.[eventName];
  if (known) return known;
  // These are names of triggers: the user signs in, or was just confirmed.
  return /^Post(Confirmation|Authentication)_/.test(eventName) ? { changes: 'user', active: true } : { changes: 'user' };
}
