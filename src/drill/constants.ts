import { RESTORE_COGNITO_ACTIONS } from '../restore/constants';
import { EVENT_SOURCE } from '../runtime/event-source';

/** The tag of a pool that a drill made; its value is the name of the drill's state machine. Nothing in AWS lets a drill give it to another pool. */
export const DRILL_TAG = `${EVENT_SOURCE}:drill`;

/** Everything that a drill does to pools with its tag, besides making them. It may neither tag nor untag one. */
export const SCRATCH_POOL_ACTIONS: readonly string[] = [
  ...RESTORE_COGNITO_ACTIONS,
  'cognito-idp:AdminInitiateAuth',
  'cognito-idp:CreateUserPoolClient',
  'cognito-idp:DeleteUserPool',
  'cognito-idp:ListUserPoolClients',
].sort();

/** What looking after drills does to such a pool: it sees whose it is. */
export const SCRATCH_POOL_READ_ACTIONS: readonly string[] = ['cognito-idp:DescribeUserPool'];

/** What a drill does with its own table, which holds links and outcomes of scratch pools and nothing of anybody else's. */
export const DRILL_TABLE_ACTIONS: readonly string[] = [
  'dynamodb:BatchGetItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
];

/** What the writer of the report does with that table: it reads who differs. */
export const DIFFERING_ACTIONS: readonly string[] = ['dynamodb:Query'];

/** Whether a real restore is running: who has the lease of a target. */
export const LEASE_READ_ACTIONS: readonly string[] = ['dynamodb:GetItem'];

/** `status` of the answer of what begins a drill. */
export const BEGIN_STATUS = {
  BEGUN: 'begun',
  /** The input is not valid; nothing was made. */
  REFUSED: 'refused',
} as const;

/** `status` of a drill slice's answer; the state machine chooses by it. */
export const DRILL_STATUS = {
  /** The slice is over, the drill is not. */
  CONTINUE: 'continue',
  /** Everything is removed, and the report is to be written. */
  REPORT: 'report',
  /** Everybody came back as the ledger has them, users of each kind signed in, and the scratch pool is gone. */
  PASSED: 'passed',
  /** It came to its end, or to that of its clean-up, and did not pass. */
  FAILED: 'failed',
  /** A real restore came first. The scratch pool is gone. */
  YIELDED: 'yielded',
  /** Another drill is running; this one has made nothing. */
  RUNNING: 'another drill is running',
  /** No sweep has been complete yet, as after the first deployment: there is nothing to drill with, and nothing was made. */
  TOO_EARLY: 'nothing is copied yet',
} as const;

/** The event of a drill that ended; its detail is the answer's report. */
export const DRILL_EVENT = { SOURCE: EVENT_SOURCE, DETAIL_TYPE: 'Drill Completed' } as const;

/** Users of a sample, unless the schedule says otherwise: each is a monthly active user of the scratch pool. */
export const SAMPLE_USERS = 1_000;

/** A restore of named users takes as many. */
export const MOST_SAMPLE_USERS = 5_000;

/** How often somebody looks after what drills left. A pool that is a day old is found within the next quarter of one. */
export const WATCH_HOURS = 6;
