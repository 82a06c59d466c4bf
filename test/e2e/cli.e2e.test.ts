import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { AdminDeleteUserCommand, AdminUpdateUserAttributesCommand } from '@aws-sdk/client-cognito-identity-provider';
import { paginateListTables, paginateScan } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Duration } from 'aws-cdk-lib';
import { DeployedDr, PRIMARY, QUOTA_SCALE, REPLICA, deployDr } from './dr-app';
import { Drill, PoolDefinition } from '../../src';
import { Hint, HINT_VERSION } from '../../src/capture/hints/hint';
import { DynamoDbLedgerStore } from '../../src/ledger/dynamodb-ledger-store.lambda-shared';
import { READ_ACTIONS, SECRET_ACTIONS, STATUS_ACTIONS } from '../../src/operations/permissions';
import { definitionDigest, readPoolDefinition } from '../../src/operations/pool-definition';
import { drained, queueUrl, received, sqsClient } from '../helpers/capture-watch';
import { UserState, readPool } from '../helpers/compare';
import { schemaOf } from '../helpers/document-schemas';
import { commandsOf } from '../helpers/runbook';
import { TypedShell } from '../helpers/typed-shell';
import { LocalAws } from '../local-aws/local-aws';
import { seedUsers } from '../local-aws/seed/seed-users';

/** IAM's own names of services. */
const IAM_NAMES: Record<string, string> = { monitoring: 'cloudwatch' };
/** And of actions, where they are not called after their operation. */
const IAM_ACTIONS: Record<string, string> = { 's3:ListObjectsV2': 's3:ListBucket' };
const COMMAND = require.resolve('../../assets/cli/main/index.js');
/** A pseudo-terminal, as a person's: Python has one, and the local AWS needs Python anyway. */
const PTY = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

interface Ran {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let aws: LocalAws;
let s3: S3Client;
let dr: DeployedDr;
let other: DeployedDr;
let asOf: string;
/** Users whom the script deleted, and those whose address it overwrote. */
let gone: readonly UserState[];
let spoilt: readonly UserState[];

const cognito = () => aws.client(PRIMARY).cognito;
const users = async () => (await readPool(aws.client(PRIMARY, { seed: true }).cognito, dr.userPoolId)).users;
const pause = async (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

/** Runs the command as a user would. `answers`: typed into a terminal, each once its text has been seen; without them there is none. */
async function run(args: readonly string[], env: Record<string, string> = {}, answers?: readonly (readonly [RegExp, string])[]): Promise<Ran> {
  const command = [process.execPath, COMMAND, ...args];
  const child = spawn(...(answers ? ['python3', ['-c', PTY, ...command]] : [command[0], command.slice(1)]) as [string, string[]], {
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      TZ: 'UTC',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: REPLICA,
      ...env,
    },
  });
  let [stdout, stderr] = ['', ''];
  const left = [...answers ?? []];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (left.length > 0 && left[0][0].test(stdout)) child.stdin.write(`${left.shift()![1]}\n`);
  });
  child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
  const exit = await new Promise<number | null>(resolve => child.on('close', resolve));
  return { exit, stdout, stderr };
}
/** Every version of every file in the bucket of the evidence. */
async function versions(): Promise<{ readonly key: string; readonly text: string }[]> {
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: dr.evidenceBucket }));
  return Promise.all(Versions.map(async ({ Key, VersionId }) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: dr.evidenceBucket, Key, VersionId }));
    return { key: Key!, text: await Body!.transformToString() };
  }));
}
/** Every item of every table in both Regions, and every version of every file, as text. */
async function everything(): Promise<string> {
  const texts = (await versions()).map(({ text }) => text);
  for (const region of [PRIMARY, REPLICA]) {
    const client = aws.client(region).dynamodb;
    for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
      for (const TableName of TableNames) {
        for await (const { Items = [] } of paginateScan({ client }, { TableName })) texts.push(JSON.stringify(Items));
      }
    }
  }
  return texts.join('\n');
}
/** Calls of a command, as IAM names them. */
async function callsOf(args: readonly string[]): Promise<string[]> {
  const start = aws.calls.snapshot();
  await run(args);
  const named = aws.calls.since(start).of({ caller: 'other' }).map(({ service, operation }) => `${IAM_NAMES[service] ?? service}:${operation}`)
    .map(call => IAM_ACTIONS[call] ?? call);
  return [...new Set(named)].sort();
}
/** What a command printed, which is as its published schema says. */
function documentOf([command, what]: readonly string[], { stdout }: Ran): Record<string, any> {
  const document = JSON.parse(stdout) as Record<string, any>;
  const isValid = schemaOf({ undelete: 'recovery', revert: 'recovery', undo: 'recovery', list: `list-${what}`, open: 'execution' }[command]
    ?? (document.sendsMessages === undefined ? command : 'drill-plan'));
  expect([isValid(document), isValid.errors]).toEqual([true, null]);
  return document;
}
const stacked = ['--stack', 'CliReplica'];
const json = async (...args: readonly string[]) => {
  const ran = await run([...args, '--json']);
  expect(ran).toMatchObject({ exit: 0 });
  return documentOf(args, ran);
};

