import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CfnUserPool, UserPool } from 'aws-cdk-lib/aws-cognito';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { MOST_SWEEP_DAYS, SWEEP_COGNITO_ACTIONS, SWEEP_STATUS } from '../../../src/capture/constants';
import { Standby } from '../../../src/index';
import { LEDGER_SWEEP_ACTIONS } from '../../../src/ledger/constants';
import { chosen, definitionOf, problemsOf, statesOf } from '../../helpers/state-machine';
import { ACCOUNT, make, permissions, REPLICA, statementsOf, synth } from '../../helpers/templates';

const { primary } = synth();
const TABLE = 'arn:${AWS::Partition}:dynamodb:us-east-1:111122223333:table/Auth-Dr-us-east-1-ledger';

describe('the state machine', () => {
  const definition = definitionOf(primary);

  test('is valid Amazon States Language', () => {
    expect(problemsOf(definition)).toEqual([]);
  });

  test('every Choice has a Default, and every Task a Retry', () => {
    expect(statesOf(definition, 'Choice').filter(([, state]) => !state.Default)).toEqual([]);
    expect(statesOf(definition, 'Task').filter(([, state]) => !state.Retry?.length)).toEqual([]);
  });

  test.each([
    [SWEEP_STATUS.CONTINUE, 'Sweep a slice', 'Task'],
    [SWEEP_STATUS.COMPLETE, 'Swept', 'Succeed'],
    [SWEEP_STATUS.SKIPPED, 'Another sweep is running', 'Succeed'],
    [SWEEP_STATUS.DELETIONS_HELD, 'Too many users are gone', 'Fail'],
    [SWEEP_STATUS.INVALID_INPUT, 'Input refused', 'Fail'],
    ['never heard of', 'Unknown answer', 'Fail'],
  ])('a slice that answers %s leads to "%s"', (status, next, type) => {
    expect(chosen(definition.States['More to sweep?'], status)).toBe(next);
    expect(definition.States[next].Type).toBe(type);
  });

  test('knows every status that the function answers', () => {
    const known = definition.States['More to sweep?'].Choices!.map(choice => choice.StringEquals);
    expect(known.sort()).toEqual(Object.values(SWEEP_STATUS).sort());
  });

  test('begins without a checkpoint and hands each one to the next slice', () => {
    expect(definition.States[definition.StartAt]).toMatchObject({
      Parameters: { 'input.$': '$$.Execution.Input', 'slice': { checkpoint: null } },
      Next: 'Sweep a slice',
    });
    expect(definition.States['Sweep a slice']).toMatchObject({
      Parameters: { 'execution.$': '$$.Execution.Id', 'input.$': '$.input', 'checkpoint.$': '$.slice.checkpoint' },
      ResultPath: '$.slice',
    });
  });

  test.each([[undefined, 4], [1, 4], [0.1, 20], [0.001, 30]])('with a share of %s of the quotas it may take %s days, and its lists live longer', (sweepQuotaShare, days) => {
    expect(definitionOf(synth({ props: { sweepQuotaShare } }).primary).TimeoutSeconds).toBe(days * 86_400);
    expect(days).toBeLessThanOrEqual(MOST_SWEEP_DAYS);
  });

  test('has a concrete name and logs without data', () => {
    primary.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineName: 'Auth-Dr-us-east-1-sweep',
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
    primary.hasResourceProperties('AWS::Logs::LogGroup', { LogGroupName: '/aws/vendedlogs/states/Auth-Dr-us-east-1-sweep' });
  });
});

describe('permissions', () => {
  test('the function reads the source pool and writes the ledger', () => {
    expect(permissions(statementsOf(primary, 'DrSweepFunctionRole'))).toEqual([
      ...SWEEP_COGNITO_ACTIONS.map(action => `${action} on \${Users.Arn}`),
      ...LEDGER_SWEEP_ACTIONS.map(action => `${action} on ${TABLE}`),
      `dynamodb:Query on ${TABLE}/index/digests`,
      `dynamodb:Query on ${TABLE}/index/memberships`,
      'events:PutEvents on arn:${AWS::Partition}:events:us-east-1:111122223333:event-bus/default',
      'logs:CreateLogStream on ${DrSweepFunctionLogs.Arn}',
      'logs:PutLogEvents on ${DrSweepFunctionLogs.Arn}',
    ].sort());
  });

  test('nothing in the list of Cognito actions writes or makes a monthly active user', () => {
    // AdminListGroupsForUser is not among the operations that AWS names as making one: https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
    const harmless = /^cognito-idp:(Describe\w+|Get\w+|List\w+|AdminListGroupsForUser)$/;
    expect(SWEEP_COGNITO_ACTIONS.filter(action => !harmless.test(action))).toEqual([]);
  });

  test('the state machine invokes the function; the delivery of logs allows no narrower resource', () => {
    // https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html: these actions support no resource-level permissions.
    const delivery = ['CreateLogDelivery', 'DeleteLogDelivery', 'DescribeLogGroups', 'DescribeResourcePolicies', 'GetLogDelivery',
      'ListLogDeliveries', 'PutResourcePolicy', 'UpdateLogDelivery'];
    expect(permissions(statementsOf(primary, 'DrSweepStateMachineRole'))).toEqual([
      'lambda:InvokeFunction on ${DrSweepFunction.Arn}',
      ...delivery.map(action => `logs:${action} on *`),
    ]);
  });

  test('the schedule starts the state machine, for this account only', () => {
    expect(permissions(statementsOf(primary, 'DrSweepScheduleRole'))).toEqual(['states:StartExecution on ${DrSweepStateMachine}']);
    primary.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [{ Principal: { Service: 'scheduler.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT }, ArnLike: { 'aws:SourceArn': Match.anyValue() } } }],
      },
    });
  });
});

