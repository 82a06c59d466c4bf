import {
  AdminAddUserToGroupCommand, AdminCreateUserCommand, AdminDeleteUserCommand, AdminDisableUserCommand, AdminDisableProviderForUserCommand,
  AdminLinkProviderForUserCommand, AdminSetUserPasswordCommand, AdminUpdateUserAttributesCommand, CognitoIdentityProviderClient, ConfirmSignUpCommand,
  CreateGroupCommand, DeleteGroupCommand, DeleteUserCommand, InitiateAuthCommand, SignUpCommand, UpdateUserAttributesCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { CloudTrailEnvelope } from '../../../capture/hints/fixtures/cloudtrail-events';
import { callableBy, deployTemplate, inlineFunction, Resources } from '../../fixtures/stack';
import { LocalAws } from '../../local-aws';
import { signInFederated } from '../../seed/federated-sign-in';
import { createPool, IDENTITY_PROVIDER, MadePool } from '../../seed/pools';
import { Backend } from '../backend';
import { CONFIRMATION_CODE } from '../rules/recovery';

const REGION = 'us-east-1';
const ELSEWHERE = 'us-west-2';
const PASSWORD = 'Correct-1-password';
const QUEUE = `arn:aws:sqs:${REGION}:${LocalAws.ACCOUNT}:heard`;
const ECHO = `arn:aws:lambda:${REGION}:${LocalAws.ACCOUNT}:function:echo`;
const MACHINE = `arn:aws:states:${REGION}:${LocalAws.ACCOUNT}:stateMachine:echoes`;
const ROLE = `arn:aws:iam::${LocalAws.ACCOUNT}:role/clock`;
const SCRIPT = `arn:aws:iam::${LocalAws.ACCOUNT}:role/jobs/script`;
const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

let aws: LocalAws;
let cognito: CognitoIdentityProviderClient;
let pool: MadePool;
let other: MadePool;
let api: Backend;

const attributes = (values: Record<string, string>) => Object.entries(values).map(([Name, Value]) => ({ Name, Value }));
const one = (Username: string) => ({ UserPoolId: pool.userPoolId, Username });
const create = async (Username: string): Promise<string> => {
  const { User } = await cognito.send(new AdminCreateUserCommand({
    ...one(Username), MessageAction: 'SUPPRESS', UserAttributes: attributes({ 'custom:tenant': 't', 'email_verified': 'true' }),
  }));
  return User!.Username!;
};
/** Everything that has arrived in the queue. */
const heard = async (): Promise<CloudTrailEnvelope[]> => {
  await aws.events.settled();
  const QueueUrl = `${aws.endpoint}/${aws.account}/heard`;
  const events: CloudTrailEnvelope[] = [];
  for (;;) {
    const { Messages = [] } = await api.json<{ Messages?: { Body: string; ReceiptHandle: string }[] }>(
      'sqs', 'ReceiveMessage', REGION, { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 60 });
    if (Messages.length === 0) {
      return events;
    }
    for (const { Body, ReceiptHandle } of Messages) {
      events.push(JSON.parse(Body) as CloudTrailEnvelope);
      await api.json('sqs', 'DeleteMessage', REGION, { QueueUrl, ReceiptHandle });
    }
  }
};
const names = (events: CloudTrailEnvelope[]) => events.map(({ detail }) => detail.eventName);
const subs = (events: CloudTrailEnvelope[]) => events.map(({ detail }) => (detail.additionalEventData as { sub?: string } | undefined)?.sub);

const openToRules = (Resource: string): Resources[string] => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [{ Ref: 'Queue' }],
    PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Principal: { Service: 'events.amazonaws.com' }, Resource }] },
  },
});

