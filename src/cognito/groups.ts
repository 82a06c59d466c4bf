/**
 * Cognito makes a group `<pool id>_<provider>` for the users of each identity provider. Another pool has, or gets, such a group under its own id.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html
 */
export function isProviderGroup(userPoolId: string, name: string): boolean {
  return name.startsWith(`${userPoolId}_`);
}
