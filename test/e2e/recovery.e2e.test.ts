import {
  AdminAddUserToGroupCommand, AdminCreateUserCommand, AdminDeleteUserCommand, AdminDisableUserCommand, AdminRemoveUserFromGroupCommand,
  AdminUpdateUserAttributesCommand, CreateGroupCommand, DeleteGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { DeployedDr, PRIMARY, QUOTA_SCALE, deployDr } from './dr-app';
import { IS_WHOLE } from './scale';
import { Reversal } from '../../src/converge/reversal';
import { DynamoDbIncidentStore } from '../../src/ledger/dynamodb-incident-store.lambda-shared';
import { DynamoDbLedgerStore } from '../../src/ledger/dynamodb-ledger-store.lambda-shared';
import { DynamoDbRecoveredSubs } from '../../src/ledger/dynamodb-recovered-subs.lambda-shared';
import { Incident, INCIDENT_EVENT } from '../../src/ledger/incident';
import { SHARDS } from '../../src/ledger/schema';
import { recoveryKeys } from '../../src/recovery/recovery-keys';
import { RecoveryLine } from '../../src/recovery/recovery-line';
import { RecoveryReport } from '../../src/recovery/recovery-report';
import { forEachConcurrently } from '../../src/runtime/concurrency';
import { drained, received } from '../helpers/capture-watch';
import { PoolState, UserState, readPool } from '../helpers/compare';
import { personalValues, valuesIn } from '../helpers/personal-values';
import { commandsOf } from '../helpers/runbook';
import { TypedShell } from '../helpers/typed-shell';
import { deployTemplate, Resources } from '../local-aws/fixtures/stack';
import { Execution, LocalAws } from '../local-aws/local-aws';
import { SeededUser, seedUsers } from '../local-aws/seed/seed-users';

const USERS = IS_WHOLE ? 3_100 : 800;
/** Whom the script hits. */
const [DELETED, SPOILT, DISABLED] = IS_WHOLE ? [1_250, 950, 300] : [100, 75, 25];
/** Of the removed group: those whom the script deletes before, those of the others whom it hits twice, and those who are in it when it goes. */
const [DELETED_MEMBERS, MEMBERS] = IS_WHOLE ? [100, 600] : [10, 60];
const [SPOILT_MEMBERS, DISABLED_MEMBERS] = IS_WHOLE ? [80, 20] : [8, 2];
const ONLY_MEMBERS = MEMBERS - SPOILT_MEMBERS - DISABLED_MEMBERS;
const HIT = DELETED + SPOILT + DISABLED + ONLY_MEMBERS;
const CHAPTER = '## Users were deleted or changed';
/** A slow typist's 40 words of five characters, a minute. */
const CHARACTERS_A_MINUTE = 200;
/** Its name is as odd as Cognito allows. */
const GROUP = 'Gäste_&_"Kündigung",_退会\'s';
const AT_ONCE = 4;
/** For what works on all of them; a bound on what hangs. */
const LONGEST = 900_000;
const SCRIPT = `arn:aws:iam::${LocalAws.ACCOUNT}:role/script`;
const CLERK = `arn:aws:iam::${LocalAws.ACCOUNT}:role/clerk`;
const EVENTS_QUEUE = 'recovery-events';

let aws: LocalAws;
let dr: DeployedDr;
/** Everything personal that any user ever had. */
const personal = new Set<string>();
const executions: Execution[] = [];
let before: PoolState;
let after: PoolState;
let asOf: string;
let incident: Incident;
let plan: string;
/** What was on the terminal of somebody who typed. */
const shown: string[] = [];
let executed: RecoveryReport;
/** Of those whom the script had deleted, by the old `sub`. */
const newSubs = new Map<string, string>();

const callsOf = (role: string) => aws.client(PRIMARY, { role }).cognito;
const database = () => DynamoDBDocumentClient.from(aws.client(PRIMARY).dynamodb);
const state = async () => readPool(aws.client(PRIMARY, { seed: true }).cognito, dr.userPoolId);
const settled = async () => drained(aws, PRIMARY, dr.hintsQueue);
const pause = async (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));
const incidents = async () => new DynamoDbIncidentStore(database(), dr.ledgerTable).incidents(dr.userPoolId);

