import { AdminUpdateUserAttributesCommand } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DeployedDr, PRIMARY, REPLICA, deployDr } from './dr-app';
import { IS_WHOLE } from './scale';
import { SWEEP_COGNITO_ACTIONS } from '../../src/capture/constants';
import { SweepReport } from '../../src/capture/sweep/sweep';
import { DynamoDbLedgerStore } from '../../src/ledger/dynamodb-ledger-store.lambda-shared';
import { SHARDS, UserRow, digestOfUser } from '../../src/ledger/schema';
import { PoolState, readPool } from '../helpers/compare';
import { LocalAws } from '../local-aws/local-aws';
import { Seeded, seedUsers } from '../local-aws/seed/seed-users';

const USERS = IS_WHOLE ? 2_000 : 1_000;
const GROUPS = 25;

let aws: LocalAws;
let dr: DeployedDr;
let seeded: Seeded;

beforeAll(async () => {
  // Nobody tells of changes: the sweep is to find them.
  aws = await LocalAws.start({ trail: false });
  dr = (await deployDr(aws, { stackName: 'Sweep', pools: ['email'] })).email;
  seeded = await seedUsers({
    endpoint: aws.endpoint, account: aws.account, region: PRIMARY, userPoolId: dr.userPoolId, users: USERS, groups: GROUPS,
  });
}, 300_000);

afterAll(async () => aws.stop());

afterEach(() => aws.faults.clear());

async function sweep(input: object = {}) {
  const before = aws.calls.snapshot();
  const execution = await aws.runStateMachine(PRIMARY, dr.sweep, input);
  return { ...execution, report: execution.output as SweepReport, calls: aws.calls.since(before) };
}

function ledgerIn(region: string): DynamoDbLedgerStore {
  return new DynamoDbLedgerStore(DynamoDBDocumentClient.from(aws.client(region).dynamodb), dr.ledgerTable);
}

async function usersInLedger(region = PRIMARY): Promise<Map<string, UserRow>> {
  const users = new Map<string, UserRow>();
  for (const shard of SHARDS) {
    let cursor: string | undefined;
    do {
      const page = await ledgerIn(region).usersOfShard(dr.userPoolId, shard, cursor);
      page.items.forEach(row => users.set(row.sub, row));
      cursor = page.next;
    } while (cursor);
  }
  return users;
}

async function groupsOfUsers(ledger: DynamoDbLedgerStore): Promise<Map<string, string[]>> {
  const groupsOf = new Map<string, string[]>();
  for (const { name } of await ledger.groups(dr.userPoolId)) {
    let cursor: string | undefined;
    do {
      const page = await ledger.membersOfGroup(dr.userPoolId, name, cursor);
      page.items.filter(row => row.deletedAt === undefined).forEach(({ sub }) => groupsOf.set(sub, [...groupsOf.get(sub) ?? [], name]));
      cursor = page.next;
    } while (cursor);
  }
  return groupsOf;
}

/** What the ledger holds against what the pool's API answers, field by field. */
async function expectLedgerEqualsPool(region = PRIMARY): Promise<void> {
  const pool: PoolState = await readPool(aws.client(PRIMARY, { seed: true }).cognito, dr.userPoolId);
  const ledger = ledgerIn(region);
  const rows = await usersInLedger(region);
  const groupsOf = await groupsOfUsers(ledger);
  const live = [...rows.values()].filter(row => row.deletedAt === undefined);
  expect(live.map(row => row.sub).sort()).toEqual([...pool.users.keys()].sort());
  for (const row of live) {
    const { username, attributes, enabled, status, groups } = pool.users.get(row.sub)!;
    expect(row).toMatchObject({ username, enabled, status });
    expect(row.attributes).toEqual(attributes);
    expect(row.digest).toBe(digestOfUser(row));
    expect(row.signInName).toBe(attributes.email);
    expect((groupsOf.get(row.sub) ?? []).sort()).toEqual(groups);
  }
  const groups = (await ledger.groups(dr.userPoolId)).filter(row => row.deletedAt === undefined);
  expect(Object.fromEntries(groups.map(({ name, description, precedence, roleArn }) => [name, { description, precedence, roleArn }])))
    .toEqual(Object.fromEntries(pool.groups));
}