beforeAll(async () => {
  aws = await LocalAws.start();
  api = new Backend(Number(new URL(aws.endpoint).port), aws.account);
  ({ cognito } = aws.client(REGION));
  pool = await createPool(aws, REGION, 'email');
  other = await createPool(aws, REGION, 'email');
  await deployTemplate(aws, REGION, 'events', {
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'heard' } },
    QueuePolicy: openToRules(QUEUE),
    Function: inlineFunction('hears', 'console.log(\'HEARD \' + event.detail.eventName);'),
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: { FunctionName: { Ref: 'Function' }, Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com' },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'ours',
        State: 'ENABLED',
        EventPattern: {
          source: ['aws.cognito-idp'],
          detail: {
            $or: [
              { requestParameters: { userPoolId: [pool.userPoolId] } },
              { requestParameters: { userPoolId: [{ exists: false }] }, additionalEventData: { userPoolId: [pool.userPoolId] } },
              { requestParameters: { userPoolId: [{ exists: false }] }, additionalEventData: { userPoolId: [{ exists: false }] } },
            ],
          },
        },
        Targets: [{ Id: 'queue', Arn: QUEUE }],
      },
    },
    Deletions: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'deletions',
        State: 'ENABLED',
        EventPattern: { source: ['aws.cognito-idp'], detail: { eventName: ['AdminDeleteUser'], errorCode: [{ exists: false }] } },
        Targets: [{ Id: 'function', Arn: `arn:aws:lambda:${REGION}:${LocalAws.ACCOUNT}:function:hears` }],
      },
    },
    Clock: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'clock',
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['events.amazonaws.com', 'scheduler.amazonaws.com'] } }],
        },
        Policies: [{
          PolicyName: 'calls',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              { Effect: 'Allow', Action: 'states:StartExecution', Resource: MACHINE }, { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: ECHO },
            ],
          },
        }],
      },
    },
    Script: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'script',
        Path: '/jobs/',
        AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: LocalAws.ACCOUNT } }] },
        Policies: [{
          PolicyName: 'calls',
          PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'cognito-idp:AdminDisableUser', Resource: '*' }] },
        }],
      },
    },
    Echo: inlineFunction('echo', 'return event;'),
    Fails: inlineFunction('fails', 'throw new Error(\'not at night\');'),
    Machine: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: { StateMachineName: 'echoes', RoleArn: ROLE, DefinitionString: JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } }) },
    },
    Daily: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'daily',
        ScheduleExpression: 'rate(1 day)',
        Targets: [
          { Id: 'bare', Arn: ECHO },
          { Id: 'input', Arn: ECHO, Input: '{"a":1}' },
          { Id: 'path', Arn: ECHO, InputPath: '$.detail-type' },
          {
            Id: 'transformer',
            Arn: ECHO,
            InputTransformer: { InputPathsMap: { type: '$.detail-type', detail: '$.detail' }, InputTemplate: '{"t":<type>,"d":<detail>,"s":"by <aws.events.rule-name>"}' },
          },
          { Id: 'machine', Arn: MACHINE, Input: '{"b":2}', RoleArn: ROLE },
        ],
      },
    },
    Nightly: { Type: 'AWS::Events::Rule', Properties: { Name: 'nightly', ScheduleExpression: 'rate(1 day)', Targets: [{ Id: 'fails', Arn: `${ECHO}`.replace('echo', 'fails') }] } },
    Off: { Type: 'AWS::Events::Rule', Properties: { Name: 'off', State: 'DISABLED', ScheduleExpression: 'rate(1 day)', Targets: [{ Id: 'bare', Arn: ECHO }] } },
    Hourly: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        Name: 'hourly',
        ScheduleExpression: 'rate(1 hour)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: MACHINE, RoleArn: ROLE, Input: '{"who":"<aws.scheduler.schedule-arn>"}' },
      },
    },
    Bare: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: { Name: 'bare', ScheduleExpression: 'rate(1 hour)', FlexibleTimeWindow: { Mode: 'OFF' }, Target: { Arn: ECHO, RoleArn: ROLE } },
    },
  });
  await deployTemplate(aws, REGION, 'permissions', callableBy('events', 'echo', 'fails'));
});