/** Whom the script hits, and whom somebody changes in the ordinary way meanwhile. */
let hit: Readonly<Record<'deleted' | 'spoilt' | 'disabled' | 'members', readonly UserState[]>>;
let ordinary: Readonly<Record<'renamed' | 'joining' | 'leaving' | 'closed', readonly UserState[]>>;

/** Of every kind that a directory has: some have no password yet, some are disabled, some have no verified address. */
function choose(users: readonly SeededUser[]): void {
  const all = users.map(({ sub }) => before.users.get(sub)!);
  const others = all.splice(HIT);
  const take = (count: number, isOne: (user: UserState) => boolean) => {
    const taken = all.filter(isOne).slice(0, count);
    taken.forEach(user => all.splice(all.indexOf(user), 1));
    return taken;
  };
  // An address that was not verified is not written back, as Cognito would send a code to it.
  const spoilt = take(SPOILT, ({ attributes }) => attributes.email_verified === 'true');
  const disabled = take(DISABLED, ({ enabled }) => enabled);
  const deleted = take(DELETED, () => true);
  const members = [...deleted.slice(0, DELETED_MEMBERS), ...spoilt.slice(0, SPOILT_MEMBERS), ...disabled.slice(0, DISABLED_MEMBERS), ...all];
  hit = { deleted, spoilt, disabled, members };
  const [into] = before.groups.keys();
  const joining = others.slice(20, -5).filter(({ groups }) => !groups.includes(into)).slice(0, 10);
  const leaving = others.slice(20, -5).filter(user => user.groups.length > 0 && !joining.includes(user)).slice(0, 5);
  ordinary = { renamed: others.slice(0, 20), joining, leaving, closed: others.slice(-5) };
}

const one = (user: UserState | { readonly username: string }) => ({ UserPoolId: dr.userPoolId, Username: user.username });
const attributes = (values: Record<string, string>) => Object.entries(values).map(([Name, Value]) => ({ Name, Value }));

async function script(): Promise<void> {
  const cognito = callsOf(SCRIPT);
  await forEachConcurrently(hit.deleted, AT_ONCE, async user => { await cognito.send(new AdminDeleteUserCommand(one(user))); });
  await forEachConcurrently(hit.spoilt, AT_ONCE, async user => {
    const email = `spoilt-${user.sub}@example.net`;
    personal.add(email);
    await cognito.send(new AdminUpdateUserAttributesCommand({ ...one(user), UserAttributes: attributes({ email, email_verified: 'true' }) }));
  });
  await forEachConcurrently(hit.disabled, AT_ONCE, async user => { await cognito.send(new AdminDisableUserCommand(one(user))); });
  await cognito.send(new DeleteGroupCommand({ UserPoolId: dr.userPoolId, GroupName: GROUP }));
}

/** 50 changes. */
async function ordinaryLife(): Promise<void> {
  const cognito = callsOf(CLERK);
  const GroupName = [...before.groups.keys()].find(name => name !== GROUP)!;
  for (let i = 0; i < 10; i++) {
    const email = `newcomer-${i}@example.org`;
    personal.add(email);
    await cognito.send(new AdminCreateUserCommand({ ...one({ username: email }), MessageAction: 'SUPPRESS', UserAttributes: attributes({ email, 'custom:tenant': 't' }) }));
  }
  for (const user of ordinary.renamed) {
    const name = `Renamed "${user.sub}", Ω`;
    personal.add(name);
    await cognito.send(new AdminUpdateUserAttributesCommand({ ...one(user), UserAttributes: attributes({ name }) }));
  }
  for (const user of ordinary.joining) await cognito.send(new AdminAddUserToGroupCommand({ ...one(user), GroupName }));
  for (const user of ordinary.leaving) await cognito.send(new AdminRemoveUserFromGroupCommand({ ...one(user), GroupName: user.groups[0] }));
  for (const user of ordinary.closed) await cognito.send(new AdminDeleteUserCommand(one(user)));
}

