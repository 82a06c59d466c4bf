/**
 * `UserStatus` of a Cognito user.
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserType.html
 */
export type UserStatus =
  | 'ARCHIVED'
  | 'COMPROMISED'
  | 'CONFIRMED'
  | 'EXTERNAL_PROVIDER'
  | 'FORCE_CHANGE_PASSWORD'
  | 'RESET_REQUIRED'
  | 'UNCONFIRMED'
  | 'UNKNOWN';

/** Whether Cognito made the user at a sign-in through an identity provider: only Cognito can, and the user has no password. */
export function isFederated({ status }: { readonly status?: string }): boolean {
  return status === 'EXTERNAL_PROVIDER';
}
