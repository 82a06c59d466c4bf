import { App, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CfnUserPool, Mfa, UserPool, UserPoolOperation } from 'aws-cdk-lib/aws-cognito';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { CognitoDrReplica, Standby } from '../../src';
import { ACCOUNT, PRIMARY, REPLICA, make, permissions, statementsOf, synth, text, warnings } from '../helpers/templates';

const { primary, replica } = synth();

function functionOf(template: Template, description: RegExp) {
  const [found] = Object.values(template.findResources('AWS::Lambda::Function', { Properties: { Description: Match.stringLikeRegexp(description.source) } }));
  return found?.Properties;
}

function lambdaConfigOf(template: Template): Record<string, string> {
  const [pool] = Object.values(template.findResources('AWS::Cognito::UserPool'));
  return Object.fromEntries(Object.entries(pool.Properties.LambdaConfig ?? {}).map(([slot, arn]) => [slot, text(arn)]));
}

const own = (stack: Stack, id = 'Own') => new LambdaFunction(stack, id, {
  runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromInline('exports.handler = async event => event;'),
});

describe('queue and consumer', () => {
  test('hints wait for Cognito, come again on their own time, and end in the dead-letter queue', () => {
    primary.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'Auth-Dr-us-east-1-hints', DelaySeconds: 2, VisibilityTimeout: 600, SqsManagedSseEnabled: true, RedrivePolicy: { maxReceiveCount: 10 },
    });
    primary.hasResourceProperties('AWS::SQS::Queue', { MessageRetentionPeriod: 14 * 86_400, SqsManagedSseEnabled: true });
    primary.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 50, MaximumBatchingWindowInSeconds: 1, FunctionResponseTypes: ['ReportBatchItemFailures'], ScalingConfig: { MaximumConcurrency: 2 },
    });
  });

  test('the queue outlives six tries of its consumer', () => {
    expect(600).toBeGreaterThanOrEqual(6 * functionOf(primary, /Asks Cognito/).Timeout);
  });

  test('the consumer may do what it does, on this pool and this table', () => {
    expect(permissions(statementsOf(primary, 'DrCaptureFunctionRole'))).toEqual([
      'cognito-idp:AdminGetUser on ${Users.Arn}',
      'cognito-idp:AdminListGroupsForUser on ${Users.Arn}',
      'cognito-idp:DescribeUserPool on ${Users.Arn}',
      'cognito-idp:GetGroup on ${Users.Arn}',
      'cognito-idp:ListUsers on ${Users.Arn}',
      'cognito-idp:ListUsersInGroup on ${Users.Arn}',
      'dynamodb:GetItem on arn:${AWS::Partition}:dynamodb:us-east-1:111122223333:table/Auth-Dr-us-east-1-ledger',
      'dynamodb:PutItem on arn:${AWS::Partition}:dynamodb:us-east-1:111122223333:table/Auth-Dr-us-east-1-ledger',
      'dynamodb:Query on arn:${AWS::Partition}:dynamodb:us-east-1:111122223333:table/Auth-Dr-us-east-1-ledger',
      'dynamodb:Query on arn:${AWS::Partition}:dynamodb:us-east-1:111122223333:table/Auth-Dr-us-east-1-ledger/index/memberships',
      'dynamodb:UpdateItem on arn:${AWS::Partition}:dynamodb:us-east-1:111122223333:table/Auth-Dr-us-east-1-ledger',
      'logs:CreateLogStream on ${DrCaptureFunctionLogs.Arn}',
      'logs:PutLogEvents on ${DrCaptureFunctionLogs.Arn}',
      'sqs:ChangeMessageVisibility on ${DrCaptureHints.Arn}',
      'sqs:DeleteMessage on ${DrCaptureHints.Arn}',
      'sqs:GetQueueAttributes on ${DrCaptureHints.Arn}',
      'sqs:GetQueueUrl on ${DrCaptureHints.Arn}',
      'sqs:ReceiveMessage on ${DrCaptureHints.Arn}',
    ]);
  });

  test('nothing of it is in the replica stack', () => {
    expect(functionOf(replica, /Asks Cognito|keeps a user waiting/)).toBeUndefined();
    expect(JSON.stringify(replica.toJSON())).not.toContain('Auth-Dr-us-east-1-hints');
    replica.resourceCountIs('AWS::Events::Rule', 0);
  });
});