test('the schedule starts at once and then every hour, or as often as sweepInterval says', () => {
  primary.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(1 hour)', State: 'ENABLED', Target: { Input: '{}' } });
  const [schedule] = Object.values(primary.findResources('AWS::Scheduler::Schedule'));
  expect(schedule.Properties).not.toHaveProperty('StartDate');
  synth({ props: { sweepInterval: Duration.minutes(15) } }).primary
    .hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(15 minutes)' });
});

test('the function has its settings by default, and what the properties say', () => {
  const variables = (environment: object) => ({ Environment: { Variables: environment } });
  primary.hasResourceProperties('AWS::Lambda::Function', {
    Timeout: 900,
    ...variables({ LEDGER_TABLE: 'Auth-Dr-us-east-1-ledger', QUOTAS: '{}', QUOTA_SHARE: '0.5', SLICE_SECONDS: '840', HISTORY_DAYS: '35', IGNORED_ATTRIBUTES: '[]' }),
  });
  primary.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
  const other = synth({
    props: {
      sweepQuotas: { userList: 100 },
      sweepQuotaShare: 0.25,
      _sliceDuration: Duration.seconds(5),
      historyRetention: Duration.days(90),
      logRetention: RetentionDays.ONE_WEEK,
    },
  }).primary;
  other.hasResourceProperties('AWS::Lambda::Function', {
    Timeout: 65,
    ...variables({ QUOTAS: '{"UserList":100}', QUOTA_SHARE: '0.25', SLICE_SECONDS: '5', HISTORY_DAYS: '90', IGNORED_ATTRIBUTES: '[]' }),
  });
  other.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
});

test('the schedule, which runs at once, refers to a role that is made with its permissions: B11', () => {
  const [schedule] = Object.values(primary.findResources('AWS::Scheduler::Schedule'));
  const [[role, { Properties: properties }]] = Object.entries(primary.findResources('AWS::IAM::Role')).filter(([id]) => id.startsWith('DrSweepScheduleRole'));
  expect(schedule.Properties.Target.RoleArn).toEqual({ 'Fn::GetAtt': [role, 'Arn'] });
  expect(permissions(properties.Policies[0].PolicyDocument.Statement)).toEqual(['states:StartExecution on ${DrSweepStateMachine}']);
});

test('the function knows the attributes that the standby pool has, whenever they were added to the source pool', () => {
  const attributesOf = (given: Parameters<typeof make>[0], then: (pool: UserPool) => void = () => undefined) => {
    const { stack } = make(given);
    const pool = stack.node.findAll().find((node): node is UserPool => node instanceof UserPool)!;
    then(pool);
    return Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function'))
      .flatMap(({ Properties }) => Properties.Environment?.Variables?.STANDBY_ATTRIBUTES ?? []);
  };
  const tier = (pool: UserPool) => (pool.node.defaultChild as CfnUserPool).addPropertyOverride('Schema', [
    { Name: 'email', Required: true }, { Name: 'tier', AttributeDataType: 'String' },
  ]);
  expect(attributesOf({}, tier)).toEqual(['["custom:tier"]']);
  expect(attributesOf({ props: { standby: Standby.none() } })).toEqual(['null']);
  expect(attributesOf({
    props: (_app, stack) => ({
      standby: Standby.onDemand({
        unguarded: true, userPool: UserPool.fromUserPoolId(new Stack(stack, 'West', { env: { account: ACCOUNT, region: REPLICA } }), 'Own', 'us-west-2_Own'),
      }),
    }),
  })).toEqual(['null']);
});
