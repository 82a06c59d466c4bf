import { Duration, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CognitoDrReplica, Drill, Standby } from '../src';
import { ACCOUNT, EVERYTHING, Given, permissions, PRIMARY, REPLICA, statementsOf, synth } from './helpers/templates';
import { SWEEP_COGNITO_ACTIONS } from '../src/capture/constants';
import { READ_ACTIONS, REDRIVE_ACTIONS, SECRET_ACTIONS, STATUS_ACTIONS } from '../src/operations/permissions';

type GrantName = 'grantStatus' | 'grantRead' | 'grantOperate' | 'grantForget';
const grants = (grant: GrantName, where: 'primary' | 'replica', given: Given = {}) => {
  const templates = synth({
    ...given,
    then: ({ dr, stack }) => dr[grant](new Role(where === 'primary' ? stack : dr.replicaStack, 'Operators', { assumedBy: new AccountRootPrincipal() })),
  });
  return statementsOf(templates[where], 'Operators');
};

const ALL = '${AWS::Partition}';
const at = (service: string, region: string, resource: string) => `arn:${ALL}:${service}:${region}:${ACCOUNT}:${resource}`;
const LEDGERS = ['us-east-1', REPLICA].map(region => at('dynamodb', region, 'table/Auth-Dr-us-east-1-ledger'));
const STATE = at('dynamodb', REPLICA, 'table/Auth-Dr-us-east-1-ledger-standby');
const PLANS = at('dynamodb', 'us-east-1', 'table/Auth-Dr-us-east-1-ledger-recovery');
const MACHINES = [['us-east-1', 'sweep'], [REPLICA, 'restore'], ['us-east-1', 'recovery'], [REPLICA, 'switch']]
  .map(([region, name]) => [region, `Auth-Dr-us-east-1-${name}`]);
const each = (actions: readonly string[], resources: readonly string[]) => actions.flatMap(action => resources.map(resource => `${action} on ${resource}`));

/** To a role of the replica stack. */
const QUEUES = [
  at('sqs', PRIMARY, 'Auth-Dr-us-east-1-hints'), at('sqs', PRIMARY, 'Auth-*'), '${StandbyTriggersDeadLetters.Arn}', '${StandbyTriggersFollowUps.Arn}',
];
const STATUS = (pools: readonly string[]) => [
  ...each(['cloudformation:DescribeStacks', 'cloudwatch:DescribeAlarms', 'cognito-idp:GetProvisionedLimit', 'ses:GetAccount',
    'sns:GetSMSSandboxAccountStatus', 'sns:GetTopicAttributes'], ['*']),
  ...each(['cloudformation:ListStackResources'], ['us-east-1', REPLICA].map(region => at('cloudformation', region, 'stack/*'))),
  ...each(['dynamodb:Query'], LEDGERS),
  ...each(['dynamodb:GetItem'], [STATE]),
  ...each(['dynamodb:DescribeContinuousBackups', 'dynamodb:DescribeTable'], [...LEDGERS, STATE, PLANS]),
  ...each(['states:ListExecutions'], MACHINES.map(([region, name]) => at('states', region, `stateMachine:${name}`))),
  ...each(['cognito-idp:DescribeUserPool', 'cognito-idp:ListUserPoolReplicas'], pools),
];
const READ = (pools: readonly string[]) => [
  ...STATUS(pools),
  ...each(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'], LEDGERS),
  ...each(['dynamodb:Query'], LEDGERS.flatMap(table =>
    ['memberships', 'sign-in-names', 'emails', 'phone-numbers', 'preferred-usernames'].map(index => `${table}/index/${index}`))),
  ...each(['dynamodb:BatchGetItem', 'dynamodb:GetItem'], [STATE]),
  ...each(['dynamodb:GetItem'], [PLANS]),
  ...each(['dynamodb:Query'], [`${STATE}/index/outcomes`, `${PLANS}/index/outcomes`]),
  ...each(['states:DescribeExecution'], MACHINES.map(([region, name]) => at('states', region, `execution:${name}:*`))),
  ...each([
    'cognito-idp:GetUserPoolMfaConfig', 'cognito-idp:ListGroups', 'cognito-idp:ListIdentityProviders', 'cognito-idp:ListResourceServers',
    'cognito-idp:ListUserPoolClients', 'cognito-idp:ListUsers', 'cognito-idp:ListUsersInGroup',
  ], pools),
];
const IN_PRIMARY = ['${Users.Arn}', at('cognito-idp', REPLICA, `userpool/${REPLICA}_*`)];
const IN_REPLICA = [at('cognito-idp', 'us-east-1', 'userpool/us-east-1_*'), '${StandbyUserPool.Arn}'];

test('grantStatus lets somebody ask, and read nobody\'s row', () => {
  const statements = grants('grantStatus', 'primary');
  expect(permissions(statements)).toEqual(STATUS(IN_PRIMARY).sort());
  const keysOf = (action: string) => statements.find(({ Action }) => Action === action)?.Condition;
  const only = (keys: readonly string[]) => ({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } });
  expect(keysOf('dynamodb:Query')).toEqual(only(['SOURCE', ...['I', 'W', 'T', 'C'].map(kind => `us-east-1_?????????#${kind}`)]));
  expect(keysOf('dynamodb:GetItem')).toEqual(only(['MOMENT', 'SWITCH#*']));
});

