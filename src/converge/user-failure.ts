import { isThrottling } from '../cognito/pacing';

/** Errors of Cognito that concern one user, in words that tell nothing about them; Cognito's own messages quote values. */
const IN_WORDS: Readonly<Record<string, string>> = {
  AliasExistsException: 'somebody else in the target has this e-mail address or phone number to sign in by',
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

/** Refusals that would meet every other call just the same: of the caller, not of what the call is about. */
const OF_THE_CALLER: readonly string[] = [
  'ExpiredToken', 'ExpiredTokenException', 'IncompleteSignature', 'InvalidClientTokenId', 'InvalidSignatureException', 'MissingAuthenticationToken',
  'MissingAuthenticationTokenException', 'OptInRequired', 'RequestExpired', 'RequestTimeTooSkewed', 'SignatureDoesNotMatch', 'UnrecognizedClientException',
];

/** This user fails; all others go on. */
export class UserFailure extends Error {
  public readonly name = 'UserFailure';

  constructor(public readonly reason: string) {
    super(reason);
  }
}

/** Makes the call; an error that concerns this user alone becomes a {@link UserFailure}, any other one ends the slice. */
export async function forUser<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Error) || !isRefusal(error) || isPoolMissing(operation, error)) throw error;
    throw new UserFailure(refusalInWords(operation, error));
  }
}

/** Whether Cognito refuses what this one call wants: it answers, the caller may ask, and there is no hurry. */
export function isRefusal(error: Error): boolean {
  if (isThrottling(error) || error.name.startsWith('AccessDenied') || OF_THE_CALLER.includes(error.name)) return false;
  const { $fault: fault, $metadata: { httpStatusCode: status } = {} } = error as Error & { $fault?: string; $metadata?: { httpStatusCode?: number } };
  return error.name in IN_WORDS || fault === 'client' || (status !== undefined && status >= 400 && status < 500);
}

export function refusalInWords(operation: string, { name }: Error): string {
  return `${operation}: ${name}: ${IN_WORDS[name] ?? 'the target refuses the call'}`;
}

/** A call about a user names the pool, and, where the user is put into a group, that group. */
function isPoolMissing(operation: string, error: Error): boolean {
  return error.name === 'ResourceNotFoundException' && (operation !== 'AdminAddUserToGroup' || /user pool/i.test(error.message));
}
