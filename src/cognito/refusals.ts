import type * as sdk from '@aws-sdk/client-cognito-identity-provider';

/** Every exception that the SDK's client knows. */
type ExceptionOf<Sdk> = { [Name in keyof Sdk]: Name extends `${string}Exception` ? Name : never }[keyof Sdk];
export type CognitoException = ExceptionOf<typeof sdk>;

/**
 * Whether an error is one of these exceptions of Cognito. Compares names, as AWS's own documentation advises: an application may hold two copies
 * of the SDK, and an error from one is no instance of the other's class. The compiler checks the names against the SDK's.
 */
export function isException(error: unknown, ...names: readonly CognitoException[]): error is Error {
  return error instanceof Error && (names as readonly string[]).includes(error.name);
}

/** What the call answers; undefined where it fails with one of these exceptions. */
export async function undefinedOn<T>(names: readonly CognitoException[], call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isException(error, ...names)) return undefined;
    throw error;
  }
}

/** Whether the call succeeded; false where it fails with one of these exceptions. */
export async function doneUnless(names: readonly CognitoException[], call: () => Promise<void>): Promise<boolean> {
  return await undefinedOn(names, async () => { await call(); return true; }) ?? false;
}

/**
 * Whether Cognito throttled the call. Smithy's own classification does not fit: it takes LimitExceededException for throttling, but Cognito answers
 * that where one user or one pool has reached a limit, and no pause helps.
 */
export function isThrottling(error: unknown): boolean {
  return isException(error, 'TooManyRequestsException') || (error instanceof Error && error.name === 'ThrottlingException');
}

/**
 * Whether a trigger of the pool could not be run: it was throttled, did not answer within Cognito's five seconds, or crashed. Cognito says so as if
 * it refused the call, but the next try may succeed. What a trigger itself refuses is a UserLambdaValidationException.
 */
export function isTriggerUnavailable(error: unknown): boolean {
  return isException(error, 'UnexpectedLambdaException');
}

/** What the call answers; undefined where what it asks for does not exist. A missing pool is still an error. */
export async function undefinedIfNo<T>(what: 'user' | 'group' | 'client' | 'identity provider', call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isException(error, what === 'user' ? 'UserNotFoundException' : 'ResourceNotFoundException') && !isPoolMissing(error)) return undefined;
    throw error;
  }
}

/** Exceptions that concern the one user or group that a call is about. */
export const REFUSALS = [
  'AliasExistsException', 'CodeDeliveryFailureException', 'InvalidLambdaResponseException', 'InvalidParameterException', 'InvalidPasswordException',
  'LimitExceededException', 'NotAuthorizedException', 'PasswordHistoryPolicyViolationException', 'PasswordResetRequiredException',
  'PreconditionNotMetException', 'ResourceNotFoundException', 'UnexpectedLambdaException', 'UnsupportedUserStateException',
  'UserLambdaValidationException', 'UsernameExistsException', 'UserNotConfirmedException', 'UserNotFoundException',
] as const satisfies readonly CognitoException[];

/** Refusals of the caller rather than of one user or group: every other call would meet them too. */
const OF_THE_CALLER: readonly string[] = [
  'ExpiredToken', 'ExpiredTokenException', 'IncompleteSignature', 'InvalidClientTokenId', 'InvalidSignatureException', 'MissingAuthenticationToken',
  'MissingAuthenticationTokenException', 'OptInRequired', 'RequestExpired', 'RequestTimeTooSkewed', 'SignatureDoesNotMatch',
  'UnrecognizedClientException',
];

/** Whether the caller lacks a permission; services spell it with and without `Exception`. */
export function isAccessDenied(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('AccessDenied');
}

/** Whether DynamoDB says that it will never take the item. Its client has no class for this error. */
export function isValidationError(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationException';
}

/** Whether Cognito refuses this one call: the service works, the caller has the permission, and nothing is throttled. */
export function isRefusal(error: unknown): error is Error {
  if (!(error instanceof Error) || isThrottling(error) || isAccessDenied(error) || OF_THE_CALLER.includes(error.name)) return false;
  return (REFUSALS as readonly string[]).includes(error.name) || isOfTheClient(error);
}

/** Whether the SDK says that the caller is at fault, and not the service or the connection, where another try may succeed. */
export function isOfTheClient(error: Error): boolean {
  const { $fault: fault, $metadata: { httpStatusCode: status } = {} } = error as Error & { $fault?: string; $metadata?: { httpStatusCode?: number } };
  return fault === 'client' || (status !== undefined && status >= 400 && status < 500);
}

/** Cognito has one exception for a missing pool, group and client; only its message tells which. */
export function isPoolMissing(error: unknown): boolean {
  return isException(error, 'ResourceNotFoundException') && /user pool(?! client)/i.test(error.message);
}

/**
 * Whether S3 says that there is an object of that name. Its client has no class for this error, nor for the next one.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function isKeyTaken(error: unknown): boolean {
  return error instanceof Error && error.name === 'PreconditionFailed';
}

/** Whether S3 wants the same conditional write once more, as another one of that name was under way. */
export function isUndecided(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConditionalRequestConflict';
}

/** Whether Step Functions says that an execution of that name is over, or has another input. */
export function isExecutionTaken(error: unknown): boolean {
  return error instanceof Error && error.name === 'ExecutionAlreadyExists';
}
