import { CreateUserPoolClientCommand, CreateUserPoolCommand, SignUpCommand } from '@aws-sdk/client-cognito-identity-provider';
import { PutBucketEncryptionCommand, S3Client } from '@aws-sdk/client-s3';
import { inlineFunction, deployTemplate, Resources } from '../../fixtures/stack';
import { LocalAws } from '../../local-aws';
import { Backend } from '../backend';

const REGION = 'us-east-1';
const ARN = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${LocalAws.ACCOUNT}:${resource}`;
const TABLE = ARN('dynamodb', 'table/items');
const KEY = { pk: { S: 'a' } };

let aws: LocalAws;
let admin: Backend;
let chainKey: string;

/** Makes the call of its event with its own credentials, and says what it was answered. */
const CALLS = `
  if (event.Records) { console.log('GOT ' + event.Records.length); return; }
  const http = require('http');
  const { service, target, input } = event;
  return new Promise((resolve, reject) => {
    const request = http.request(process.env.AWS_ENDPOINT_URL, { method: 'POST', headers: {
      'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target,
      ...event.stolen ? {} : { 'x-amz-security-token': process.env.AWS_SESSION_TOKEN },
      authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260101/${REGION}/' + service + '/aws4_request, SignedHeaders=host, Signature=x',
    } }, response => {
      let text = '';
      response.on('data', chunk => { text += chunk; });
      response.on('end', () => resolve({ status: response.statusCode, ...JSON.parse(text || '{}') }));
    });
    request.on('error', reject);
    request.end(JSON.stringify(input));
  });`;

const role = (service: string, statements: object[], condition?: object): Resources[string] => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: `${service}.amazonaws.com` }, ...condition ? { Condition: condition } : {} }],
    },
    ...statements.length > 0 ? { Policies: [{ PolicyName: 'inline', PolicyDocument: { Version: '2012-10-17', Statement: statements } }] } : {},
  },
});
const allow = (actions: string[], ...resources: unknown[]) => ({ Effect: 'Allow', Action: actions, Resource: resources });
const calling = (name: string, roleId: string): Resources[string] => {
  const made = inlineFunction(name, CALLS);
  return { ...made, Properties: { ...made.Properties, Role: { 'Fn::GetAtt': [roleId, 'Arn'] } } };
};
const machine = (name: string, roleId: string, task: object = { Resource: ARN('lambda', 'function:may') }): Resources[string] => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    StateMachineName: name,
    RoleArn: { 'Fn::GetAtt': [roleId, 'Arn'] },
    DefinitionString: JSON.stringify({
      StartAt: 'Call',
      States: { Call: { Type: 'Task', ...task, End: true } },
    }),
  },
});
const mapping = (FunctionName: string, EventSourceArn: unknown): Resources[string] => ({
  Type: 'AWS::Lambda::EventSourceMapping', Properties: { FunctionName, EventSourceArn },
});
const queue = (name: string): Resources[string] => ({ Type: 'AWS::SQS::Queue', Properties: { QueueName: name } });

const via = (service: string) => ({ Condition: { StringEquals: { 'kms:ViaService': `${service}.${REGION}.amazonaws.com` } } });
const ofTable = (name: string) => allow(['dynamodb:PutItem', 'dynamodb:GetItem'], ARN('dynamodb', `table/${name}`));

/** A key of the customer's own, which these may use. Answers its ARN. */
async function keyFor(principal: string): Promise<string> {
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*', Principal: { AWS: principal } }] });
  return (await admin.json<{ KeyMetadata: { Arn: string } }>('kms', 'CreateKey', REGION, { Policy })).KeyMetadata.Arn;
}

/** Tables and a queue under keys of the customer's, and functions that may use the table, and the key or not. */
async function encrypted(): Promise<Resources> {
  const [key, othersKey] = [await keyFor(`arn:aws:iam::${LocalAws.ACCOUNT}:root`), await keyFor(`arn:aws:iam::${LocalAws.ACCOUNT}:role/somebody-else`)];
  for (const [TableName, KMSMasterKeyId] of [['secret', key], ['closed', othersKey]]) {
    await admin.json('dynamodb', 'CreateTable', REGION, {
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId },
    });
  }
  await admin.json('sqs', 'CreateQueue', REGION, { QueueName: 'secret', Attributes: { KmsMasterKeyId: key } });
  return {
    KeyedRole: role('lambda', [
      ofTable('secret'), ofTable('closed'), allow(['sqs:SendMessage'], ARN('sqs', 'secret')), { ...allow(['kms:Decrypt'], key, othersKey), ...via('dynamodb') },
    ]),
    Keyed: calling('keyed', 'KeyedRole'),
    KeylessRole: role('lambda', [ofTable('secret')]),
    Keyless: calling('keyless', 'KeylessRole'),
  };
}

/** A bucket that takes no report without a condition, under a key of the customer's, and who writes to it. */
async function chained(): Promise<Resources> {
  chainKey = await keyFor(`arn:aws:iam::${LocalAws.ACCOUNT}:root`);
  const objects = 'arn:aws:s3:::chained/*';
  const named = (RoleName: string, ...statements: object[]): Resources[string] => {
    const made = role('lambda', [allow(['s3:PutObject', 's3:GetObject'], objects), ...statements]);
    return { ...made, Properties: { ...made.Properties, RoleName } };
  };
  return {
    Chained: {
      Type: 'AWS::S3::Bucket',
      Properties: { BucketName: 'chained' },
    },
    ChainedPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: { Ref: 'Chained' },
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [{
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 's3:PutObject',
            Resource: 'arn:aws:s3:::chained/reports/*',
            Condition: { Null: { 's3:if-none-match': 'true' } },
          }],
        },
      },
    },
    WritingRole: named('writing', { ...allow(['kms:GenerateDataKey', 'kms:Decrypt'], chainKey), ...via('s3') }),
    KeylessWritingRole: named('writing-keyless', { ...allow(['kms:GenerateDataKey', 'kms:Decrypt'], chainKey), ...via('dynamodb') }),
  };
}

const TELL = { Resource: 'arn:aws:states:::events:putEvents', Parameters: { Entries: [{ Source: 'ours', DetailType: 'said', Detail: { a: 1 } }] } };

const call = (name: string, operation: string, input: object, more: object = {}) => aws.invokeLambda(REGION, name, {
  service: 'dynamodb', target: `DynamoDB_20120810.${operation}`, input, ...more,
}) as Promise<{ status: number; __type?: string; message?: string }>;
const put = { TableName: 'items', Item: KEY };

beforeAll(async () => {
  aws = await LocalAws.start({ waitScale: 0 });
  admin = new Backend(Number(new URL(aws.endpoint).port), aws.account);
  const self = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
  await deployTemplate(aws, REGION, 'iam', {
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: 'items',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }, { AttributeName: 'other', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        GlobalSecondaryIndexes: [{ IndexName: 'byOther', KeySchema: [{ AttributeName: 'other', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } }],
      },
    },
    MayRole: role('lambda', [
      allow(['dynamodb:PutItem', 'dynamodb:Query'], { 'Fn::GetAtt': ['Table', 'Arn'] }),
      allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], { 'Fn::GetAtt': ['MayQueue', 'Arn'] }),
    ]),
    May: calling('may', 'MayRole'),
    MayQueue: queue('may'),
    MayNotRole: role('lambda', []),
    MayNot: calling('may-not', 'MayNotRole'),
    OthersRole: role('states', [allow(['dynamodb:PutItem'], { 'Fn::GetAtt': ['Table', 'Arn'] })]),
    Others: calling('others', 'OthersRole'),
    MachineRole: role('states', [allow(['lambda:InvokeFunction'], { 'Fn::GetAtt': ['May', 'Arn'] })], {
      ...self, ArnLike: { 'aws:SourceArn': ARN('states', 'stateMachine:*') },
    }),
    Machine: machine('may', 'MachineRole'),
    TellRole: role('states', [allow(['events:PutEvents'], ARN('events', 'event-bus/default'))]),
    Tell: machine('tell', 'TellRole', TELL),
    TellNobody: machine('tell-nobody', 'PoorRole', TELL),
    PoorRole: role('states', []),
    ...await encrypted(),
    ...await chained(),
    PartitionedRole: role('lambda', [{
      ...allow(['dynamodb:PutItem', 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:BatchGetItem'], { 'Fn::GetAtt': ['Table', 'Arn'] }),
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['own#*'] } },
    }]),
    Partitioned: calling('partitioned', 'PartitionedRole'),
    Poor: machine('poor', 'PoorRole'),
    StrangeRole: role('states', [allow(['lambda:InvokeFunction'], { 'Fn::GetAtt': ['May', 'Arn'] })], { StringEquals: { 'aws:SourceAccount': '111111111111' } }),
    Strange: machine('strange', 'StrangeRole'),
  });
});

afterEach(() => { aws.iam.takeDenials(); });

afterAll(async () => {
  admin?.close();
  await aws?.stop();
});

describe('a function', () => {
  test('may do what its role allows, and is refused everything else in the words of AWS', async () => {
    expect(await call('may', 'PutItem', put)).toMatchObject({ status: 200 });
    const session = `arn:aws:sts::${LocalAws.ACCOUNT}:assumed-role/`;
    expect(await call('may', 'GetItem', { TableName: 'items', Key: KEY })).toEqual({
      status: 400,
      __type: 'AccessDeniedException',
      message: expect.stringMatching(new RegExp(
        `^User: ${session}.*/may is not authorized to perform: dynamodb:GetItem on resource: ${TABLE} because no identity-based policy allows the dynamodb:GetItem action$`)),
    });
    expect(aws.iam.takeDenials()).toMatchObject([{ action: 'dynamodb:GetItem', resource: TABLE, region: REGION }]);
  });

  test('needs an index of its own, and each action of a transaction', async () => {
    const query = { TableName: 'items', IndexName: 'byOther', KeyConditionExpression: 'other = :o', ExpressionAttributeValues: { ':o': { S: 'x' } } };
    expect(await call('may', 'Query', query)).toMatchObject({ __type: 'AccessDeniedException' });
    const items = (...kinds: object[]) => ({ TransactItems: kinds });
    expect(await call('may', 'TransactWriteItems', items({ Put: put }))).toMatchObject({ status: 200 });
    expect(await call('may', 'TransactWriteItems', items({ Put: put }, { Delete: { TableName: 'items', Key: { pk: { S: 'b' } } } })))
      .toMatchObject({ __type: 'AccessDeniedException' });
    expect(aws.iam.takeDenials().map(({ action, resource }) => [action, resource])).toEqual([
      ['dynamodb:Query', `${TABLE}/index/byOther`], ['dynamodb:DeleteItem', TABLE],
    ]);
  });

  test('without a permission, with a role that Lambda may not take on, or with credentials that are not its own, may do nothing', async () => {
    expect(await call('may-not', 'PutItem', put)).toMatchObject({ __type: 'AccessDeniedException' });
    expect(await call('others', 'PutItem', put)).toMatchObject({ __type: 'AccessDeniedException' });
    expect(await call('may', 'PutItem', put, { stolen: true })).toMatchObject({ __type: 'AccessDeniedException', message: expect.stringContaining('security token') });
    expect(aws.iam.takeDenials().map(({ action }) => action)).toEqual(['dynamodb:PutItem', 'sts:AssumeRole', 'PutItem']);
  });

  test('an operation of which nobody knows what it needs is refused, with the way out', async () => {
    expect(await call('may', 'DescribeLimits', {})).toMatchObject({ __type: 'AccessDeniedException', message: expect.stringContaining('needs.ts') });
  });

  test('a new policy counts at once, and so does one that is gone', async () => {
    const inline = (operation: string, more: Record<string, string> = {}) => admin.query('iam', '2010-05-08', operation, REGION, { RoleName: roleName, PolicyName: 'late', ...more });
    const [, roleName] = /assumed-role\/(.+?)\//.exec((await call('may-not', 'PutItem', put)).message!)!;
    await inline('PutRolePolicy', { PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [allow(['dynamodb:PutItem'], TABLE)] }) });
    expect(await call('may-not', 'PutItem', put)).toMatchObject({ status: 200 });
    await inline('DeleteRolePolicy');
    expect(await call('may-not', 'PutItem', put)).toMatchObject({ __type: 'AccessDeniedException' });
    expect(await aws.iam.takeTakenAway()).toMatchObject([{ action: 'dynamodb:PutItem', resource: TABLE }]);
  });

  test('whose role was updated, and lost what it had, is a template that lacks something, unless it gets it again or goes before the end', async () => {
    const roleArn = `arn:aws:iam::${LocalAws.ACCOUNT}:role/updated`;
    const asked = () => aws.iam.judge.denial({ roleArn, sessionName: 's' }, { action: 'dynamodb:PutItem', resource: TABLE }, REGION);
    const change = async (operation: string, more: Record<string, string> = {}) => {
      await admin.query('iam', '2010-05-08', operation, REGION, { RoleName: 'updated', ...more });
      aws.iam.judge.forget();
    };
    const may = (...actions: string[]) =>
      change('PutRolePolicy', { PolicyName: 'p', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [allow(actions, TABLE)] }) });
    const had = async () => {
      await may('dynamodb:PutItem', 'dynamodb:GetItem');
      expect(await asked()).toBeUndefined();
      await may('dynamodb:GetItem');
      expect(await asked()).toMatchObject({ isTakenAway: true });
    };
    await change('CreateRole', { AssumeRolePolicyDocument: JSON.stringify(role('lambda', []).Properties!.AssumeRolePolicyDocument) });
    await had();
    expect(await aws.iam.takeTakenAway()).toMatchObject([{ action: 'dynamodb:PutItem', resource: TABLE, region: REGION }]);
    expect(await aws.iam.takeTakenAway()).toEqual([]);
    await had();
    await may('dynamodb:PutItem');
    expect(await aws.iam.takeTakenAway()).toEqual([]);
    await had();
    await change('DeleteRolePolicy', { PolicyName: 'p' });
    await change('DeleteRole');
    expect(await aws.iam.takeTakenAway()).toEqual([]);
  });

  test('that is still called after its policy or its role was deleted is refused, which is no template that lacks something; what never was allowed is', async () => {
    const asked = (name: string, service = 'lambda') => aws.iam.refusedCall({
      principal: { roleArn: `arn:aws:iam::${LocalAws.ACCOUNT}:role/${name}`, sessionName: 'poll' },
      assumedBy: { service: `${service}.amazonaws.com` },
      region: REGION,
      needs: [{ action: 'dynamodb:PutItem', resource: TABLE }],
    });
    const change = (operation: string, more: Record<string, string> = {}) =>
      admin.query('iam', '2010-05-08', operation, REGION, { RoleName: 'leaving', ...more });
    await change('CreateRole', { AssumeRolePolicyDocument: JSON.stringify(role('lambda', []).Properties!.AssumeRolePolicyDocument) });
    await change('PutRolePolicy', { PolicyName: 'p', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [allow(['dynamodb:PutItem'], TABLE)] }) });
    expect(await asked('leaving')).toBeUndefined();
    await change('DeleteRolePolicy', { PolicyName: 'p' });
    aws.iam.judge.forget();
    expect(await asked('leaving')).toContain('dynamodb:PutItem');
    await change('DeleteRole');
    aws.iam.judge.forget();
    expect(await asked('leaving')).toContain('sts:AssumeRole');
    // A function that was never called before its role went is polled for, too.
    expect(await asked('leaving-unused')).toContain('sts:AssumeRole');
    // And one whose role goes while it works may come to its first call of a kind afterwards.
    const session = { roleArn: `arn:aws:iam::${LocalAws.ACCOUNT}:role/leaving`, sessionName: 'works' };
    expect(await aws.iam.judge.denial(session, { action: 'dynamodb:DeleteItem', resource: TABLE }, REGION)).toMatchObject({ isTakenAway: true });
    expect(await asked('never', 'states')).toContain('sts:AssumeRole');
    expect(aws.iam.takeDenials()).toMatchObject([{ action: 'sts:AssumeRole', resource: expect.stringContaining('role/never') }]);
  });

  test('uses a table under a key of the customer\'s only where it may use the key, too, and that as the condition says', async () => {
    const item = (TableName: string) => ({ TableName, Item: KEY });
    expect(await call('keyed', 'PutItem', item('secret'))).toMatchObject({ status: 200 });
    expect(await call('keyless', 'PutItem', item('secret'))).toMatchObject({
      __type: 'AccessDeniedException', message: expect.stringMatching(/keyless is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:.*key\//),
    });
    const message = { QueueUrl: `${aws.endpoint}/${aws.account}/secret`, MessageBody: 'x' };
    expect(await call('keyed', 'SendMessage', message, { service: 'sqs', target: 'AmazonSQS.SendMessage' })).toMatchObject({ __type: 'AccessDeniedException' });
    expect(aws.iam.takeDenials().map(({ action }) => action)).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
  });

  test('uses no key whose own policy leaves nothing to the account\'s policies', async () => {
    expect(await call('keyed', 'GetItem', { TableName: 'closed', Key: KEY })).toMatchObject({
      __type: 'AccessDeniedException', message: expect.stringContaining('kms:Decrypt'),
    });
    expect(aws.iam.takeDenials()).toMatchObject([{ action: 'kms:Decrypt' }]);
  });

  test('is held to the partitions that its policy names, in each kind of call, and to none where it speaks of none', async () => {
    const own = { pk: { S: 'own#1' } };
    expect(await call('partitioned', 'PutItem', { TableName: 'items', Item: own })).toMatchObject({ status: 200 });
    expect(await call('partitioned', 'GetItem', { TableName: 'items', Key: own })).toMatchObject({ status: 200 });
    const query = (value: string) => ({ TableName: 'items', KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { S: value } } });
    expect(await call('partitioned', 'Query', query('own#1'))).toMatchObject({ status: 200 });
    const batch = (...keys: string[]) => ({ RequestItems: { items: { Keys: keys.map(key => ({ pk: { S: key } })) } } });
    expect(await call('partitioned', 'BatchGetItem', batch('own#1', 'own#2'))).toMatchObject({ status: 200 });
    // Keys that no policy tells apart are judged once.
    const { decisions } = aws.iam.judge.spent;
    expect(await call('partitioned', 'BatchGetItem', batch('own#3', 'own#4', 'own#5'))).toMatchObject({ status: 200 });
    expect(aws.iam.judge.spent.decisions).toBe(decisions);
    for (const [operation, input] of [
      ['PutItem', put], ['GetItem', { TableName: 'items', Key: KEY }], ['Query', query('owner')], ['BatchGetItem', batch('own#1', 'a')],
    ] as const) {
      expect(await call('partitioned', operation, input)).toMatchObject({ __type: 'AccessDeniedException', message: expect.stringContaining(`dynamodb:${operation}`) });
    }
    expect(aws.iam.takeDenials()).toHaveLength(4);
  });

  test('writes to a bucket whose policy wants a condition only with it, and uses the bucket\'s key only where it may', async () => {
    const bucket = (name: string, operation: string, input: object = {}) => aws.iam.refusedCall({
      principal: { roleArn: `arn:aws:iam::${LocalAws.ACCOUNT}:role/${name}`, sessionName: 's' },
      assumedBy: { service: 'lambda.amazonaws.com' },
      region: REGION,
      call: { service: 's3', operation, input: { Bucket: 'chained', Key: 'reports/1', ...input } },
    });
    // CloudFormation of the local AWS gives no bucket a key.
    const ServerSideEncryptionConfiguration = { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: chainKey } } as const] };
    const s3 = new S3Client({ endpoint: aws.endpoint, region: REGION, forcePathStyle: true, credentials: { accessKeyId: aws.account, secretAccessKey: 'local' } });
    await s3.send(new PutBucketEncryptionCommand({ Bucket: 'chained', ServerSideEncryptionConfiguration }));
    s3.destroy();
    expect(await bucket('writing', 'PutObject', { IfNoneMatch: '*' })).toBeUndefined();
    expect(await bucket('writing', 'GetObject')).toBeUndefined();
    expect(await bucket('writing', 'PutObject')).toContain('explicit deny');
    expect(await bucket('writing', 'CreateMultipartUpload')).toContain('explicit deny');
    expect(await bucket('writing', 'PutObject', { Key: 'subs/1' })).toBeUndefined();
    expect(await bucket('writing-keyless', 'PutObject', { IfNoneMatch: '*' })).toContain('kms:GenerateDataKey');
    expect(await bucket('writing-keyless', 'GetObject')).toContain('kms:Decrypt');
    aws.iam.takeDenials();
  });

  test('a decision is remembered', async () => {
    await call('may', 'PutItem', put);
    const { decisions } = aws.iam.judge.spent;
    await call('may', 'PutItem', put);
    expect(aws.iam.judge.spent.decisions).toBe(decisions);
  });
});

describe('services', () => {
  const run = (name: string) => aws.runStateMachine(REGION, ARN('states', `stateMachine:${name}`), {
    service: 'dynamodb', target: 'DynamoDB_20120810.PutItem', input: put,
  });

  test('a state machine calls functions with its role, which Step Functions must be allowed to take on for it', async () => {
    expect(await run('may')).toMatchObject({ status: 'SUCCEEDED', output: { status: 200 } });
    expect(await run('poor')).toMatchObject({
      status: 'FAILED', error: 'Lambda.AWSLambdaException', cause: expect.stringContaining('is not authorized to perform: lambda:InvokeFunction'),
    });
    expect(await run('tell')).toMatchObject({ status: 'SUCCEEDED' });
    expect(await run('tell-nobody')).toMatchObject({ status: 'FAILED', error: 'States.Permissions', cause: expect.stringContaining('events:PutEvents') });
    expect(await run('strange')).toMatchObject({ status: 'FAILED', cause: expect.stringContaining('sts:AssumeRole') });
  });

  test('a rule and a schedule call their target by its own policy, or with a role that their service may take on, or not at all', async () => {
    const named = (RoleName: string, statements: object[]): Resources[string] => {
      const made = role('scheduler', statements);
      return { ...made, Properties: { ...made.Properties, RoleName } };
    };
    const [started, unheard] = [ARN('states', 'stateMachine:may'), ARN('sqs', 'unheard')];
    await deployTemplate(aws, REGION, 'targets', {
      Starting: named('starting', [allow(['states:StartExecution'], started)]),
      Idle: named('idle', []),
      Queue: queue('unheard'),
      Rule: { Type: 'AWS::Events::Rule', Properties: { Name: 'unheard', ScheduleExpression: 'rate(1 day)', Targets: [{ Id: 'q', Arn: unheard }] } },
      Told: { Type: 'AWS::Events::Rule', Properties: { Name: 'told', EventPattern: { source: ['told'] }, Targets: [{ Id: 'q', Arn: unheard }] } },
    });
    const rule = { Name: 'unheard', Arn: ARN('events', 'rule/unheard') };
    const schedule = { Name: 'hourly', Arn: ARN('scheduler', 'schedule/default/hourly') };
    const withRole = (name: string) => ({ Arn: started, RoleArn: `arn:aws:iam::${LocalAws.ACCOUNT}:role/${name}` });
    expect(await aws.iam.refusedTarget(withRole('starting'), schedule)).toBeUndefined();
    expect(await aws.iam.refusedTarget(withRole('idle'), schedule)).toContain('is not authorized to perform: states:StartExecution');
    expect(await aws.iam.refusedTarget(withRole('starting'), rule)).toContain('events.amazonaws.com is not authorized to perform: sts:AssumeRole');
    await expect(aws.fireSchedule(REGION, 'unheard')).rejects.toThrow(`events.amazonaws.com is not authorized to perform: sqs:SendMessage on resource: ${unheard}`);
    expect(aws.iam.takeDenials().map(({ action }) => action)).toEqual(['states:StartExecution', 'sts:AssumeRole', 'sqs:SendMessage']);
    // What somebody puts on the bus goes its way inside of ministack.
    await admin.json('events', 'PutEvents', REGION, { Entries: [{ Source: 'told', DetailType: 'said', Detail: '{}' }] });
    for (const end = Date.now() + 10_000; Date.now() < end && aws.iam.denied.length === 0;) await new Promise(resolve => setTimeout(resolve, 50));
    expect(aws.iam.takeDenials()).toMatchObject([{ principal: 'events.amazonaws.com', action: 'sqs:SendMessage', resource: unheard }]);
  });

  test('a queue is polled with the role of the function, or not at all', async () => {
    await deployTemplate(aws, REGION, 'mappings', {
      May: mapping('may', ARN('sqs', 'may')), Queue: queue('may-not'), MayNot: mapping('may-not', { 'Fn::GetAtt': ['Queue', 'Arn'] }),
    });
    for (const name of ['may', 'may-not']) {
      await admin.json('sqs', 'SendMessage', REGION, { QueueUrl: `${aws.endpoint}/${aws.account}/${name}`, MessageBody: 'x' });
    }
    const left = async (name: string) => (await admin.json<{ Attributes: Record<string, string> }>('sqs', 'GetQueueAttributes', REGION, {
      QueueUrl: `${aws.endpoint}/${aws.account}/${name}`, AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    })).Attributes;
    const done = async () => (await left('may')).ApproximateNumberOfMessages === '0' && aws.iam.denied.length > 0;
    for (const end = Date.now() + 10_000; Date.now() < end && !await done();) {
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    expect(await left('may')).toMatchObject({ ApproximateNumberOfMessages: '0' });
    expect(await left('may-not')).toMatchObject({ ApproximateNumberOfMessages: '1', ApproximateNumberOfMessagesNotVisible: '0' });
    expect(aws.iam.takeDenials()).toContainEqual(expect.objectContaining({ action: 'sqs:ReceiveMessage', resource: ARN('sqs', 'may-not') }));
  });

  test('Cognito calls a trigger by the leave of the function\'s own policy, for the pool that it names', async () => {
    const { cognito } = aws.client(REGION);
    const signUp = async () => {
      const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: 'p', LambdaConfig: { PreSignUp: ARN('lambda', 'function:may') } }));
      const { UserPoolClient } = await cognito.send(new CreateUserPoolClientCommand({ UserPoolId: UserPool!.Id, ClientName: 'c' }));
      return {
        pool: UserPool!.Arn!,
        signUp: () => cognito.send(new SignUpCommand({ ClientId: UserPoolClient!.ClientId, Username: 'somebody', Password: 'Correct-1-password' })).then(() => 'accepted', (error: Error) => error.message),
      };
    };
    const [ours, other] = [await signUp(), await signUp()];
    expect(await ours.signUp()).toBe('PreSignUp invocation failed due to error AccessDeniedException.');
    await deployTemplate(aws, REGION, 'permission', {
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: { FunctionName: 'may', Action: 'lambda:InvokeFunction', Principal: 'cognito-idp.amazonaws.com', SourceArn: ours.pool, SourceAccount: LocalAws.ACCOUNT },
      },
    });
    aws.iam.takeDenials();
    // The function is no trigger: what it answers is refused, but it was called.
    expect(await ours.signUp()).not.toContain('AccessDenied');
    expect(aws.iam.takeDenials()).toEqual([]);
    expect(await other.signUp()).toContain('AccessDenied');
  });
});
