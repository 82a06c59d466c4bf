import { App, Aspects, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CfnUserPool, Mfa, UserPool, UserPoolOperation } from 'aws-cdk-lib/aws-cognito';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';
import { CLOUDTRAIL_FIXTURES, Call, EXAMPLE_CALL, cloudTrailEvent } from './fixtures/cloudtrail-events';
import { CognitoDrReplica, Standby } from '../../../src/index';
import { ACCOUNT, Made, PRIMARY, REPLICA, make, permissions, statementsOf, synth, text, warnings } from '../../helpers/templates';

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

/** An Aspect of the application that does something to the source pool's constructs with a function of its own, once. */
function byAspect({ app, stack, userPool }: Made, act: (node: IConstruct, trigger: LambdaFunction) => unknown): void {
  const trigger = own(stack);
  let isDone = false;
  Aspects.of(app).add({
    visit: node => {
    // What is not the construct that it is for answers false.
      if (!isDone && node.node.path.startsWith(userPool.node.path)) isDone = act(node, trigger) !== false;
    },
  });
}

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
      'dynamodb:BatchGetItem on arn:${AWS::Partition}:dynamodb:us-east-1:111122223333:table/Auth-Dr-us-east-1-ledger',
      'dynamodb:GetItem on arn:${AWS::Partition}:dynamodb:us-east-1:111122223333:table/Auth-Dr-us-east-1-ledger',
      'dynamodb:PutItem on arn:${AWS::Partition}:dynamodb:us-east-1:111122223333:table/Auth-Dr-us-east-1-ledger',
      'dynamodb:Query on arn:${AWS::Partition}:dynamodb:us-east-1:111122223333:table/Auth-Dr-us-east-1-ledger',
      'dynamodb:Query on arn:${AWS::Partition}:dynamodb:us-east-1:111122223333:table/Auth-Dr-us-east-1-ledger/index/memberships',
      'dynamodb:UpdateItem on arn:${AWS::Partition}:dynamodb:us-east-1:111122223333:table/Auth-Dr-us-east-1-ledger',
      'events:PutEvents on arn:${AWS::Partition}:events:us-east-1:111122223333:event-bus/default',
      'logs:CreateLogStream on ${DrCaptureFunctionLogs.Arn}',
      'logs:PutLogEvents on ${DrCaptureFunctionLogs.Arn}',
      'sqs:ChangeMessageVisibility on ${DrCaptureHints.Arn}',
      'sqs:DeleteMessage on ${DrCaptureHints.Arn}',
      'sqs:GetQueueAttributes on ${DrCaptureHints.Arn}',
      'sqs:GetQueueUrl on ${DrCaptureHints.Arn}',
      'sqs:ReceiveMessage on ${DrCaptureHints.Arn}',
      'sqs:SendMessage on ${DrCaptureHints.Arn}',
    ]);
  });

  test('what makes no incident is told to both that write the copy, and is the name of an attribute', () => {
    const given = synth({ props: { incidentIgnoredAttributes: ['custom:lastLogin', 'locale', 'custom:lastLogin'] } });
    for (const description of [/Asks Cognito/, /Lists a Cognito/]) {
      expect(functionOf(given.primary, description)?.Environment.Variables.IGNORED_ATTRIBUTES).toBe('["custom:lastLogin","locale"]');
    }
    for (const name of ['lastLogin', '', 'custom:']) {
      expect(() => make({ props: { incidentIgnoredAttributes: ['locale', name] } })).toThrow(/incidentIgnoredAttributes has .* 'custom:lastLogin'/);
    }
  });

  test('the alarm on incidents says how to find them', () => {
    const [{ Properties: { AlarmDescription, MetricName } }] = Object.values(primary.findResources('AWS::CloudWatch::Alarm', {
      Properties: { MetricName: 'Incidents' },
    }));
    expect(MetricName).toBe('Incidents');
    expect(text(AlarmDescription)).toContain('aws dynamodb query --region us-east-1 --table-name Auth-Dr-us-east-1-ledger '
      + '--key-condition-expression "pk = :p" --expression-attribute-values \'{":p":{"S":"${Users}#I"}}\'');
    // CloudWatch's limit, with the longest of pool ids and table names.
    expect(text(AlarmDescription).length + 55 + 247).toBeLessThan(1_024);
  });

  test('nothing of it is in the replica stack', () => {
    expect(functionOf(replica, /Asks Cognito|keeps a user waiting/)).toBeUndefined();
    expect(JSON.stringify(replica.toJSON())).not.toContain('Auth-Dr-us-east-1-hints');
    replica.resourceCountIs('AWS::Events::Rule', 0);
  });
});