beforeAll(async () => {
  aws = await LocalAws.start({ quotas: QUOTA_SCALE });
  // Its drills name who differs, in files that `forget` has to find.
  const drill = Drill.schedule({ users: 20, quotaShare: 1, targetRto: Duration.hours(1), subsRetention: Duration.days(90) });
  dr = (await deployDr(aws, { stackName: 'Cli', pools: ['email'], drill })).email;
  s3 = new S3Client({ endpoint: aws.endpoint, region: REPLICA, credentials: { accessKeyId: aws.account, secretAccessKey: 'local' } });
  await seedUsers({ endpoint: aws.endpoint, account: aws.account, region: PRIMARY, userPoolId: dr.userPoolId, users: 60, groups: 3 });
  expect((await aws.runStateMachine(PRIMARY, dr.sweep)).status).toBe('SUCCEEDED');
  await aws.replication.settled();
  await pause(3_000);
  asOf = new Date().toISOString();
  await pause(3_000);
}, 1_200_000);

afterAll(async () => {
  TypedShell.closeAll();
  s3.destroy();
  await aws.stop();
});

test('status: the copy is good, in text and as a document', async () => {
  const text = await run(['status']);
  console.info(text.stdout, text.stderr);
  expect(text).toMatchObject({ exit: 0 });
  const status = await json('status');
  expect(status).toMatchObject({ schemaVersion: 1, verdict: 'GOOD', reasons: [], userPoolId: dr.userPoolId, standby: { mode: 'closed' }, unread: [] });
  expect(status.users).toBe((await users()).size);
});

test('status --max-age: exits with 5 where the copy is older', async () => {
  expect(await run(['status', '--max-age', '1s'])).toMatchObject({ exit: 5 });
  expect(await run(['status', '--max-age', '5d'])).toMatchObject({ exit: 0 });
  const { exit, stderr } = await run(['status', '--max-age', 'soon', '--json']);
  expect({ exit, error: JSON.parse(stderr.trim().split('\n').at(-1)!) }).toEqual({
    exit: 64,
    error: { error: { code: 'invalid-duration', exit: 64, message: '--max-age: got "soon", want a length of time such as 90m or 2h' } },
  });
});

test('list and show: values of people are masked, unless a terminal asks for them', async () => {
  const [user] = [...(await users()).values()].filter(({ attributes }) => attributes.email && attributes.email_verified === 'true');
  const listed = await json('list', 'users');
  expect(listed.count).toBe((await users()).size);
  expect(JSON.stringify(listed)).not.toContain(user.attributes.email);
  const shown = await json('show', user.attributes.email);
  expect(shown).toMatchObject({ sub: user.sub, status: user.status, enabled: user.enabled, groups: user.groups });
  expect(JSON.stringify(shown)).not.toContain(user.attributes.email);
  expect((await run(['show', user.sub, '--show-values'])).stdout).not.toContain(user.attributes.email);
  const terminal = await run(['show', user.sub, '--show-values'], {}, []);
  console.info(terminal.stdout);
  expect(terminal.stdout).toContain(user.attributes.email);
  expect(await run(['show', 'nobody@example.com'])).toMatchObject({ exit: 4 });
  expect((await json('list', 'groups')).count).toBe(3);
  expect((await json('list', 'settings')).items).toContainEqual(expect.objectContaining({ part: 'pool' }));
  expect((await json('list', 'timeline')).count).toBeGreaterThan(20);
  expect((await run(['list', 'timeline'])).stdout).toContain('most by');
});

