import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer, IncomingMessage, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { ROOT } from '../../scripts/generated-files';
import { chapter, documentText } from '../helpers/documents';
import { Runbook, stepsOf } from '../helpers/runbook';

const INCIDENT = '20261102T103000Z-users-gone-x7Qa';
const STACK = '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>'
  + '<StackName>AuthStack</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>'
  + '<member><OutputKey>UserPoolId</OutputKey><OutputValue>us-east-1_X</OutputValue></member>'
  + '<member><OutputKey>DrRecoveryStateMachineArn12AB</OutputKey>'
  + '<OutputValue>arn:aws:states:us-east-1:000000000000:stateMachine:r</OutputValue></member>'
  + Object.entries({ StandbyUserPoolId: 'us-west-2_Y', StandbySwitchStateMachineArn: 'switch', RestoreStateMachineArn: 'restore', StateTableName: 'state' })
    .map(([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`).join('')
  + '</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>';
const RESOURCES = '<ListStackResourcesResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><ListStackResourcesResult><StackResourceSummaries>'
  + [
    ['DrDeadLetters', 'https://sqs/letters', 'AWS::SQS::Queue'], ['DrSweepSchedule', 'schedule', 'AWS::Scheduler::Schedule'],
    ['DrSweepStateMachine0', 'sweep', 'AWS::StepFunctions::StateMachine'], ['DrRecoveryStateMachine0', 'recovery', 'AWS::StepFunctions::StateMachine'],
    ['DrFollowerApplyDeletions0', 'apply', 'AWS::Lambda::Function'], ['DrFollowerApply0', 'follow', 'AWS::Lambda::Function'],
  ].map(([id, physicalId, type]) => `<member><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>${physicalId}</PhysicalResourceId>`
    + `<ResourceType>${type}</ResourceType></member>`).join('')
  + '</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>';
const EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:r:';
const REASON = { M: { code: { S: 'refused' } } };
const LINE = { sk: { S: 'U#a' }, reason: REASON, line: { M: { certainty: { S: 'uncertain' }, result: { M: { reason: REASON } } } } };

/** What the AWS CLI asked of each service, in order. */
const calls: [string, any][] = [];
let server: Server;
/** What the queue of dead letters holds. */
const deadLetters: object[] = [];
let runbook: Runbook;

function answerOf(operation: string, input: any): object {
  switch (operation) {
    case 'Query': return { Items: input.IndexName ? [LINE] : [{ sk: { S: INCIDENT } }, { sk: { S: 'older' } }] };
    case 'GetItem': return { Item: { heldAt: { S: 'that moment' }, goBackTo: { S: 'then' }, counts: { M: { deleted: { N: '52' } } } } };
    case 'StartExecution': return { executionArn: EXECUTION + (input.name ?? 'made-up'), startDate: 1 };
    case 'ReceiveMessage': return { Messages: deadLetters.splice(0, 1) };
    case 'SendMessage': return { MessageId: '1', MD5OfMessageBody: createHash('md5').update(input.MessageBody).digest('hex') };
    case 'DeleteMessage': return {};
    default: return { executionArn: input.executionArn, stateMachineArn: 'r', status: 'SUCCEEDED', startDate: 1, output: '{"executed":false}' };
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

beforeAll(async () => {
  server = createServer((request, response) => void bodyOf(request).then(body => {
    const [, operation] = /\.(\w+)$/.exec(String(request.headers['x-amz-target'] ?? '')) ?? [];
    if (operation) calls.push([operation, JSON.parse(body)]);
    else if (request.url!.includes('/invocations')) calls.push([`Invoke ${request.url!.split('/').at(-2)}`, JSON.parse(body)]);
    response.end(operation ? JSON.stringify(answerOf(operation, JSON.parse(body))) : body.includes('Action=ListStackResources') ? RESOURCES : STACK);
  }));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  runbook = await Runbook.open({ endpoint, account: '000000000000', regions: ['us-east-1'] });
}, 300_000);

afterAll(() => {
  runbook?.close();
  server.close();
});

beforeEach(() => {
  calls.length = 0;
});

/** What was started, and with which input. */
const started = () => calls.filter(([operation]) => operation === 'StartExecution').map(([, { stateMachineArn, input }]) => [stateMachineArn, JSON.parse(input)]);

test('without the command line, a dark Region and going back to a moment there: the AWS CLI takes every command, word for word, and asks for what is meant', async () => {
  const printed: string[] = [];
  for (const step of stepsOf('### Open the standby, and restore into it')) printed.push((await runbook.run(step)).trim());
  const succeeded = expect.stringMatching(/^SUCCEEDED\t/);
  expect(printed).toEqual(['us-west-2_Y switch restore state', succeeded, succeeded, `${EXECUTION}made-up`, succeeded, 'U#a\trefused']);
  expect(started()).toEqual([['switch', { mode: 'open', by: 'me', reason: 'us-east-1 is dark' }], ['restore', { dryRun: true }], ['restore', {}]]);
  expect(calls.filter(([operation]) => operation === 'Query').map(([, { TableName, ExpressionAttributeValues }]) => [TableName, ExpressionAttributeValues[':l'].S]))
    .toEqual([['state', 'made-up#failed']]);

  calls.length = 0;
  const moved: string[] = [];
  for (const step of stepsOf('### Hold the standby at a moment')) moved.push((await runbook.run(step)).trim());
  const asOf = '2026-11-26T09:05:00Z';
  expect(started()).toEqual([['restore', { asOf, dryRun: true }], ['restore', { asOf }], ['restore', { asOf: 'now' }]]);
  expect(moved[2].split('\t')[0]).toBe('that moment');
}, 300_000);

test('without the command line, the AWS CLI takes every command of the recovery in the source pool, word for word, and asks for what is meant', async () => {
  const printed: string[] = [];
  for (const step of stepsOf('### Undo in the source pool')) printed.push((await runbook.run(step)).trim());
  expect(printed).toHaveLength(8);
  expect(printed[0]).toBe('us-east-1_X arn:aws:states:us-east-1:000000000000:stateMachine:r');
  expect(printed[1].split('\n')[0]).toBe(INCIDENT);
  expect([printed[3], printed[5]]).toEqual(['U#a\tuncertain', 'U#a\trefused']);
  for (const n of [2, 4, 6, 7]) expect(printed[n].split('\t').slice(0, 2)).toEqual(['SUCCEEDED', '{"executed":false}']);
  const named = calls.filter(([operation]) => operation === 'StartExecution').map(([, { name, input }]) => [name, JSON.parse(input)]);
  const plan = { kind: 'restore', before: INCIDENT, dryRun: true };
  expect(named).toEqual([['plan-1', plan], ['run-1', { plan: 'plan-1' }], ['check-1', plan], ['undo-1', { undo: 'run-1' }]]);
  const keys = calls.filter(([operation]) => operation === 'Query').map(([, input]) => Object.values<any>(input.ExpressionAttributeValues)[0].S);
  expect(keys).toEqual(['us-east-1_X#I', 'plan-1#uncertain', 'plan-1#failed']);
}, 300_000);

test('the AWS CLI takes every command of the chapters of alarms', async () => {
  const message = { MessageId: '1', ReceiptHandle: 'handle', Body: '{"version": 1}', MD5OfBody: createHash('md5').update('{"version": 1}').digest('hex') };
  // Version 1 of the CLI has an endpoint of its own for SQS, which only a flag overrides.
  await runbook.run(`aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }
    export AWS_DEFAULT_REGION=us-east-1 STACK=AuthStack
    QUEUE_URL=https://sqs/letters EVENT_DEAD_LETTERS_URL=https://sqs/events HINTS_QUEUE_URL=https://sqs/hints`);
  const all = [...chapter('docs/runbook.md', '## Alarms').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  // What is typed for the command line is typed in cli.e2e.test.ts.
  const blocks = all.filter(code => !code.includes('npx cognito-dr-replica'));
  expect([all.length, blocks.length]).toEqual([7, 4]);
  let printed = '';
  for (const block of blocks) {
    // To look is to take nothing; the loop takes one message after the other.
    deadLetters.splice(0, Infinity, message);
    printed += await runbook.run(block);
  }
  expect(printed).toContain('DrDeadLetters\thttps://sqs/letters');
  expect(started()).toEqual([['sweep', { allowDeletions: 1234 }]]);
  const asked = (name: string) => calls.filter(([operation]) => operation === name).map(([, input]) => input);
  expect(asked('SendMessage')).toEqual([{ QueueUrl: 'https://sqs/hints', MessageBody: '{"version": 1}' }]);
  expect(asked('DeleteMessage')).toEqual([{ QueueUrl: 'https://sqs/events', ReceiptHandle: 'handle' }]);
  expect(asked('Invoke apply')).toEqual([{ allowDeletions: 1234 }]);
}, 300_000);

test('each chapter that has something to type for the command line is typed by an end-to-end test', () => {
  const folder = path.join(ROOT, 'test', 'e2e');
  const typed = readdirSync(folder).map(name => readFileSync(path.join(folder, name), 'utf8')).filter(text => text.includes('commandsOf(')).join('\n');
  // By the nearest heading, of whatever rank.
  const chapters = documentText('docs/runbook.md').split(/^(?=##+ )/m).filter(text => /^```\w+\n(?:(?!```)[^])*^npx cognito-dr-replica/m.test(text));
  const headings = chapters.map(text => text.split('\n')[0]);
  expect(headings.length).toBeGreaterThanOrEqual(7);
  expect(headings.filter(heading => !typed.includes(`'${heading}'`))).toEqual([]);
});