test('the first sweep copies the whole pool, within the budget of calls, into both Regions', async () => {
  const { status, report, calls } = await sweep();
  expect(status).toBe('SUCCEEDED');
  expect(report.users).toEqual({ listed: USERS, known: 0, written: USERS, missing: 0, tombstoned: 0 });
  expect(report.memberships.written).toBe(seeded.memberships);
  await expectLedgerEqualsPool();
  await aws.replication.settled();
  await expectLedgerEqualsPool(REPLICA);

  const cognito = calls.byOperation({ service: 'cognito-idp' });
  expect(cognito.ListUsers).toBe(Math.ceil(USERS / 60));
  expect(cognito.ListUsersInGroup).toBeLessThanOrEqual(Math.ceil(seeded.memberships / 60) + GROUPS);
  expect(cognito.ListGroups).toBe(1);
  // Nothing that makes a monthly active user, nothing that the policy does not allow.
  expect(Object.keys(cognito).map(operation => `cognito-idp:${operation}`).filter(action => !SWEEP_COGNITO_ACTIONS.includes(action))).toEqual([]);
});

test('sweeping an unchanged pool writes no row', async () => {
  const { report, calls } = await sweep();
  expect(report).toMatchObject({ users: { known: USERS, written: 0 }, groups: { written: 0 }, memberships: { written: 0 }, poolPartsWritten: 0 });
  // The one item that says who sweeps and when the pool was swept: taken at the start, given back at the end; and the row of a completed sweep.
  expect(calls.byOperation({ service: 'dynamodb', region: PRIMARY, caller: 'lambda' })).toEqual({ Query: expect.any(Number), UpdateItem: 2, PutItem: 1 });
  expect(calls.itemsWritten({ caller: 'lambda' })).toEqual({ [dr.ledgerTable]: 3 });
});

test(`ten changed users of ${USERS} are ten rows`, async () => {
  const changed = seeded.users.filter(user => user.state === 'confirmed').slice(0, 10);
  const { cognito } = aws.client(PRIMARY, { seed: true });
  for (const { username } of changed) {
    await cognito.send(new AdminUpdateUserAttributesCommand({
      UserPoolId: dr.userPoolId, Username: username, UserAttributes: [{ Name: 'custom:note', Value: 'changed, "today"' }],
    }));
  }
  const { report, calls } = await sweep();
  expect(report.users.written).toBe(10);
  expect(calls.byOperation({ service: 'dynamodb', region: PRIMARY, caller: 'lambda' })).toMatchObject({ TransactWriteItems: 10, GetItem: 10, UpdateItem: 2 });
  // Ten rows and the ten images they replaced; the three items of every sweep.
  expect(calls.itemsWritten({ caller: 'lambda' })).toEqual({ [dr.ledgerTable]: 23 });
  await expectLedgerEqualsPool();
});

describe('a listing that is cut short', () => {
  test('by an error on page 2 marks nobody, and the sweep goes on when Cognito answers again', async () => {
    const fault = aws.faults.inject({
      operation: 'ListUsers',
      when: request => request.input.PaginationToken !== undefined,
      times: 8, // more than the SDK tries by itself
      answer: { status: 500, body: { __type: 'InternalErrorException', message: 'injected' } },
    });
    const { status, report } = await sweep();
    expect(fault.struck).toBe(8);
    expect(status).toBe('SUCCEEDED');
    expect(report.users).toMatchObject({ listed: USERS, missing: 0, tombstoned: 0 });
  });

  test('by an empty page with a token marks nobody', async () => {
    // The users of the first page come with the second one.
    let kept: object[] | undefined;
    aws.faults.inject({
      operation: 'ListUsers',
      answer: (answer: { Users?: object[] }) => {
        const users = [...kept ?? [], ...answer.Users ?? []];
        const first = kept === undefined;
        kept = first ? users : [];
        return { ...answer, Users: first ? [] : users };
      },
    });
    const { report } = await sweep();
    expect(report.users).toMatchObject({ listed: USERS, missing: 0, tombstoned: 0 });
  });

  test('by 20 % trips the breaker, which says so, and the ledger keeps everybody', async () => {
    aws.faults.inject({
      operation: 'ListUsers',
      when: request => request.input.Filter === undefined,
      answer: (answer: { Users?: object[] }) => ({ ...answer, Users: answer.Users?.filter((_, i) => i % 5 !== 0) }),
    });
    const { status, error, cause } = await sweep();
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'DeletionsHeld' });
    expect(cause).toMatch(new RegExp(`^(\\d+) of ${USERS} users in the ledger are missing .* \\{"allowDeletions": \\1\\}$`));
    const missing = parseInt(cause!, 10);
    expect(missing).toBeGreaterThanOrEqual(USERS / 5);
    expect(missing).toBeLessThan(USERS / 4);
    aws.faults.clear();
    await expectLedgerEqualsPool();
  });
});

