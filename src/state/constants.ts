/** Names of the state table's keys and index. The table lives in the replica Region only, so nothing in it is ever written back. */
export const STATE = {
  PARTITION_KEY: 'pk',
  SORT_KEY: 'sk',
  TTL: 'expiresAt',
  /** The users of one restore with one outcome worth reading: failed or skipped. */
  OUTCOME_INDEX: 'outcomes',
  OUTCOME_INDEX_PARTITION_KEY: 'outcomeList',
} as const;

/** A restore's permissions on the state table; a transaction needs the permissions of its parts. */
export const STATE_RESTORE_ACTIONS: readonly string[] = [
  'dynamodb:BatchGetItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
];

/** Permissions to read the links. */
export const LINK_READ_ACTIONS: readonly string[] = ['dynamodb:GetItem'];

/** Permissions to read how the switch of a standby stands. */
export const SWITCH_READ_ACTIONS: readonly string[] = ['dynamodb:GetItem'];

/** Permissions to turn it. */
export const SWITCH_TURN_ACTIONS: readonly string[] = ['dynamodb:GetItem', 'dynamodb:PutItem'];

/** Permissions to write the links, which reads them first. */
export const LINK_WRITE_ACTIONS: readonly string[] = ['dynamodb:BatchGetItem', 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem'];

/** Permissions on the state table for links and waiting deletions. */
export const WARM_TABLE_ACTIONS: readonly string[] = [...LINK_WRITE_ACTIONS, 'dynamodb:Query'].sort();