async function start(input: object): Promise<Execution> {
  const execution = await aws.runStateMachine(PRIMARY, dr.recovery, input, { timeoutMs: LONGEST });
  executions.push(execution);
  return execution;
}

async function recover(input: object): Promise<RecoveryReport> {
  const { status, output, error, cause } = await start(input);
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED' });
  return output as RecoveryReport;
}

async function linesOf(ofPlan: string): Promise<RecoveryLine[]> {
  const lines: RecoveryLine[] = [];
  const query = { TableName: `${dr.ledgerTable}-recovery`, KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': recoveryKeys.plan(ofPlan) } };
  for await (const { Items = [] } of paginateQuery({ client: database() }, query)) {
    lines.push(...Items.flatMap(({ line }) => line ? [line as RecoveryLine] : []));
  }
  return lines;
}

/** Calls of functions to Cognito that change something, since `from`. */
const writes = (from: Parameters<typeof aws.calls.since>[0]) => Object.keys(aws.calls.since(from).byOperation({ service: 'cognito-idp', caller: 'lambda' }))
  .filter(operation => !/^(Describe|List|Get|AdminList|AdminGet)/.test(operation));

const sumOf = <T>(all: readonly T[], count: (each: T) => number) => all.reduce((sum, each) => sum + count(each), 0);
const subsOf = (users: readonly UserState[]) => users.map(({ sub }) => sub).sort();
/** What a recovery can bring back; the user name of these pools is the `sub`. */
const kept = ({ attributes: values, enabled, groups }: UserState) => ({ attributes: values, enabled, groups: [...groups].sort() });
const keptOf = (users: Iterable<readonly [string, UserState]>) =>
  new Map([...users].map(([sub, user]) => [sub, kept(user)] as const).sort(([a], [b]) => a < b ? -1 : 1));

/** The pool by the `sub`s that users had before the script. */
function byFirstSub({ users }: PoolState): [string, UserState][] {
  const first = new Map([...newSubs].map(([old, sub]) => [sub, old]));
  return [...users].map(([sub, user]) => [first.get(sub) ?? sub, user]);
}

function roleWith(RoleName: string, ...actions: string[]): Resources[string] {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName,
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: LocalAws.ACCOUNT } }] },
      Policies: [{
        PolicyName: 'calls',
        PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions.map(action => `cognito-idp:${action}`), Resource: '*' }] },
      }],
    },
  };
}

/** Those who make the calls, and a queue for everything that the library puts on the bus. */
async function deployOperators(): Promise<void> {
  const queueArn = `arn:aws:sqs:${PRIMARY}:${LocalAws.ACCOUNT}:${EVENTS_QUEUE}`;
  await deployTemplate(aws, PRIMARY, 'Operators', {
    Script: roleWith('script', 'AdminDeleteUser', 'AdminUpdateUserAttributes', 'AdminDisableUser', 'DeleteGroup'),
    Clerk: roleWith('clerk', 'AdminCreateUser', 'AdminUpdateUserAttributes', 'AdminAddUserToGroup', 'AdminRemoveUserFromGroup', 'AdminDeleteUser'),
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: EVENTS_QUEUE } },
    QueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Queue' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Principal: { Service: 'events.amazonaws.com' }, Resource: queueArn }],
        },
      },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: { State: 'ENABLED', EventPattern: { source: [INCIDENT_EVENT.SOURCE] }, Targets: [{ Id: 'queue', Arn: queueArn }] },
    },
  });
}

