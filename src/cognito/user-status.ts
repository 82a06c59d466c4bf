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

/** Cognito keeps such users from signing in without disabling them: `ARCHIVED` are not active any more, `COMPROMISED` a security risk. */
const BARRED: readonly string[] = ['ARCHIVED', 'COMPROMISED'];

/** Whether the source pool lets the user sign in, which every copy of the user goes by. */
export function maySignIn({ enabled, status }: { readonly enabled: boolean; readonly status: string }): boolean {
  return enabled && !BARRED.includes(status);
}
