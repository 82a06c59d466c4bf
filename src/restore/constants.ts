/** Environment of both restore functions. */
export const ENV_LEDGER_TABLE = 'LEDGER_TABLE';
export const ENV_STANDBY_TABLE = 'STANDBY_TABLE';
/** The standby pool, the target where the input names none; empty without one. */
export const ENV_STANDBY_USER_POOL_ID = 'STANDBY_USER_POOL_ID';
/** JSON array: the ids of every pool that a restore may write to. */
export const ENV_TARGET_USER_POOL_IDS = 'TARGET_USER_POOL_IDS';
/** JSON object: role ARN by group name; groups without an entry are restored without a role. */
export const ENV_GROUP_ROLES = 'GROUP_ROLES';
/** JSON object: requests per second by quota category, where they differ from Cognito's defaults. */
export const ENV_QUOTAS = 'QUOTAS';
/** Seconds that one invocation works before the state machine calls the next one. */
export const ENV_SLICE_SECONDS = 'SLICE_SECONDS';

/** What validating a restore may do on a target pool. */
export const VALIDATE_COGNITO_ACTIONS: readonly string[] = [
  'cognito-idp:DescribeUserPool',
  // Who may write custom:source_sub; the answer holds the client's secret as well, which nobody reads.
  'cognito-idp:DescribeUserPoolClient',
  'cognito-idp:ListUserPoolClients',
];

/** What a restore may do on a target pool; the policy is made from this list. Nothing in it deletes. */
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

/** `status` of a restore slice's answer; the state machine chooses by it. */
export const RESTORE_STATUS = {
  /** The slice is over, the restore is not. */
  CONTINUE: 'continue',
  /** Every user has an outcome, the counts add up and the target was read back. */
  COMPLETE: 'complete',
  /** The work is over, but the counts do not add up or the target is not what the ledger says. */
  INCOMPLETE: 'incomplete',
  /** Another restore fills the same target. */
  RUNNING: 'another restore is running',
} as const;

/** Metrics of a restore, in the namespace and with the dimension of the sweep's. */
export const METRIC = {
  /** Users who are in the target as the ledger has them, created or converged by this restore. */
  USERS_RESTORED: 'UsersRestored',
  /** Users who were not restored for a reason that Cognito's rules give: federated, unconfirmed, deleted. */
  USERS_SKIPPED: 'UsersSkipped',
  /** Users whom the target refused. */
  USERS_FAILED: 'UsersFailed',
} as const;