test('a script deletes and overwrites: lists and differences say whom, and what', async () => {
  const all = [...(await users()).values()].filter(({ status, enabled, attributes }) =>
    status === 'CONFIRMED' && enabled && attributes.identities === undefined && attributes.email_verified === 'true');
  [gone, spoilt] = [all.slice(0, 4), all.slice(4, 7)];
  for (const { username: Username } of gone) await cognito().send(new AdminDeleteUserCommand({ UserPoolId: dr.userPoolId, Username }));
  for (const { username: Username, sub } of spoilt) {
    const UserAttributes = [{ Name: 'email', Value: `spoilt-${sub}@example.net` }, { Name: 'email_verified', Value: 'true' }];
    await cognito().send(new AdminUpdateUserAttributesCommand({ UserPoolId: dr.userPoolId, Username, UserAttributes }));
  }
  await drained(aws, PRIMARY, dr.hintsQueue);
  expect((await json('list', 'users', '--deleted', '--since', asOf)).count).toBe(4);

  const differs = await run(['diff', '--as-of', asOf, '--json']);
  expect(differs).toMatchObject({ exit: 2 });
  expect(documentOf(['diff'], differs)).toMatchObject({ users: { created: 0, deleted: 4, changed: 3 }, fields: { email: 3 } });
  expect(await run(['diff', '--as-of', asOf, '--fail-on', 'never'])).toMatchObject({ exit: 0 });
  expect(await run(['diff', '--pool'])).toMatchObject({ exit: 0 });
  expect(await run(['diff', '--as-of', asOf, '--settings'])).toMatchObject({ exit: 0, stdout: expect.stringContaining('no setting differs') });
  expect(await run(['diff'])).toMatchObject({ exit: 64 });
});

test('undelete and revert bring back what the script left, undo takes it away again', async () => {
  const undelete = ['undelete', '--as-of', asOf, '--everybody'];
  expect(await run([...undelete, '--plan-only'])).toMatchObject({ exit: 0 });
  expect(await run(undelete)).toMatchObject({ exit: 3, stderr: expect.stringContaining('there is no terminal to ask on') });
  expect(await run([...undelete, '--yes'])).toMatchObject({ exit: 64 });
  expect(await run([...undelete, '--yes', '--max-users', '3'])).toMatchObject({ exit: 3, stderr: expect.stringContaining('the plan writes 4 users') });
  expect((await users()).size).toBe(56);
  const typed = await run(undelete, {}, [[/to go on: /, '4']]);
  console.info(typed.stdout);
  expect(typed).toMatchObject({ exit: 0 });
  const wrong = await run(['revert', '--as-of', asOf, '--everybody'], {}, [[/to go on: /, '4']]);
  expect(wrong).toMatchObject({ exit: 3, stdout: expect.stringContaining('nothing was changed') });
  const { plan } = await json('revert', '--as-of', asOf, '--everybody', '--plan-only');
  expect(await run(['apply', plan])).toMatchObject({ exit: 3, stderr: expect.stringContaining('there is no terminal to ask on') });
  const reverted = await run(['apply', plan, '--yes', '--max-users', '3', '--json']);
  expect(reverted).toMatchObject({ exit: 0 });
  const report = documentOf(['revert'], reverted);
  expect(report.users).toMatchObject({ reverted: 3 });
  const emails = new Set([...(await users()).values()].map(({ attributes }) => attributes.email));
  for (const { attributes } of [...gone, ...spoilt]) expect(emails).toContain(attributes.email);
  await drained(aws, PRIMARY, dr.hintsQueue);

  expect(await run(['undo', report.execution, '--yes', '--max-users', '3'])).toMatchObject({ exit: 0 });
  expect([...(await users()).values()].filter(({ attributes }) => attributes.email.startsWith('spoilt-'))).toHaveLength(3);
});

test('the chapter of users who were changed, without an incident: typed for one of them', async () => {
  const [{ sub, attributes: { email } }] = spoilt;
  const shell = await TypedShell.open(aws);
  await shell.type('export AWS_REGION=us-east-1');
  for (const [command, exit] of commandsOf('## Users were deleted or changed').slice(5).map((typed, n) => [typed, [0, 2, 0][n]] as const)) {
    const typed = await shell.type(command, { 'SUB': sub, '2h ago': asOf });
    expect([command, typed.exit, typed.screen]).toEqual([command, exit, typed.screen]);
  }
  expect(shell.answers).toBe(1);
  shell.close();
  expect((await users()).get(sub)!.attributes.email).toBe(email);
  await drained(aws, PRIMARY, dr.hintsQueue);
});