afterEach(async () => {
  aws.events.configure({ delayMs: 0, lossRate: 0, duplicateRate: 0, shuffle: false, seeding: true, tokenCallsNameThePool: true });
  aws.events.trail(REGION, true);
  aws.switchOn(REGION);
  await heard();
});

afterAll(async () => {
  api?.close();
  await aws?.stop();
});

test('a call with a role names the role and its session, and is judged by it', async () => {
  await create('tim@example.com');
  const script = aws.client(REGION, { role: SCRIPT }).cognito;
  await script.send(new AdminDisableUserCommand(one('tim@example.com')));
  await expect(script.send(new AdminDeleteUserCommand(one('tim@example.com')))).rejects.toThrow('AdminDeleteUser');
  expect(aws.iam.takeDenials()).toHaveLength(1);
  const [, disabled] = (await heard()).map(({ detail }) => detail);
  expect(disabled).toMatchObject({
    eventName: 'AdminDisableUser',
    userIdentity: {
      arn: `arn:aws:sts::${LocalAws.ACCOUNT}:assumed-role/script/test`, sessionContext: { sessionIssuer: { arn: SCRIPT, userName: 'script' } },
    },
  });
});

test('calls of administrators: masked, with the pool, the sub and what went wrong', async () => {
  const sub = await create('ann@example.com');
  await cognito.send(new AdminSetUserPasswordCommand({ ...one('ann@example.com'), Password: PASSWORD, Permanent: true }));
  await cognito.send(new CreateGroupCommand({ UserPoolId: pool.userPoolId, GroupName: 'admins' }));
  await cognito.send(new AdminAddUserToGroupCommand({ ...one('ann@example.com'), GroupName: 'admins' }));
  await cognito.send(new AdminUpdateUserAttributesCommand({ ...one('nobody@example.com'), UserAttributes: attributes({ name: 'N' }) })).catch(() => undefined);
  await cognito.send(new AdminDeleteUserCommand(one('ann@example.com')));
  const events = await heard();
  expect(names(events)).toEqual([
    'AdminCreateUser', 'AdminSetUserPassword', 'CreateGroup', 'AdminAddUserToGroup', 'AdminUpdateUserAttributes', 'AdminDeleteUser',
  ]);
  expect(subs(events)).toEqual([sub, sub, undefined, sub, undefined, sub]);
  expect(events[3]).toMatchObject({
    'source': 'aws.cognito-idp',
    'detail-type': 'AWS API Call via CloudTrail',
    'account': aws.account,
    'region': REGION,
    'detail': {
      eventType: 'AwsApiCall', readOnly: false, requestParameters: { userPoolId: pool.userPoolId, groupName: 'admins', username: HIDDEN },
    },
  });
  expect(events[3].detail).not.toHaveProperty('errorCode');
  expect(events[4].detail).toMatchObject({ errorCode: 'UserNotFoundException', responseElements: null });
  expect(JSON.stringify(events)).not.toContain('ann@example.com');
});

test('calls of users name the pool or not, as wished; sign-ups name nobody', async () => {
  const { UserSub: sub } = await cognito.send(new SignUpCommand({
    ClientId: pool.clientId, Username: 'bob@example.com', Password: PASSWORD, UserAttributes: attributes({ 'custom:tenant': 't' }),
  }));
  await cognito.send(new ConfirmSignUpCommand({ ClientId: pool.clientId, Username: 'bob@example.com', ConfirmationCode: CONFIRMATION_CODE }));
  const { AuthenticationResult } = await cognito.send(new InitiateAuthCommand({
    ClientId: pool.clientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: 'bob@example.com', PASSWORD },
  }));
  const AccessToken = AuthenticationResult!.AccessToken!;
  const rename = (name: string) => cognito.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes: attributes({ name }) }));
  await rename('Bob');
  aws.events.configure({ tokenCallsNameThePool: false });
  await rename('Robert');
  await cognito.send(new DeleteUserCommand({ AccessToken }));
  const events = await heard();
  expect(names(events)).toEqual(['SignUp', 'ConfirmSignUp', 'UpdateUserAttributes', 'UpdateUserAttributes', 'DeleteUser']);
  expect(subs(events)).toEqual([undefined, sub, sub, sub, sub]);
  expect(events[0].detail).toMatchObject({ responseElements: { userConfirmed: false }, requestParameters: { clientId: pool.clientId } });
  expect(events[2].detail.additionalEventData).toEqual({ sub, userPoolId: pool.userPoolId });
  expect(events[3].detail.additionalEventData).toEqual({ sub });
});

