import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { IUserPoolClient, UserPool, UserPoolClient, UserPoolOperation } from 'aws-cdk-lib/aws-cognito';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Drill, Standby } from '../src';
import { Given, make, permissions, statementsOf, synth, text, warnings } from './helpers/templates';

test('outputs what an operator needs', () => {
  const { primary, replica } = synth({ then: ({ userPool }) => userPool.addClient('Web') });
  expect(Object.keys(replica.findOutputs('*')).sort()).toEqual([
    'Deployment', 'LedgerTableName', 'RestoreStateMachineArn', 'StandbyClientIdAuthUsersWeb', 'StandbySwitchStateMachineArn', 'StandbyUserPoolId', 'StateTableName',
  ]);
  expect(Object.keys(primary.findOutputs('*')).sort()).toEqual([
    expect.stringMatching(/^DrDeployment/), expect.stringMatching(/^DrRecoveryStateMachineArn/), expect.stringMatching(/^DrSweepStateMachineArn/),
  ]);
});

const described = (template: Template) => text(Object.entries(template.findOutputs('*')).find(([id]) => id.endsWith('Deployment') || id.startsWith('DrDeployment'))![1].Value);

test.each<[string, Given, string | undefined]>([
  ['nothing, where it closes all', {}, undefined],
  ['nothing, where there is no standby', { props: { standby: Standby.none() } }, undefined],
  ['the slot of a trigger of another owner', {
    props: { standby: Standby.onDemand({ unguarded: true }) },
    then: ({ dr }) => dr.mirrorUserPool!.addTrigger(UserPoolOperation.PRE_SIGN_UP, new LambdaFunction(dr.replicaStack, 'Mine', {
      runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromInline(' '),
    })),
  }, '"unguarded":["PreSignUp"]'],
  ['every slot, where no trigger can be attached', {
    props: (_app, stack) => ({ standby: Standby.onDemand({ userPool: UserPool.fromUserPoolId(stack, 'Mine', 'us-west-2_Mine'), unguarded: true }) }),
  }, '"unguarded":["UserMigration","PreSignUp","PreTokenGeneration"]'],
])('the command line is told what the switch cannot close of a standby that was accepted as such: %s', (_what, given, says) => {
  const { primary, replica } = synth(given);
  for (const template of [primary, replica]) {
    if (says === undefined) expect(described(template)).not.toContain('unguarded');
    else expect(described(template)).toContain(says);
  }
});

test('with drills, outputs say what runs them and what they keep, in both stacks as far as no value crosses; without, nothing', () => {
  const { primary, replica } = synth({ props: { drill: Drill.schedule({ users: 500, targetRto: Duration.hours(12) }) } });
  expect(Object.keys(replica.findOutputs('*'))).toEqual(expect.arrayContaining(['DrillStateMachineArn', 'DrillTableName', 'EvidenceBucketName']));
  const says = '"drillTableName":"Auth-Dr-us-east-1-ledger-drill","scheduledDrill":{"moment":"random","users":500,"quotaShare":0.3,"targetRto":43200}';
  expect(described(primary)).toContain(says);
  expect(described(primary)).toMatch(/"drillStateMachineArn":"arn:\S+:states:us-west-2:\d+:stateMachine:Auth-Dr-us-east-1-drill"/);
  expect(described(replica)).toContain(says);
  expect(described(replica)).toMatch(/"evidenceBucketName":"\$\{DrillEvidenceBucket\}"/);
  expect(described(primary)).not.toContain('vidence');
  expect([synth().primary, synth().replica].map(template => JSON.stringify(template.toJSON().Outputs)).join()).not.toMatch(/drill|evidence/i);
});

test('exposes its parts', () => {
  const { dr } = make();
  for (const part of [dr.ledgerTable, dr.stateTable, dr.standbyUserPool!, dr.restoreStateMachine]) {
    expect(Stack.of(part)).toBe(dr.replicaStack);
  }
  expect(Stack.of(dr.sweepStateMachine)).toBe(Stack.of(dr));
});

test('the mirror is a UserPool, whose methods compile, where there is one: C4', () => {
  const { replica } = synth({
    then: ({ dr }) => {
      dr.mirrorUserPool!.addDomain('Domain', { cognitoDomain: { domainPrefix: 'auth-standby' } });
      // An IUserPool has no such method.
      dr.mirrorUserPool!.addTrigger(UserPoolOperation.CUSTOM_MESSAGE, LambdaFunction.fromFunctionName(dr.replicaStack, 'Mail', 'mail'));
    },
  });
  replica.resourceCountIs('AWS::Cognito::UserPoolDomain', 1);
  replica.hasResourceProperties('AWS::Cognito::UserPool', { LambdaConfig: { CustomMessage: Match.anyValue() } });
  expect(make({ props: { standby: Standby.none() } }).dr.mirrorUserPool).toBeUndefined();
  const mine = make({ props: (_app, stack) => ({ standby: Standby.onDemand({ userPool: UserPool.fromUserPoolId(stack, 'Mine', 'us-west-2_Mine'), unguarded: true }) }) });
  expect([mine.dr.mirrorUserPool, mine.dr.standbyUserPool?.userPoolId]).toEqual([undefined, 'us-west-2_Mine']);
});