test('export: files for one reader, whose checksums are in the manifest; a moment of the past as well', async () => {
  const out = path.join(tmpdir(), 'export');
  const manifest = await json('export', '--out', out, '--as-of', asOf);
  expect(manifest).toMatchObject({ format: 'jsonl', userPoolId: dr.userPoolId, users: 60 });
  expect(manifest.files.map(({ name }: { name: string }) => name)).toEqual(['users.jsonl', 'groups.jsonl', 'settings.jsonl']);
  for (const { name, sha256 } of [...manifest.files, { name: 'manifest.json' }] as { name: string; sha256?: string }[]) {
    expect(statSync(path.join(out, name)).mode % 0o1000).toBe(0o600);
    if (sha256) expect(createHash('sha256').update(readFileSync(path.join(out, name))).digest('hex')).toBe(sha256);
  }
  const isUser = schemaOf('exported-user');
  const lines = readFileSync(path.join(out, 'users.jsonl'), 'utf8').trim().split('\n').map(line => JSON.parse(line) as { groups: string[] });
  for (const line of lines) expect([isUser(line), isUser.errors]).toEqual([true, null]);
  expect(lines.some(({ groups }) => groups.length > 0)).toBe(true);
  expect(readFileSync(path.join(out, 'settings.jsonl'), 'utf8')).not.toContain('ClientSecret');
  expect(await run(['export', '--out', out])).toMatchObject({ exit: 64, stderr: expect.stringContaining('is not empty') });
  expect(await run(['export', '--out', `${out}-csv`, '--format', 'csv'])).toMatchObject({ exit: 0 });
  expect(readFileSync(path.join(`${out}-csv`, 'users-1.csv'), 'utf8')).toMatch(/cognito:mfa_enabled,cognito:username\n/);
});

test('pool-definition: an existing pool as a file, without secrets, whose fingerprint is that of the copy', async () => {
  const out = path.join(tmpdir(), 'pool.json');
  const ran = await run(['pool-definition', dr.userPoolId, '--out', out, '--json']);
  expect(ran).toMatchObject({ exit: 0 });
  documentOf(['pool-definition'], ran);
  const definition = readPoolDefinition(readFileSync(out, 'utf8'));
  expect(JSON.stringify(definition)).not.toContain('ClientSecret');
  expect(PoolDefinition.fromFile(out)).toBeDefined();
  const copy = new DynamoDbLedgerStore(DynamoDBDocumentClient.from(aws.client(REPLICA).dynamodb), dr.ledgerTable);
  expect(definitionDigest(definition.parts)).toBe(definitionDigest(await copy.poolParts(dr.userPoolId)));
  expect(await run(['pool-definition', `${PRIMARY}_Nowhere12`, '--out', out])).toMatchObject({ exit: 4 });
  expect(await run(['pool-definition', 'nowhere', '--out', out])).toMatchObject({ exit: 64 });
});

test('drill: a plan with its price, a question, each phase, the verdict and the report, which is in the list', async () => {
  const plan = await json('drill', '--plan-only', '--moment', 'latest');
  expect(plan).toMatchObject({ users: 20, sendsMessages: false, cost: { plan: 'ESSENTIALS', atMost: 0.3 }, targets: { rto: 3_600 } });
  expect(await run(['drill', '--yes'])).toMatchObject({ exit: 64 });
  expect(await run(['drill', '--yes', '--max-users', '19'])).toMatchObject({ exit: 3, stderr: expect.stringContaining('20 users') });
  expect(await run(['drill', '--everybody', '--users', '5'])).toMatchObject({ exit: 64 });
  expect((await json('list', 'drills')).count).toBe(0);

  const out = path.join(tmpdir(), 'drill.json');
  const ran = await run(['drill', '--moment', 'latest', '--out', out], {}, [[/to go on: /, '20']]);
  console.info(ran.stdout);
  expect(ran).toMatchObject({ exit: 0 });
  // Which phases are seen is the clock's: a drill of 20 users takes seconds.
  expect(ran.stdout).toMatch(/(?:restore|compare, \w+|report): /);
  expect(ran.stdout).toMatch(/drill +\S*SUCCESSFUL/);
  const text = readFileSync(out, 'utf8');
  expect(schemaOf('drill-report-1')(JSON.parse(text))).toBe(true);
  expect(readFileSync(out.replace('.json', '.html'), 'utf8')).toContain('<html');
  const { items } = await json('list', 'drills');
  expect(items).toMatchObject([{ sequence: 1, users: 20, validationStatus: 'SUCCESSFUL', deletionStatus: 'SUCCESSFUL', rto: 'met' }]);
  expect(text).toContain(items[0].id);
  const failed = await run(['drill', '--users', '5', '--quota-share', '1', '--moment', 'random', '--seed', 'x'.repeat(2_049), '--yes', '--max-users', '5', '--json']);
  expect(failed).toMatchObject({ exit: 3, stderr: expect.stringContaining('seed') });
  expect(documentOf(['drill'], failed)).toMatchObject({ status: 'FAILED' });
});

