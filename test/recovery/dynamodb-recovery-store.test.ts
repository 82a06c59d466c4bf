import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { DynamoDbRecoveredSubs } from '../../src/ledger/dynamodb-recovered-subs.lambda-shared';
import { DynamoDbWritingRuns } from '../../src/ledger/dynamodb-writing-runs.lambda-shared';
import { Item, Key } from '../../src/ledger/schema';
import { DynamoDbRecoveryStore } from '../../src/recovery/dynamodb-recovery-store.lambda-shared';
import { LeaveLine, PlanHead, ReverseLine } from '../../src/recovery/recovery-line';
import { STATE_RESTORE_ACTIONS } from '../../src/state/constants';
import { StateItems } from '../../src/state/state-items.lambda-shared';
import { VirtualClock } from '../helpers/virtual-clock';

const TABLE = 'recovery';
const POOL = 'us-east-1_Source';
const DAY = 86_400_000;
const clock = new VirtualClock(0);
const client = mockClient(DynamoDBDocumentClient);
const real = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }), { marshallOptions: { removeUndefinedValues: true } });
const items = new Map<string, Item>();
const address = ({ pk, sk }: Key) => `${pk}|${sk}`;
let limits: (number | undefined)[] = [];

const run = { execution: 'run', startedAt: 1, sourceUserPoolId: POOL, targetUserPoolId: POOL };
const store = new DynamoDbRecoveryStore({ items: new StateItems(real, TABLE, clock), run, slice: 's', clock, retention: 35 * DAY });

const HEAD: PlanHead = { plan: 'p', userPoolId: POOL, isDifference: false, plannedAt: 5 };
const LEAVE: LeaveLine = {
  of: 'user', id: 'U#b', sub: 'b', change: 'created', certainty: 'certain', warnings: [], action: 'leave', reason: { code: 'created-since' },
};
const REVERSE: ReverseLine = {
  of: 'user',
  id: 'U#a',
  sub: 'a',
  change: 'changed',
  certainty: 'uncertain',
  warnings: [],
  action: 'reverse',
  username: 'a',
  digest: 'd',
  reversal: { set: { name: 'N' }, unset: [], join: [], leave: [], before: {} },
};

beforeEach(() => {
  items.clear();
  limits = [];
  client.reset();
  client.rejects(new Error('the test did not plan this call'));
  client.on(PutCommand).callsFake(({ Item: item }: { Item: Item }) => { items.set(address(item), item); return {}; });
  client.on(GetCommand).callsFake(({ Key: key }: { Key: Key }) => ({ Item: items.get(address(key)) }));
  client.on(BatchWriteCommand).callsFake(({ RequestItems }) => {
    (RequestItems[TABLE] as { PutRequest: { Item: Item } }[]).forEach(({ PutRequest }) => items.set(address(PutRequest.Item), PutRequest.Item));
    return {};
  });
  client.on(QueryCommand).callsFake(({ ExpressionAttributeValues: values, ExclusiveStartKey: from, Limit }) => {
    limits.push(Limit);
    const found = [...items.values()].filter(item => item.pk === values[':pk'] && (!from || item.sk > from.sk)).sort((a, b) => (a.sk < b.sk ? -1 : 1));
    return { Items: found.slice(0, Limit), LastEvaluatedKey: found.length > Limit ? { sk: found[Limit - 1].sk } : undefined };
  });
  client.on(UpdateCommand).callsFake(({ Key: key, UpdateExpression, ExpressionAttributeNames: names, ExpressionAttributeValues: values }) => {
    const set = (UpdateExpression as string).replace('SET ', '').split(', ').map(part => part.split(' = '));
    items.set(address(key), { ...items.get(address(key)), ...key, ...Object.fromEntries(set.map(([name, value]) => [names[name], values[value]])) });
    return {};
  });
});

test('a plan is found by its own name, and by that of the execution that executes it', async () => {
  expect(await store.plan('p')).toBeUndefined();
  await store.writePlan(HEAD);
  expect(await store.plan('p')).toEqual(HEAD);
  expect(items.get('PLAN#p|#head')!.expiresAt).toBe(31 * 86_400);
  const begun = { ...HEAD, executor: 'e', executionBegunAt: 6 };
  await store.writeExecutor(begun, 'e');
  await store.writePlan(begun);
  expect(await store.plan('e')).toEqual(begun);
  // What was executed can be taken back for as long as the history is kept.
  expect(items.get('PLAN#p|#head')!.expiresAt).toBe(35 * 86_400);
  await store.writeExecutor(begun, 'p');
  expect(items.has('EXECUTES#p|#plan')).toBe(false);
});

test('lines come back as they were, in the order of execution, a hundred at a time, and without the head', async () => {
  await store.writePlan(HEAD);
  const many = Array.from({ length: 120 }, (_, n) => ({ ...LEAVE, id: `U#m${String(n).padStart(3, '0')}`, sub: `m${n}` }));
  await store.writeLines('p', [REVERSE, LEAVE, ...many], DAY);
  const first = await store.lines('p');
  expect(first.items.slice(0, 2)).toEqual([REVERSE, LEAVE]);
  const second = await store.lines('p', first.next);
  expect([...first.items, ...second.items]).toHaveLength(122);
  expect(second.next).toBeUndefined();
  expect(limits).toEqual([100, 100]);
  expect(await store.line('p', REVERSE.id)).toEqual(REVERSE);
  expect(await store.line('p', 'U#nobody')).toBeUndefined();
  expect(items.get('PLAN#p|U#a')!.expiresAt).toBe(86_400);
});

