import { REFUSALS } from '../cognito/refusals';
import { Reason, ReasonCode, ReasonOf } from '../state/outcome';

/** What a refusal of Cognito means, in words that tell nothing about the user; Cognito's own messages quote values. */
const REFUSED: Readonly<Record<typeof REFUSALS[number], string>> = {
  AliasExistsException: 'somebody else in the target has one of these names to sign in by',
  CodeDeliveryFailureException: 'the target could not send a code',
  InvalidLambdaResponseException: 'a trigger of the target pool failed',
  InvalidParameterException: 'the target refuses one of the values',
  InvalidPasswordException: 'the password policy of the target refuses a random password',
  LimitExceededException: 'a limit of the target is reached',
  NotAuthorizedException: 'the state of the user in the target does not allow it',
  PasswordHistoryPolicyViolationException: 'the password policy of the target refuses a random password',
  PasswordResetRequiredException: 'the state of the user in the target does not allow it',
  PreconditionNotMetException: 'the target is not set up for it',
  ResourceNotFoundException: 'the group was deleted from the target meanwhile',
  UnexpectedLambdaException: 'a trigger of the target pool failed',
  UnsupportedUserStateException: 'the state of the user in the target does not allow it',
  UserLambdaValidationException: 'a trigger of the target pool refuses the user',
  UsernameExistsException: 'the sign-in name is taken in the target, by a user whom it does not show',
  UserNotConfirmedException: 'the state of the user in the target does not allow it',
  UserNotFoundException: 'the user was deleted from the target meanwhile',
};

const SENTENCES: { readonly [Code in ReasonCode]: (reason: ReasonOf<Code>) => string } = {
  'source-unconfirmed': () => 'UNCONFIRMED: creating the user would confirm an address that nobody proved',
  'source-federated': () => 'of an identity provider: Cognito creates the user at the next federated sign-in',
  'no-sign-in-name': () => 'no sign-in name: the user has none of the attributes that the source pool signs in by',
  'attributes-not-in-schema': ({ attributes }) => `attributes that the target's schema lacks: ${attributes.join(', ')}`,
  'newer-namesake': () => 'another user of the ledger was seen with this sign-in name later',
  'deleted-in-target': ({ since }) => `deleted in the target since the user was last brought there, on ${since}`,
  'not-in-target': () => 'not in the target',
  'moment-unknown': () => 'not known at that moment: an image that was replaced is not in the ledger',
  'name-of-another': () => 'the sign-in name belongs to somebody else in the target',
  'name-of-unconfirmed': () => 'the sign-in name was taken in the target by a sign-up that is UNCONFIRMED: nothing shows whose it is',
  'not-made-from-ledger': () => 'the user in the target was not made from the ledger',
  'not-federated-in-target': () => 'the user in the target is not of an identity provider',
  'another-federated-user': () => 'the user in the target is another one of an identity provider',
  'unchanged': () => 'unchanged',
  'converged': () => 'converged',
  'would-converge': () => 'would be converged',
  'changed-since-copy': () => 'changed in the pool since the copy was made',
  'left-as-it-is': () => 'left as it is in the target',
  'changed-on-both-sides': ({ attributes }) => `changed on both sides: ${attributes.join(', ')}`,
  'refused': ({ operation, error }) => `${operation}: ${error}: ${refusalInWords(error)}`,
  'moment-uncertain': () => 'changed around the moment: taken as before that change',
  'moment-by-event': () => 'as the events say: right unless one was lost',
  'moment-coalesced': () => 'changed more than once around the moment: what was in between is not known',
  'source-status': ({ status }) => `status was ${status}`,
  'target-status': ({ status }) => status === 'FORCE_CHANGE_PASSWORD'
    ? 'status in the target is FORCE_CHANGE_PASSWORD: "forgot password" is refused until an administrator sets a password or the user signs in '
      + 'with the temporary one'
    : `status in the target is ${status}`,
  'identities-not-linked': () => 'linked identities are not linked again',
  'linked-by-subject': () => 'identities of a SAML or OIDC provider are linked by Cognito_Subject: if they were linked by another attribute, name '
    + 'it in linkAttributes',
  'link-refused': () => 'the target refuses to link an identity: at a sign-in through its provider the user gets a profile of its own',
  'attributes-left-out': ({ attributes }) => `without attributes that the target's schema lacks: ${attributes.join(', ')}`,
  'totp-lost': () => 'TOTP is not copied: it must be enrolled in the target',
  'passkeys-lost': () => 'passkeys are not copied: they must be registered in the target',
  'group-not-restored': () => 'member of a group that is not restored',
  'name-lost': ({ attribute }) => `another user of the ledger was seen with this ${attribute} later: the user does not sign in by it`,
  'attribute-immutable': ({ attribute }) => `${attribute} differs and cannot change in the target`,
  'verified-in-ledger-only': ({ attribute }) =>
    `${attribute} is verified in the ledger only: left as it is in the target, where its owner can verify it`,
  'unverified-address': ({ attribute }) =>
    `${attribute} differs and is not verified: the target keeps its own, as unverified where the library gave it`,
  'mfa-refused': () => 'MFA preference refused by the target',
  'mfa-withheld': () => 'MFA preference not set yet: its codes go to the only address by which the user can set a password. The standby sets it '
    + 'then, and gives no token before; in any other pool, set it once the user has a password',
  'changed-since-plan': () => 'changed in the pool since the plan was made: left as they are; make a new plan',
  'created-since': () => 'created since that moment: left as they are',
  'came-back': ({ sub }) => sub === undefined ? 'came back already' : `came back already, and has the sub ${sub}`,
  'nothing-to-write': () => 'differs only in what is left as it is',
  'changed-by-others': () => 'changed by others as well since that moment, which is taken back, too',
  'changed-by-unknown': () => 'last changed by others, more than once between two looks: whether by these callers as well is not known; '
    + 'name the user in subs',
  'would-notify': ({ attribute }) =>
    `${attribute} was not verified, and Cognito would send a code to it: left as it is, unless allowMessages says so`,
  'mfa-gained': ({ methods }) =>
    `a second factor was switched on since that moment: ${methods.join(', ')}; it is switched off, and no undo switches it on again`,
  'mfa-unknown-before': ({ methods }) => `a second factor is on that was never read before that moment: ${methods.join(', ')}; left as it is: ask `
    + 'the user, and switch it off by hand',
  'name-taken': ({ attribute }) => `${attribute} belongs to somebody else in the pool by now, whom the plan leaves alone: left as it is; give that `
    + 'one another, or take it away, and make a new plan',
  'name-parked': () => 'without a name that others have: it was given up for somebody else of the plan, and the own one was taken meanwhile; give '
    + 'the user another, or undo the run',
  'changed-since-run': ({ fields }) => `changed in the pool since that run, and left as they are: ${fields.join(', ')}`,
  'disabled-not-deleted': () => 'brought back by that run: disabled, not deleted',
  'group-role': () => 'its role is not as it was: only roles that sourceGroupRoles names are given back',
  'group-precedence': () => 'it has gained a precedence, which Cognito may keep where none is given',
  'group-stays': () => 'created by that run: not deleted',
  'differs': () => 'attributes, status or enabled are not as in the ledger',
  'not-in-groups': ({ groups }) => `not in ${groups} of their groups`,
};

function refusalInWords(error: string): string {
  return (REFUSED as Partial<Record<string, string>>)[error] ?? 'the target refuses the call';
}

/** A reason as people read it. Nothing may depend on the words. */
export function sentenceOf(reason: Reason): string {
  return (SENTENCES[reason.code] as (reason: Reason) => string)(reason);
}
