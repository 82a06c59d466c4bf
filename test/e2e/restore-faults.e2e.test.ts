import {
  AdminCreateUserCommand, AdminInitiateAuthCommand, AdminSetUserPasswordCommand, CreateUserPoolClientCommand, DeleteUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { LambdaClient, ListFunctionsCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { Duration } from 'aws-cdk-lib';
import { DeployedDr, PRIMARY, QUOTA_SCALE, REPLICA, deployDr, emptyTarget } from './dr-app';
import { IS_WHOLE } from './scale';
import { SweepReport } from '../../src/capture/sweep/sweep';
import { sentenceOf } from '../../src/converge/sentences';
import { RestoreReport } from '../../src/restore/report';
import { STATE } from '../../src/state/constants';
import { Reason } from '../../src/state/outcome';
import { PoolState, differences, readPool, restored } from '../helpers/compare';
import { throttled } from '../local-aws/gateway/faults';
import { LocalAws } from '../local-aws/local-aws';
import { SeededUser, seedUsers } from '../local-aws/seed/seed-users';

const USERS = IS_WHOLE ? 300 : 180;
const TARGETS = 7;

let aws: LocalAws;
let dr: DeployedDr;
let users: readonly SeededUser[];
let source: PoolState;
let targets: string[];
let sliceFunction: string;
let lambda: LambdaClient;

beforeAll(async () => {
  aws = await LocalAws.start({ quotas: QUOTA_SCALE, waitScale: 0.2, trail: false });
  targets = await Promise.all(Array.from({ length: TARGETS }, async () => emptyTarget(aws)));
  dr = (await deployDr(aws, { stackName: 'Faults', pools: ['email'], targets, _sliceDuration: Duration.seconds(60) })).email;
  const seeded = await seedUsers({ endpoint: aws.endpoint, account: aws.account, region: PRIMARY, userPoolId: dr.userPoolId, users: USERS });
  users = seeded.users;
  expect(((await aws.runStateMachine(PRIMARY, dr.sweep)).output as SweepReport).users.written).toBe(USERS);
  source = await readPool(aws.client(PRIMARY, { seed: true }).cognito, dr.userPoolId);
  await aws.replication.settled();
  lambda = aws.client(REPLICA).lambda;
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  sliceFunction = Functions.map(({ FunctionName }) => FunctionName!).find(name => name.includes('RestoreSlice'))!;
}, 300_000);

afterAll(async () => aws.stop());

afterEach(() => aws.faults.clear());

async function restore(input: object, timeoutMs = 120_000) {
  const before = aws.calls.snapshot();
  const execution = await aws.runStateMachine(REPLICA, dr.restore, input, { timeoutMs });
  return { ...execution, report: execution.output as RestoreReport, calls: aws.calls.since(before) };
}

async function expectRestored(targetUserPoolId: string, allBut: readonly string[] = []): Promise<void> {
  const target = await readPool(aws.client(REPLICA, { seed: true }).cognito, targetUserPoolId);
  const keep = restored({ generatedUsernames: true });
  expect(differences(source, target, { user: user => (allBut.includes(user.sub) ? undefined : keep(user)) })).toEqual([]);
}

const writesOfUsers = ['AdminCreateUser', 'AdminSetUserPassword', 'AdminAddUserToGroup', 'AdminDisableUser'];

test('a worker that is killed in mid-slice, twice, and one that times out: the execution goes on, nothing doubled, nothing lost', async () => {
  const [targetUserPoolId] = targets;
  const running = restore({ targetUserPoolId });
  for (const creations of [40, 60]) {
    await aws.calls.next({ operation: 'AdminCreateUser', caller: 'lambda' }, creations);
    expect(aws.killLambda(sliceFunction)).toBeGreaterThan(0);
  }
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: sliceFunction, Timeout: 2 }));
  await aws.calls.next({ operation: 'AdminCreateUser', caller: 'lambda' }, 20);
  await new Promise(resolve => setTimeout(resolve, 2_500));
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: sliceFunction, Timeout: 120 }));

  const { status, report, calls, history } = await running;
  expect(status).toBe('SUCCEEDED');
  expect(report).toMatchObject({ users: USERS, restored: USERS, failed: 0 });
  expect(calls.count({ operation: 'AdminCreateUser', succeeded: true })).toBe(USERS);
  expect((await history()).filter(event => event.type === 'LambdaFunctionFailed' || event.type === 'TaskFailed').length).toBeGreaterThanOrEqual(2);
  await expectRestored(targetUserPoolId);
}, 180_000);