test('Ctrl-C leaves the command, says how to come back, and the execution goes on', async () => {
  const left = await run(['restore', '--plan-only'], {}, [[/started \S+/, '\u0003']]);
  expect(left.exit).toBe(130);
  const [, name] = /come back with: npx cognito-dr-replica watch (\S+)/.exec(left.stdout)!;
  const found = await aws.client(REPLICA).stepFunctions.send(new DescribeExecutionCommand({
    executionArn: `${dr.restore.replace(':stateMachine:', ':execution:')}:${name}`,
  }));
  expect(found.status).not.toBe('ABORTED');
  // Also where it is over by now.
  expect(await run(['watch', name])).toMatchObject({ exit: 0 });
  expect(await run(['watch', found.executionArn!, '--json'])).toMatchObject({ exit: 0 });
});

test('stop: asks for the name of what it stops, and finds only what runs', async () => {
  const late = aws.faults.inject({ operation: 'ListUsers', service: 'cognito-idp', region: REPLICA, answer: { delayMs: 20_000 } });
  try {
    const left = await run(['restore', '--plan-only'], {}, [[/started \S+/, '\u0003']]);
    const [, name] = /come back with: npx cognito-dr-replica watch (\S+)/.exec(left.stdout)!;
    expect(await run(['stop', name])).toMatchObject({ exit: 3, stderr: expect.stringContaining('there is no terminal to ask on') });
    expect(await run(['stop', name], {}, [[/to go on: /, 'another']])).toMatchObject({ exit: 3 });
    const stopped = await run(['stop', name, '--yes', '--json']);
    expect(documentOf(['stop'], stopped).stopped).toMatch(new RegExp(`:${name}$`));
    expect(await run(['watch', name])).toMatchObject({ exit: 1, stderr: expect.stringContaining('was stopped') });
    expect(await run(['stop', name, '--yes'])).toMatchObject({ exit: 4 });
  } finally {
    late.remove();
  }
});

test('credentials that have expired: one sentence, and as JSON on the last line of stderr', async () => {
  const fault = aws.faults.inject({ operation: 'GetCallerIdentity', service: 'sts', answer: { status: 403, body: { __type: 'ExpiredToken', message: 'expired' } } });
  try {
    const { exit, stderr } = await run(['status', '--json']);
    expect(exit).toBe(1);
    const last = JSON.parse(stderr.trim().split('\n').at(-1)!) as object;
    expect(last).toMatchObject({ error: { code: 'expired-credentials', exit: 1, message: expect.stringContaining('log in again') } });
    expect(schemaOf('error')(last)).toBe(true);
  } finally {
    fault.remove();
  }
});

test('the chapter of alarms, typed: what has run, and what came of one that failed', async () => {
  expect((await aws.runStateMachine(PRIMARY, dr.sweep, { allowDeletions: 'all of them' })).status).toBe('FAILED');
  const shell = await TypedShell.open(aws);
  await shell.type('export AWS_REGION=us-west-2');
  const [list, watch] = commandsOf('## Alarms').filter(command => command.startsWith('npx cognito-dr-replica'));
  const listed = await shell.type(list);
  expect(listed).toMatchObject({ exit: 0 });
  expect(listed.screen).toMatch(/recovery\s+\S+\s+SUCCEEDED/);
  const [, RUN] = /sweep\s+(\S+)\s+FAILED/.exec(listed.screen)!;
  const watched = await shell.type(watch, { RUN });
  expect(watched).toMatchObject({ exit: 3 });
  expect(watched.screen).toContain('InvalidInput: ');
  shell.close();
});

test('redrive: every queue of dead letters, and where they would go back to', async () => {
  expect(commandsOf('### CaptureAlarms/DeadLetters')).toEqual(['npx cognito-dr-replica redrive']);
  const { queues } = await json('redrive');
  expect(queues.length).toBeGreaterThan(1);
  expect(queues.filter(({ sourceQueue = '' }) => (sourceQueue as string).endsWith(`:${dr.hintsQueue}`))).toHaveLength(1);
});