describe('rules', () => {
  const rules = Object.values(primary.findResources('AWS::Events::Rule')).map(rule => rule.Properties);

  test('both go to the queue, and where that fails to a dead-letter queue that only they use', () => {
    expect(rules).toHaveLength(2);
    for (const { Targets: [target, ...more], State } of rules) {
      expect(more).toEqual([]);
      expect(State).toBe('ENABLED');
      expect(text(target.Arn)).toBe('${DrCaptureHints.Arn}');
      expect(text(target.DeadLetterConfig.Arn)).toBe('${DrCaptureEventDeadLetters.Arn}');
    }
    const [queue] = Object.keys(primary.findResources('AWS::SQS::Queue')).filter(id => id.startsWith('DrCaptureEventDeadLetters'));
    primary.hasResourceProperties('AWS::CloudWatch::Alarm', { Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }], Threshold: 1 });
    expect(JSON.stringify(primary.findResources('AWS::SQS::Queue', { Properties: { RedrivePolicy: Match.anyValue() } }))).not.toContain(queue);
  });

  describe.each(CLOUDTRAIL_FIXTURES)('$eventName', ({ eventName, caller, names }) => {
    const { userPoolId: pool } = EXAMPLE_CALL;
    const patterns = rules.map(({ EventPattern }) => JSON.parse(JSON.stringify(EventPattern).replace(/\{"Ref":"Users\w+"\}/g, JSON.stringify(pool))));
    const event = (about?: Partial<Call>) => cloudTrailEvent(eventName, about, /RespondToAuthChallenge/.test(eventName) ? { challengeName: 'MFA_SETUP' } : undefined)!;
    const wanted = (about?: Partial<Call>) => patterns.filter(pattern => matches(pattern, event(about))).length;

    test('of the pool matches one rule, unless it was refused', () => {
      expect(wanted()).toBe(1);
      expect(wanted({ errorCode: 'NotAuthorizedException' })).toBe(0);
      expect(patterns.some(pattern => matches(pattern, { ...event(), source: 'aws.s3' as 'aws.cognito-idp' }))).toBe(false);
    });

    test('of another pool matches none, where it says so', () => {
      expect(wanted({ userPoolId: 'us-east-1_Other' })).toBe(caller === 'user' && names === 'nobody' ? 1 : 0);
    });

    test('of a user matches where it names no pool', () => {
      expect(wanted({ tokenCallsNameThePool: false })).toBe(1);
    });
  });

  test('a step of an ordinary sign-in matches none', () => {
    const step = cloudTrailEvent('RespondToAuthChallenge', {}, { challengeName: 'PASSWORD_VERIFIER' })!;
    const patterns = rules.map(({ EventPattern }) => JSON.parse(JSON.stringify(EventPattern).replace(/\{"Ref":"Users\w+"\}/g, JSON.stringify(EXAMPLE_CALL.userPoolId))));
    expect(patterns.filter(pattern => matches(pattern, step))).toEqual([]);
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
  });

  test('may be called by pools of this account and Region before there is this pool, which waits for that', () => {
    const [[id, { Properties }], ...more] = Object.entries(primary.findResources('AWS::Lambda::Permission'))
      .filter(([, permission]) => permission.Properties.Principal === 'cognito-idp.amazonaws.com');
    expect(more).toEqual([]);
    expect(Object.fromEntries(Object.entries(Properties).map(([name, value]) => [name, text(value)]))).toEqual({
      Action: 'lambda:InvokeFunction',
      FunctionName: '${DrCaptureTrigger.Arn}',
      Principal: 'cognito-idp.amazonaws.com',
      SourceAccount: ACCOUNT,
      SourceArn: `arn:\${AWS::Partition}:cognito-idp:${PRIMARY}:${ACCOUNT}:userpool/*`,
    });
    const [pool] = Object.values(primary.findResources('AWS::Cognito::UserPool'));
    expect(pool.DependsOn).toEqual([id]);
  });

  /** What the pool's sign-ins need, and how each goes when the stack does. */
  type Resources = Record<string, { Type: string; DeletionPolicy?: string; UpdateReplacePolicy?: string }>;
  const parts = (template: Template) => Object.entries(template.toJSON().Resources as Resources)
    .filter(([id]) => id.startsWith('DrCaptureTrigger'))
    .map(([, { Type, DeletionPolicy, UpdateReplacePolicy }]) => `${Type.replace('AWS::', '')} ${DeletionPolicy} ${UpdateReplacePolicy}`).sort();

  test('stay where the pool stays, so that its users can sign in', () => {
    expect(parts(primary)).toEqual([
      // With its policy, which is a part of it.
      'IAM::Role Retain Retain',
      'Lambda::Function Retain Retain',
      'Lambda::Permission Retain Retain',
      'Logs::LogGroup Delete Delete',
    ]);
    // Replaced, then the stack goes: there is still the pool that was replaced.
    const replaced = synth({
      then: ({ userPool }) => (userPool.node.defaultChild as CfnUserPool)
        .applyRemovalPolicy(RemovalPolicy.DESTROY, { applyToUpdateReplacePolicy: false }),
    });
    expect(parts(replaced.primary)).toContain('Lambda::Function Retain Retain');
  });

  test('go where the pool goes', () => {
    expect(parts(synth({ pool: { removalPolicy: RemovalPolicy.DESTROY } }).primary).filter(part => part.includes('Retain'))).toEqual([]);
  });

  test('of a pool with two copies tell the first, and a warning names it', () => {
    const made = make({ then: ({ stack, userPool }) => { new CognitoDrReplica(stack, 'Second', { userPool, replicaRegion: REPLICA }); } });
    Template.fromStack(made.stack);
    const [warning, ...more] = made.app.synth().getStackByName('Auth').messages.map(({ entry }) => String(entry.data))
      .filter(data => data.includes('triggerTaken'));
    expect(more).toEqual([]);
    expect(warning).toMatch(/has a PostConfirmation and a PostAuthentication trigger of this library already, which tells only Auth\/Dr,.*captureTriggers: false/);
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
    ['by an Aspect, with addTrigger', {
      then: made => byAspect(made, (pool, trigger) => pool instanceof UserPool && pool.addTrigger(UserPoolOperation.POST_CONFIRMATION, trigger)),
    }],
    ['by an Aspect, on the L1', {
      then: made => byAspect(made, (pool, trigger) => pool instanceof CfnUserPool && (pool.lambdaConfig = { postConfirmation: trigger.functionArn })),
    }],
    ['by an Aspect, with an override', {
      then: made => byAspect(made, (pool, trigger) => pool instanceof CfnUserPool
        && pool.addPropertyOverride('LambdaConfig.PostConfirmation', trigger.functionArn)),
    }],
    ['on the L1', { then: ({ stack, userPool }) => (userPool.node.defaultChild as CfnUserPool).addPropertyOverride('LambdaConfig.PostConfirmation', own(stack).functionArn) }],
    ['in place of the L2\'s', {
      then: ({ stack, userPool }) => { (userPool.node.defaultChild as CfnUserPool).lambdaConfig = { postConfirmation: own(stack).functionArn }; },
    }],
  ])('leave a slot alone that was taken %s', (_when, given) => {
    const made = make(given);
    expect(warnings(made).filter(warning => warning.includes('triggerTaken')))
      .toEqual([expect.stringMatching(/the user pool Auth\/Users\/Resource (has )?a PostConfirmation trigger.*grantCaptureHints/)]);
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
    type Conditions = Record<string, Record<string, unknown>>;
    type BucketStatement = { Effect: string; Principal: unknown; Action: string; Resource: unknown; Condition: Conditions };
    const statements: BucketStatement[] = policy.Properties.PolicyDocument.Statement;
    const SourceArn = `arn:\${AWS::Partition}:cloudtrail:${PRIMARY}:${ACCOUNT}:trail/Auth-Dr-Capture-Trail-us-east-1-events`;
    const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed.map(({ Principal, Action, Resource, Condition: { StringEquals, ...others } }) => ({
      Principal,
      Action,
      Resource: text(Resource),
      others,
      StringEquals: { ...StringEquals, 'aws:SourceArn': text(StringEquals['aws:SourceArn']) },
    }))).toEqual([
      {
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Action: 's3:GetBucketAcl',
        Resource: '${DrCaptureTrailBucket.Arn}',
        others: {},
        StringEquals: { 'aws:SourceArn': SourceArn },
      },
      {
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: `\${DrCaptureTrailBucket.Arn}/AWSLogs/${ACCOUNT}/*`,
        others: {},
        StringEquals: { 'aws:SourceArn': SourceArn, 's3:x-amz-acl': 'bucket-owner-full-control' },
      },
    ]);
    expect(statements.filter(({ Effect }) => Effect === 'Deny').map(({ Condition }) => Condition)).toEqual([{ Bool: { 'aws:SecureTransport': 'false' } }]);
    const [[, trail]] = Object.entries(template.findResources('AWS::CloudTrail::Trail'));
    expect(trail.Properties.TrailName).toBe(SourceArn.split('/')[1]);
    expect(trail.DependsOn).toEqual(Object.keys(template.findResources('AWS::S3::BucketPolicy')));
  });

  test('keeps its bucket whatever the removal policy: CloudFormation cannot delete one that has files', () => {
    const { primary: template } = synth({ props: { createTrail: true, removalPolicy: RemovalPolicy.DESTROY, deletionProtection: false } });
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });
});

