import { execFileSync, spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { GetItemCommand, PutItemCommand, TransactWriteItemsCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { deployTemplate, inlineFunction } from './fixtures/stack';
import { PRIMARY, REPLICA, TABLE, twoRegions, WORKER } from './fixtures/two-regions';
import { Backend } from './gateway/backend';
import { LocalAws } from './local-aws';
import { PROJECT_ROOT } from './paths';

let aws: LocalAws;
let assembly: string;
let outputs: Record<string, Record<string, string>>;

const key = (sk: string) => ({ pk: { S: 'p' }, sk: { S: sk } });
const put = (region: string, sk: string, value: string) => aws.client(region).dynamodb.send(new PutItemCommand({
  TableName: TABLE, Item: { ...key(sk), value: { S: value } },
}));
const get = async (region: string, sk: string) =>
  (await aws.client(region).dynamodb.send(new GetItemCommand({ TableName: TABLE, Key: key(sk) }))).Item?.value.S;

beforeAll(async () => {
  assembly = twoRegions();
  aws = await LocalAws.start({ replicationDelayMs: 50 });
  outputs = await aws.deploy(assembly);
}, 180_000);

afterAll(() => aws?.stop());

test('both stacks are deployed by the CDK CLI, with their outputs', () => {
  expect(outputs.TwoRegionsReplica.TableName).toBe(TABLE);
  expect(outputs.TwoRegionsPrimary.PoolId).toMatch(/^us-east-1_/);
});

describe('replication', () => {
  afterEach(() => {
    aws.switchOn(PRIMARY);
    aws.replication.resume();
  });

  test('a write arrives in the other Region, whichever it was made in', async () => {
    await put(PRIMARY, 'there', '1');
    await put(REPLICA, 'back', '2');
    await aws.client(PRIMARY).dynamodb.send(new UpdateItemCommand({
      TableName: TABLE, Key: key('there'), UpdateExpression: 'SET #v = :v', ExpressionAttributeNames: { '#v': 'value' }, ExpressionAttributeValues: { ':v': { S: '3' } },
    }));
    await aws.replication.settled();
    expect([await get(REPLICA, 'there'), await get(PRIMARY, 'back')]).toEqual(['3', '2']);
  });

  test('what was written before it was asked has arrived, while writing goes on', async () => {
    let writing = true;
    const busy = (async () => {
      for (let i = 0; writing; i++) await put(PRIMARY, `busy-${i % 50}`, String(i));
    })();
    await put(PRIMARY, 'before', '1');
    await aws.replication.settled().finally(() => { writing = false; });
    expect(await get(REPLICA, 'before')).toBe('1');
    await busy;
  });

  test('the last writer wins, in both Regions', async () => {
    aws.replication.pause();
    await put(PRIMARY, 'conflict', 'earlier');
    await put(REPLICA, 'conflict', 'later');
    expect([await get(PRIMARY, 'conflict'), await get(REPLICA, 'conflict')]).toEqual(['earlier', 'later']);
    aws.replication.resume();
    await aws.replication.settled();
    expect([await get(PRIMARY, 'conflict'), await get(REPLICA, 'conflict')]).toEqual(['later', 'later']);
  });

  test('the items of one transaction arrive one by one, in any order', async () => {
    const { spreadMs } = aws.replication;
    aws.replication.spreadMs = 3_000;
    const items = Array.from({ length: 20 }, (_, i) => `together-${i}`);
    try {
      await aws.client(PRIMARY).dynamodb.send(new TransactWriteItemsCommand({
        TransactItems: items.map(sk => ({ Put: { TableName: TABLE, Item: { ...key(sk), value: { S: '1' } } } })),
      }));
      const seen = new Set<number>();
      for (const end = Date.now() + 20_000; !seen.has(items.length) && Date.now() < end;) {
        seen.add((await Promise.all(items.map(sk => get(REPLICA, sk)))).filter(value => value === '1').length);
      }
      expect([...seen].some(count => count > 0 && count < items.length)).toBe(true);
      expect(seen.has(items.length)).toBe(true);
    } finally {
      aws.replication.spreadMs = spreadMs;
    }
  });

  test('what a Region had not shipped when it went dark arrives when it is back', async () => {
    aws.replication.pause();
    await put(PRIMARY, 'dark', 'late');
    aws.switchOff(PRIMARY);
    aws.replication.resume();
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(await get(REPLICA, 'dark')).toBeUndefined();
    aws.switchOn(PRIMARY);
    await aws.replication.settled();
    expect(await get(REPLICA, 'dark')).toBe('late');
  });
});

describe('state machines and functions', () => {
  test('run to their end, with output and history', async () => {
    const run = await aws.runStateMachine(REPLICA, outputs.TwoRegionsReplica.OnceArn, { waitMs: 1 });
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: { done: true, region: REPLICA } });
    expect((await run.history()).map(event => event.type)).toContain('ExecutionSucceeded');
  });

  test('a killed worker fails its task; a retry has a new process', async () => {
    const once = aws.runStateMachine(REPLICA, outputs.TwoRegionsReplica.OnceArn, { waitMs: 1_500 });
    await new Promise(resolve => setTimeout(resolve, 500));
    expect(aws.killLambda(WORKER)).toBe(1);
    expect(await once).toMatchObject({ status: 'FAILED', cause: expect.stringContaining('Worker process died') as string });

    const retrying = aws.runStateMachine(REPLICA, outputs.TwoRegionsReplica.RetryingArn, { waitMs: 700 });
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(aws.killLambda(WORKER)).toBe(1);
    expect(await retrying).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('more than a state may have fails the execution, and nothing is tried again for it', async () => {
    const retrying = (bytes: number) => aws.runStateMachine(REPLICA, outputs.TwoRegionsReplica.RetryingArn, { bytes });
    expect(await retrying(261_000)).toMatchObject({ status: 'SUCCEEDED' });
    const run = await retrying(262_144);
    expect(run).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded', cause: expect.stringContaining('output of the task') as string });
    expect((await run.history()).filter(({ type }) => type === 'TaskScheduled')).toHaveLength(1);
  });

  test('an event that is too large is refused', async () => {
    const admin = new Backend(Number(new URL(aws.endpoint).port), aws.account);
    const send = (bytes: number) => admin.json<{ FailedEntryCount: number }>('events', 'PutEvents', REPLICA, {
      Entries: [{ Source: 'ours', DetailType: 'said', Detail: JSON.stringify('x'.repeat(bytes)) }],
    });
    expect(await send(262_000)).toMatchObject({ FailedEntryCount: 0 });
    await expect(send(262_144)).rejects.toThrow('over the limit');
    admin.close();
  });

  test('a timeout of the function fails its task', async () => {
    expect(await aws.runStateMachine(REPLICA, outputs.TwoRegionsReplica.OnceArn, { waitMs: 4_000 }))
      .toMatchObject({ status: 'FAILED', error: 'Sandbox.Timedout' });
  });

  test('functions run on the Node.js of their runtime, not on that of the tests; one of another runtime is refused, not run on the wrong one', async () => {
    expect(await aws.invokeLambda(REPLICA, WORKER)).toMatchObject({ node: expect.stringMatching(/^v24\./) });
    const { Properties, ...old } = inlineFunction('old', 'return process.version;');
    await deployTemplate(aws, REPLICA, 'old', { Old: { ...old, Properties: { ...Properties, Runtime: 'nodejs22.x' } } });
    await expect(aws.invokeLambda(REPLICA, 'old')).rejects.toThrow('Unsupported runtime: nodejs22.x');
  });

  test('calls of a function are known as its own; log lines can be read', async () => {
    const before = aws.calls.snapshot();
    const call = { service: 'dynamodb', target: 'DynamoDB_20120810.ListTables', region: REPLICA, input: {} };
    expect(await aws.invokeLambda(REPLICA, WORKER, { call, mark: 'in the log' })).toMatchObject({ status: 200 });
    expect(aws.calls.since(before).of({ functionName: WORKER })).toMatchObject([{ operation: 'ListTables', caller: { functionRegion: REPLICA } }]);
    expect((await aws.lambdaLogs(REPLICA)).join('\n')).toContain('in the log');
  });

  test('a function calls nothing in a Region that is off, nor anything from there', async () => {
    const call = (region: string) => ({ call: { service: 'dynamodb', target: 'DynamoDB_20120810.ListTables', region, input: {} } });
    aws.switchOff(PRIMARY);
    await expect(aws.invokeLambda(REPLICA, WORKER, call(PRIMARY))).rejects.toThrow('socket hang up');
    aws.switchOn(PRIMARY);
  });
});

test('an alarm on metric math is deployed, and refused where AWS refuses it', async () => {
  const stat = { Metric: { Namespace: 'AWS/Lambda', MetricName: 'Errors' }, Period: 60, Stat: 'Sum' };
  const alarm = (more: object) => ({
    Alarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 1,
        Threshold: 0,
        Metrics: [{ Id: 'errors', MetricStat: stat, ReturnData: false }, { Id: 'all', Expression: 'FILL(errors, 0)' }],
        ...more,
      },
    },
  });
  await deployTemplate(aws, REPLICA, 'math', alarm({}));
  await expect(deployTemplate(aws, REPLICA, 'both', alarm({ MetricName: 'Errors' }))).rejects.toThrow('both: ROLLBACK_COMPLETE');
  await expect(deployTemplate(aws, REPLICA, 'two', alarm({ Metrics: [{ Id: 'a', MetricStat: stat }, { Id: 'b', MetricStat: stat }] })))
    .rejects.toThrow('two: ROLLBACK_COMPLETE');
});

