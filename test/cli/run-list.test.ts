import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { CliError, EXIT } from '../../src/cli/cli-error';
import { runCommand } from '../../src/cli/run-command';
import { Terminal, TerminalStreams } from '../../src/cli/terminal';
import { Incident, incidentItem } from '../../src/ledger/incident';

const POOL = 'us-east-1_a';
const machine = (region: string, name: string) => `arn:aws:states:${region}:111122223333:stateMachine:${name}`;
const [SWEEP, RESTORE] = [machine('us-east-1', 'sweep'), machine('us-west-2', 'restore')];
const DEPLOYMENT = {
  cognitoDrReplica: 1,
  path: 'Auth/Dr',
  primaryRegion: 'us-east-1',
  replicaRegion: 'us-west-2',
  ledgerTableName: 'ledger',
  stateTableName: 'ledger-standby',
  sweepStateMachineArn: SWEEP,
  restoreStateMachineArn: RESTORE,
  sweepIntervalSeconds: 3_600,
  logicalIdPrefix: 'Dr',
};
const INCIDENT: Incident = {
  poolId: POOL,
  id: '20261102T103000Z-users-gone-x7Qa',
  kind: 'users-gone',
  subject: 'users',
  first: 1_000,
  last: 2_000,
  before: 999,
  raisedAt: 2_000,
  noticedAt: 2_000,
  counts: { deleted: 60 } as unknown as Incident['counts'],
  causes: [],
  limit: 50,
  poolUsers: 100,
  version: 1,
  expiresAt: 9e9,
} as Incident;
const USERS = Array.from({ length: 21 }, (_, n) =>
  ({ pk: `${POOL}#U#00`, sk: `sub-${n}`, v: 1, sub: `sub-${n}`, username: `u${n}`, status: 'CONFIRMED', enabled: true, attributes: {}, groups: [], observedAt: 1 }));
const failure = (name: string) => Object.assign(new Error('what AWS says'), { name });
const NOTHING = { MetricAlarms: [], StackResourceSummaries: [], Items: [] };

const [sts, stacks] = [mockClient(STSClient), mockClient(CloudFormationClient)];
const [machines, tables] = [mockClient(SFNClient), mockClient(DynamoDBDocumentClient)];

/** The Region whose tables do not answer. */
let dark: string | undefined;

beforeEach(() => {
  dark = undefined;
  for (const mock of [sts, stacks, machines, tables]) mock.reset();
  sts.on(GetCallerIdentityCommand).resolves({ Account: '111122223333' });
  stacks.resolves(NOTHING);
  stacks.on(DescribeStacksCommand).resolves({
    Stacks: [{ StackName: 'Auth', CreationTime: new Date(0), StackStatus: 'CREATE_COMPLETE', Outputs: [{ OutputValue: JSON.stringify(DEPLOYMENT) }] }],
  });
  machines.on(ListExecutionsCommand).resolves({ executions: [] });
  tables.on(GetCommand).resolves({});
  tables.on(QueryCommand).callsFake(async ({ ExpressionAttributeValues }, getClient) => {
    if (await getClient().config.region() === dark) throw failure('TimeoutError');
    const asked = JSON.stringify(ExpressionAttributeValues);
    if (asked.includes('SOURCE')) return { Items: [{ pk: 'SOURCE', sk: POOL, v: 1, poolId: POOL, sweepStartedAt: 1, sweptAt: 2, users: 21 }] };
    if (asked.includes(`${POOL}#I`)) return { Items: [incidentItem(INCIDENT)] };
    return { Items: asked.includes(`${POOL}#U#00`) ? USERS : [] };
  });
});

async function ran(format: 'text' | 'json' | 'jsonl', options: object, ...[name, ...args]: readonly string[]) {
  let [stdout, stderr] = ['', ''];
  const stream = (write: (text: string) => void) => ({ isTTY: false, write: (text: string) => { write(text); return true; } });
  const terminal = new Terminal(format, {
    stdin: { isTTY: false }, stdout: stream(text => { stdout += text; }), stderr: stream(text => { stderr += text; }),
  } as unknown as TerminalStreams);
  const exit = await runCommand(name, terminal, { region: 'us-east-1', showValues: false }, options, args).catch((error: unknown) => error as CliError);
  return { exit, stdout, stderr };
}

describe('list runs, where a machine may not be asked', () => {
  const run = { executionArn: `${RESTORE.replace('stateMachine', 'execution')}:r1`, startDate: new Date(1_000_000), status: 'RUNNING' as const };

  test.each([[{}], [{ since: '1970-01-01T00:00:00Z' }]])('%j: the others are listed, and it is named', async options => {
    machines.on(ListExecutionsCommand, { stateMachineArn: SWEEP }).rejects(failure('AccessDeniedException'));
    machines.on(ListExecutionsCommand, { stateMachineArn: RESTORE }).resolves({ executions: [run as never] });
    const { exit, stdout, stderr } = await ran('json', { limit: 10, ...options }, 'list', 'runs');
    expect([exit, JSON.parse(stdout).count]).toEqual([EXIT.DONE, 1]);
    expect(stderr).toContain('executions of sweep could not be read: AccessDeniedException');
  });

  test('that there is nothing is not said', async () => {
    machines.on(ListExecutionsCommand, { stateMachineArn: SWEEP }).rejects(failure('AccessDeniedException'));
    const { exit } = await ran('text', { limit: 10 }, 'list', 'runs');
    expect(exit).toMatchObject({ exit: EXIT.FAILED, code: 'runs-unread' });
    expect((exit as CliError).message).toContain('executions of sweep could not be read: AccessDeniedException');
    expect(await ran('text', {}, 'watch')).toMatchObject({ exit: { exit: EXIT.FAILED, code: 'running-unknown' } });
  });
});

test.each([undefined, 'us-west-2'])('list incidents is read where the copy answers; dark: %s', async region => {
  dark = region;
  const { exit, stdout } = await ran('json', { limit: 10 }, 'list', 'incidents');
  expect(exit).toBe(EXIT.DONE);
  expect(JSON.parse(stdout)).toMatchObject({ count: 1, items: [{ id: INCIDENT.id, isOpen: true }] });
});

describe('list users --limit: the first ones are shown, and that there are others is said', () => {
  test('in text', async () => {
    const { exit, stdout, stderr } = await ran('text', { limit: 20 }, 'list', 'users');
    expect(exit).toBe(EXIT.DONE);
    expect(stdout.match(/sub-\d+/g)).toHaveLength(20);
    expect(stderr).toContain('and more than these 20: narrow the list, or give --limit 200');
  });

  test('in a document', async () => {
    const { exit, stdout } = await ran('json', { limit: 20 }, 'list', 'users');
    expect([exit, JSON.parse(stdout)]).toEqual([EXIT.DONE, expect.objectContaining({ count: 20, more: true, items: expect.any(Array) })]);
  });

  test('in lines', async () => {
    const { exit, stdout, stderr } = await ran('jsonl', { limit: 20 }, 'list', 'users');
    expect([exit, stdout.trim().split('\n').length, stderr]).toEqual([EXIT.DONE, 20, expect.stringContaining('and more')]);
  });

  test('nothing is said where these are all', async () => {
    const { stdout, stderr } = await ran('json', { limit: 21 }, 'list', 'users');
    expect([JSON.parse(stdout).count, JSON.parse(stdout).more, stderr]).toEqual([21, undefined, '']);
  });
});