test.each([['primary', IN_PRIMARY], ['replica', IN_REPLICA]] as const)('grantRead, to a role of the %s stack: no value crosses', (where, pools) => {
  expect(permissions(grants('grantRead', where))).toEqual(READ(pools).sort());
});

test('what diff --settings calls on a pool is given by grantRead, but for what shows secrets', () => {
  // A sweep describes the settings by the same calls, and reads users besides.
  const describing = SWEEP_COGNITO_ACTIONS.filter(action => !/:(AdminListGroupsForUser|GetGroup)$/.test(action));
  const given: readonly string[] = [...STATUS_ACTIONS.POOLS, ...READ_ACTIONS.POOLS];
  expect(describing.filter(action => !given.includes(action)).sort()).toEqual([...SECRET_ACTIONS].sort());
});

test('grantOperate starts and stops every machine', () => {
  const machine = (region: string, name: string) => at('states', region, `stateMachine:${name}`);
  expect(permissions(grants('grantOperate', 'replica')).filter(permission => !READ(IN_REPLICA).includes(permission))).toEqual([
    'states:StartExecution on ${RestoreStateMachine}',
    'states:StartExecution on ${SwitchStateMachine}',
    `states:StartExecution on ${machine('us-east-1', 'Auth-Dr-us-east-1-recovery')}`,
    ...each(['states:StopExecution'], MACHINES.map(([region, name]) => at('states', region, `execution:${name}:*`))),
    ...each(REDRIVE_ACTIONS, QUEUES),
  ].sort());
});

describe('with drills', () => {
  const DRILLS = { props: { drill: Drill.schedule({ subsRetention: Duration.days(90) }) } };
  const TABLE = at('dynamodb', REPLICA, 'table/Auth-Dr-us-east-1-ledger-drill');
  const more = (grant: GrantName, where: 'primary' | 'replica') => {
    const before = new Set(permissions(grants(grant, where)));
    return permissions(grants(grant, where, DRILLS)).filter(permission => !before.has(permission));
  };
  const machine = (action: string, kind: string) => `states:${action} on ${at('states', REPLICA, `${kind}:Auth-Dr-us-east-1-drill${kind === 'execution' ? ':*' : ''}`)}`;
  const status = (bucket: string) => [
    ...each(['dynamodb:DescribeContinuousBackups', 'dynamodb:DescribeTable'], [TABLE]), machine('ListExecutions', 'stateMachine'),
    `s3:ListBucket on ${bucket}`, `s3:GetObject on ${bucket}/reports/*`,
  ];
  const read = (bucket: string) =>
    [...status(bucket), `dynamodb:GetItem on ${TABLE}`, machine('DescribeExecution', 'execution'), `s3:GetObject on ${bucket}/pages/*`];
  const BUCKET = '${DrillEvidenceBucket.Arn}';
  /** To a role of the app's stack, which cannot know the bucket's name. */
  const NAMED = `arn:${ALL}:s3:::auth-dr-us-east-1-re*`;

  test.each([['replica', BUCKET], ['primary', NAMED]] as const)('%s: reports are for whoever asks for the status, pages for readers', (where, bucket) => {
    expect(more('grantStatus', where)).toEqual(status(bucket).sort());
    expect(more('grantRead', where)).toEqual(read(bucket).sort());
    expect(more('grantOperate', where)).toEqual([
      ...read(bucket), machine('StopExecution', 'execution'),
      where === 'primary' ? machine('StartExecution', 'stateMachine') : 'states:StartExecution on ${DrillWorkflowStateMachine}',
    ].sort());
    expect(more('grantForget', where)).toEqual([
      ...read(bucket), ...each(['dynamodb:DeleteItem', 'dynamodb:Query', 'dynamodb:Scan', 'dynamodb:UpdateItem'], [TABLE]), `s3:ListBucketVersions on ${bucket}`,
      ...each(['s3:DeleteObjectVersion', 's3:GetObjectVersion', 's3:PutObject'], [`${bucket}/subs/*`]),
    ].sort());
  });

  test.each(['replica', 'primary'] as const)('%s: the bucket is listed by one prefix alone, and one of another account is none', where => {
    const conditions = grants('grantForget', where, DRILLS).filter(({ Action }) => [Action].flat().join().includes('s3:')).map(({ Action, Condition }) =>
      [[Action].flat()[0], (Condition as { StringEquals: object } | undefined)?.StringEquals]);
    const account = where === 'primary' ? { 'aws:ResourceAccount': ACCOUNT } : {};
    const orNone = Object.keys(account).length > 0 ? account : undefined;
    expect(conditions).toEqual([
      ['s3:ListBucket', { 's3:prefix': 'reports/', ...account }], ['s3:GetObject', orNone], ['s3:GetObject', orNone],
      ['s3:ListBucketVersions', { 's3:prefix': 'subs/', ...account }], ['s3:DeleteObjectVersion', orNone],
    ]);
  });
});

