/**
 * Cognito makes a group `<pool id>_<provider>` for the users of each identity provider. Another pool has, or gets, one of its own name.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html
 */
export function isProviderGroup(userPoolId: string, name: string): boolean {
  return name.startsWith(`${userPoolId}_`);
}