test('thirty seconds of TooManyRequests: the restore slows, and recovers', async () => {
  const [, targetUserPoolId] = targets;
  await aws.calls.next({ operation: 'ListUsers' }, 0);
  const running = restore({ targetUserPoolId });
  await aws.calls.next({ operation: 'AdminCreateUser', region: REPLICA, caller: 'lambda' }, 30);
  const begun = aws.calls.snapshot();
  const until = Date.now() + 30_000;
  for (const operation of writesOfUsers) aws.faults.inject({ operation, region: REPLICA, until, answer: throttled });
  await new Promise(resolve => setTimeout(resolve, 30_000));
  const refused = aws.calls.since(begun).of({ operation: writesOfUsers, succeeded: false }).length;
  const { status, report } = await running;
  expect(status).toBe('SUCCEEDED');
  expect(report).toMatchObject({ restored: USERS, failed: 0 });
  await expectRestored(targetUserPoolId);
  // At full speed it would have been 24,000 of AdminCreateUser alone.
  expect(refused).toBeGreaterThan(10);
  expect(refused).toBeLessThan(6_000);
}, 180_000);

test('a user whom the target refuses fails with the reason; everybody else is restored, and the report says so', async () => {
  const [, , targetUserPoolId] = targets;
  const { sub, person } = users.find(({ state }) => state === 'confirmed')!;
  aws.faults.inject({
    operation: 'AdminCreateUser',
    when: request => request.input.Username === person.email,
    answer: { status: 400, body: { __type: 'InvalidParameterException', message: `Attribute value ${person.email} is invalid` } },
  });
  const { status, report, arn } = await restore({ targetUserPoolId });
  expect(status).toBe('SUCCEEDED');
  expect(report).toMatchObject({ users: USERS, restored: USERS - 1, failed: 1 });
  const [reason] = Object.keys(report.reasons.failed!);
  expect(reason).toContain('InvalidParameterException');
  expect(JSON.stringify(report)).not.toContain(person.email);
  await expectRestored(targetUserPoolId, [sub]);

  // As the runbook tells an operator to look them up.
  const { Items } = await DynamoDBDocumentClient.from(aws.client(REPLICA).dynamodb).send(new QueryCommand({
    TableName: dr.stateTable,
    IndexName: STATE.OUTCOME_INDEX,
    KeyConditionExpression: 'outcomeList = :list',
    ExpressionAttributeValues: { ':list': `${arn.split(':').at(-1)}#failed` },
  }));
  const code: Reason = { code: 'refused', operation: 'AdminCreateUser', error: 'InvalidParameterException' };
  expect(Items).toEqual([expect.objectContaining({ reason: code })]);
  expect(reason).toBe(sentenceOf(code));
  expect(JSON.stringify(Items)).toContain(sub);

  aws.faults.clear();
  expect((await restore({ targetUserPoolId })).report).toMatchObject({ restored: 1, alreadyThere: USERS - 1, failed: 0 });
  await expectRestored(targetUserPoolId);
}, 180_000);

const Password = 'Their-0wn-Passw0rd!';

