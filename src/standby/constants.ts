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