test('grantForget reads everything, and changes and deletes any item of any table; it starts nothing, and sends to no queue', () => {
  expect(permissions(grants('grantForget', 'replica')).filter(permission => !READ(IN_REPLICA).includes(permission))).toEqual([
    ...each(['dynamodb:DeleteItem', 'dynamodb:Scan', 'dynamodb:UpdateItem'], [...LEDGERS, STATE, PLANS]),
    ...each(['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'], QUEUES),
  ].sort());
  const { primary } = synth();
  expect(Object.values(primary.findResources('AWS::SQS::Queue')).map(({ Properties }) => Properties.QueueName).filter(Boolean))
    .toEqual(['Auth-Dr-us-east-1-hints']);
});

test.each(['grantOperate', 'grantForget'] as const)('%s, to a role of the app\'s stack, is about no queue of the app\'s own', grant => {
  const templates = synth({
    then: ({ dr, stack }) => {
      new Queue(stack, 'Orders');
      dr[grant](new Role(stack, 'Operators', { assumedBy: new AccountRootPrincipal() }));
    },
  });
  const queues = permissions(statementsOf(templates.primary, 'Operators')).filter(permission => permission.startsWith('sqs:ReceiveMessage'));
  expect(queues.length).toBeGreaterThan(2);
  expect(queues.filter(permission => /Orders|Auth-\*/.test(permission))).toEqual([]);
  expect(queues).toContain(`sqs:ReceiveMessage on ${at('sqs', REPLICA, 'Auth-Dr-us-east-1-replica-*')}`);
});

test('what there is not is not granted, and a customer\'s key decrypts for DynamoDB alone, and for the bucket of the evidence', () => {
  const few = permissions(grants('grantOperate', 'primary', { props: { standby: Standby.none(), inPlaceRecovery: false } }));
  expect(few.filter(permission => /recovery|switch|us-west-2_/.test(permission))).toEqual([]);
  const keys = grants('grantStatus', 'primary', EVERYTHING).filter(({ Action }) => Action === 'kms:Decrypt');
  const via = (service: string, region: string) => ({ 'Fn::Join': ['', [`${service}.${region}.`, { Ref: 'AWS::URLSuffix' }]] });
  expect(keys.map(({ Condition }) => Condition)).toEqual([[via('dynamodb', PRIMARY)], [via('dynamodb', REPLICA), via('s3', REPLICA)]]
    .map(services => ({ StringEquals: { 'kms:ViaService': services } })));
});

test('the names are those of what is made', () => {
  const { primary, replica, dr } = synth();
  const made = [primary, replica].flatMap(template => Object.values(template.findResources('AWS::StepFunctions::StateMachine')))
    .map(({ Properties }) => Properties.StateMachineName as string);
  expect(made.sort()).toEqual(MACHINES.map(([, name]) => name).sort());
  expect(Stack.of(dr)).not.toBe(dr.replicaStack);
  expect(dr).toBeInstanceOf(CognitoDrReplica);
});