test('linked identities, by the user who has them; a federated sign-in names nobody', async () => {
  const sub = await create('linked@example.com');
  const SourceUser = { ProviderName: IDENTITY_PROVIDER, ProviderAttributeName: 'Cognito_Subject', ProviderAttributeValue: 'id-1' };
  await cognito.send(new AdminLinkProviderForUserCommand({
    UserPoolId: pool.userPoolId, DestinationUser: { ProviderName: 'Cognito', ProviderAttributeValue: sub }, SourceUser,
  }));
  await cognito.send(new AdminDisableProviderForUserCommand({ UserPoolId: pool.userPoolId, User: SourceUser }));
  await signInFederated(api, { clientId: pool.clientId, provider: IDENTITY_PROVIDER, nameId: 'fed@corp.example.com', attributes: { email: 'fed@corp.example.com' } });
  const events = await heard();
  expect(names(events)).toEqual(['AdminCreateUser', 'AdminLinkProviderForUser', 'AdminDisableProviderForUser', 'SAML2Response_POST']);
  expect(subs(events)).toEqual([sub, sub, sub, undefined]);
  expect(events[3]).toMatchObject({
    'detail-type': 'AWS Service Event via CloudTrail', 'detail': { eventType: 'AwsServiceEvent', additionalEventData: { userPoolId: pool.userPoolId } },
  });
});

test('only what the rules want; functions get it as well', async () => {
  const before = aws.events.counts;
  await cognito.send(new AdminCreateUserCommand({
    UserPoolId: other.userPoolId, Username: 'other@example.com', MessageAction: 'SUPPRESS', UserAttributes: attributes({ 'custom:tenant': 't' }),
  }));
  await cognito.send(new AdminDeleteUserCommand({ UserPoolId: other.userPoolId, Username: 'other@example.com' }));
  expect(await heard()).toEqual([]);
  expect(aws.events.counts).toEqual({ ...before, sent: before.sent + 2, matched: before.matched + 1, delivered: before.delivered + 1 });
  for (let attempt = 0; !(await aws.lambdaLogs(REGION)).some(line => line.includes('HEARD AdminDeleteUser')); attempt++) {
    expect(attempt).toBeLessThan(100);
  }
});

test('a rule that comes later is heard', async () => {
  const Targets = [{ Id: 'queue', Arn: QUEUE }];
  const EventPattern = JSON.stringify({ detail: { requestParameters: { userPoolId: [other.userPoolId] } } });
  await api.json('events', 'PutRule', REGION, { Name: 'later', EventPattern });
  await api.json('events', 'PutTargets', REGION, { Rule: 'later', Targets });
  await cognito.send(new CreateGroupCommand({ UserPoolId: other.userPoolId, GroupName: 'g' }));
  expect(names(await heard())).toEqual(['CreateGroup']);
  await api.json('events', 'DisableRule', REGION, { Name: 'later' });
  await cognito.send(new CreateGroupCommand({ UserPoolId: other.userPoolId, GroupName: 'h' }));
  expect(await heard()).toEqual([]);
});

