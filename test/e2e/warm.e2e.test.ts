import {
  AdminAddUserToGroupCommand, AdminCreateUserCommand, AdminDeleteUserCommand, AdminDisableUserCommand, AdminEnableUserCommand,
  AdminRemoveUserFromGroupCommand, AdminUpdateUserAttributesCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { ListQueuesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { Duration } from 'aws-cdk-lib';
import { DeployedDr, PRIMARY, REPLICA, deployDr, turnSwitchOf } from './dr-app';
import { IS_WHOLE } from './scale';
import { Standby } from '../../src';
import { items } from '../../src/ledger/schema';
import { forEachConcurrently } from '../../src/runtime/concurrency';
import { DeletionsAnswer } from '../../src/standby/warm/apply-deletions';
import { sqsClient } from '../helpers/capture-watch';
import { differences, readPool, restored } from '../helpers/compare';
import { seededRandom } from '../helpers/random';
import { LocalAws } from '../local-aws/local-aws';
import { Seeded, seedUsers } from '../local-aws/seed/seed-users';

const USERS = IS_WHOLE ? 360 : 200;
const OPERATIONS = IS_WHOLE ? 500 : 250;
const DELETED = IS_WHOLE ? 300 : 150;
const GRACE = Duration.minutes(1);

let aws: LocalAws;
let dr: DeployedDr;
let seeded: Seeded;

beforeAll(async () => {
  aws = await LocalAws.start();
  ({ email: dr } = await deployDr(aws, { stackName: 'Warm', pools: ['email'], standby: Standby.warm({ deletionGracePeriod: GRACE }) }));
  seeded = await seedUsers({ endpoint: aws.endpoint, account: aws.account, region: PRIMARY, userPoolId: dr.userPoolId, users: USERS });
  expect(await fired(PRIMARY, 'Sweep')).toMatchObject([{ status: 'SUCCEEDED' }]);
}, 1_200_000);

afterAll(async () => aws.stop());

/** What a clock starts, started now: how its executions ended, and what its functions answered. */
async function fired(region: string, part: string): Promise<unknown[]> {
  const started = await aws.fireSchedule(region, part);
  return Promise.all(started.map(async ({ executionArn, answer }) => executionArn ? aws.waitForExecution(region, executionArn) : answer));
}

async function compared(): Promise<string[]> {
  const [source, standby] = await Promise.all([
    readPool(aws.client(PRIMARY, { seed: true }).cognito, dr.userPoolId), readPool(aws.client(REPLICA, { seed: true }).cognito, dr.standbyUserPoolId),
  ]);
  return differences(source, standby, { user: restored({ generatedUsernames: true }) });
}

async function untilEqual(timeoutMs: number): Promise<void> {
  const start = Date.now();
  for (;;) {
    const left = await compared();
    if (left.length === 0) return;
    if (Date.now() - start > timeoutMs) return expect(left.slice(0, 20)).toEqual([]);
    await new Promise(resolve => setTimeout(resolve, 2_000));
  }
}

async function applyDeletions(event: object = {}): Promise<DeletionsAnswer> {
  return await aws.invokeLambda(REPLICA, await aws.functionName(REPLICA, 'ApplyDeletions'), event) as DeletionsAnswer;
}

test('a first sweep fills the standby', async () => {
  await untilEqual(240_000);
}, 300_000);

test('each schedule of both stacks does its work when its time comes: the sweep, the deletions, the daily fill', async () => {
  expect(await aws.scheduled(PRIMARY)).toEqual([expect.stringContaining('Sweep')]); // fired before the first test
  expect(await aws.scheduled(REPLICA)).toEqual([expect.stringContaining('Deletions'), expect.stringContaining('Fill')]);
  expect(await fired(REPLICA, 'Deletions')).toEqual([{ deleted: 0, held: 0, cancelled: 0 }]);
  expect(await fired(REPLICA, 'Fill')).toMatchObject([{ status: 'SUCCEEDED', output: { restored: 0, failed: 0 } }]);
}, 300_000);

test(`${OPERATIONS} random operations on the source end up on the standby`, async () => {
  const { cognito } = aws.client(PRIMARY);
  const UserPoolId = dr.userPoolId;
  const random = seededRandom(7);
  const pick = (below: number) => Math.floor(random() * below);
  const users = seeded.users.filter(({ state }) => state === 'confirmed').map(({ username }) => username);
  const operations = Array.from({ length: OPERATIONS }, (_, i) => {
    const one = { UserPoolId, Username: users[pick(users.length)] };
    const GroupName = seeded.groups[pick(4)];
    const kinds = [
      () => cognito.send(new AdminUpdateUserAttributesCommand({ ...one, UserAttributes: [{ Name: 'custom:note', Value: `note ${i}` }] })),
      () => cognito.send(new AdminDisableUserCommand(one)),
      () => cognito.send(new AdminEnableUserCommand(one)),
      () => cognito.send(new AdminAddUserToGroupCommand({ ...one, GroupName })),
      () => cognito.send(new AdminRemoveUserFromGroupCommand({ ...one, GroupName })),
      () => cognito.send(new AdminCreateUserCommand({
        UserPoolId, Username: `new-${i}@example.com`, MessageAction: 'SUPPRESS', UserAttributes: [{ Name: 'email', Value: `new-${i}@example.com` }],
      })),
    ];
    return kinds[pick(kinds.length)];
  });
  const start = Date.now();
  await forEachConcurrently(operations, 8, async operation => { await operation(); });
  const made = Date.now();
  await untilEqual(240_000);
  console.info(`${OPERATIONS} operations within ${made - start} ms; the standby was equal ${Date.now() - made} ms after the last one`);
}, 400_000);

test('a change that Cognito refuses is set aside by name, and those behind it arrive', async () => {
  const { cognito } = aws.client(PRIMARY);
  aws.faults.inject({
    operation: 'AdminCreateUser',
    region: REPLICA,
    when: ({ input }) => input.Username === 'poison@example.com',
    answer: { status: 400, body: { __type: 'InvalidParameterException', message: 'refused' } },
  });
  const subs: string[] = [];
  for (const email of ['poison@example.com', 'after@example.com']) {
    const { User } = await cognito.send(new AdminCreateUserCommand({
      UserPoolId: dr.userPoolId, Username: email, MessageAction: 'SUPPRESS', UserAttributes: [{ Name: 'email', Value: email }],
    }));
    subs.push(User!.Attributes!.find(({ Name }) => Name === 'sub')!.Value!);
  }
  const sqs = sqsClient(aws, REPLICA);
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const QueueUrl = QueueUrls.find(url => url.includes('SetAside'))!;
  const end = Date.now() + 150_000;
  let set: string | undefined;
  while (set === undefined && Date.now() < end) {
    set = (await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }))).Messages?.[0].Body;
  }
  sqs.destroy();
  expect(set).toContain(subs[0]);
  expect(set).not.toContain('poison@example.com');
  const arrived = async () => [...(await readPool(aws.client(REPLICA, { seed: true }).cognito, dr.standbyUserPoolId)).users.values()]
    .map(user => user.attributes['custom:source_sub']);
  while (!(await arrived()).includes(subs[1]) && Date.now() < end) await new Promise(resolve => setTimeout(resolve, 500));
  expect(await arrived()).toContain(subs[1]);
  expect(await arrived()).not.toContain(subs[0]);
  aws.faults.clear();
  await cognito.send(new AdminDeleteUserCommand({ UserPoolId: dr.userPoolId, Username: 'poison@example.com' }));
});

