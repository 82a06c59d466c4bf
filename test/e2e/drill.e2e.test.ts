import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import {
  AdminCreateUserCommand, AdminDeleteUserCommand, AdminRemoveUserFromGroupCommand, AdminUpdateUserAttributesCommand, ListUserPoolsCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { GetObjectCommand, GetObjectRetentionCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { Duration } from 'aws-cdk-lib';
import { DeployedDr, PRIMARY, QUOTA_SCALE, REPLICA, deployDr, federate } from './dr-app';
import { IS_WHOLE } from './scale';
import { Drill } from '../../src';
import { drawn } from '../../src/drill/seed';
import { forEachConcurrently } from '../../src/runtime/concurrency';
import { verifyChain } from '../drill/evidence/chain-shell';
import { PoolState, readPool } from '../helpers/compare';
import { personalValues, valuesIn } from '../helpers/personal-values';
import { Execution, LocalAws } from '../local-aws/local-aws';
import { Seeded, seedUsers } from '../local-aws/seed/seed-users';

/** Of a third of them, each kind of user is there as well. */
const USERS = IS_WHOLE ? 2_000 : 700;
/** Users who are deleted, and as many whose address is another one, after the moment that is drilled: too few for the sweep to hold deletions. */
const CHANGED = 30;
/** So early in its window that nothing was changed yet; drawn all the same. */
const SEED = Array.from({ length: 10_000 }, (_, i) => `seed-${i}`).find(seed => drawn(seed, 'moment') < 0.002)!;

let aws: LocalAws;
let dr: DeployedDr;
let seeded: Seeded;
let s3: S3Client;
/** Of sign-ups that were seeded. */
let mailsBefore: number;

const source = () => aws.client(PRIMARY, { seed: true }).cognito;
const scratch = () => aws.client(REPLICA, { seed: true }).cognito;
const poolsOf = async () => {
  const { UserPools = [] } = await scratch().send(new ListUserPoolsCommand({ MaxResults: 60 }));
  return UserPools.map(({ Id, Name }) => ({ id: Id!, name: Name! }));
};
const plain = ({ users, groups }: PoolState) => ({ users: [...users], groups: [...groups] });

/** All that a drill must not touch. */
const everything = async () => ({
  source: plain(await readPool(source(), dr.userPoolId)),
  standby: plain(await readPool(scratch(), dr.standbyUserPoolId)),
  ledger: await itemsOf(dr.ledgerTable),
  links: await itemsOf(dr.stateTable),
  pools: await poolsOf(),
});

async function itemsOf(table: string): Promise<unknown[]> {
  const found: unknown[] = [];
  const client = DynamoDBDocumentClient.from(aws.client(REPLICA).dynamodb);
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table })) found.push(...Items);
  return found;
}

async function evidence(): Promise<Record<string, string>> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: dr.evidenceBucket }));
  const files: Record<string, string> = {};
  for (const { Key } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: dr.evidenceBucket, Key }));
    files[Key!] = await Body!.transformToString();
  }
  return files;
}

/**
 * Holds the drill where it says that it begins a phase, until `meanwhile` is done. What it saves says the phase before anything of it happens.
 */
function atPhase(phase: string, meanwhile: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    aws.faults.inject({
      operation: 'PutItem',
      service: 'dynamodb',
      region: REPLICA,
      times: 1,
      when: ({ input }) => input.TableName === dr.drillTable
        && (input as { Item: { checkpoint?: { M: { phase: { S: string } } } } }).Item.checkpoint?.M.phase.S === phase,
      answer: { meanwhile: async () => meanwhile().then(resolve, reject) },
    });
  });
}

const drilled = async (input: object): Promise<Execution> => aws.runStateMachine(REPLICA, dr.drills, input, { timeoutMs: 550_000 });

