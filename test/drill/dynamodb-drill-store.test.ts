import { ConditionalCheckFailedException, DynamoDBClient, QueryCommand as PlainQueryCommand } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand, BatchWriteCommand, DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { DRILL_TABLE_ACTIONS } from '../../src/drill/constants';
import { DrillCheckpoint, DrillDiffering } from '../../src/drill/drill-checkpoint';
import { drillKeys, partitionsOf } from '../../src/drill/drill-keys';
import { KnownScratch } from '../../src/drill/drill-store';
import { DynamoDbDrillStore } from '../../src/drill/dynamodb-drill-store.lambda-shared';
import { mostDiffering } from '../../src/drill/most-differing.lambda-shared';
import { Item, Key } from '../../src/ledger/schema';
import { StateItems } from '../../src/state/state-items.lambda-shared';
import { VirtualClock } from '../helpers/virtual-clock';

const TABLE = 'ledger-drill';
const DAY = 86_400;
const clock = new VirtualClock(1_000_000);
const client = mockClient(DynamoDBDocumentClient);
const plain = mockClient(DynamoDBClient);
const real = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-west-2' }), { marshallOptions: { removeUndefinedValues: true } });
const table = new Map<string, Item>();
const address = ({ pk, sk }: Key) => `${pk}|${sk}`;
const storeOf = (execution: string) => new DynamoDbDrillStore(new StateItems(real, TABLE, clock), execution, clock);
const store = storeOf('drill-1');
const SCRATCH: KnownScratch = { userPoolId: 'us-west-2_Scratch', sourceUserPoolId: 'us-east-1_Source', execution: 'drill-1' };

beforeEach(() => {
  table.clear();
  client.reset();
  client.rejects(new Error('the test did not plan this call'));
  client.on(PutCommand).callsFake(({ Item: item }: { Item: Item }) => { table.set(address(item), item); return {}; });
  client.on(GetCommand).callsFake(({ Key: key }: { Key: Key }) => ({ Item: table.get(address(key)) }));
  client.on(DeleteCommand).callsFake(({ Key: key }: { Key: Key }) => { table.delete(address(key)); return {}; });
  client.on(BatchWriteCommand).callsFake(({ RequestItems }) => {
    (RequestItems[TABLE] as { PutRequest: { Item: Item } }[]).forEach(({ PutRequest }) => table.set(address(PutRequest.Item), PutRequest.Item));
    return {};
  });
  client.on(BatchGetCommand).callsFake(({ RequestItems }) => (
    { Responses: { [TABLE]: (RequestItems[TABLE].Keys as Key[]).flatMap(key => table.get(address(key)) ?? []) } }));
  client.on(QueryCommand).callsFake(({ ExpressionAttributeValues: values }) => ({ Items: [...table.values()].filter(({ pk }) => pk === values[':pk']) }));
});

test('the lock is taken, kept and given back by a condition, and says who has it', async () => {
  client.on(UpdateCommand).resolves({});
  expect(await store.lock(2_000)).toBeUndefined();
  const [{ args: [{ input }] }] = client.commandCalls(UpdateCommand);
  expect(input).toMatchObject({
    Key: { pk: 'DRILL', sk: '#lock' },
    ConditionExpression: 'attribute_not_exists(#leaseOwner) OR #leaseOwner = :leaseOwner OR #leaseUntil < :now',
    ExpressionAttributeValues: { ':leaseOwner': 'drill-1', ':leaseUntil': 2_000, ':now': clock.now() },
  });
  client.on(UpdateCommand).rejects(new ConditionalCheckFailedException({ message: 'no', $metadata: {} }));
  table.set('DRILL|#lock', { pk: 'DRILL', sk: '#lock', leaseOwner: 'other' });
  expect(await store.lock(2_000)).toBe('other');
  table.clear();
  expect(await store.lock(2_000)).toBe('that just ended');
  // Given back already by a slice whose answer was lost.
  await expect(store.unlock()).resolves.toBeUndefined();
  client.on(UpdateCommand).rejects(new Error('throttled'));
  await expect(store.lock(2_000)).rejects.toThrow('throttled');
});

test('when a drill passed is kept with the lock, and only then', async () => {
  client.on(UpdateCommand).resolves({});
  await store.unlock(7);
  await store.unlock();
  expect(client.commandCalls(UpdateCommand).map(({ args: [{ input }] }) => [input.ExpressionAttributeValues![':passedAt'], input.ConditionExpression]))
    .toEqual([[7, '#leaseOwner = :leaseOwner'], [undefined, '#leaseOwner = :leaseOwner']]);
});