test('redrive: what was given up is tried again, and is in the copy', async () => {
  const [{ username: Username, sub }] = [...(await users()).values()].filter(({ attributes }) => attributes.identities === undefined);
  // Without an event: only the message that was given up says that something changed.
  const quiet = aws.client(PRIMARY, { seed: true }).cognito;
  const UserAttributes = [{ Name: 'name', Value: 'given up' }];
  await quiet.send(new AdminUpdateUserAttributesCommand({ UserPoolId: dr.userPoolId, Username, UserAttributes }));
  const { queues } = await json('redrive');
  const letters: string = queues.find(({ sourceQueue = '' }) => (sourceQueue as string).endsWith(`:${dr.hintsQueue}`)).queueArn.split(':').at(-1);
  const hint: Hint = {
    version: HINT_VERSION, userPoolId: dr.userPoolId, sub, eventName: 'AdminUpdateUserAttributes', eventTime: new Date().toISOString(), source: 'application',
  };
  const sqs = sqsClient(aws, PRIMARY);
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(aws, letters), MessageBody: JSON.stringify(hint) }));
  sqs.destroy();
  expect(await run(['redrive'])).toMatchObject({ exit: 3, stderr: expect.stringContaining('there is no terminal to ask on') });
  expect(await json('redrive', '--yes')).toMatchObject({ redriven: 1 });
  await drained(aws, PRIMARY, letters);
  await drained(aws, PRIMARY, dr.hintsQueue);
  expect(await json('redrive', '--yes')).toMatchObject({ redriven: 0 });
  const ledger = new DynamoDbLedgerStore(DynamoDBDocumentClient.from(aws.client(PRIMARY).dynamodb), dr.ledgerTable);
  expect((await ledger.user(dr.userPoolId, sub))!.attributes).toMatchObject({ name: 'given up' });
});

test('open and close: the standby says so, and who', async () => {
  expect(await run(['open', '--by', 'greta', '--reason', 'a test'])).toMatchObject({ exit: 3 });
  const opened = await run(['open', '--by', 'greta', '--reason', 'a test', '--yes']);
  expect(opened).toMatchObject({ exit: 0, stdout: expect.stringContaining('the standby is open; it was closed') });
  expect((await json('status')).standby).toMatchObject({ mode: 'open' });
  // As the chapter of the alarm says.
  const shell = await TypedShell.open(aws);
  for (const command of commandsOf('### StandbyAlarms/Opened')) expect(await shell.type(command, { ME: 'greta' })).toMatchObject({ exit: 0 });
  expect(shell.answers).toBe(1);
  shell.close();
  expect((await json('status')).standby).toMatchObject({ mode: 'closed' });
  expect(await run(['open', '--rehearsal', 'you@example.com', '--yes'])).toMatchObject({ exit: 0 });
  expect((await json('status')).standby).toMatchObject({ mode: 'rehearsal' });
  expect(await run(['close', '--confirm-incident', '20261102T103000Z-users-gone-x7Qa', '--yes'])).toMatchObject({ exit: 0 });
});

test('each command calls what its grant gives, and nothing else', async () => {
  const status = [...Object.values(STATUS_ACTIONS).flat(), 'sts:GetCallerIdentity'];
  const read = [...status, ...Object.values(READ_ACTIONS).flat()];
  const [user] = (await users()).values();
  const beyond = async (allowed: readonly string[], ...args: readonly string[]) =>
    (await callsOf(args)).filter(call => !allowed.includes(call)).map(call => `${args[0]}: ${call}`);
  for (const args of [['status'], ...['incidents', 'runs', 'settings', 'timeline'].map(what => ['list', what])]) expect(await beyond(status, ...args)).toEqual([]);
  // Of the standby's clients, Cognito's only description has their secrets: who may not see them is told that this is not known.
  expect(await beyond(status, 'doctor')).toEqual(['doctor: cognito-idp:DescribeUserPoolClient', 'doctor: cognito-idp:ListUserPoolClients']);
  for (const args of [['show', user.sub], ['list', 'users'], ['list', 'groups'], ['diff', '--pool'], ['diff', '--standby'], ['diff', '--as-of', asOf]]) {
    expect(await beyond(read, ...args)).toEqual([]);
  }
  // Their answers have secrets.
  for (const side of ['--pool', '--standby']) {
    expect((await beyond([...read, ...SECRET_ACTIONS], 'diff', side, '--settings'))).toEqual([]);
    expect(await beyond(read, 'diff', side, '--settings')).toContain('diff: cognito-idp:DescribeUserPoolClient');
  }
});