describe('rules', () => {
  const rules = Object.values(primary.findResources('AWS::Events::Rule')).map(rule => rule.Properties);

  test('both go to the queue, and to the dead-letter queue where that fails', () => {
    expect(rules).toHaveLength(2);
    for (const { Targets: [target, ...more], State } of rules) {
      expect(more).toEqual([]);
      expect(State).toBe('ENABLED');
      expect(text(target.Arn)).toBe('${DrCaptureHints.Arn}');
      expect(text(target.DeadLetterConfig.Arn)).toBe('${DrCaptureDeadLetters.Arn}');
    }
  });

  test('patterns are within EventBridge\'s 2,048 characters, with the longest of pool ids', () => {
    for (const { EventPattern } of rules) {
      const pattern = JSON.stringify(EventPattern).replace(/\{"Ref":"Users\w+"\}/g, JSON.stringify('x'.repeat(55)));
      expect(pattern).not.toContain('Ref');
      expect(pattern.length).toBeLessThanOrEqual(2_048);
    }
  });
});

describe('triggers', () => {
  test('fill both slots with one function that may read the ledger, write to the queue and nothing else', () => {
    expect(lambdaConfigOf(primary)).toEqual({ PostConfirmation: '${DrCaptureTrigger.Arn}', PostAuthentication: '${DrCaptureTrigger.Arn}' });
    expect(permissions(statementsOf(primary, 'DrCaptureTriggerRole'))).toEqual([
      'dynamodb:GetItem on arn:${AWS::Partition}:dynamodb:us-east-1:111122223333:table/Auth-Dr-us-east-1-ledger',
      'logs:CreateLogStream on ${DrCaptureTriggerLogs.Arn}',
      'logs:PutLogEvents on ${DrCaptureTriggerLogs.Arn}',
      'sqs:SendMessage on arn:${AWS::Partition}:sqs:us-east-1:111122223333:Auth-Dr-us-east-1-hints',
    ]);
    const { Environment: { Variables }, Timeout } = functionOf(primary, /keeps a user waiting/);
    expect(Timeout).toBe(5);
    expect(Object.fromEntries(Object.entries(Variables).map(([name, value]) => [name, text(value)]))).toEqual({
      LEDGER_TABLE: 'Auth-Dr-us-east-1-ledger',
      HINTS_QUEUE_URL: 'https://sqs.us-east-1.${AWS::URLSuffix}/111122223333/Auth-Dr-us-east-1-hints',
      POOL_HAS_MFA: 'false',
    });
    primary.hasResourceProperties('AWS::Lambda::Permission', { Principal: 'cognito-idp.amazonaws.com', SourceAccount: { Ref: 'AWS::AccountId' } });
  });

  test('look for MFA preferences where the pool has MFA', () => {
    const { primary: template } = synth({ pool: { mfa: Mfa.OPTIONAL, mfaSecondFactor: { sms: false, otp: true } } });
    expect(functionOf(template, /keeps a user waiting/).Environment.Variables.POOL_HAS_MFA).toBe('true');
  });

  test.each<[string, Parameters<typeof make>[0]]>([
    ['before this construct', {
      source: stack => {
        const pool = new UserPool(stack, 'Users');
        pool.addTrigger(UserPoolOperation.POST_CONFIRMATION, own(stack));
        return pool;
      },
    }],
    ['after this construct', { then: ({ stack, userPool }) => (userPool as UserPool).addTrigger(UserPoolOperation.POST_CONFIRMATION, own(stack)) }],
    ['on the L1', { then: ({ stack, userPool }) => (userPool.node.defaultChild as CfnUserPool).addPropertyOverride('LambdaConfig.PostConfirmation', own(stack).functionArn) }],
    ['in place of the L2\'s', {
      then: ({ stack, userPool }) => { (userPool.node.defaultChild as CfnUserPool).lambdaConfig = { postConfirmation: own(stack).functionArn }; },
    }],
  ])('leave a slot alone that was taken %s', (_when, given) => {
    const made = make(given);
    expect(warnings(made).filter(warning => warning.includes('triggerTaken')))
      .toEqual([expect.stringMatching(/^the user pool .* has a PostConfirmation trigger of its own.*grantCaptureHints/)]);
    expect(lambdaConfigOf(Template.fromStack(made.stack))).toEqual({ PostConfirmation: '${Own.Arn}', PostAuthentication: '${DrCaptureTrigger.Arn}' });
  });

  test('there is no function where both slots are taken, and no warning where their owners may send hints', () => {
    const made = make({
      then: ({ stack, userPool, dr }) => {
        const fn = own(stack);
        (userPool as UserPool).addTrigger(UserPoolOperation.POST_CONFIRMATION, fn);
        (userPool as UserPool).addTrigger(UserPoolOperation.POST_AUTHENTICATION, fn);
        dr.grantCaptureHints(fn);
        fn.addEnvironment('HINTS_QUEUE_URL', dr.captureHintsQueue.queueUrl);
      },
    });
    expect(warnings(made).filter(warning => /triggerTaken|importedPool/.test(warning))).toEqual([]);
    const template = Template.fromStack(made.stack);
    expect(functionOf(template, /keeps a user waiting/)).toBeUndefined();
    expect(permissions(statementsOf(template, 'OwnServiceRole'))).toContain('sqs:SendMessage on arn:${AWS::Partition}:sqs:us-east-1:111122223333:Auth-Dr-us-east-1-hints');
  });

  test('the warning can be acknowledged', () => {
    const made = make({
      then: ({ stack, userPool, dr }) => {
        (userPool as UserPool).addTrigger(UserPoolOperation.POST_CONFIRMATION, own(stack));
        Validations.of(dr).acknowledge({ id: 'cognito-dr-replica:triggerTaken', reason: 'an hour is good enough' });
      },
    });
    expect(warnings(made).filter(warning => warning.includes('triggerTaken'))).toEqual([]);
  });

  test('are not attached with captureTriggers: false', () => {
    const made = make({ props: { captureTriggers: false } });
    expect(warnings(made)).toEqual([]);
    const template = Template.fromStack(made.stack);
    expect(lambdaConfigOf(template)).toEqual({});
    template.resourceCountIs('AWS::Events::Rule', 2);
  });

  test('cannot be attached to an imported pool, and a warning says what that costs', () => {
    const made = make({ source: stack => UserPool.fromUserPoolId(stack, 'Users', 'us-east-1_Imported'), props: { standby: Standby.none(), restoreTargets: [] } });
    expect(warnings(made)).toContainEqual(expect.stringMatching(/is imported, so that nothing can be attached.*identity provider.*next sweep only/));
    Template.fromStack(made.stack).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { detail: { $or: Match.arrayWith([{ requestParameters: { userPoolId: ['us-east-1_Imported'] } }]) } },
    });
  });

  test('live in the stack of the pool, which refers to nothing of this one', () => {
    const app = new App({ analyticsReporting: false, treeMetadata: false });
    const env = { account: ACCOUNT, region: PRIMARY };
    const pools = new Stack(app, 'Pools', { env });
    const userPool = new UserPool(pools, 'Users');
    const stack = new Stack(app, 'Auth', { env });
    new CognitoDrReplica(stack, 'Dr', { userPool, replicaRegion: REPLICA });
    app.synth();
    const template = Template.fromStack(pools);
    expect(lambdaConfigOf(template).PostConfirmation).toBe('${AuthDrCaptureTriggersTrigger.Arn}');
    expect(permissions(statementsOf(template, 'AuthDrCapture'))).toContain('sqs:SendMessage on arn:${AWS::Partition}:sqs:us-east-1:111122223333:Auth-Dr-us-east-1-hints');
    expect(pools.dependencies).toEqual([]);
    expect(stack.dependencies.map(dependency => dependency.node.path)).toContain('Pools');
  });
});