beforeAll(async () => {
  aws = await LocalAws.start({ quotas: QUOTA_SCALE });
  dr = (await deployDr(aws, { stackName: 'Recovery', pools: ['email'] })).email;
  await deployOperators();
  // The first sweep copies them.
  aws.events.configure({ seeding: false });
  const { users } = await seedUsers({
    endpoint: aws.endpoint, account: aws.account, region: PRIMARY, userPoolId: dr.userPoolId, users: USERS, groups: 12,
  });
  users.forEach(({ person }) => personalValues(person).forEach(value => personal.add(value)));
  before = await state();
  choose(users);
  const { cognito } = aws.client(PRIMARY, { seed: true });
  await cognito.send(new CreateGroupCommand({ UserPoolId: dr.userPoolId, GroupName: GROUP, Description: 'comma, "quotes"', Precedence: 0 }));
  await forEachConcurrently(hit.members, AT_ONCE, async user => {
    await cognito.send(new AdminAddUserToGroupCommand({ ...one(user), GroupName: GROUP }));
  });
  expect((await aws.runStateMachine(PRIMARY, dr.sweep)).status).toBe('SUCCEEDED');
  // CloudTrail's times are whole seconds, and clocks differ by up to one.
  await pause(3_000);
  before = await state();
  asOf = new Date().toISOString();
  await pause(3_000);
}, 600_000);

afterAll(async () => {
  TypedShell.closeAll();
  await aws.stop();
});

test(`a script deletes ${DELETED}, overwrites ${SPOILT} addresses, disables ${DISABLED} and removes a group of ${MEMBERS}: incidents within seconds`, async () => {
  const { deleted, spoilt, disabled, members } = hit;
  expect([deleted.length, spoilt.length, disabled.length, members.length]).toEqual([DELETED, SPOILT, DISABLED, DELETED_MEMBERS + MEMBERS]);
  expect(Object.values(ordinary).map(({ length }) => length)).toEqual([20, 10, 5, 5]);
  const began = Date.now();
  await Promise.all([script(), ordinaryLife()]);
  const ended = Date.now();
  await settled();
  after = await state();

  const raised = await incidents();
  process.stdout.write(`the script ran ${ended - began} ms, its hints ${Date.now() - ended} ms longer; incidents raised after `
    + `${raised.map(({ kind, raisedAt }) => `${kind} ${raisedAt - began}`).join(', ')} ms\n`);
  const said = raised.map(({ kind, counts, causes }) => [kind, counts, causes.map(({ event, principal }) => [event, principal])]);
  expect(said).toEqual(expect.arrayContaining([
    ['users-gone', { deleted: DELETED + 5, disabled: DISABLED }, [['AdminDeleteUser', SCRIPT], ['AdminDisableUser', SCRIPT], ['AdminDeleteUser', CLERK]]],
    ['attributes-changed', { changed: SPOILT }, [['AdminUpdateUserAttributes', SCRIPT]]],
    ['group-gone', { members: MEMBERS }, [['DeleteGroup', SCRIPT]]],
  ]));
  expect(raised).toHaveLength(3);
  incident = raised.find(({ kind }) => kind === 'users-gone')!;
  expect(incident.raisedAt - began).toBeLessThan(60_000);
  expect(incident.before).toBeGreaterThan(Date.parse(asOf));
  expect(incident.before).toBeLessThan(began);
}, LONGEST);

test('a difference names exactly those, and writes nothing', async () => {
  const from = aws.calls.snapshot();
  const difference = await recover({ difference: [asOf], everybody: true });
  expect(writes(from)).toEqual([]);
  // It is of everybody: what is ordinary is in it, too.
  const { renamed, joining, leaving, closed } = ordinary;
  expect(difference).toMatchObject({
    changes: { deleted: DELETED + closed.length, changed: HIT - DELETED + renamed.length + joining.length + leaving.length, created: 10 },
    attributes: { email: SPOILT, name: renamed.length },
  });
  expectLines(await linesOf(difference.plan), { deleted: [...hit.deleted, ...closed], named: renamed });
}, LONGEST);