test('doctor: what an outage would find, and what to type about it', async () => {
  const ran = await run(['doctor', '--json']);
  const states = Object.fromEntries((documentOf(['doctor'], ran) as { checks: { check: string; state: string }[] }).checks.map(({ check, state }) => [check, state]));
  console.info((await run(['doctor'])).stdout);
  // The app of this test has no triggers of its own, and nobody who is told.
  expect(states).toMatchObject({
    'trail': 'ok',
    'triggers': 'warning',
    'alarm-actions': 'wrong',
    'schema': 'ok',
    'sessions': 'ok',
    'quotas': 'ok',
    'replication': 'ok',
    'point-in-time-recovery': 'ok',
  });
  expect(Object.values(states)).not.toContain('unknown');
  expect(ran.exit).toBe(2);
});

test('the chapter of a dark Region, typed while it is dark: users are let in, everybody is restored, and it is checked', async () => {
  aws.switchOff(PRIMARY);
  const shell = await TypedShell.open(aws);
  try {
    const screens: string[] = [];
    const filled: Record<string, string> = { ME: 'greta' };
    for (const command of commandsOf('## The Region is dark')) {
      const { exit, screen } = await shell.type(command, filled);
      screens.push(screen);
      console.info(screen);
      if (/ restore$/.test(command)) filled.RUN = [...screen.matchAll(/started (\S+)/g)].at(-1)![1];
      // Of whom nobody may make a copy, such as sign-ups that were not confirmed, the standby differs.
      expect([command, exit]).toEqual([command, expect.any(Number)]);
      expect([0, 2]).toContain(exit);
    }
    expect(shell.answers).toBe(3);
    const [, status, opened, restored, watched, failed, differs, closed] = screens;
    expect(status).toMatch(/The copy is DEGRADED[^]*us-east-1/);
    for (const screen of [opened, closed]) expect(screen).toMatch(/done after/);
    for (const screen of [restored, watched]) expect(Number(/restored\s+(\d+) of/.exec(screen)![1])).toBeGreaterThan(30);
    expect(failed).not.toContain('error');
    expect(differs).toMatch(/users that changed\s+0/);
  } finally {
    shell.close();
    aws.switchOn(PRIMARY);
  }
});

test('the chapter of a moment, typed: the standby as it was, held there, and let go', async () => {
  const shell = await TypedShell.open(aws);
  const screens: string[] = [];
  for (const command of commandsOf('## The standby as it was at a moment')) {
    const { exit, screen } = await shell.type(command, { '2026-11-26T09:05:00Z': asOf });
    screens.push(screen);
    expect([0, 2]).toContain(exit);
  }
  shell.close();
  console.info(screens.join('\n'));
  const [, , , held] = screens;
  expect(held).toContain(`held at ${asOf}`);
  expect((await json('status')).standby.heldAt).toBeUndefined();
  expect(await json('restore', '--plan-only')).toMatchObject({ dryRun: true, alreadyThere: 60 });
});

test.each<[string, readonly string[], Record<string, string>, number, string]>([
  ['unknown command', ['destroy'], {}, 64, 'unknown command'],
  ['unknown flag', ['status', '--fast'], {}, 64, 'unknown option'],
  ['no deployment', ['status'], { AWS_REGION: 'eu-west-1' }, 4, 'no stack in eu-west-1 has a CognitoDrReplica'],
  ['no Region', ['status'], { AWS_REGION: '' }, 64, 'no Region'],
  ['no credentials', ['status'], { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }, 1, 'no AWS credentials'],
  ['nothing that runs', ['watch'], {}, 4, 'nothing is running'],
])('%s: one sentence, and the exit code', async (_, args, env, exit, sentence) => {
  const ran = await run(args, env);
  expect(ran.exit).toBe(exit);
  expect(ran.stderr).toContain(sentence);
});

test('a Region that is dark: the copy still answers, and what does not is named', async () => {
  aws.switchOff(PRIMARY);
  try {
    const { exit, stdout } = await run(['status', '--json']);
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'DEGRADED', userPoolId: dr.userPoolId });
    const here = await run(['status', '--region', PRIMARY]);
    expect(here).toMatchObject({ exit: 1, stderr: expect.stringContaining('the Region does not answer') });
    const forget = await run(['forget', 'somebody', '--confirm', 'somebody']);
    expect(forget).toMatchObject({ exit: 3, stderr: expect.stringContaining(`${PRIMARY} did not answer`) });
  } finally {
    aws.switchOn(PRIMARY);
  }
});

