/** Errors of Cognito that concern one user, in words that tell nothing about them; Cognito's own messages quote values. */
const CONCERNING_ONE_USER: Readonly<Record<string, string>> = {
  AliasExistsException: 'somebody else in the target has this e-mail address or phone number to sign in by',
  InvalidLambdaResponseException: 'a trigger of the target pool failed',
  InvalidParameterException: 'the target refuses one of the values',
  InvalidPasswordException: 'the password policy of the target refuses a random password',
  LimitExceededException: 'a limit of the target is reached',
  PasswordHistoryPolicyViolationException: 'the password policy of the target refuses a random password',
  PreconditionNotMetException: 'the target is not set up for it',
  UnexpectedLambdaException: 'a trigger of the target pool failed',
  UnsupportedUserStateException: 'the state of the user in the target does not allow it',
  UserLambdaValidationException: 'a trigger of the target pool refuses the user',
  UsernameExistsException: 'the sign-in name is taken in the target, by a user whom it does not show',
  UserNotFoundException: 'the user was deleted from the target meanwhile',
};

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
    const name = error instanceof Error ? error.name : '';
    const words = operation === 'AdminAddUserToGroup' && name === 'ResourceNotFoundException'
      ? 'the group was deleted from the target meanwhile'
      : CONCERNING_ONE_USER[name];
    throw words ? new UserFailure(`${operation}: ${name}: ${words}`) : error;
  }
}
