import { AdminCreateUserCommand, AdminDeleteUserCommand, AdminUpdateUserAttributesCommand, DescribeUserPoolCommand } from '@aws-sdk/client-cognito-identity-provider';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DeployedDr, PRIMARY, QUOTA_SCALE, REPLICA, deployDr, drApp, federate } from './dr-app';
import { IS_WHOLE } from './scale';
import { isFederated } from '../../src/cognito/identities';
import { DynamoDbIncidentStore } from '../../src/ledger/dynamodb-incident-store.lambda-shared';
import { DynamoDbLedgerStore } from '../../src/ledger/dynamodb-ledger-store.lambda-shared';
import { incidentDetail } from '../../src/ledger/incident';
import { RestoreReport } from '../../src/restore/report';
import { drained } from '../helpers/capture-watch';
import { PoolState, UserState, readPool } from '../helpers/compare';
import { commandsOf } from '../helpers/runbook';
import { TypedShell } from '../helpers/typed-shell';
import { LocalAws } from '../local-aws/local-aws';
import { seedUsers } from '../local-aws/seed/seed-users';

const USERS = IS_WHOLE ? 200 : 120;
/** The deployment of the replica stack is the test's own; the rest of the chapter is typed, word for word. */
const [DEPLOY, ...COMMANDS] = commandsOf('## The pool is gone, or was replaced');

const app = { stackName: 'Replaced', pools: ['email'] } as const;
let aws: LocalAws;
let old: DeployedDr;
let dr: DeployedDr;
let before: PoolState;
let asOf: string;