test('an operator finds by the index what failed, was skipped, is uncertain, or would have sent a message', async () => {
  const listOf = async (line: ReverseLine) => {
    await store.writeLines('p', [line], DAY);
    return items.get('PLAN#p|U#a')!.outcomeList;
  };
  expect(await listOf(REVERSE)).toBe('p#uncertain');
  expect(await listOf({ ...REVERSE, result: { outcome: 'failed' } })).toBe('p#failed');
  expect(await listOf({ ...REVERSE, result: { outcome: 'skipped' } })).toBe('p#skipped');
  expect(await listOf({ ...REVERSE, result: { outcome: 'already-there' } })).toBeUndefined();
  expect(await listOf({ ...REVERSE, certainty: 'certain', warnings: [{ code: 'would-notify', attribute: 'email' }] })).toBe('p#would-notify');
});

test('calls no more of the table than it may', async () => {
  await store.writePlan(HEAD);
  await store.writeLines('p', [LEAVE], DAY);
  await store.lines('p');
  const called = client.calls().map(call => call.args[0].constructor.name.replace('Command', ''));
  const names: Record<string, string> = { Put: 'PutItem', Get: 'GetItem', BatchWrite: 'BatchWriteItem', Query: 'Query' };
  expect(called.map(name => `dynamodb:${names[name]}`).filter(action => !STATE_RESTORE_ACTIONS.includes(action))).toEqual([]);
});

test('who came back as whom is kept field by field, both ways, and however often it is written', async () => {
  const subs = new DynamoDbRecoveredSubs(real, TABLE, POOL);
  const back = { execution: 'e', at: 7 };
  await subs.write({ replaced: 'aaaaaaaa-1', sub: 'bbbbbbbb-1', firstSub: 'aaaaaaaa-1', ...back });
  await subs.write({ replaced: 'bbbbbbbb-1', sub: 'cccccccc-1', firstSub: 'aaaaaaaa-1', ...back });
  await subs.write({ replaced: 'bbbbbbbb-1', sub: 'cccccccc-1', firstSub: 'aaaaaaaa-1', ...back });
  expect(await subs.of('aaaaaaaa-1')).toEqual({ replacedBy: 'bbbbbbbb-1', isNow: 'cccccccc-1' });
  expect(await subs.of('bbbbbbbb-1')).toEqual({ firstSub: 'aaaaaaaa-1', replaces: 'aaaaaaaa-1', replacedBy: 'cccccccc-1' });
  expect(await subs.of('cccccccc-1')).toEqual({ firstSub: 'aaaaaaaa-1', replaces: 'bbbbbbbb-1' });
  expect(await subs.of('dddddddd-1')).toEqual({});
  // As the docstring of grantReadRecoveredSubs has it.
  expect([...items.keys()].sort()).toEqual([`${POOL}#R#aa|aaaaaaaa-1`, `${POOL}#R#bb|bbbbbbbb-1`, `${POOL}#R#cc|cccccccc-1`]);
  // A first sub may come from an attribute, and be longer than a key.
  await subs.write({ replaced: 'bbbbbbbb-1', sub: 'cccccccc-1', firstSub: 'x'.repeat(2_000), ...back });
  expect(await subs.of('x'.repeat(2_000))).toEqual({ isNow: 'cccccccc-1' });
});

test('a run that writes the pool is known before its first call, for as long as the history', async () => {
  await new DynamoDbRecoveredSubs(real, TABLE, POOL).beginRun('run', Date.parse('2026-11-02T10:30:00Z'), 99);
  expect([...items.values()]).toEqual([{ pk: `${POOL}#R#run`, sk: '2026-11-02T10:30:00.000Z', execution: 'run', v: 1, expiresAt: 99 }]);
});

test('runs are read from a moment back, the newest first, consistently and a few at a time', async () => {
  const at = (second: number) => Date.parse('2026-11-02T10:30:00Z') + second * 1_000;
  const subs = new DynamoDbRecoveredSubs(real, TABLE, POOL);
  for (let n = 0; n < 8; n += 1) await subs.beginRun(`run-${n}`, at(n), 99);
  const asked: Record<string, unknown>[] = [];
  client.on(QueryCommand).callsFake(input => {
    asked.push(input);
    const { ExpressionAttributeValues: values, ExclusiveStartKey: from, Limit } = input;
    const found = [...items.values()].filter(({ pk, sk }) => pk === values[':partition'] && sk <= values[':sort'] && (!from || sk < from.sk))
      .sort((a, b) => (a.sk > b.sk ? -1 : 1));
    return { Items: found.slice(0, Limit), LastEvaluatedKey: found.length > Limit ? { sk: found[Limit - 1].sk } : undefined };
  });
  const runs = new DynamoDbWritingRuns(real, TABLE, POOL);
  const first = await runs.until(at(6));
  const { items: others, next } = await runs.until(at(6), first.next);
  expect([...first.items, ...others].map(({ execution, begunAt }) => [execution, begunAt])).toEqual(
    [6, 5, 4, 3, 2, 1, 0].map(n => [`run-${n}`, at(n)]));
  expect(next).toBeUndefined();
  expect(asked).toEqual(Array(2).fill(expect.objectContaining({ ScanIndexForward: false, ConsistentRead: true, Limit: 5 })));
});