test('a checkpoint and a sample are the drill\'s own, and go by themselves after 35 days', async () => {
  const checkpoint = { phase: 'choose' } as unknown as DrillCheckpoint;
  expect([await store.load(), await store.sample()]).toEqual([undefined, undefined]);
  await store.save(checkpoint);
  await store.saveSample(['a', 'b']);
  expect([await store.load(), await store.sample()]).toEqual([checkpoint, ['a', 'b']]);
  expect([await storeOf('other').load(), await storeOf('other').sample()]).toEqual([undefined, undefined]);
  for (const item of table.values()) expect(item.ttl ?? item.expiresAt).toBe(Math.ceil(clock.now() / 1_000) + 35 * DAY);
});

test('a pool is known until it is purged, with everything that was kept of its users', async () => {
  await store.noteScratch(SCRATCH);
  // It must not be forgotten by time: somebody has to remove the pool.
  expect([...table.values()][0]).toEqual({ pk: 'SCRATCH', sk: SCRATCH.userPoolId, ...SCRATCH });
  expect(await store.scratches()).toEqual([SCRATCH]);
  await store.saveSample(['a']);
  await store.noteFound(['a', 'b']);
  await store.noteDiffering([{ sub: 'a', code: 'status' }]);
  for (const pk of partitionsOf(SCRATCH)) table.set(`${pk}|x`, { pk, sk: 'x' });
  await store.save({ phase: 'done' } as unknown as DrillCheckpoint);
  table.set('DRILL#other#FOUND|a', { pk: 'DRILL#other#FOUND', sk: 'a' });
  await store.purge(SCRATCH);
  expect([...table.keys()].sort()).toEqual(['DRILL#drill-1|#run', 'DRILL#other#FOUND|a']);
});

test('who was found is asked for by sub; a second listing forgets them and who differs, and nothing else', async () => {
  await store.noteFound(['a', 'b', 'a']);
  expect(await store.foundOf(['a', 'c'])).toEqual(new Set(['a']));
  await store.noteDiffering([{ sub: 'a', code: 'status' }]);
  await store.saveSample(['a']);
  await store.forgetCompared();
  expect(await store.foundOf(['a', 'b'])).toEqual(new Set());
  expect([...table.keys()]).toEqual(['DRILL#drill-1|#sample']);
});

test('who differs is noted once for each difference, however often a slice comes, and read by the writer of the report without anything else', async () => {
  const users: DrillDiffering[] = [
    { sub: 'a', code: 'attribute', field: 'custom:größe "x"' }, { sub: 'a', code: 'status' }, { sub: 'b', code: 'user-missing' },
  ];
  await store.noteDiffering(users);
  await store.noteDiffering(users.slice(1));
  plain.on(PlainQueryCommand).callsFake(({ ExpressionAttributeValues: values, Limit }) => {
    const found = [...table.values()].filter(({ pk }) => pk === values[':pk'].S).sort((a, b) => (a.sk < b.sk ? -1 : 1)).slice(0, Limit);
    return { Items: found.map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } })) };
  });
  expect(await mostDiffering(new DynamoDBClient({ region: 'us-west-2' }), TABLE, 'drill-1')).toEqual(users);
  expect(await mostDiffering(new DynamoDBClient({ region: 'us-west-2' }), TABLE, 'other')).toEqual([]);
  expect(plain.commandCalls(PlainQueryCommand)[0].args[0].input).toMatchObject({ TableName: TABLE, ConsistentRead: true, Limit: 1_000 });
  expect(plain.commandCalls(PlainQueryCommand)[0].args[0].input.ExpressionAttributeValues).toEqual({ ':pk': { S: drillKeys.differing('drill-1') } });
});

test('what it calls is what a drill may do with its table', async () => {
  client.on(UpdateCommand).resolves({});
  await store.lock(1);
  await store.load();
  await store.save({ phase: 'choose' } as unknown as DrillCheckpoint);
  await store.noteFound(['a']);
  await store.foundOf(['a']);
  await store.scratches();
  await store.purge(SCRATCH);
  const called = new Set(client.calls().map(({ args: [command] }) => command.constructor.name));
  const ACTION: Record<string, string> = {
    GetCommand: 'GetItem',
    PutCommand: 'PutItem',
    DeleteCommand: 'DeleteItem',
    UpdateCommand: 'UpdateItem',
    QueryCommand: 'Query',
    BatchGetCommand: 'BatchGetItem',
    BatchWriteCommand: 'BatchWriteItem',
  };
  expect([...called].map(name => `dynamodb:${ACTION[name]}`).sort()).toEqual([...DRILL_TABLE_ACTIONS].sort());
});
