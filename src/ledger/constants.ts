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
  /** The users that sign in by one name: the sign-in name itself, or another one that the pool lets them use. */
  SIGN_IN_NAME_INDEX: 'sign-in-names',
  SIGN_IN_NAME_INDEX_PARTITION_KEY: 'nameKey',
  SIGN_IN_NAME_INDEX_ATTRIBUTES: ['deletedAt'],
  EMAIL_INDEX: 'emails',
  EMAIL_INDEX_PARTITION_KEY: 'emailKey',
  PHONE_INDEX: 'phone-numbers',
  PHONE_INDEX_PARTITION_KEY: 'phoneKey',
  PREFERRED_USERNAME_INDEX: 'preferred-usernames',
  PREFERRED_USERNAME_INDEX_PARTITION_KEY: 'preferredUsernameKey',
} as const;

/** The index of each kind of name, all with the table's sort key and SIGN_IN_NAME_INDEX_ATTRIBUTES. */
export const LOOK_UP_INDEXES = {
  name: { index: LEDGER.SIGN_IN_NAME_INDEX, key: LEDGER.SIGN_IN_NAME_INDEX_PARTITION_KEY },
  email: { index: LEDGER.EMAIL_INDEX, key: LEDGER.EMAIL_INDEX_PARTITION_KEY },
  phone: { index: LEDGER.PHONE_INDEX, key: LEDGER.PHONE_INDEX_PARTITION_KEY },
  preferredUsername: { index: LEDGER.PREFERRED_USERNAME_INDEX, key: LEDGER.PREFERRED_USERNAME_INDEX_PARTITION_KEY },
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