beforeAll(async () => {
  aws = await LocalAws.start({ quotas: QUOTA_SCALE, trail: false, waitScale: 0.05 });
  dr = (await deployDr(aws, {
    stackName: 'Drill',
    pools: ['aliases'],
    drill: Drill.schedule({ everybody: true, quotaShare: 1, targetRto: Duration.hours(1), evidenceLockYears: 1, subsRetention: Duration.days(90) }),
  })).aliases;
  s3 = new S3Client({ endpoint: aws.endpoint, region: REPLICA, forcePathStyle: true, credentials: { accessKeyId: aws.account, secretAccessKey: 'local' } });
  const clientId = await federate(aws, dr.userPoolId);
  const { endpoint, account } = aws;
  seeded = await seedUsers({ endpoint, account, region: PRIMARY, userPoolId: dr.userPoolId, clientId, users: USERS, groups: 5 });
  expect((await aws.runStateMachine(PRIMARY, dr.sweep)).status).toBe('SUCCEEDED');
  // What is on the standby, and its links, are there to be left alone.
  const subs = seeded.users.slice(0, 20).map(({ sub }) => sub);
  await aws.replication.settled();
  expect((await aws.runStateMachine(REPLICA, dr.restore, { targetUserPoolId: dr.standbyUserPoolId, subs })).status).toBe('SUCCEEDED');
  const [gone, other] = [seeded.users.slice(-CHANGED), seeded.users.slice(-2 * CHANGED, -CHANGED)];
  await forEachConcurrently(gone, 8, async ({ username: Username }) => {
    await source().send(new AdminDeleteUserCommand({ UserPoolId: dr.userPoolId, Username }));
  });
  await forEachConcurrently(other, 8, async ({ username: Username }) => {
    await source().send(new AdminUpdateUserAttributesCommand({ UserPoolId: dr.userPoolId, Username, UserAttributes: [{ Name: 'custom:note', Value: 'changed since' }] }));
  });
  expect((await aws.runStateMachine(PRIMARY, dr.sweep)).status).toBe('SUCCEEDED');
  await aws.replication.settled();
  mailsBefore = (await aws.mails()).length;
}, 1_200_000);

afterAll(async () => {
  s3.destroy();
  await aws.stop();
});

test('a drill at an earlier moment passes, leaves nothing, and touches nobody: must hold 1', async () => {
  const before = await everything();
  const { status, output, error, cause } = await drilled({ moment: 'random', users: 'everybody', quotaShare: 1, seed: SEED, targetRto: 3_600 });
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED' });
  expect(output).toMatchObject({
    validationStatus: 'SUCCESSFUL',
    deletionStatus: 'SUCCESSFUL',
    failures: [],
    rto: 'met',
    moment: { choice: 'random', seed: SEED },
    // Everybody who was there then: those who are gone since are among them.
    scope: { of: 'everybody', users: USERS },
    report: 'reports/00000001.json',
    sequence: 1,
  });
  expect(await everything()).toEqual(before);
  expect(before.pools.map(({ name }) => name).filter(name => name.includes('drill'))).toEqual([]);
  expect(await aws.mails()).toHaveLength(mailsBefore);
  // What a drill kept of users is gone with its pool.
  expect(valuesIn(JSON.stringify(await itemsOf(dr.drillTable)), seeded.users.map(({ sub }) => sub))).toEqual([]);
}, 600_000);

