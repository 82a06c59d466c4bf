/** Environment of the functions. */
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

/** Where the trigger function sends hints. */
export const ENV_HINTS_QUEUE_URL = 'HINTS_QUEUE_URL';
/** `true` where the source pool has MFA: a sign-in is then also a chance to learn the user's preference. */
export const ENV_POOL_HAS_MFA = 'POOL_HAS_MFA';

/** What the sweep may do on the source pool; the policy is made from this list. All of them read, none makes a monthly active user. */
export const SWEEP_COGNITO_ACTIONS: readonly string[] = [
  'cognito-idp:AdminListGroupsForUser',
  'cognito-idp:DescribeIdentityProvider',
  'cognito-idp:DescribeUserPool',
  'cognito-idp:DescribeUserPoolClient',
  'cognito-idp:GetGroup',
  'cognito-idp:GetUserPoolMfaConfig',
  'cognito-idp:ListGroups',
  'cognito-idp:ListIdentityProviders',
  'cognito-idp:ListResourceServers',
  'cognito-idp:ListUserPoolClients',
  'cognito-idp:ListUsers',
  'cognito-idp:ListUsersInGroup',
];

/** What the consumer of hints may do on the source pool. AdminGetUser makes a monthly active user: see user-events.ts for when it is called. */
export const APPLY_COGNITO_ACTIONS: readonly string[] = [
  'cognito-idp:AdminGetUser',
  'cognito-idp:AdminListGroupsForUser',
  'cognito-idp:DescribeUserPool',
  'cognito-idp:GetGroup',
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
  /** Complete but for rows that could not be copied. */
  INCOMPLETE: 'incomplete',
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
  /** Rows that could not be copied. */
  ROWS_REFUSED: 'RowsRefused',
  /** Users, groups and memberships found to be gone whose rows were not marked, because there were too many of them. */
  DELETIONS_HELD: 'DeletionsHeld',
  /** 1 for a sweep that wrote changes although CloudTrail delivered no event since the sweep before. */
  EVENTS_MISSING: 'EventsMissing',
} as const;

/** Metrics of the way from an event to the ledger. */
export const CAPTURE_METRIC = {
  /** Messages that the consumer received, retries included. */
  HINTS_RECEIVED: 'HintsReceived',
  /** Refused calls, other pools, events that change nothing. */
  HINTS_IGNORED: 'HintsIgnored',
  /** Pages of managed login that do not say who used them. */
  HINTS_WITHOUT_USER: 'HintsWithoutUser',
  /** Messages that will be received again: Cognito answered something older than the event, or a call failed. */
  HINTS_RETRIED: 'HintsRetried',
  /** Cognito kept answering something older than the event, and was believed. */
  STALE_ANSWERS: 'StaleAnswers',
  /** Users whom Cognito did not find although no event deleted them: a sweep decides. */
  USERS_LEFT_TO_SWEEP: 'UsersLeftToSweep',
  /** From the event to the ledger, in milliseconds. */
  CAPTURE_LAG: 'CaptureLag',
  /** Rows that a hint brought up to date. */
  ROWS_CAPTURED: 'RowsCaptured',
  /** Sign-ups and sign-ins of which the trigger could not tell whether anything changed, or could not say so. */
  TRIGGER_MISSES: 'TriggerMisses',
} as const;