function expectLines(lines: readonly RecoveryLine[], { deleted, named }: { deleted: readonly UserState[]; named: readonly UserState[] }): void {
  const users = lines.flatMap(line => line.of === 'user' ? [line] : []);
  const reversed = (which: (reversal: Reversal) => boolean) =>
    users.flatMap(line => line.action === 'reverse' && which(line.reversal) ? [line.sub] : []).sort();
  expect(users.flatMap(({ action, sub }) => action === 'create' ? [sub] : []).sort()).toEqual(subsOf(deleted));
  expect(reversed(({ set }) => set.email !== undefined)).toEqual(subsOf(hit.spoilt));
  expect(reversed(({ set }) => set.name !== undefined)).toEqual(subsOf(named));
  expect(reversed(({ enabled }) => enabled === true)).toEqual(subsOf(hit.disabled));
  expect(reversed(({ join }) => join.includes(GROUP))).toEqual(subsOf(hit.members.slice(DELETED_MEMBERS)));
  expect(lines.flatMap(line => line.of === 'group' ? [[line.id, line.action]] : [])).toEqual([[`G#${GROUP}`, 'create']]);
}

/** What an execution that somebody started answers. */
async function reportOf(name: string): Promise<RecoveryReport> {
  const executionArn = `${dr.recovery.replace(':stateMachine:', ':execution:')}:${name}`;
  const { output } = await aws.client(PRIMARY).stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
  return JSON.parse(output!) as RecoveryReport;
}

test(`the chapter of the runbook, typed command by command, takes back what it did to ${HIT} of ${USERS} users, in less than ten minutes of typing`, async () => {
  const mails = (await aws.mails()).length;
  await aws.replication.settled();
  const shell = await TypedShell.open(aws);
  const screens: string[] = [];
  /** What the chapter tells its reader to fill in, from what the step before has shown. */
  const filled: Record<string, string> = {};
  const from = aws.calls.snapshot();
  // What follows them is for a case without an incident.
  for (const command of commandsOf(CHAPTER).slice(0, 5)) {
    const { exit, screen } = await shell.type(command, filled);
    screens.push(screen);
    process.stdout.write(`${screen}\n`);
    expect([command, exit]).toEqual([command, 0]);
    if (command.endsWith('list incidents')) {
      expect(writes(from)).toEqual([]);
      const [, id] = /go back to\s*\n\s*(\S+)/.exec(screen)!;
      const [, caller] = /by (arn:\S+:role\/script)/.exec(screen)!;
      Object.assign(filled, { INCIDENT: id, CALLER: caller });
    }
  }
  const [, status, , recovery, check] = screens;
  const minutes = shell.characters / CHARACTERS_A_MINUTE;
  process.stdout.write(`${screens.length} commands, ${shell.characters} characters, ${shell.answers} question: ${minutes.toFixed(1)} min of typing\n`);
  shell.close();
  shown.push(...screens);
  expect(status).toContain('DEGRADED');
  expect(check).toContain('nothing to do: the pool is as it was');
  expect(shell.answers).toBe(1);
  expect(minutes).toBeLessThan(10);
  expect(filled).toEqual({ INCIDENT: incident.id, CALLER: SCRIPT });

  executed = await reportOf(/npx cognito-dr-replica undo (\S+)/.exec(recovery)![1]);
  ({ plan } = executed);
  expect(await reportOf(plan)).toMatchObject({
    executed: false,
    users: { undeleted: DELETED, reverted: HIT - DELETED, leftAsTheyAre: 0 },
    groups: { created: 1, reverted: 0, leftAsTheyAre: 0 },
    changes: { deleted: DELETED, changed: HIT - DELETED },
    enabled: DISABLED,
    disabled: 0,
    memberships: { given: sumOf(hit.deleted, ({ sub }) => before.users.get(sub)!.groups.length) + MEMBERS, taken: 0 },
    leftAsTheyAre: {},
    // An address and its flag are one.
    attributes: { email: SPOILT, email_verified: SPOILT },
  });
  expectLines(await linesOf(plan), { deleted: hit.deleted, named: [] });
  expect(executed).toMatchObject({ executed: true, users: { undeleted: DELETED }, outcomes: { 'restored': DELETED + 1, 'already-there': HIT - DELETED } });
  // A report names a thousand of them; the ledger knows them all.
  const ledger = new DynamoDbRecoveredSubs(database(), dr.ledgerTable, dr.userPoolId);
  for (const sub of subsOf(hit.deleted)) newSubs.set(sub, (await ledger.of(sub)).replacedBy!);
  expect([...newSubs]).toEqual(expect.arrayContaining(Object.entries(executed.recoveredSubs!)));
  expect(Object.keys(executed.recoveredSubs!).length + (executed.moreRecoveredSubs ?? 0)).toBe(DELETED);
  // Of whom the script did not touch, the pool is as ordinary life left it.
  const wanted = new Map(after.users);
  for (const { sub } of [...hit.deleted, ...hit.spoilt, ...hit.disabled, ...hit.members]) wanted.set(sub, before.users.get(sub)!);
  const now = await state();
  expect(keptOf(byFirstSub(now))).toEqual(keptOf(wanted));
  expect(wanted.size).toBe(USERS + 10 - 5);
  expect(now.groups).toEqual(before.groups);
  for (const sub of newSubs.values()) expect(now.users.get(sub)!.status).toBe('CONFIRMED');
  expect(await aws.mails()).toHaveLength(mails);
}, 1_200_000);

