/** Names of the standby table's keys and index. It lives in the replica Region only, so nothing there is ever written back. */
export const STANDBY = {
  PARTITION_KEY: 'pk',
  SORT_KEY: 'sk',
  TTL: 'expiresAt',
  /** The users of one restore with one outcome worth reading: failed or skipped. */
  OUTCOME_INDEX: 'outcomes',
  OUTCOME_INDEX_PARTITION_KEY: 'outcomeList',
} as const;

/** The attribute of a standby user that holds the `sub` of the source pool; at most 20 characters, Cognito's limit for a name. */
export const SOURCE_SUB_ATTRIBUTE = 'source_sub';

/** What a restore does with the standby table; a transaction needs the permissions of its parts. */
export const STANDBY_RESTORE_ACTIONS: readonly string[] = [
  'dynamodb:BatchGetItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
];

/** Environment of the standby's functions. */
export const ENV_LEDGER_TABLE = 'LEDGER_TABLE';
export const ENV_STANDBY_TABLE = 'STANDBY_TABLE';
/** The standby pool; not given to its triggers, which the pool itself names, because the pool is made after them. */
export const ENV_STANDBY_USER_POOL_ID = 'STANDBY_USER_POOL_ID';
export const ENV_FOLLOW_UP_QUEUE_URL = 'FOLLOW_UP_QUEUE_URL';
/** Name of the claim that carries the first `sub`. */
export const ENV_SOURCE_SUB_CLAIM = 'SOURCE_SUB_CLAIM';
/** `true` where a sign-in makes the user and asks for a new password. */
export const ENV_RESET_PASSWORD_AT_SIGN_IN = 'RESET_PASSWORD_AT_SIGN_IN';
/** Name of the source pool's client that passwords are checked with; absent where they are not. */
export const ENV_VERIFY_CLIENT_NAME = 'VERIFY_CLIENT_NAME';
/** `true` where only restores and this library's triggers make users with `custom:source_sub`, so that it says who a user is. */
export const ENV_SOURCE_SUB_PROVES = 'SOURCE_SUB_PROVES';
/** JSON object: role ARN by group name. */
export const ENV_GROUP_ROLES = 'GROUP_ROLES';
/** JSON object: requests per second by quota category, where they differ from Cognito's defaults. */
export const ENV_QUOTAS = 'QUOTAS';
/** Share of each quota, 0 < share <= 1. */
export const ENV_QUOTA_SHARE = 'QUOTA_SHARE';
/** Seconds that a user stays on the standby after being deleted from the source pool. */
export const ENV_DELETION_GRACE_SECONDS = 'DELETION_GRACE_SECONDS';
/** Where changes that cannot be applied are kept for an operator. */
export const ENV_SET_ASIDE_QUEUE_URL = 'SET_ASIDE_QUEUE_URL';

export const STANDBY_METRIC = {
  /** Users whose deletion is due on a warm standby, but too many at once. */
  DELETIONS_HELD: 'StandbyDeletionsHeld',
} as const;

/** The claim of a token, unless the options name another. */
export const DEFAULT_SOURCE_SUB_CLAIM = 'source_sub';

/** What looking somebody up in the ledger takes, besides queries of its indexes. */
export const LEDGER_LOOK_UP_ACTIONS: readonly string[] = ['dynamodb:GetItem', 'dynamodb:Query'];

/** Reading the map of users; writing it. */
export const LINK_READ_ACTIONS: readonly string[] = ['dynamodb:GetItem'];
export const LINK_WRITE_ACTIONS: readonly string[] = ['dynamodb:BatchGetItem', 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem'];

/** What the migration trigger asks the standby pool. */
export const MIGRATION_COGNITO_ACTIONS: readonly string[] = ['cognito-idp:DescribeUserPool'];

/** What bringing single users into line may do on the standby pool. Nothing in it deletes. */
export const FOLLOW_UP_COGNITO_ACTIONS: readonly string[] = [
  'cognito-idp:AdminAddUserToGroup',
  'cognito-idp:AdminDisableUser',
  'cognito-idp:AdminEnableUser',
  'cognito-idp:AdminGetUser',
  'cognito-idp:AdminLinkProviderForUser',
  'cognito-idp:AdminListGroupsForUser',
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
  'cognito-idp:AdminDeleteUserAttributes',
  'cognito-idp:AdminRemoveUserFromGroup',
  'cognito-idp:DeleteGroup',
  'cognito-idp:ListUsers',
  'cognito-idp:UpdateGroup',
].sort();

/** What deleting users takes whose time has come: whoever has their name in the source pool now is brought at once. */
export const DELETION_COGNITO_ACTIONS: readonly string[] = [...WARM_COGNITO_ACTIONS, 'cognito-idp:AdminDeleteUser'].sort();

/** What reading the ledger's stream takes. */
export const STREAM_ACTIONS: readonly string[] = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'];

/** What the map and the waiting deletions take in the standby table. */
export const WARM_TABLE_ACTIONS: readonly string[] = [...LINK_WRITE_ACTIONS, 'dynamodb:Query'].sort();