/** Puts people of the source into a target, with a password of their own; their addresses as they are, as nobody else can verify them. */
async function seedTarget(targetUserPoolId: string, people: readonly SeededUser[], more: (sub: string) => Record<string, string>): Promise<void> {
  const { cognito } = aws.client(REPLICA, { seed: true });
  for (const { person, sub } of people) {
    const { attributes } = source.users.get(sub)!;
    const kept = ['email', 'email_verified', 'phone_number', 'phone_number_verified', 'custom:tenant'].filter(name => attributes[name]);
    const wanted = { ...Object.fromEntries(kept.map(name => [name, attributes[name]])), name: 'somebody', ...more(sub) };
    await cognito.send(new AdminCreateUserCommand({
      UserPoolId: targetUserPoolId,
      Username: person.email,
      MessageAction: 'SUPPRESS',
      UserAttributes: Object.entries(wanted).map(([Name, Value]) => ({ Name, Value })),
    }));
    await cognito.send(new AdminSetUserPasswordCommand({ UserPoolId: targetUserPoolId, Username: person.email, Password, Permanent: true }));
  }
}

test('a target that holds a third of the users converges, and their passwords stay', async () => {
  const [, , , targetUserPoolId] = targets;
  const { cognito } = aws.client(REPLICA, { seed: true });
  const third = users.filter((_, i) => i % 3 === 0);
  await seedTarget(targetUserPoolId, third, sub => ({ 'custom:source_sub': sub }));
  // A user made in the second in which a restore starts is taken for its own.
  await new Promise(resolve => setTimeout(resolve, 1_100));
  const { status, report, calls } = await restore({ targetUserPoolId });
  expect(status).toBe('SUCCEEDED');
  expect(report).toMatchObject({ users: USERS, alreadyThere: third.length, restored: USERS - third.length, failed: 0 });
  expect(calls.count({ operation: 'AdminSetUserPassword', caller: 'lambda' })).toBe(USERS - third.length);
  await expectRestored(targetUserPoolId);

  const { UserPoolClient: client } = await cognito.send(new CreateUserPoolClientCommand({
    UserPoolId: targetUserPoolId, ClientName: 'app', ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'],
  }));
  const { person } = third.find(user => !user.person.disabled)!;
  const { AuthenticationResult } = await cognito.send(new AdminInitiateAuthCommand({
    UserPoolId: targetUserPoolId,
    ClientId: client!.ClientId,
    AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: person.email, PASSWORD: Password },
  }));
  expect(AuthenticationResult?.IdToken).toBeDefined();
}, 180_000);

test('who is there without custom:source_sub is known by the verified address; a stranger with a user\'s name gets nothing of theirs', async () => {
  const [, , , , , targetUserPoolId] = targets;
  const { cognito } = aws.client(REPLICA, { seed: true });
  const isVerified = ({ sub }: SeededUser) => source.users.get(sub)!.attributes.email_verified === 'true';
  const third = users.filter(isVerified).filter((_, i) => i % 3 === 0);
  const victim = users.find(user => isVerified(user) && !third.includes(user))!;
  await seedTarget(targetUserPoolId, third, () => ({}));
  await seedTarget(targetUserPoolId, [victim], () => ({ email_verified: 'false', phone_number_verified: 'false' }));

  const { status, report, calls } = await restore({ targetUserPoolId });
  expect(status).toBe('SUCCEEDED');
  expect(report).toMatchObject({
    users: USERS,
    alreadyThere: third.length,
    restored: USERS - third.length - 1,
    failed: 1,
    unknownInTarget: 1,
    reasons: { failed: { 'the sign-in name belongs to somebody else in the target': 1 } },
  });
  expect(calls.count({ operation: 'AdminSetUserPassword', caller: 'lambda' })).toBe(report.restored);

  const target = await readPool(cognito, targetUserPoolId);
  const subOf = (email: string) => users.find(({ person }) => person.email === email)!.sub;
  const stranger = [...target.users.values()].find(({ attributes }) => attributes.email === victim.person.email)!;
  expect(stranger).toMatchObject({ attributes: { name: 'somebody', email_verified: 'false' }, groups: [] });
  const keep = restored({ generatedUsernames: true });
  const found = differences(source, { ...target, users: new Map([...target.users].filter(([sub]) => sub !== stranger.sub)) }, {
    sourceSub: user => user.attributes['custom:source_sub'] ?? subOf(user.attributes.email),
    user: user => {
      if (user.sub === victim.sub) return undefined;
      const kept = keep(user)!;
      if (!third.some(({ sub }) => sub === user.sub)) return kept;
      const { 'custom:source_sub': _cannotBeAdded, ...attributes } = kept.attributes;
      return { ...kept, attributes };
    },
  });
  expect(found).toEqual([]);
}, 180_000);

