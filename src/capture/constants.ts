/** Environment of the sweep function. */
export const ENV_LEDGER_TABLE = 'LEDGER_TABLE';
export const ENV_USER_POOL_ID = 'USER_POOL_ID';
/** JSON object: requests per second by quota category, where they differ from Cognito's defaults. */
export const ENV_QUOTAS = 'QUOTAS';
/** Share of each quota that the sweep may use, 0 < share <= 1. */
export const ENV_QUOTA_SHARE = 'QUOTA_SHARE';
/** Seconds that one invocation works before it hands its checkpoint back. */
export const ENV_SLICE_SECONDS = 'SLICE_SECONDS';
/** Days that history images and tombstones are kept. */
export const ENV_HISTORY_DAYS = 'HISTORY_DAYS';

/** What the sweep may do on the source pool; the policy is made from this list. All of them read, none makes a monthly active user. */
export const SWEEP_COGNITO_ACTIONS: readonly string[] = [
  'cognito-idp:DescribeIdentityProvider',
  'cognito-idp:DescribeUserPool',
  'cognito-idp:DescribeUserPoolClient',
  'cognito-idp:GetUserPoolMfaConfig',
  'cognito-idp:ListGroups',
  'cognito-idp:ListIdentityProviders',
  'cognito-idp:ListResourceServers',
  'cognito-idp:ListUserPoolClients',
  'cognito-idp:ListUsers',
  'cognito-idp:ListUsersInGroup',
];

/** `status` of a sweep slice's answer; the state machine chooses by it. */
export const SWEEP_STATUS = {
  /** The slice is over, the sweep is not: call again with the checkpoint. */
  CONTINUE: 'continue',
  COMPLETE: 'complete',
  /** Another execution is sweeping this pool. */
  SKIPPED: 'skipped',
  /** More users are gone than a sweep may believe without an operator. */
  DELETIONS_HELD: 'deletions-held',
  /** The execution's input is not one that a sweep takes. */
  INVALID_INPUT: 'invalid-input',
} as const;

export const METRIC_NAMESPACE = 'CognitoDrReplica';
/** Dimension of every metric: the ledger table's name, which is unique to one CognitoDrReplica. */
export const METRIC_DIMENSION = 'Ledger';

/** Metrics of a sweep, counted once, when it ends. */
export const METRIC = {
  /** 1 for each sweep that ended complete. */
  SWEEP_COMPLETED: 'SweepCompleted',
  /** From the first slice to the end, in seconds. */
  SWEEP_DURATION: 'SweepDuration',
  /** Users that Cognito listed. */
  USERS_LISTED: 'UsersListed',
  /** Rows of users, groups, memberships and settings that differed and were written. */
  ROWS_WRITTEN: 'RowsWritten',
  /** Users found to be gone, whose rows were marked as deleted. */
  USERS_TOMBSTONED: 'UsersTombstoned',
  /** Users, groups and memberships found to be gone whose rows were not marked, because there were too many of them. */
  DELETIONS_HELD: 'DeletionsHeld',
} as const;