test('late, lost, doubled, shuffled; the same for the same seed', async () => {
  await create('many@example.com');
  await heard();
  const run = async () => {
    const before = aws.events.counts;
    aws.events.configure({ delayMs: [50, 150], lossRate: 0.2, duplicateRate: 0.2, shuffle: true, seed: 3 });
    for (let count = 0; count < 40; count++) {
      await cognito.send(new AdminUpdateUserAttributesCommand({ ...one('many@example.com'), UserAttributes: attributes({ name: String(count) }) }));
    }
    const events = await heard();
    const { sent, lost, doubled } = aws.events.counts;
    return { events, sent: sent - before.sent, lost: lost - before.lost, doubled: doubled - before.doubled };
  };
  const { events, sent, lost, doubled } = await run();
  expect(sent).toBe(40);
  expect(lost).toBeGreaterThan(2);
  expect(doubled).toBeGreaterThan(2);
  expect(events).toHaveLength(40 - lost + doubled);
  expect(new Set(events.map(({ detail }) => detail.eventID)).size).toBe(40 - lost);
  expect(await run()).toMatchObject({ lost, doubled });
});

test('no trail, seeding without events, a Region that is off: nothing', async () => {
  aws.events.trail(REGION, false);
  await create('silent1@example.com');
  aws.events.trail(REGION, true);
  aws.events.configure({ seeding: false });
  await aws.client(REGION, { seed: true }).cognito.send(new AdminDisableUserCommand(one('silent1@example.com')));
  expect(await heard()).toEqual([]);

  aws.events.configure({ delayMs: 100 });
  await create('late@example.com');
  aws.switchOff(REGION, '503');
  await cognito.send(new AdminDisableUserCommand(one('silent1@example.com'))).catch(() => undefined);
  await new Promise(resolve => setTimeout(resolve, 200));
  await aws.events.settled();
  aws.switchOn(REGION);
  expect(names(await heard())).toEqual(['AdminCreateUser']);
  expect(aws.events.counts.failed).toBe(0);
});

test('without a trail of ours, one that a stack makes counts while it logs', async () => {
  const bare = await LocalAws.start({ trail: false });
  try {
    const { userPoolId } = await createPool(bare, REGION, 'email');
    const Targets = [{ Id: 'queue', Arn: QUEUE }];
    await deployTemplate(bare, REGION, 'rule', {
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'heard' } },
      QueuePolicy: openToRules(QUEUE),
      Rule: { Type: 'AWS::Events::Rule', Properties: { Name: 'all', State: 'ENABLED', EventPattern: { source: ['aws.cognito-idp'] }, Targets } },
    });
    const group = async (GroupName: string) => {
      await bare.client(REGION).cognito.send(new CreateGroupCommand({ UserPoolId: userPoolId, GroupName }));
      await bare.events.settled();
      return bare.events.counts.delivered;
    };
    expect(await group('before')).toBe(0);
    await deployTemplate(bare, REGION, 'trail', { Trail: { Type: 'AWS::CloudTrail::Trail', Properties: { S3BucketName: 'logs', IsLogging: true } } });
    expect(await group('after')).toBe(1);
  } finally {
    await bare.stop();
  }
});

test('a Region without rules costs nothing', async () => {
  const before = aws.events.counts;
  const there = await createPool(aws, ELSEWHERE, 'email');
  await aws.client(ELSEWHERE).cognito.send(new CreateGroupCommand({ UserPoolId: there.userPoolId, GroupName: 'g' }));
  expect(aws.events.counts).toEqual(before);
});