test('a user with a name of 2,048 characters to sign in by is copied', async () => {
  const { username, person } = seeded.users.find(user => user.state === 'confirmed')!;
  const { cognito } = aws.client(PRIMARY, { seed: true });
  const change = async (Value: string) => cognito.send(new AdminUpdateUserAttributesCommand({
    UserPoolId: dr.userPoolId, Username: username, UserAttributes: [{ Name: 'email', Value }],
  }));
  // The sign-in name is a key of an index, together with the pool's id: more than the 2,048 bytes that DynamoDB takes.
  await change(`${'x'.repeat(2_036)}@example.com`);
  expect((await sweep()).status).toBe('SUCCEEDED');
  await expectLedgerEqualsPool();
  await change(person.email);
  expect((await sweep()).status).toBe('SUCCEEDED');
  await expectLedgerEqualsPool();
});

test('a user with a changed row that DynamoDB will never take is named by every sweep, and everybody else is copied', async () => {
  const [refused, ...others] = seeded.users.filter(user => user.state === 'confirmed').slice(20, 31);
  const { cognito } = aws.client(PRIMARY, { seed: true });
  const change = async (username: string, Name: string, Value: string) => cognito.send(new AdminUpdateUserAttributesCommand({
    UserPoolId: dr.userPoolId, Username: username, UserAttributes: [{ Name, Value }],
  }));
  // Fifty attributes of the longest kind are more than the 400 KB of an item; this pool has only few.
  const tooLarge = aws.faults.inject({
    operation: 'TransactWriteItems',
    region: PRIMARY,
    when: ({ input }) => JSON.stringify(input).includes(refused.sub),
    answer: { status: 400, body: { __type: 'ValidationException', message: 'Item size has exceeded the maximum allowed size: xxxxxxxx' } },
  });
  for (const note of ['first', 'second']) {
    for (const { username } of [refused, ...others]) await change(username, 'custom:note', note);
    const { status, error, cause } = await sweep();
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'SweepIncomplete' });
    expect(cause).toContain(`user ${refused.sub}`);
    const users = await usersInLedger();
    for (const { sub } of others) expect(users.get(sub)?.attributes['custom:note']).toBe(note);
    expect(users.get(refused.sub)?.attributes['custom:note']).not.toBe(note);
  }
  expect(tooLarge.struck).toBeGreaterThan(0);
  const lines = (await aws.lambdaLogs(PRIMARY)).join('\n');
  expect(lines).toContain(`user ${refused.sub}`);
  expect(lines).not.toContain('xxxxxxxx');

  tooLarge.remove();
  expect((await sweep()).status).toBe('SUCCEEDED');
  await expectLedgerEqualsPool();
});

test('a wrong input is refused in a sentence', async () => {
  const { status, error, cause, calls } = await sweep({ allowDeletion: 5 });
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'InvalidInput' });
  expect(cause).toContain('allowDeletion');
  expect(calls.count({ service: 'cognito-idp' })).toBe(0);
});

test('two at once: one sweeps, the other one leaves', async () => {
  const [one, two] = await Promise.all([sweep(), sweep()]);
  expect([one, two].map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  expect([one, two].filter(({ report }) => report?.users !== undefined)).toHaveLength(1);
});

test('no log line holds anything personal', async () => {
  const lines = (await aws.lambdaLogs(PRIMARY)).join('\n');
  expect(lines).toContain('sweep slice');
  for (const { person } of seeded.users) {
    for (const personal of [person.email, person.phone, person.attributes.name]) expect(lines.includes(personal)).toBe(false);
  }
});
