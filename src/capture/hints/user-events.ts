/** What an event may change of a row: of a user, unless it is `membership` or `group`. */
export type Aspect = 'existence' | 'enabled' | 'status' | 'attributes' | 'identities' | 'mfa' | 'membership' | 'group';

const ANY_OF_USER: readonly Aspect[] = ['existence', 'enabled', 'status', 'attributes', 'identities', 'mfa'];

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
  /** What it may change. */
  readonly sets: readonly Aspect[];
  /** Whether the user, the group or the membership is there after it, or the user enabled. */
  readonly leaves?: boolean;
}

const changing = (...sets: Aspect[]): EventFacts => ({ changes: 'user', active: true, moves: true, sets });
const changed = changing('status', 'attributes');
const ofAttributes = changing('attributes');
/** Groups come in a list of their own, which has no date. */
const membership: EventFacts = { changes: 'membership', active: true, sets: ['membership'] };
const mfa: EventFacts = { changes: 'user', active: true, setsMfa: true, sets: ['mfa'] };
/** With the user go the memberships, with the group those of all its members. */
const userGoes: EventFacts = { changes: 'user', removes: true, sets: ['existence', 'membership'], leaves: false };
const link: EventFacts = { changes: 'user', sets: ['identities'] };
const challenge = changing('status', 'attributes', 'mfa');
/** A page of managed login: it may name its user, and does not say whether it went well. */
const page: EventFacts = { changes: 'user', sets: ANY_OF_USER };

/**
 * API calls as CloudTrail names them. Left out on purpose: calls that change nothing that a copy could hold (ForgotPassword, ChangePassword, devices,
 * passkeys, sign-out), and sign-in, which is too frequent, and which a trigger sees at once.
 */
export const API_EVENTS: Readonly<Record<string, EventFacts>> = {
  AdminCreateUser: { ...changing('existence', 'status', 'attributes'), leaves: true },
  AdminConfirmSignUp: changed,
  AdminUpdateUserAttributes: ofAttributes,
  AdminDeleteUserAttributes: ofAttributes,
  AdminDeleteUser: userGoes,
  AdminEnableUser: { changes: 'user', moves: true, sets: ['enabled'], leaves: true },
  AdminDisableUser: { changes: 'user', moves: true, sets: ['enabled'], leaves: false },
  AdminResetUserPassword: { changes: 'user', moves: true, sets: ['status'] },
  AdminSetUserPassword: changing('status'),
  AdminSetUserMFAPreference: mfa,
  AdminSetUserSettings: mfa,
  AdminDeleteSoftwareToken: mfa,
  AdminLinkProviderForUser: link,
  // A profile of a provider it disables.
  AdminDisableProviderForUser: { ...link, sets: ['identities', 'enabled', 'status'] },
  AdminAddUserToGroup: { ...membership, leaves: true },
  AdminRemoveUserFromGroup: { ...membership, leaves: false },
  CreateGroup: { changes: 'group', sets: ['group'], leaves: true },
  UpdateGroup: { changes: 'group', sets: ['group'], leaves: true },
  DeleteGroup: { changes: 'group', removes: true, sets: ['group', 'membership'], leaves: false },
  SignUp: { ...changing('existence', 'status', 'attributes'), leaves: true },
  ConfirmSignUp: changed,
  ConfirmForgotPassword: changed,
  UpdateUserAttributes: ofAttributes,
  DeleteUserAttributes: ofAttributes,
  VerifyUserAttribute: ofAttributes,
  DeleteUser: userGoes,
  SetUserMFAPreference: mfa,
  SetUserSettings: mfa,
  VerifySoftwareToken: mfa,
};

/** Every step of every sign-in is one of these calls; only these challenges change more than a session. */
export const CHALLENGE_EVENTS: Readonly<Record<string, EventFacts>> = {
  AdminRespondToAuthChallenge: challenge, RespondToAuthChallenge: challenge,
};
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
  const any: EventFacts = { changes: 'user', sets: ANY_OF_USER };
  return /^Post(Confirmation|Authentication)_/.test(eventName) ? { ...any, active: true } : any;
}