test('metrics have the Region and the table', () => {
  const { dr } = make();
  expect(dr.metricCaptureLag()).toMatchObject({ metricName: 'CaptureLag', statistic: 'p99', region: PRIMARY, dimensions: { Ledger: 'Auth-Dr-us-east-1-ledger' } });
  expect(dr.metricTriggerMisses({ period: Duration.hours(1) })).toMatchObject({ metricName: 'TriggerMisses', statistic: 'Sum' });
  expect(dr.metricEventsMissing()).toMatchObject({ metricName: 'EventsMissing' });
});

/** EventBridge's rules, as far as the patterns use them. */
function matches(pattern: unknown, value: unknown): boolean {
  if (Array.isArray(pattern)) {
    return pattern.some(wanted => (typeof wanted === 'object' ? value === undefined || value === null : [value].flat().includes(wanted)));
  }
  const fields = (value ?? {}) as Record<string, unknown>;
  return Object.entries(pattern as Record<string, unknown>).every(([name, inner]) => (
    name === '$or' ? (inner as unknown[]).some(one => matches(one, value)) : matches(inner, fields[name])));
}

test.each(['Dr', 'Dr_', 'Dr--of--users', `Dr-${'-x'.repeat(80)}`, 'D'.repeat(200)])('the trail of %s has a name that CloudTrail takes: B11', id => {
  const stack = new Stack(undefined, 'Auth', { env: { account: ACCOUNT, region: PRIMARY } });
  new CognitoDrReplica(stack, id, { userPool: new UserPool(stack, 'Users'), replicaRegion: 'us-west-2', createTrail: true });
  const [trail] = Object.values(Template.fromStack(stack).findResources('AWS::CloudTrail::Trail'));
  // https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
  expect(trail.Properties.TrailName).toMatch(/^(?=.{3,128}$)[A-Za-z0-9]+(?:[-._][A-Za-z0-9]+)*$/);
});
