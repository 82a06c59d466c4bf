import { EVENT_SOURCE } from '../../runtime/event-source';

/** What the turning function answers to the state machine. */
export const SWITCH_STATUS = {
  /** The switch stands as asked for, and somebody is to be told. */
  TURNED: 'turned',
  /** More users are to be signed out. */
  CONTINUE: 'continue',
  COMPLETE: 'complete',
  INVALID: 'invalid',
  SUPERSEDED: 'superseded',
} as const;

/** The event of a turn, on the default bus of the replica Region. */
export const SWITCH_EVENT = { SOURCE: EVENT_SOURCE, DETAIL_TYPE: 'Standby Switch Turned' } as const;

/** What turning asks of the standby pool: how long its tokens live and, on request, to end every session. */
export const SWITCH_COGNITO_ACTIONS: readonly string[] = [
  'cognito-idp:AdminUserGlobalSignOut',
  'cognito-idp:DescribeUserPoolClient',
  'cognito-idp:ListUserPoolClients',
  'cognito-idp:ListUsers',
];
