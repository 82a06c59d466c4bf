import { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, PutCommand, QueryCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { DynamoDbLedgerStore } from '../../src/ledger/dynamodb-ledger-store.lambda-shared';
import { linkedIdentityItems } from '../../src/ledger/linked-identities';
import { UserRow, items } from '../../src/ledger/schema';

const POOL = 'us-east-1_AbCdEfGhI';
const row: UserRow = {
  poolId: POOL,
  sub: 'aaaa0000-1',
  username: 'jane',
  attributes: {},
  enabled: true,
  status: 'CONFIRMED',
  createdAt: 1,
  modifiedAt: 2,
  digest: 'd',
  observedAt: 3,
};
const put = items.user(row);
const created = { put };
const changed = { put, replacesObservedAt: 2, history: items.history(POOL, 'U', row.sub, put, 2, { cause: { event: 'sweep', id: 'r' }, expiresAt: 99 }) };
const invalid = Object.assign(new Error('One or more parameter values were invalid: jane'), { name: 'ValidationException' });
const cancelled = (...codes: string[]) => new TransactionCanceledException({
  message: 'cancelled', $metadata: {}, CancellationReasons: codes.map(Code => ({ Code, Message: 'jane' })),
});

const client = mockClient(DynamoDBDocumentClient);
const store = new DynamoDbLedgerStore(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' })), 'ledger');

beforeEach(() => client.reset());

test.each([
  ['new', created, invalid],
  ['changed, by the request itself', changed, invalid],
  ['changed, in the transaction', changed, cancelled('ValidationError', 'None')],
  ['whose history it does not take', changed, cancelled('None', 'ValidationError')],
])('a row that DynamoDB will never take is refused by name, without a word about what it holds: %s', async (_how, change, error) => {
  client.on(PutCommand).rejects(error).on(TransactWriteCommand).rejects(error);
  const refusal: Error = await store.write(change).then(() => { throw new Error('taken'); }, thrown => thrown);
  expect(refusal).toMatchObject({ name: 'RowRefusedError', kind: 'U', id: 'aaaa0000-1', row: 'user aaaa0000-1' });
  expect(`${refusal.message} ${JSON.stringify(refusal)}`).not.toContain('jane');
});

test.each([
  ['somebody else wrote it first', cancelled('ConditionalCheckFailed', 'None')],
  // Perhaps the row as it is now has a change that fits: it is read again.
  ['somebody else wrote it first, and the history is too large', cancelled('ConditionalCheckFailed', 'ValidationError')],
  ['somebody else is writing it', cancelled('TransactionConflict', 'None')],
])('a row is to be read again: %s', async (_why, error) => {
  client.on(TransactWriteCommand).rejects(error);
  expect(await store.write(changed)).toBe(false);
});

describe('a transaction that DynamoDB throttled', () => {
  beforeEach(() => jest.spyOn(Math, 'random').mockReturnValue(0));

  afterEach(() => jest.restoreAllMocks());

  test.each([
    ['ThrottlingError', 'None'], ['None', 'ThrottlingError'], ['ThrottlingError', 'ThrottlingError'],
    ['ProvisionedThroughputExceeded', 'None'], ['None', 'ProvisionedThroughputExceeded'], ['ThrottlingError', 'ProvisionedThroughputExceeded'],
  ])('is tried again: %s and %s', async (...codes) => {
    client.on(TransactWriteCommand).rejectsOnce(cancelled(...codes)).rejectsOnce(cancelled(...codes)).resolves({});
    expect(await store.write(changed)).toBe(true);
    expect(client.commandCalls(TransactWriteCommand)).toHaveLength(3);
  });

  test('is tried six times, and then fails as what it is', async () => {
    client.on(TransactWriteCommand).rejects(cancelled('ThrottlingError', 'None'));
    await expect(store.write(changed)).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    expect(client.commandCalls(TransactWriteCommand)).toHaveLength(6);
  });

  test.each([['ThrottlingError', 'ItemCollectionSizeLimitExceeded'], ['AccessDenied', 'None'], []])(
    'is not where something else is wrong as well, or nobody says what: %s', async (...codes) => {
      client.on(TransactWriteCommand).rejects(cancelled(...codes));
      await expect(store.write(changed)).rejects.toMatchObject({ name: 'TransactionCanceledException' });
      expect(client.commandCalls(TransactWriteCommand)).toHaveLength(1);
    });
});

test('throttling is tried again, and other errors stay what they are', async () => {
  client.on(TransactWriteCommand).rejectsOnce(cancelled('ThrottlingError', 'None')).resolves({});
  expect(await store.write(changed)).toBe(true);
  client.on(TransactWriteCommand).rejects(Object.assign(new Error('no'), { name: 'ResourceNotFoundException' }));
  await expect(store.write(changed)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  // No row of anybody's: a fault of this code.
  client.on(UpdateCommand).rejects(invalid);
  await expect(store.lease(POOL, 'run', 1, 2)).rejects.toMatchObject({ name: 'ValidationException' });
});

describe('the groups of a user, where the index of memberships is behind the table', () => {
  const member = (group: string, deletedAt?: number) => items.membership({ poolId: POOL, group, sub: row.sub, observedAt: 3, deletedAt });
  const table = [member('came-back'), member('left', 4), member('new')];
  const answers = () => client.on(BatchGetCommand).callsFake(({ RequestItems: { ledger: { Keys } } }) => ({
    Responses: { ledger: table.filter(({ pk }) => (Keys as { pk: string }[]).some(key => key.pk === pk)) },
  }));

  test('are those of the rows, read consistently: no group that was left, and every candidate', async () => {
    client.on(QueryCommand).resolves({ Items: [member('came-back', 2), member('left'), member('expired')] });
    answers();
    expect(await store.groupsOfUser(POOL, row.sub)).toEqual(['came-back']);
    expect(await store.groupsOfUser(POOL, row.sub, ['new', 'left', 'never'])).toEqual(['came-back', 'new']);
    const { Keys, ConsistentRead } = client.commandCalls(BatchGetCommand)[1].args[0].input.RequestItems!.ledger;
    expect(ConsistentRead).toBe(true);
    expect(Keys!.map(({ pk, sk }) => [pk, sk])).toEqual(['came-back', 'left', 'expired', 'new', 'never']
      .flatMap(name => [[`${POOL}#M#${name}`, row.sub], [`${POOL}#G`, name]]));
  });

  test('are none that was deleted at the source, though the rows of its members are still there, nor one that Cognito makes for a provider', async () => {
    client.on(QueryCommand).resolves({ Items: [member('deleted'), member('kept'), member(`${POOL}_Corp`)] });
    const group = (name: string, deletedAt?: number) => items.group({ poolId: POOL, name, observedAt: 3, deletedAt });
    const rows = [member('deleted'), member('kept'), member(`${POOL}_Corp`), group('deleted', 4), group('kept')];
    client.on(BatchGetCommand).callsFake(({ RequestItems: { ledger: { Keys } } }) => ({
      Responses: { ledger: rows.filter(({ pk, sk }) => (Keys as { pk: string; sk: string }[]).some(key => key.pk === pk && key.sk === sk)) },
    }));
    expect(await store.groupsOfUser(POOL, row.sub)).toEqual(['kept']);
  });

  test('a user without any costs one read', async () => {
    client.on(QueryCommand).resolves({});
    expect(await store.groupsOfUser(POOL, row.sub)).toEqual([]);
    expect(client.commandCalls(BatchGetCommand)).toHaveLength(0);
  });

  test('what DynamoDB left out of a batch is asked for again', async () => {
    client.on(QueryCommand).resolves({ Items: [member('new')] });
    client.on(BatchGetCommand).resolvesOnce({ UnprocessedKeys: { ledger: { Keys: [{ pk: `${POOL}#M#new`, sk: row.sub }] } } })
      .resolves({ Responses: { ledger: table } });
    expect(await store.groupsOfUser(POOL, row.sub)).toEqual(['new']);
  });
});

test('a row and what leads to it are written in one transaction', async () => {
  client.on(TransactWriteCommand).resolves({});
  const pointers = linkedIdentityItems({ ...row, lookUp: { federated: ['Corp_7'] } });
  expect(await store.write({ ...created, pointers })).toBe(true);
  const [{ args: [{ input: { TransactItems: [first, second] = [] } }] }] = client.commandCalls(TransactWriteCommand);
  expect(first.Put).toMatchObject({ Item: put, ConditionExpression: 'attribute_not_exists(#pk)' });
  expect(second.Put).toEqual({ TableName: first.Put!.TableName, Item: pointers[0] });
});
