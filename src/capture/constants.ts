/** What the sweep may do on the source pool; its policy is made from this list. All of these calls read, and none makes a monthly active user. */
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

/**
 * Megabytes of the function that sweeps. Lambda gives 19 % of a processor with them, of which a sweep of unchanged users needs a quarter: it waits
 * for Cognito's quotas, and more memory would be paid for the waiting. The processor binds the first copy, which with twice as much ends in half of
 * the time for the same price: with this, the largest pool of 40 million users is copied in two days or little more (`npm run bench:first-copy`).
 */
export const SWEEP_MEMORY = 336;

/**
 * Days that the slowest sweep may take, with a small share of the quotas: what its slices keep for each other lives longer. Step Functions lets an
 * execution take a year.
 */
export const MOST_SWEEP_DAYS = 30;

/** `status` of a sweep slice's answer; the state machine chooses by it. */
export const SWEEP_STATUS = {
  /** The slice is over, the sweep is not: call again with the checkpoint. */
  CONTINUE: 'continue',
  COMPLETE: 'complete',
  /** Another execution is sweeping this pool. */
  SKIPPED: 'skipped',
  /** More users, groups or memberships are missing than a sweep believes without an operator. */
  DELETIONS_HELD: 'deletions-held',
  /** Complete except for rows that could not be copied. */
  INCOMPLETE: 'incomplete',
  /** A sweep does not take the input of the execution. */
  INVALID_INPUT: 'invalid-input',
} as const;