test('forget: no trace in any table, index, queue or bucket; refused while the user lives in either pool', async () => {
  const [user] = [...(await users()).values()].filter(({ status, enabled, groups, attributes }) =>
    status === 'CONFIRMED' && enabled && groups.length > 0 && attributes.identities === undefined && attributes.email_verified === 'true');
  const forget = ['forget', user.sub, '--confirm', user.sub, '--json'];
  expect(await run(forget)).toMatchObject({ exit: 3, stderr: expect.stringContaining('is in the source pool') });
  await cognito().send(new AdminDeleteUserCommand({ UserPoolId: dr.userPoolId, Username: user.username }));
  await drained(aws, PRIMARY, dr.hintsQueue);
  // A plan with a line of theirs, one with their sub in its head, and a dead letter.
  expect(await run(['undelete', '--as-of', asOf, '--sub', user.sub, '--plan-only'])).toMatchObject({ exit: 0 });
  const sqs = sqsClient(aws, PRIMARY);
  const asked = { QueueUrl: queueUrl(aws, dr.hintsQueue), AttributeNames: ['RedrivePolicy' as const] };
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand(asked));
  const QueueUrl = queueUrl(aws, (JSON.parse(Attributes!.RedrivePolicy!) as { deadLetterTargetArn: string }).deadLetterTargetArn.split(':').at(-1)!);
  for (const username of [user.username, 'somebody-else']) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ username }) }));

  // Files of two drills that name them, one of which names somebody else, too; one of an earlier version.
  const differing = (...subs: readonly string[]) => JSON.stringify({ drill: 'd', differing: subs.map(sub => ({ sub, code: 'user-missing' })), more: 0 });
  for (const [Key, Body] of [['1', differing(user.sub)], ['1', differing(user.sub, 'of-another')], ['2', differing(user.sub)], ['3', differing('of-another')]]) {
    await s3.send(new PutObjectCommand({ Bucket: dr.evidenceBucket, Key: `subs/0000000${Key}.json`, Body }));
  }

  const onStandby = await run(forget);
  expect(onStandby).toMatchObject({ exit: 3, stderr: expect.stringContaining('aws cognito-idp admin-delete-user') });
  const Username = /--username (\S+)/.exec(onStandby.stderr)![1].replace(/["'}].*/, '');
  await aws.client(REPLICA).cognito.send(new AdminDeleteUserCommand({ UserPoolId: dr.standbyUserPoolId, Username }));
  const values = [user.sub, user.attributes.email, ...user.attributes.phone_number ? [user.attributes.phone_number] : []];
  const before = await everything();
  expect(values.filter(value => before.includes(value))).toContain(user.sub);

  expect(await run(['forget', user.sub])).toMatchObject({ exit: 3 });
  const done = await run(forget);
  console.info(done.stdout);
  expect(done).toMatchObject({ exit: 0 });
  expect(done.stdout).not.toContain(user.sub);
  expect(documentOf(['forget'], done)).toMatchObject({ messages: 1, evidence: { deleted: 3, edited: 1, kept: 0 }, stays: expect.any(Array) });
  await aws.replication.settled();
  const after = await everything();
  expect(values.filter(value => after.includes(value))).toEqual([]);
  expect(after.length).toBeGreaterThan(before.length / 2);
  expect((await versions()).filter(({ key }) => key.startsWith('subs/')).map(({ key, text }) => [key, JSON.parse(text).differing.length])).toEqual([
    ['subs/00000001.json', 1], ['subs/00000003.json', 1],
  ]);
  expect(await received(aws, PRIMARY, QueueUrl.split('/').at(-1)!)).toEqual([expect.stringContaining('somebody-else')]);
  expect(await run(forget)).toMatchObject({ exit: 4 });
  sqs.destroy();
});

test('two deployments: both are listed, and --stack chooses', async () => {
  other = (await deployDr(aws, { stackName: 'Other', pools: ['username'] })).username;
  expect(await run(['status'])).toMatchObject({ exit: 64, stderr: expect.stringContaining('there are 2 deployments in us-west-2') });
  const { stdout } = await run(['status', ...stacked, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ userPoolId: dr.userPoolId });
  const fresh = JSON.parse((await run(['status', '--stack', 'OtherReplica', '--json'])).stdout);
  expect(fresh).toMatchObject({ verdict: 'STALE', userPoolId: other.userPoolId, reasons: [{ code: 'never-swept' }] });
});