test('a queue whose policy does not let the rule in gets nothing, and the rule\'s other targets do', async () => {
  await api.json('sqs', 'CreateQueue', REGION, { QueueName: 'shut' });
  const EventPattern = JSON.stringify({ detail: { eventName: ['DeleteGroup'] } });
  await api.json('events', 'PutRule', REGION, { Name: 'shut-out', EventPattern });
  await api.json('events', 'PutTargets', REGION, { Rule: 'shut-out', Targets: [{ Id: 'a', Arn: QUEUE.replace('heard', 'shut') }, { Id: 'b', Arn: QUEUE }] });
  await cognito.send(new CreateGroupCommand({ UserPoolId: other.userPoolId, GroupName: 'shut' }));
  const before = aws.events.counts;
  await cognito.send(new DeleteGroupCommand({ UserPoolId: other.userPoolId, GroupName: 'shut' }));
  expect(names(await heard())).toEqual(['DeleteGroup']);
  const { sent, matched, delivered, failed } = before;
  expect(aws.events.counts).toEqual({ ...before, sent: sent + 1, matched: matched + 1, delivered: delivered + 1, failed: failed + 1 });
  expect(aws.events.lastFailure?.message).toContain('events.amazonaws.com is not authorized to perform: sqs:SendMessage');
  expect(aws.iam.takeDenials()).toMatchObject([{ action: 'sqs:SendMessage', resource: QUEUE.replace('heard', 'shut') }]);
  const { Messages } = await api.json<{ Messages?: unknown[] }>('sqs', 'ReceiveMessage', REGION, { QueueUrl: `${aws.endpoint}/${aws.account}/shut` });
  expect(Messages ?? []).toEqual([]);
  await api.json('events', 'DisableRule', REGION, { Name: 'shut-out' });
});

describe('what a clock fires, on demand', () => {
  test('a rule gives each target its input: its own, a part of the event, a text with parts of it, or the clock\'s event', async () => {
    expect(await aws.scheduled(REGION)).toEqual(['bare', 'daily', 'hourly', 'nightly']);
    expect(await aws.scheduled(ELSEWHERE)).toEqual([]);
    const before = aws.calls.snapshot();
    const started = await aws.fireSchedule(REGION, 'daily');
    expect(started.slice(0, 4).map(({ answer }) => answer)).toEqual([
      expect.objectContaining({ 'source': 'aws.events', 'detail-type': 'Scheduled Event', 'detail': {}, 'resources': [expect.stringContaining(':rule/daily')] }),
      { a: 1 },
      'Scheduled Event',
      { t: 'Scheduled Event', d: {}, s: 'by daily' },
    ]);
    const { output, status } = await aws.waitForExecution(REGION, started[4].executionArn!);
    expect({ output, status }).toEqual({ output: { b: 2 }, status: 'SUCCEEDED' });
    // Through the gateway, where it is counted and disturbed as any call; as the role that the target names.
    expect(aws.calls.since(before).of({ service: 'states', operation: 'StartExecution' }).map(({ caller }) => caller)).toEqual([{ kind: 'role', roleArn: ROLE }]);
  });

  test('a schedule of EventBridge Scheduler gives its input with what it says of itself, or its event', async () => {
    const [{ executionArn }] = await aws.fireSchedule(REGION, 'hourly');
    expect((await aws.waitForExecution(REGION, executionArn!)).output).toEqual({ who: expect.stringMatching(/:schedule\/default\/hourly$/) });
    const [{ answer }] = await aws.fireSchedule(REGION, 'bare');
    expect(answer).toMatchObject({ 'source': 'aws.scheduler', 'detail-type': 'Scheduled Event' });
  });

  test('what nobody would hear on AWS fails the test: a function that throws, a Region that is off, a name of none or of several', async () => {
    await expect(aws.fireSchedule(REGION, 'nightly')).rejects.toThrow('not at night');
    await expect(aws.fireSchedule(REGION, 'ly')).rejects.toThrow('3 schedules in us-east-1 have \'ly\' in their name');
    await expect(aws.fireSchedule(REGION, 'off')).rejects.toThrow('0 schedules');
    aws.switchOff(REGION);
    await expect(aws.fireSchedule(REGION, 'daily')).rejects.toThrow();
  });
});
