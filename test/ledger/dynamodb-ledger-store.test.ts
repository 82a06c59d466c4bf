import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
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
const changed = { put, replacesObservedAt: 2, history: items.history(POOL, 'U', row.sub, put, 2, 'sweep:r', 99) };
const invalid = Object.assign(new Error('One or more parameter values were invalid: jane'), { name: 'ValidationException' });
const cancelled = (...codes: string[]) => new TransactionCanceledException({
  message: 'cancelled', $metadata: {}, CancellationReasons: codes.map(Code => ({ Code, Message: 'jane' })),
});

const client = mockClient(DynamoDBDocumentClient);
const store = new DynamoDbLedgerStore(client as unknown as DynamoDBDocumentClient, 'ledger');

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

test('throttling is tried again, and other errors stay what they are', async () => {
  client.on(TransactWriteCommand).rejectsOnce(cancelled('ThrottlingError', 'None')).resolves({});
  expect(await store.write(changed)).toBe(true);
  client.on(TransactWriteCommand).rejects(Object.assign(new Error('no'), { name: 'ResourceNotFoundException' }));
  await expect(store.write(changed)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  // No row of anybody's: a fault of this code.
  client.on(UpdateCommand).rejects(invalid);
  await expect(store.lease(POOL, 'run', 1, 2)).rejects.toMatchObject({ name: 'ValidationException' });
});

test('a row and what leads to it are written in one transaction', async () => {
  client.on(TransactWriteCommand).resolves({});
  const pointers = linkedIdentityItems({ ...row, lookUp: { federated: ['Corp_7'] } });
  expect(await store.write({ ...created, pointers })).toBe(true);
  const [{ args: [{ input: { TransactItems: [first, second] = [] } }] }] = client.commandCalls(TransactWriteCommand);
  expect(first.Put).toMatchObject({ Item: put, ConditionExpression: 'attribute_not_exists(#pk)' });
  expect(second.Put).toEqual({ TableName: first.Put!.TableName, Item: pointers[0] });
});
