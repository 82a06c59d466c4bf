/** The claim of a token, unless the options name another. */
export const DEFAULT_SOURCE_SUB_CLAIM = 'source_sub';

/** What the migration trigger asks the standby pool. */
export const MIGRATION_COGNITO_ACTIONS: readonly string[] = ['cognito-idp:DescribeUserPool'];

/** What the sign-up guard asks of it. */
export const SIGN_UP_COGNITO_ACTIONS: readonly string[] = ['cognito-idp:DescribeUserPoolClient'];

/** What the guard of tokens asks of it, about a user who has a second factor at the source. */
export const TOKEN_COGNITO_ACTIONS: readonly string[] = ['cognito-idp:AdminGetUser'];

/** What bringing single users into line may do on the standby pool. Nothing in it deletes a user or a group. */
export const FOLLOW_UP_COGNITO_ACTIONS: readonly string[] = [
  'cognito-idp:AdminAddUserToGroup',
  'cognito-idp:AdminDeleteUserAttributes',
  'cognito-idp:AdminDisableUser',
  'cognito-idp:AdminEnableUser',
  'cognito-idp:AdminGetUser',
  'cognito-idp:AdminLinkProviderForUser',
  'cognito-idp:AdminListGroupsForUser',
  'cognito-idp:AdminRemoveUserFromGroup',
  'cognito-idp:AdminSetUserMFAPreference',
  'cognito-idp:AdminSetUserPassword',
  'cognito-idp:AdminUpdateUserAttributes',
  'cognito-idp:CreateGroup',
  'cognito-idp:DescribeUserPool',
];

/** What following the ledger does beyond that: it makes users, and takes away what the source pool took away. */
export const WARM_COGNITO_ACTIONS: readonly string[] = [
  ...FOLLOW_UP_COGNITO_ACTIONS,
  'cognito-idp:AdminCreateUser',
  'cognito-idp:DeleteGroup',
  'cognito-idp:ListUsers',
  'cognito-idp:UpdateGroup',
].sort();

/** What a due deletion takes: the user that now has the deleted user's name in the source pool is brought at once. */
export const DELETION_COGNITO_ACTIONS: readonly string[] = [...WARM_COGNITO_ACTIONS, 'cognito-idp:AdminDeleteUser'].sort();