test.each([
  ['capture and recovery', {}, ['AWS::DynamoDB::GlobalTable']], ['capture', { inPlaceRecovery: false }, []],
])('holds nothing but %s, and a dashboard, in the primary stack', (_what, props, more) => {
  const { primary } = synth({ props });
  const types = new Set(Object.values<{ Type: string }>(primary.toJSON().Resources).map(resource => resource.Type));
  expect([...types].sort()).toEqual([
    'AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Dashboard', 'AWS::Cognito::UserPool', ...more, 'AWS::Events::Rule', 'AWS::IAM::Role',
    'AWS::Lambda::EventSourceMapping', 'AWS::Lambda::Function', 'AWS::Lambda::Permission',
    'AWS::Logs::LogGroup', 'AWS::SQS::Queue', 'AWS::SQS::QueuePolicy', 'AWS::Scheduler::Schedule', 'AWS::StepFunctions::StateMachine',
  ]);
});

test('without a target a warning says that nothing can be restored', () => {
  expect(warnings(make({ props: { standby: Standby.none() } }))).toEqual([expect.stringContaining('nothing can be restored until')]);
  expect(make({ props: { standby: Standby.none() } }).dr.standbyUserPool).toBeUndefined();
});

describe('grantStartRestore', () => {
  const starter = (stack: Stack) => new Role(stack, 'Starter', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });

  test('in the replica stack', () => {
    const { replica } = synth({ then: ({ dr }) => dr.grantStartRestore(starter(dr.replicaStack)).assertSuccess() });
    expect(permissions(statementsOf(replica, 'Starter'))).toEqual(['states:StartExecution on ${RestoreStateMachine}']);
  });

  test('in the primary stack, by name, so that no value crosses', () => {
    const { primary } = synth({ then: ({ dr, stack }) => dr.grantStartRestore(starter(stack)).assertSuccess() });
    expect(permissions(statementsOf(primary, 'Starter'))).toEqual([
      'states:StartExecution on arn:${AWS::Partition}:states:us-west-2:111122223333:stateMachine:Auth-Dr-us-east-1-restore',
    ]);
  });
});

describe('standbyClient', () => {
  test('is the mirror of a client of the source pool, with a secret where that one has one', () => {
    let standby: IUserPoolClient | undefined;
    const { dr, userPool } = make();
    const web = userPool.addClient('Web', { generateSecret: true });
    standby = dr.standbyClient(web);
    expect(dr.standbyClient(web)).toBe(standby);
    expect(Stack.of(standby)).toBe(dr.replicaStack);
    expect(() => standby.userPoolClientSecret).not.toThrow();
    Template.fromStack(dr.replicaStack).resourceCountIs('AWS::Cognito::UserPoolClient', 1);
  });

  test.each<[string, () => unknown, string]>([
    ['without a mirror', () => {
      const { dr, userPool } = make({ props: { standby: Standby.none() } });
      dr.standbyClient(userPool.addClient('Web'));
    }, 'this construct made no standby user pool'],
    ['for an imported client', () => {
      const { dr, stack } = make();
      dr.standbyClient(UserPoolClient.fromUserPoolClientId(stack, 'Imported', 'abc'));
    }, 'standbyClient got Auth/Imported, an imported client'],
    ['for a client of another pool', () => {
      const { dr, stack } = make();
      dr.standbyClient(new UserPool(stack, 'Others').addClient('Web'));
    }, 'standbyClient got Auth/Others/Web, a client of another user pool'],
  ])('fails %s', (_name, act, message) => {
    expect(act).toThrow(message);
  });
});

test.each([[{}, '35'], [{ historyRetention: Duration.days(90) }, '90']])('with %j those who write history keep it for %s days, and a recovery what it replaced', (props, days) => {
  const { primary } = synth({ props });
  const kept = Object.values(primary.findResources('AWS::Lambda::Function')).map(each => each.Properties.Environment?.Variables?.HISTORY_DAYS as string | undefined);
  expect(kept.filter(value => value !== undefined)).toEqual([days, days, days]);
});