test(`${DELETED} users deleted on the source stay for the grace period; then so many stop for an operator`, async () => {
  const { cognito } = aws.client(PRIMARY);
  const gone = seeded.users.slice(0, DELETED);
  const there = async () => (await readPool(aws.client(REPLICA, { seed: true }).cognito, dr.standbyUserPoolId)).users.size;
  const before = await there();
  await forEachConcurrently(gone, 8, async ({ username }) => {
    await cognito.send(new AdminDeleteUserCommand({ UserPoolId: dr.userPoolId, Username: username }));
  });
  const deletedAt = Date.now();
  expect(await applyDeletions()).toMatchObject({ deleted: 0, held: 0 });
  expect(await there()).toBe(before);

  await new Promise(resolve => setTimeout(resolve, GRACE.toMilliseconds() + 30_000 - (Date.now() - deletedAt)));
  const held = await applyDeletions();
  expect(held).toMatchObject({ deleted: 0, cancelled: 0 });
  expect(held.held).toBeGreaterThan(DELETED * 2 / 3);
  expect(await there()).toBe(before);
  // A number alone lets nobody go who went in an incident: an operator confirms that by its id.
  const { incidents } = held;
  expect(incidents).toHaveLength(1);
  expect(await applyDeletions({ allowDeletions: DELETED + 1 })).toMatchObject({ deleted: 0, incidents });
  expect(await there()).toBe(before);
  await turnSwitchOf(aws, dr, { mode: 'closed', reason: 'they are really gone', confirmIncidents: incidents });
  // And the one who was set aside.
  expect(await applyDeletions({ allowDeletions: DELETED + 1 })).toMatchObject({ held: 0 });
  await untilEqual(120_000);
}, 400_000);

test('after the pool was replaced, the daily fill goes on with the one that was swept last', async () => {
  const ledger = DynamoDBDocumentClient.from(aws.client(REPLICA, { seed: true }).dynamodb);
  await ledger.send(new PutCommand({ TableName: dr.ledgerTable, Item: items.source({ poolId: `${PRIMARY}_Replaced1`, sweptAt: 1, users: USERS }) }));
  expect(await fired(REPLICA, 'Fill')).toMatchObject([{ status: 'SUCCEEDED', output: { sourceUserPoolId: dr.userPoolId, failed: 0 } }]);
}, 300_000);