const cognito = () => aws.client(PRIMARY, { seed: true }).cognito;
const ledger = () => new DynamoDbLedgerStore(DynamoDBDocumentClient.from(aws.client(PRIMARY).dynamodb), dr.ledgerTable);
const state = async (userPoolId: string) => readPool(cognito(), userPoolId);
const pause = async (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

async function sweep(): Promise<void> {
  const { status, error, cause } = await aws.runStateMachine(PRIMARY, dr.sweep);
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED' });
}

beforeAll(async () => {
  aws = await LocalAws.start({ quotas: QUOTA_SCALE });
  dr = old = (await deployDr(aws, app)).email;
  const clientId = await federate(aws, old.userPoolId);
  aws.events.configure({ seeding: false });
  await seedUsers({ endpoint: aws.endpoint, account: aws.account, region: PRIMARY, userPoolId: old.userPoolId, clientId, users: USERS, groups: 8 });
  aws.events.configure({ seeding: true });
  await sweep();
  // CloudTrail's times are whole seconds, and clocks differ by up to one.
  await pause(3_000);
  before = await state(old.userPoolId);
  asOf = new Date().toISOString();
  await pause(3_000);
  // What happened after that moment is in the copy, too.
  const [gone, ...spoilt] = [...before.users.values()].filter(user => !isFederated(user)).slice(0, 5);
  await cognito().send(new AdminDeleteUserCommand({ UserPoolId: old.userPoolId, Username: gone.username }));
  for (const { username: Username } of spoilt) {
    await cognito().send(new AdminUpdateUserAttributesCommand({ UserPoolId: old.userPoolId, Username, UserAttributes: [{ Name: 'name', Value: 'Spoilt' }] }));
  }
  await drained(aws, PRIMARY, old.hintsQueue);
}, 600_000);

afterAll(async () => {
  TypedShell.closeAll();
  await aws.stop();
});

test('a deployment replaces the pool: the copy keeps the old rows, warns, and captures the new pool', async () => {
  dr = (await deployDr(aws, { ...app, construct: 'new-' })).email;
  expect(dr.userPoolId).not.toBe(old.userPoolId);
  expect(dr.ledgerTable).toBe(old.ledgerTable);
  await expect(cognito().send(new DescribeUserPoolCommand({ UserPoolId: old.userPoolId }))).rejects.toThrow('does not exist');
  await sweep();
  const sources = await ledger().sources();
  expect(sources.map(({ poolId, users }) => [poolId, users]).sort()).toEqual([[old.userPoolId, USERS], [dr.userPoolId, 0]].sort());

  const raised = await new DynamoDbIncidentStore(DynamoDBDocumentClient.from(aws.client(PRIMARY).dynamodb), dr.ledgerTable).incidents(dr.userPoolId);
  expect(raised.map(incidentDetail)).toMatchObject([{
    kind: 'pool-replaced', counts: { users: USERS }, input: { sourceUserPoolId: old.userPoolId, targetUserPoolId: dr.userPoolId, dryRun: true },
  }]);
  expect(raised[0].announcedAt).toBeDefined();
});

test('by the command of the runbook everybody is in the new pool, as of the moment before', async () => {
  await aws.replication.settled();
  await aws.deploy(drApp({ ...app, construct: 'new-', targets: [dr.userPoolId] }), { stacks: ['ReplacedReplica'] });
  expect(DEPLOY).toBe('npx cdk deploy AuthStack/Dr/Replica');
  const shell = await TypedShell.open(aws);
  const filled = { 'us-east-1_OldPool01': old.userPoolId, 'us-east-1_NewPool01': dr.userPoolId, '2026-11-02T10:30:00Z': asOf };
  const screens: string[] = [];
  for (const command of [...COMMANDS.slice(0, 1), 'npx cognito-dr-replica list incidents', ...COMMANDS.slice(1)]) {
    const { exit, screen } = await shell.type(command, filled);
    screens.push(screen);
    expect([screen, exit]).toEqual([screen, 0]);
  }
  shell.close();
  const [, listed, restored] = screens;
  expect(listed).toContain(`restore --source ${old.userPoolId} --target ${dr.userPoolId}`);
  const reportOf = async (name: string) => {
    const executionArn = `${dr.restore.replace(':stateMachine:', ':execution:')}:${name}`;
    const { output } = await aws.client(REPLICA).stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    return JSON.parse(output!) as RestoreReport;
  };
  const [dry, report] = await Promise.all([...restored.matchAll(/started (\S+)/g)].map(async ([, name]) => reportOf(name)));
  expect(dry.dryRun).toBe(true);

  const wanted = [...before.users.values()].filter(user => user.status !== 'UNCONFIRMED' && !isFederated(user));
  expect(report).toMatchObject({ users: USERS, restored: wanted.length, failed: 0, skipped: USERS - wanted.length });
  expect(dry).toMatchObject({ users: USERS, failed: 0, skipped: USERS - wanted.length });
  const now = await state(dr.userPoolId);
  expect(byEmail(now.users.values())).toEqual(byEmail(wanted));
  const groups = [...before.groups].filter(([name]) => now.groups.has(name)).map(([name, { roleArn: _, ...group }]) => [name, group] as const);
  expect(now.groups).toEqual(new Map(groups));
});

function byEmail(users: Iterable<UserState>): Map<string, unknown> {
  const kept = [...users].map(({ attributes: { identities: _, ...attributes }, enabled, groups }) =>
    [attributes.email, { attributes, enabled, groups: [...groups].sort(), status: 'CONFIRMED' }] as const);
  return new Map(kept.sort(([a], [b]) => a < b ? -1 : 1));
}

test('the new pool is captured as the old one was, those who were brought into it as well', async () => {
  await drained(aws, PRIMARY, dr.hintsQueue);
  const Username = 'newcomer@example.org';
  const UserAttributes = [{ Name: 'email', Value: Username }, { Name: 'custom:tenant', Value: 't' }];
  const { User } = await cognito().send(new AdminCreateUserCommand({ UserPoolId: dr.userPoolId, Username, MessageAction: 'SUPPRESS', UserAttributes }));
  await drained(aws, PRIMARY, dr.hintsQueue);
  expect(await ledger().user(dr.userPoolId, User!.Username!)).toMatchObject({ attributes: { email: Username } });
  for (const { sub } of (await state(dr.userPoolId)).users.values()) {
    expect(await ledger().user(dr.userPoolId, sub)).toMatchObject({ sub });
  }
  // The old rows are as they were.
  expect(await ledger().user(old.userPoolId, [...before.users.keys()][10])).toMatchObject({ poolId: old.userPoolId });
  expect(aws.iam.denied).toEqual([]);
});
