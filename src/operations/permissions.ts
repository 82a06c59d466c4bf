/**
 * What the command line calls, by what it is called on: the grants are made from these lists, and the commands are held against them. Nothing here
 * shows a secret of an app client or of an identity provider: Cognito's descriptions of both do.
 */
export const STATUS_ACTIONS = {
  /** What AWS grants on everything or nothing, and topics, which are the customer's and may have any name. */
  EVERYWHERE: [
    'cloudformation:DescribeStacks', 'cloudwatch:DescribeAlarms', 'cognito-idp:GetProvisionedLimit', 'ses:GetAccount',
    'sns:GetSMSSandboxAccountStatus', 'sns:GetTopicAttributes',
  ],
  STACKS: ['cloudformation:ListStackResources'],
  LEDGER: ['dynamodb:Query'],
  STATE: ['dynamodb:GetItem'],
  TABLES: ['dynamodb:DescribeContinuousBackups', 'dynamodb:DescribeTable'],
  MACHINES: ['states:ListExecutions'],
  POOLS: ['cognito-idp:DescribeUserPool', 'cognito-idp:ListUserPoolReplicas'],
  /** Reports of drills name nobody. */
  EVIDENCE: ['s3:ListBucket'],
  REPORTS: ['s3:GetObject'],
} as const;

export const READ_ACTIONS = {
  LEDGER: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
  INDEXES: ['dynamodb:Query'],
  STATE: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
  /** How far a recovery or a drill is, and which plan an execution is about. */
  RUNS: ['dynamodb:GetItem'],
  PAGES: ['s3:GetObject'],
  /** Of the state table and of the table of recoveries: whom a run could not help. */
  OUTCOMES: ['dynamodb:Query'],
  EXECUTIONS: ['states:DescribeExecution'],
  /** Users, and with `diff --settings` settings, as far as nothing of them is secret. */
  POOLS: [
    'cognito-idp:GetUserPoolMfaConfig', 'cognito-idp:ListGroups', 'cognito-idp:ListIdentityProviders', 'cognito-idp:ListResourceServers',
    'cognito-idp:ListUserPoolClients', 'cognito-idp:ListUsers', 'cognito-idp:ListUsersInGroup',
  ],
  STOP: ['states:StopExecution'],
} as const;

/**
 * What shows secrets of app clients and identity providers, and no grant gives: `diff --settings` against a pool calls them, and `doctor` the first.
 * A policy of the customer's own may give it.
 */
export const SECRET_ACTIONS: readonly string[] = ['cognito-idp:DescribeUserPoolClient', 'cognito-idp:DescribeIdentityProvider'];

/** What `redrive` calls, on the queues of this library. */
export const REDRIVE_ACTIONS = [
  'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:SendMessage', 'sqs:StartMessageMoveTask',
] as const;

/** What `forget` calls beside what reading takes. */
export const FORGET_ACTIONS = {
  TABLES: ['dynamodb:DeleteItem', 'dynamodb:Scan', 'dynamodb:UpdateItem'],
  QUEUES: ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
  /** Pools that drills left. */
  SCRATCHES: ['dynamodb:Query'],
  /** Every version of the files that name who differed in a drill. */
  EVIDENCE: ['s3:ListBucketVersions'],
  SUBS: ['s3:DeleteObjectVersion', 's3:GetObjectVersion', 's3:PutObject'],
} as const;

/**
 * Partitions without a row of a user: the pools that are followed, incidents, sweeps, counts of changes, settings. A pool's id ends with nine
 * characters, and a pattern that says so cannot mean the partition of a group with a clever name.
 */
export const KEY_PATTERNS = {
  LEDGER: ['SOURCE', '<pool>#I', '<pool>#W', '<pool>#T', '<pool>#C'],
  STATE: ['MOMENT', 'SWITCH#*'],
} as const;
