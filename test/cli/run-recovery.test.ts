import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { Ask } from '../../src/cli/ask';
import { applyPlan, recover, restore, undo } from '../../src/cli/run-recovery';
import { Terminal, TerminalStreams } from '../../src/cli/terminal';
import { items } from '../../src/ledger/schema';
import { PLAN, RESTORE } from '../helpers/plans';

const RECOVERY = 'arn:aws:states:us-east-1:111122223333:stateMachine:recovery';
const RESTORES = 'arn:aws:states:us-west-2:111122223333:stateMachine:restore';
const REPORT = { ...PLAN, execution: 'execution', executed: true, outcomes: { undeleted: 3, reverted: 2 }, recoveredSubs: { old: 'new' } };
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-west-2' }));
mockClient(client).on(QueryCommand).resolves({ Items: [items.source({ poolId: 'us-east-1_a' })] });
const AGREED = { yes: true, maxUsers: 100_000 };

/** One command with what AWS would say: executions answer at once, the copy has one pool. */
function typed(options: object, args: readonly string[] = []) {
  const started: { readonly machine: string; readonly input: Record<string, unknown> }[] = [];
  let text = '';
  const stdout = { isTTY: false, write: (line: string) => { text += line; return true; } };
  const answerOf = (arn: string) => {
    if (arn.includes('given-plan')) return PLAN;
    const { machine, input } = started[Number(arn.split('-').at(-1))];
    if (machine === RESTORES) return { ...RESTORE, dryRun: input.dryRun === true, restored: input.dryRun ? 0 : 30_000 };
    return input.plan === undefined ? PLAN : REPORT;
  };
  const aws = {
    table: () => client,
    start: async (machine: string, input: Record<string, unknown>) => {
      // As it travels.
      started.push({ machine, input: JSON.parse(JSON.stringify(input)) as Record<string, unknown> });
      return `${machine.replace(':stateMachine:', ':execution:')}:run-${started.length - 1}`;
    },
    execution: async (executionArn: string) => ({ executionArn, status: 'SUCCEEDED', startedAt: 0, endedAt: 1, input: {}, output: answerOf(executionArn) }),
  };
  const deployment = {
    primaryRegion: 'us-east-1',
    replicaRegion: 'us-west-2',
    ledgerTableName: 'ledger',
    stateTableName: 'state',
    recoveryStateMachineArn: RECOVERY,
    restoreStateMachineArn: RESTORES,
    sweepQuotas: { UserUpdate: 10 },
  };
  const terminal = new Terminal('text', { stdin: { isTTY: false }, stdout, stderr: { write: () => true } } as unknown as TerminalStreams);
  const ask = { terminal, session: { aws, deployment }, options, args, masked: (value: string) => value } as unknown as Ask;
  return { ask, started, text: () => text };
}
const newFile = () => path.join(mkdtempSync(path.join(tmpdir(), 'out-')), 'out.json');
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
const SCOPE = { asOf: '2026-11-02T09:00:00Z', everybody: true };

test.each<[string, object, (ask: Ask) => Promise<unknown>, readonly string[]]>([
  ['recover', SCOPE, async ask => recover(ask, 'restore'), []],
  ['undelete', SCOPE, async ask => recover(ask, 'undelete'), []],
  ['revert', SCOPE, async ask => recover(ask, 'revert'), []],
  ['undo', {}, undo, ['some-run']],
  ['apply', {}, applyPlan, ['given-plan']],
  ['restore', {}, restore, []],
])('%s: whatever is started takes the share of the quotas that was given, and the machine\'s own where none was', async (_, options, command, args) => {
  const given = typed({ ...options, ...AGREED, quotaShare: 0.05 }, args);
  await command(given.ask);
  expect(given.started.map(({ input }) => input.quotaShare)).toEqual(given.started.map(() => 0.05));
  expect(given.started.at(-1)!.input).not.toHaveProperty('dryRun');
  expect(given.text()).toMatch(/takes +at least .* at 5 % of/);
  const left = typed({ ...options, ...AGREED }, args);
  await command(left.ask);
  for (const { input } of left.started) expect(input).not.toHaveProperty('quotaShare');
});

test('a plan that is to be executed later is executed with the same share', async () => {
  const { ask, text } = typed({ ...SCOPE, planOnly: true, quotaShare: 0.05 });
  await recover(ask, 'restore');
  expect(text()).toContain('apply run --quota-share 0.05');
});

test.each<[string, object, (ask: Ask) => Promise<unknown>, object, object]>([
  ['recover', SCOPE, async ask => recover(ask, 'restore'), { executed: false, estimate: expect.any(Object) }, { executed: true, recoveredSubs: { old: 'new' } }],
  ['restore', {}, restore, { dryRun: true, estimate: expect.any(Object) }, { dryRun: false, restored: 30_000 }],
])('%s --out: the plan, and once it was executed the report in its place, for nobody else', async (_, options, command, plan, report) => {
  const [planned, done] = [newFile(), newFile()];
  await command(typed({ ...options, planOnly: true, out: planned }).ask);
  expect(read(planned)).toMatchObject(plan);
  await command(typed({ ...options, ...AGREED, out: done }).ask);
  expect(read(done)).toMatchObject(report);
  expect(statSync(done).mode % 0o1000).toBe(0o600);
});

test.each<[string, (ask: Ask) => Promise<unknown>]>([
  ['recover', async ask => recover(ask, 'restore')], ['undo', undo], ['apply', applyPlan], ['restore', restore],
])('%s --out: a file that is there is left alone, and nothing is started', async (_, command) => {
  const out = newFile();
  writeFileSync(out, 'of somebody');
  const { ask, started } = typed({ asOf: '2026-11-02T09:00:00Z', ...AGREED, out }, ['given-plan']);
  await expect(command(ask)).rejects.toMatchObject({ exit: 64, code: 'file-exists', message: expect.stringContaining(out) });
  expect([readFileSync(out, 'utf8'), started]).toEqual(['of somebody', []]);
});