test('a target that is gone fails at once, naming the field', async () => {
  const targetUserPoolId = targets[6];
  await aws.client(REPLICA, { seed: true }).cognito.send(new DeleteUserPoolCommand({ UserPoolId: targetUserPoolId }));
  const { status, error, cause, calls } = await restore({ targetUserPoolId });
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'InvalidInput' });
  expect(cause).toBe(`targetUserPoolId: there is no user pool ${targetUserPoolId}; it was deleted, or belongs to another account`);
  expect(Object.keys(calls.byOperation({ service: 'cognito-idp' }))).toEqual(['DescribeUserPool']);
  expect(calls.itemsWritten({ caller: 'lambda' })).toEqual({});
});

test('a dry run says what would happen and writes nothing to Cognito; naming users restores those', async () => {
  const targetUserPoolId = targets[4];
  const dry = await restore({ targetUserPoolId, dryRun: true });
  expect(dry.report).toMatchObject({ dryRun: true, users: USERS, wouldRestore: USERS, restored: 0 });
  const reads = /^(Describe|List|AdminList|AdminGet)/;
  expect(Object.keys(dry.calls.byOperation({ service: 'cognito-idp' })).filter(operation => !reads.test(operation))).toEqual([]);

  const subs = users.slice(0, 5).map(({ sub }) => sub);
  expect((await restore({ targetUserPoolId, subs })).report).toMatchObject({ users: 5, restored: 5 });
});

test('two restores at once into one target: the second one fails at once, and says which one is running', async () => {
  const targetUserPoolId = targets[4];
  const first = restore({ targetUserPoolId });
  await aws.calls.next({ operation: 'AdminCreateUser', region: REPLICA, caller: 'lambda' }, 10);
  const second = await restore({ targetUserPoolId });
  expect({ status: second.status, error: second.error }).toEqual({ status: 'FAILED', error: 'RestoreRunning' });
  expect(second.cause).toMatch(/^targetUserPoolId: the restore \S+ is filling .+ start again after/);
  expect(await first).toMatchObject({ status: 'SUCCEEDED', report: { users: USERS, failed: 0 } });
  await expectRestored(targetUserPoolId);
}, 180_000);

test.each<[string, unknown]>([
  ['asOf', { asOf: '2026-01-01T00:00:00Z' }],
  ['targetUserPoolID', { targetUserPoolID: 'us-west-2_abc' }],
  ['targetUserPoolId', { targetUserPoolId: 'us-west-2_Elsewhere' }],
  ['targetUserPoolId', { targetUserPoolId: 7 }],
  ['sourceUserPoolId', { sourceUserPoolId: 'us-east-1_Unknown' }],
  ['subs', { subs: 'all' }],
  ['subs', { subs: ['00000000-0000-4000-8000-000000000000'] }],
  ['groups', { groups: ['nobody-knows'] }],
  ['dryRun', { dryRun: 'yes' }],
  ['quotaShare', { quotaShare: 1.5 }],
  ['input', []],
])('bad input fails at once, naming %s: %j', async (field, input) => {
  const { status, error, cause, calls } = await restore(input as object);
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'InvalidInput' });
  expect(cause).toMatch(new RegExp(`^${field}\\b[^\\n]+$`));
  expect(Object.keys(calls.byOperation({ service: 'cognito-idp' })).filter(operation => operation !== 'DescribeUserPool')).toEqual([]);
  expect(calls.itemsWritten({ caller: 'lambda' })).toEqual({});
});