describe('trail', () => {
  test('is not made by default', () => {
    primary.resourceCountIs('AWS::CloudTrail::Trail', 0);
    primary.resourceCountIs('AWS::S3::Bucket', 0);
  });

  test('logs write management events of this Region into a bucket that only it writes to', () => {
    const { primary: template } = synth({ props: { createTrail: true } });
    template.hasResourceProperties('AWS::CloudTrail::Trail', {
      IsLogging: true,
      IsMultiRegionTrail: false,
      IncludeGlobalServiceEvents: false,
      EnableLogFileValidation: true,
      EventSelectors: [{ IncludeManagementEvents: true, ReadWriteType: 'WriteOnly' }],
    });
    template.hasResource('AWS::S3::Bucket', {
      Properties: {
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
        BucketEncryption: Match.anyValue(),
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        LifecycleConfiguration: { Rules: [{ ExpirationInDays: 30, Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 1 } }] },
      },
      DeletionPolicy: 'Retain',
    });
    const [policy] = Object.values(template.findResources('AWS::S3::BucketPolicy'));
    expect(policy.Properties.PolicyDocument.Statement.filter((statement: { Effect: string }) => statement.Effect === 'Allow')
      .map((statement: { Principal: { Service: string } }) => statement.Principal.Service)).toEqual(['cloudtrail.amazonaws.com', 'cloudtrail.amazonaws.com']);
  });
});

test('metrics have the Region and the table', () => {
  const { dr } = make();
  expect(dr.metricCaptureLag()).toMatchObject({ metricName: 'CaptureLag', statistic: 'p99', region: PRIMARY, dimensions: { Ledger: 'Auth-Dr-us-east-1-ledger' } });
  expect(dr.metricTriggerMisses({ period: Duration.hours(1) })).toMatchObject({ metricName: 'TriggerMisses', statistic: 'Sum' });
  expect(dr.metricEventsMissing()).toMatchObject({ metricName: 'EventsMissing' });
});
