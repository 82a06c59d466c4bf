import { EVENT_SOURCE } from '../runtime/event-source';

const HOUR = 3_600_000;

/** A million users who are taken back by two calls each take three days at 0.3 of Cognito's default quotas. */
export const MOST_RECOVERY_DAYS = 30;

/** A plan shows the pool as it was when it was made. After this long it is not begun any more; milliseconds. */
export const PLAN_VALID = 24 * HOUR;

/**
 * Lines of a plan go after this long, in milliseconds, executed or not: not before an execution that begins at the last moment is over, however long
 * it takes.
 */
export const PLAN_KEPT = PLAN_VALID + MOST_RECOVERY_DAYS * 24 * HOUR;

/** Share of each quota that a recovery takes, unless its input says otherwise: it works where sweep, consumer and live traffic are. */
export const RECOVERY_QUOTA_SHARE = 0.3;

/** The kind of machine: in the definition of the state machine that writes the source pool, and nowhere in an input. */
export const RECOVERY_MACHINE = 'recovery in place';

/** `status` of a recovery slice's answer; the state machine chooses by it. */
export const RECOVERY_STATUS = {
  /** The slice is over, the recovery is not. */
  CONTINUE: 'continue',
  /** A plan was made. Nothing was written to the pool. */
  PLANNED: 'planned',
  /** Every line was executed, or says why not. */
  COMPLETE: 'complete',
  /** The work is over, and more lines failed than were executed, or not all lines have a result. */
  INCOMPLETE: 'incomplete',
  /** Another recovery is writing the pool. */
  RUNNING: 'another recovery is running',
  /** The plan was executed, has expired, or is of another pool. */
  REFUSED: 'refused',
} as const;

/** What a recovery may do on the source pool; the policy is made from this list. No action in it deletes a user or a group. */
export const RECOVERY_COGNITO_ACTIONS: readonly string[] = [
  'cognito-idp:AdminAddUserToGroup',
  'cognito-idp:AdminCreateUser',
  'cognito-idp:AdminDeleteUserAttributes',
  'cognito-idp:AdminDisableUser',
  'cognito-idp:AdminEnableUser',
  'cognito-idp:AdminGetUser',
  'cognito-idp:AdminListGroupsForUser',
  'cognito-idp:AdminRemoveUserFromGroup',
  'cognito-idp:AdminSetUserMFAPreference',
  'cognito-idp:AdminSetUserPassword',
  'cognito-idp:AdminUpdateUserAttributes',
  'cognito-idp:CreateGroup',
  'cognito-idp:DescribeUserPool',
  'cognito-idp:ListGroups',
  'cognito-idp:ListUsers',
  'cognito-idp:UpdateGroup',
];

/** What validating the input does with the table of recoveries: it reads heads of plans. */
export const RECOVERY_VALIDATE_ACTIONS: readonly string[] = ['dynamodb:GetItem'];

/** The event of a recovery that has written the pool; its detail is the report. */
export const RECOVERY_EVENT = { SOURCE: EVENT_SOURCE, DETAIL_TYPE: 'Recovery' } as const;