test('planted differences are found, named by sub in the file for them, and fail the drill; a second drill meanwhile says so: must holds 2 and 3', async () => {
  let stranger: string | undefined;
  let changed: string | undefined;
  let lost: string | undefined;
  let second: Execution | undefined;
  const planted = atPhase('compare', async () => {
    const { id: UserPoolId } = (await poolsOf()).find(({ name }) => name.includes('drill'))!;
    const { Users = [] } = await scratch().send(new ListUsersCommand({ UserPoolId }));
    const sourceSub = (user: typeof Users[number]) => user.Attributes!.find(({ Name }) => Name === 'custom:source_sub')!.Value!;
    const { groups, users } = await readPool(scratch(), UserPoolId);
    const member = [...users.values()].find(user => user.groups.length > 0)!;
    const [other] = Users.filter(({ Username }) => Username !== member.username);
    changed = sourceSub(other);
    lost = member.attributes['custom:source_sub'];
    expect(groups.size).toBeGreaterThan(0);
    await scratch().send(new AdminUpdateUserAttributesCommand({
      UserPoolId, Username: other.Username!, UserAttributes: [{ Name: 'custom:note', Value: 'planted' }],
    }));
    await scratch().send(new AdminRemoveUserFromGroupCommand({ UserPoolId, Username: member.username, GroupName: member.groups[0] }));
    const { User } = await scratch().send(new AdminCreateUserCommand({ UserPoolId, Username: 'planted-stranger', MessageAction: 'SUPPRESS' }));
    stranger = User!.Attributes!.find(({ Name }) => Name === 'sub')!.Value!;
    second = await drilled({ users: 10 });
  });
  const { status, error, cause } = await drilled({ users: 40, quotaShare: 1 });
  await planted;
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'DrillFailed' });
  expect(cause).toContain('unexplained-differences');
  expect(second).toMatchObject({ status: 'SUCCEEDED', output: { status: 'another drill is running' } });
  const files = await evidence();
  expect(Object.keys(files).sort()).toEqual(
    ['pages/00000001.html', 'pages/00000002.html', 'reports/00000001.json', 'reports/00000002.json', 'subs/00000002.json']);
  const named = JSON.parse(files['subs/00000002.json']) as { differing: object[]; more: number };
  expect(named.more).toBe(0);
  expect(named.differing).toHaveLength(3);
  expect(named.differing).toEqual(expect.arrayContaining([
    { sub: changed, code: 'attribute', field: 'custom:note' }, { sub: lost, code: 'membership-missing' }, { sub: stranger, code: 'user-not-expected' },
  ]));
  expect((await poolsOf()).filter(({ name }) => name.includes('drill'))).toEqual([]);
}, 300_000);

test('a real restore meanwhile is made way for: must hold 3', async () => {
  let restoring: string | undefined;
  const begun = atPhase('restore', async () => {
    restoring = await aws.startStateMachine(REPLICA, dr.restore, { targetUserPoolId: dr.standbyUserPoolId });
    const isLeased = async () => (await itemsOf(dr.stateTable) as { pk: string; leaseUntil?: number }[])
      .some(({ pk, leaseUntil = 0 }) => pk.startsWith('LEASE#') && leaseUntil > Date.now());
    while (!await isLeased()) await new Promise(resolve => setTimeout(resolve, 100));
  });
  const { status, output } = await drilled({ users: 5, quotaShare: 1 });
  await begun;
  expect(status).toBe('SUCCEEDED');
  expect(output).toMatchObject({ end: { how: 'yielded' }, validationStatus: 'STOPPED', deletionStatus: 'SUCCESSFUL', report: 'reports/00000003.json' });
  await aws.client(REPLICA).stepFunctions.send(new StopExecutionCommand({ executionArn: restoring! }));
  expect((await poolsOf()).filter(({ name }) => name.includes('drill'))).toEqual([]);
}, 300_000);

test('the chain of reports is whole, by the documented shell; reports are locked, and the file of subs is not: must hold 4', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'chain-'));
  mkdirSync(path.join(directory, 'reports'));
  for (const [key, text] of Object.entries(await evidence())) if (key.startsWith('reports/')) writeFileSync(path.join(directory, key), text);
  expect(verifyChain(directory)).toMatch(/^the chain is whole; its last report has the SHA-256 "[0-9a-f]{64}"\n$/);
  rmSync(directory, { recursive: true });
  const { Retention } = await s3.send(new GetObjectRetentionCommand({ Bucket: dr.evidenceBucket, Key: 'reports/00000001.json' }));
  expect(Retention).toMatchObject({ Mode: 'COMPLIANCE' });
  await expect(s3.send(new GetObjectRetentionCommand({ Bucket: dr.evidenceBucket, Key: 'subs/00000002.json' }))).rejects.toThrow();
});

test('no log line, history or report has a value that a user has, nobody got a message, and no permission was lacking: must hold 1', async () => {
  const { 'subs/00000002.json': _named, ...files } = await evidence();
  const texts = [(await aws.lambdaLogs(REPLICA)).join('\n'), ...Object.values(files)].join('\n');
  expect(texts).toContain('drill slice');
  const values = new Set(seeded.users.flatMap(({ username, sub, person }) => [username, sub, ...personalValues(person)]));
  expect(valuesIn(texts, values)).toEqual([]);
  expect(await aws.mails()).toHaveLength(mailsBefore);
  expect(aws.iam.denied).toEqual([]);
});
