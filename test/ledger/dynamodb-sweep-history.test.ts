import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { DynamoDbSweepHistory } from '../../src/ledger/dynamodb-sweep-history.lambda-shared';
import { items, SweepRow } from '../../src/ledger/schema';

const POOL = 'us-east-1_Source';
const HOUR = 3_600_000;
const NOON = Date.parse('2026-11-22T12:00:00Z');
const client = mockClient(DynamoDBDocumentClient);
const history = new DynamoDbSweepHistory(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-west-2' })), 'ledger');
const sweep = (startedAt: number, endedAt: number): SweepRow =>
  ({ poolId: POOL, startedAt, endedAt, users: 5, refused: 0, written: 1, expiresAt: 9 });

beforeEach(() => client.reset());

test('the newest sweep that had ended is asked for backwards, from those that had begun', async () => {
  const wanted = sweep(NOON - 2 * HOUR, NOON - HOUR);
  // The newer one was at work at the moment.
  client.on(QueryCommand).resolves({ Items: [sweep(NOON - HOUR, NOON + 1), wanted, sweep(NOON - 3 * HOUR, NOON - 2 * HOUR)].map(items.sweep) });
  expect(await history.lastEndedBy(POOL, NOON)).toEqual(wanted);
  expect(client.commandCalls(QueryCommand)[0].args[0].input).toMatchObject({
    TableName: 'ledger',
    KeyConditionExpression: '#pk = :pk AND #sk <= :moment',
    ExpressionAttributeValues: { ':pk': `${POOL}#W`, ':moment': '2026-11-22T12:00:00.000Z' },
    ScanIndexForward: false,
    ConsistentRead: true,
  });
});

test('one that ended in that very millisecond counts; pages are gone through until one had ended, and where none had there is none', async () => {
  const wanted = sweep(NOON - 9 * HOUR, NOON);
  client.on(QueryCommand).resolvesOnce({ Items: [items.sweep(sweep(NOON - HOUR, NOON + HOUR))], LastEvaluatedKey: { pk: 'p', sk: 's' } })
    .resolvesOnce({ Items: [items.sweep(wanted)] })
    .resolves({ Items: [] });
  expect(await history.lastEndedBy(POOL, NOON)).toEqual(wanted);
  expect(client.commandCalls(QueryCommand)).toHaveLength(2);
  expect(await history.lastEndedBy(POOL, NOON)).toBeUndefined();
});

test('the last ones are one page, newest first', async () => {
  const sweeps = [sweep(NOON - HOUR, NOON), sweep(NOON - 2 * HOUR, NOON - HOUR)];
  client.on(QueryCommand).resolves({ Items: sweeps.map(items.sweep) });
  expect(await history.newest(POOL, 10)).toEqual(sweeps);
  expect(client.commandCalls(QueryCommand)[0].args[0].input).toMatchObject({
    KeyConditionExpression: '#pk = :pk', ExpressionAttributeValues: { ':pk': `${POOL}#W` }, ScanIndexForward: false, Limit: 10, ConsistentRead: true,
  });
});