test('the ledger says of what the recovery wrote that it did, with the execution', async () => {
  await settled();
  const ledger = new DynamoDbLedgerStore(database(), dr.ledgerTable);
  const rows = (await Promise.all(SHARDS.map(async shard => (await ledger.usersOfShard(dr.userPoolId, shard)).items))).flat();
  const causes = rows.flatMap(({ cause }) => cause?.event.startsWith('recovery') ? [cause.event] : []);
  expect(causes.length).toBeGreaterThanOrEqual(DELETED + SPOILT + DISABLED);
  expect(new Set(causes)).toEqual(new Set([`recovery:${executed.execution}`]));
  // What a recovery puts right is no incident.
  expect(await incidents()).toHaveLength(3);
});

test('a second execution writes nothing, of the same plan or of another one', async () => {
  const from = aws.calls.snapshot();
  const { error, cause } = await start({ plan });
  expect([error, cause]).toEqual(['InvalidInput', expect.stringContaining(`was executed by ${executed.execution}`)]);
  const some = Object.values(hit).flatMap(users => subsOf(users).slice(-25));
  const again = await recover({ kind: 'restore', before: incident.id, subs: some, dryRun: true });
  expect(again).toMatchObject({
    users: { undeleted: 0, reverted: 0 }, groups: { created: 0, reverted: 0 }, leftAsTheyAre: { 'came back already': expect.any(Number) },
  });
  await recover({ plan: again.plan });
  expect(writes(from)).toEqual([]);
});

test('undo restores what the script had left: whom it had deleted is disabled, and not deleted', async () => {
  await recover({ undo: executed.execution });
  const now = new Map(byFirstSub(await state()));
  const deleted = new Set(subsOf(hit.deleted));
  expect(keptOf([...now].filter(([sub]) => !deleted.has(sub)))).toEqual(keptOf(after.users));
  expect([...deleted].filter(sub => now.get(sub)?.enabled !== false)).toEqual([]);
}, LONGEST);

test('no log line, metric, output or event holds a value of anybody', async () => {
  const events = await received(aws, PRIMARY, EVENTS_QUEUE);
  const types = events.map(body => (JSON.parse(body) as { 'detail-type': string })['detail-type']);
  expect([...new Set(types)].sort()).toEqual(['Incident', 'Recovery']);
  const logs = await aws.lambdaLogs(PRIMARY);
  const histories = await Promise.all(executions.map(async execution => JSON.stringify(await execution.history())));
  expect(logs.join('\n')).toContain('"CaptureLag"');
  const text = [...shown, ...logs, ...histories, ...events, JSON.stringify(await incidents()), JSON.stringify(executions)].join('\n');
  process.stdout.write(`${personal.size} values looked for in ${text.length} characters\n`);
  expect(valuesIn(text, personal)).toEqual([]);
  expect(aws.iam.denied).toEqual([]);
});
