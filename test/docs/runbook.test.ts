import { createServer, IncomingMessage, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { Runbook, stepsOf } from '../helpers/runbook';

const INCIDENT = '20261102T103000Z-users-gone-x7Qa';
const STACK = '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>'
  + '<StackName>AuthStack</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>'
  + '<member><OutputKey>UserPoolId</OutputKey><OutputValue>us-east-1_X</OutputValue></member>'
  + '<member><OutputKey>DrRecoveryStateMachineArn12AB</OutputKey>'
  + '<OutputValue>arn:aws:states:us-east-1:000000000000:stateMachine:r</OutputValue></member>'
  + '</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>';
const EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:r:';
const LINE = { sk: { S: 'U#a' }, line: { M: { certainty: { S: 'uncertain' }, result: { M: { reason: { M: { code: { S: 'refused' } } } } } } } };

/** What the AWS CLI asked of each service, in order. */
const calls: [string, any][] = [];
let server: Server;
let runbook: Runbook;

function answerOf(operation: string, input: any): object {
  switch (operation) {
    case 'Query': return { Items: input.IndexName ? [LINE] : [{ sk: { S: INCIDENT } }, { sk: { S: 'older' } }] };
    case 'GetItem': return { Item: { goBackTo: { S: 'then' }, counts: { M: { deleted: { N: '52' } } } } };
    case 'StartExecution': return { executionArn: EXECUTION + input.name, startDate: 1 };
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
    response.end(operation ? JSON.stringify(answerOf(operation, JSON.parse(body))) : STACK);
  }));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  runbook = await Runbook.open({ endpoint, account: '000000000000', regions: ['us-east-1'] });
}, 300_000);

afterAll(() => {
  runbook?.close();
  server.close();
});

test('the AWS CLI takes every command of the chapter for 3 a.m., word for word, and asks for what is meant', async () => {
  const printed: string[] = [];
  for (const step of stepsOf('### A script deleted our users')) printed.push((await runbook.run(step)).trim());
  expect(printed).toHaveLength(8);
  expect(printed[0]).toBe('us-east-1_X arn:aws:states:us-east-1:000000000000:stateMachine:r');
  expect(printed[1].split('\n')[0]).toBe(INCIDENT);
  expect([printed[3], printed[5]]).toEqual(['U#a\tuncertain', 'U#a\trefused']);
  for (const n of [2, 4, 6, 7]) expect(printed[n].split('\t').slice(0, 2)).toEqual(['SUCCEEDED', '{"executed":false}']);
  const started = calls.filter(([operation]) => operation === 'StartExecution').map(([, { name, input }]) => [name, JSON.parse(input)]);
  const plan = { kind: 'restore', before: INCIDENT, dryRun: true };
  expect(started).toEqual([['plan-1', plan], ['run-1', { plan: 'plan-1' }], ['check-1', plan], ['undo-1', { undo: 'run-1' }]]);
  const keys = calls.filter(([operation]) => operation === 'Query').map(([, input]) => Object.values<any>(input.ExpressionAttributeValues)[0].S);
  expect(keys).toEqual(['us-east-1_X#I', 'plan-1#uncertain', 'plan-1#failed']);
}, 120_000);