test('the replica stack is deployed while the primary Region is off', async () => {
  aws.switchOff(PRIMARY);
  try {
    const before = aws.calls.snapshot();
    expect(await aws.deploy(assembly, { stacks: ['TwoRegionsReplica'], args: ['--force'] })).toHaveProperty('TwoRegionsReplica');
    expect(aws.calls.since(before).count({ region: PRIMARY })).toBe(0);
    await expect(aws.stackOutputs(PRIMARY, 'TwoRegionsPrimary')).rejects.toThrow('socket hang up');
    expect(aws.calls.since(before).of({ region: PRIMARY })).toMatchObject([{ operation: 'DescribeStacks', status: 0 }]);
  } finally {
    aws.switchOn(PRIMARY);
  }
});

test('destroy takes the replica of the table along', async () => {
  await aws.destroy(assembly);
  await expect(get(PRIMARY, 'there')).rejects.toThrow(expect.objectContaining({ name: 'ResourceNotFoundException' }) as Error);
});

describe('what no test takes note of fails its file', () => {
  test('a refusal of IAM', async () => {
    const other = await LocalAws.start();
    const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }] };
    await deployTemplate(other, PRIMARY, 'role', { Nobody: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'nobody', AssumeRolePolicyDocument: trust } } });
    const roleArn = `arn:aws:iam::${LocalAws.ACCOUNT}:role/nobody`;
    await other.iam.refusedCall({ principal: { roleArn, sessionName: 's' }, region: PRIMARY, needs: [{ action: 'dynamodb:GetItem', resource: '*' }] });
    await expect(other.stop()).rejects.toThrow(/^IAM refused 1 calls; the first: User: .* is not authorized to perform: dynamodb:GetItem/);
  });

  test('what an update took from a role that stays', async () => {
    const other = await LocalAws.start();
    const admin = new Backend(Number(new URL(other.endpoint).port), other.account);
    const version = '2012-10-17';
    const iam = (operation: string, input: Record<string, string>) => admin.query('iam', '2010-05-08', operation, PRIMARY, { RoleName: 'less', ...input });
    const trust = { Version: version, Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }] };
    const allow = (Action: string) => iam('PutRolePolicy', {
      PolicyName: 'p', PolicyDocument: JSON.stringify({ Version: version, Statement: [{ Effect: 'Allow', Action, Resource: '*' }] }),
    });
    const asked = () => other.iam.refusedCall({
      principal: { roleArn: `arn:aws:iam::${LocalAws.ACCOUNT}:role/less`, sessionName: 's' }, region: PRIMARY, needs: [{ action: 'dynamodb:GetItem', resource: '*' }],
    });
    await iam('CreateRole', { AssumeRolePolicyDocument: JSON.stringify(trust) });
    await allow('dynamodb:GetItem');
    expect(await asked()).toBeUndefined();
    await allow('dynamodb:PutItem');
    other.iam.judge.forget();
    expect(await asked()).toContain('dynamodb:GetItem');
    admin.close();
    await expect(other.stop()).rejects.toThrow(/^IAM refused 1 calls; the first: User: .* is not authorized to perform: dynamodb:GetItem/);
  });

  test('a call of a function that its service\'s model does not allow', async () => {
    const other = await LocalAws.start();
    await fetch(other.endpoint, {
      method: 'POST',
      headers: {
        'authorization': `AWS4-HMAC-SHA256 Credential=${LocalAws.ACCOUNT}/20260101/${PRIMARY}/dynamodb/aws4_request`,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.GetItem',
        'x-local-aws-caller': `${PRIMARY}/somebody`,
      },
      body: '{}',
    });
    await expect(other.stop()).rejects.toThrow(/^a function made a call that its service's model does not allow: .*"caller":"somebody"/);
  });
});

