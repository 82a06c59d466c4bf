/** What validating a restore may do on a target pool. */
export const VALIDATE_COGNITO_ACTIONS: readonly string[] = [
  'cognito-idp:DescribeUserPool',
  // Says whether a client may write custom:source_sub. The answer holds the client's secret as well, which this library does not read.
  'cognito-idp:DescribeUserPoolClient',
  'cognito-idp:ListUserPoolClients',
];

/** What a restore may do on every target pool, and only to add and change; the policy is made from this list. No action in it deletes. */
export const RESTORE_COGNITO_ACTIONS: readonly string[] = [
  'cognito-idp:AdminAddUserToGroup',
  'cognito-idp:AdminCreateUser',
  'cognito-idp:AdminDisableUser',
  'cognito-idp:AdminEnableUser',
  'cognito-idp:AdminGetUser',
  'cognito-idp:AdminListGroupsForUser',
  'cognito-idp:AdminSetUserMFAPreference',
  'cognito-idp:AdminSetUserPassword',
  'cognito-idp:AdminUpdateUserAttributes',
  'cognito-idp:CreateGroup',
  'cognito-idp:DescribeUserPool',
  'cognito-idp:ListGroups',
  'cognito-idp:ListUsers',
  'cognito-idp:ListUsersInGroup',
  'cognito-idp:UpdateGroup',
];

/** What it may do beyond that where it takes away what this library gave, or what was gained since the moment that it goes back to. */
export const REMOVAL_COGNITO_ACTIONS: readonly string[] = ['cognito-idp:AdminDeleteUserAttributes', 'cognito-idp:AdminRemoveUserFromGroup'];

/**
 * Megabytes of the function that restores. Lambda gives 58 % of a processor with them, of which a restore at Cognito's default quotas needs less than
 * half: the quotas bind it on a processor that is half as fast, too. A million users cost 0.50 USD (`npm run bench:restore`).
 */
export const RESTORE_MEMORY = 1_024;

/** `status` of a restore slice's answer; the state machine chooses by it. */
export const RESTORE_STATUS = {
  /** The slice is over, the restore is not. */
  CONTINUE: 'continue',
  /** Every user has an outcome, the counts add up and the target was read back. */
  COMPLETE: 'complete',
  /** The work is over, but the counts do not add up or the target is not what the ledger says. */
  INCOMPLETE: 'incomplete',
  /** Another restore is filling the same target. */
  RUNNING: 'another restore is running',
  /** The same for a scheduled one: the next one brings what the other one does not. */
  YIELDED: 'left to another restore',
} as const;

/** Share of each quota that a restore takes, unless its input says otherwise. */
export const RESTORE_QUOTA_SHARE = 0.8;
