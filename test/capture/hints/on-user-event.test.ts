import { AttributeValue, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { handler } from '../../../src/capture/hints/on-user-event.lambda';
import { UserEvent } from '../../../src/capture/hints/user-event';
import { UserRow, digestOfUser, items } from '../../../src/ledger/schema';

const POOL = 'us-east-1_AbCdEfGhI';
const attributes = { 'email': 'jane.doe@example.com', 'email_verified': 'true', 'custom:empty': '' };
const image = { sub: 'aaaaaaaa-1', username: 'aaaaaaaa-1', attributes, enabled: true, status: 'CONFIRMED' as const, createdAt: 1, modifiedAt: 2 };
const row: UserRow = { ...image, poolId: POOL, digest: digestOfUser(image), observedAt: 3 };
const event: UserEvent = {
  triggerSource: 'PostAuthentication_Authentication',
  userPoolId: POOL,
  userName: 'aaaaaaaa-1',
  request: { userAttributes: { 'sub': 'aaaaaaaa-1', 'cognito:user_status': 'CONFIRMED', ...attributes } },
};

/** As the table answers. */
const stored = (value: unknown): AttributeValue => {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(stored) };
  return { M: storedFields(value as object) };
};
const storedFields = (fields: object) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, stored(value)]));

const dynamodb = mockClient(DynamoDBClient);
const sqs = mockClient(SQSClient);
let written: string[];

beforeAll(() => {
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1', LEDGER_TABLE: 'ledger', HINTS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/111122223333/hints',
  });
});

beforeEach(() => {
  dynamodb.reset();
  sqs.reset();
  written = [];
  jest.spyOn(process.stdout, 'write').mockImplementation(text => {
    written.push(String(text));
    return true;
  });
});

afterEach(() => jest.restoreAllMocks());

test('reads the row that the ledger\'s codec wrote', async () => {
  dynamodb.on(GetItemCommand, { TableName: 'ledger', Key: { pk: { S: `${POOL}#U#aa` }, sk: { S: 'aaaaaaaa-1' } } })
    .resolves({ Item: storedFields(items.user(row)) });
  expect(await handler(event)).toBe(event);
  expect(dynamodb.calls()).toHaveLength(1);
  expect(sqs.calls()).toHaveLength(0);
  expect(written).toEqual([]);
});

test('in a pool with MFA, sends a hint where the preference was not read for a day', async () => {
  process.env.POOL_HAS_MFA = 'true';
  const answer = (readAt: number) => dynamodb.on(GetItemCommand)
    .resolves({ Item: storedFields(items.user({ ...row, mfa: { enabled: [], readAt } })) });
  answer(Date.now() - 3_600_000);
  await handler(event);
  expect(sqs.calls()).toHaveLength(0);
  answer(Date.now() - 90_000_000);
  await handler(event);
  expect(sqs.calls()).toHaveLength(1);
  delete process.env.POOL_HAS_MFA;
});

test.each<[string, Partial<UserRow>]>([
  ['deleted', { deletedAt: 4, expiresAt: 5 }], ['disabled', { enabled: false }], ['renamed', { username: 'x' }], ['changed', { attributes: {} }],
])('sends a hint about a user that was %s', async (_what, more) => {
  dynamodb.on(GetItemCommand).resolves({ Item: storedFields(items.user({ ...row, ...more })) });
  await handler(event);
  const [call] = sqs.commandCalls(SendMessageCommand);
  expect(call.args[0].input.QueueUrl).toBe('https://sqs.us-east-1.amazonaws.com/111122223333/hints');
  expect(JSON.parse(call.args[0].input.MessageBody!)).toMatchObject({ version: 1, userPoolId: POOL, sub: 'aaaaaaaa-1' });
  expect(call.args[0].input.MessageBody).not.toMatch(/jane/);
  expect(written).toEqual([]);
});

test('counts a miss by an error\'s name, without a word about the user', async () => {
  dynamodb.on(GetItemCommand).rejects(Object.assign(new Error('jane.doe@example.com'), { name: 'ThrottlingException' }));
  expect(await handler(event)).toBe(event);
  expect(written).toHaveLength(1);
  expect(JSON.parse(written[0])).toMatchObject({
    _aws: { CloudWatchMetrics: [{ Namespace: 'CognitoDrReplica', Dimensions: [['Ledger']], Metrics: [{ Name: 'TriggerMisses', Unit: 'Count' }] }] },
    Ledger: 'ledger',
    TriggerMisses: 1,
    problem: 'ThrottlingException',
  });
  expect(written[0]).not.toMatch(/jane|aaaa/);
  expect(written[0].endsWith('\n')).toBe(true);
});
