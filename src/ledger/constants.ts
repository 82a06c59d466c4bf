/** Names of the ledger table's keys and indexes, read by the construct that makes the table and by every handler. */
export const LEDGER = {
  PARTITION_KEY: 'pk',
  SORT_KEY: 'sk',
  TTL: 'expiresAt',
  /**
   * Users of one shard with nothing but their digest. A sweep compares a million users a run; reading whole rows for that
   * would cost about ten times as much, because DynamoDB charges for the size of the item before the projection.
   */
  DIGEST_INDEX: 'digests',
  DIGEST_INDEX_PARTITION_KEY: 'shard',
  DIGEST_INDEX_ATTRIBUTES: ['digest', 'deletedAt'],
  /** The groups of one user. */
  MEMBERSHIP_INDEX: 'memberships',
  MEMBERSHIP_INDEX_PARTITION_KEY: 'member',
  MEMBERSHIP_INDEX_ATTRIBUTES: ['deletedAt'],
  LOOK_UP_INDEX_ATTRIBUTES: ['deletedAt'],
} as const;

/**
 * The users that have one name: the sign-in name itself, or another one that the pool lets them use. All with the table's sort key and
 * LOOK_UP_INDEX_ATTRIBUTES. Nothing but literals: the trigger, which needs none of it, is bundled without.
 */
export const LOOK_UP_INDEXES = {
  name: { index: 'sign-in-names', key: 'nameKey' },
  email: { index: 'emails', key: 'emailKey' },
  phone: { index: 'phone-numbers', key: 'phoneKey' },
  preferredUsername: { index: 'preferred-usernames', key: 'preferredUsernameKey' },
} as const;

/**
 * What DynamoDB takes as a key, of a table or of an index.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
export const KEY_BYTES = { PARTITION: 2_048, SORT: 1_024 } as const;

/** What the sweep does with the table itself; a transaction needs the permissions of its parts. */
export const LEDGER_SWEEP_ACTIONS: readonly string[] = [
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
];

/** What the consumer of hints does with the table itself. */
export const LEDGER_APPLY_ACTIONS: readonly string[] = [
  'dynamodb:BatchGetItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
];

/** What the trigger does with the table: it compares one row. */
export const LEDGER_TRIGGER_ACTIONS: readonly string[] = ['dynamodb:GetItem'];

/** What a restore does with the ledger: it only reads. */
export const LEDGER_RESTORE_ACTIONS: readonly string[] = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'];

/** What a look-up of a user needs, besides queries of the indexes. */
export const LEDGER_LOOK_UP_ACTIONS: readonly string[] = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'];

/** What reading the ledger's stream takes. */
export const STREAM_ACTIONS: readonly string[] = [
  'dynamodb:DescribeStream',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
  'dynamodb:ListStreams',
];