test('two at once do not meet, and leave no process behind', async () => {
  const script = `
    const { LocalAws } = require('./test/local-aws/local-aws');
    Promise.all([LocalAws.start(), LocalAws.start()]).then(([one, two]) => {
      console.log(JSON.stringify([one.endpoint, two.endpoint]));
      // Neither is stopped: whatever ends the process ends them.
      process.exit(0);
    });`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=commonjs', '-e', script], { cwd: PROJECT_ROOT, encoding: 'utf8', timeout: 120_000 });
  const endpoints = JSON.parse(stdout || JSON.stringify(stderr)) as string[];
  expect(new Set(endpoints).size).toBe(2);
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  expect(processes.split('\n').filter(line => line.includes('ministack_launcher.py') && line.trim().split(/\s+/)[1] === '1')).toEqual([]);
});

test('a Python that is missing or too old is named in one sentence', () => {
  const script = 'require(\'./test/local-aws/venv\').pythonWithMinistack().catch(error => console.log(error.stack))';
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=commonjs', '-e', script], {
    cwd: PROJECT_ROOT, encoding: 'utf8', env: { ...process.env, PYTHON: path.join(PROJECT_ROOT, 'no-such-python') },
  });
  expect(stdout.trim()).toMatch(/^LocalAwsSetupError: The local AWS needs Python 3\.10 or newer \(PYTHON=.* does not run\): [^\n]*$/);
});
