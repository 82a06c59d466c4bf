import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand, BatchWriteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, TransactWriteCommand, UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { Item, Key } from '../../src/ledger/schema';
import { Checkpoint, FIRST_CHECKPOINT, NO_TALLY, NO_VERIFICATION, progressOf, RestoreRun } from '../../src/restore/restore-run';
import { STATE_RESTORE_ACTIONS } from '../../src/state/constants';
import { DynamoDbRunState } from '../../src/state/dynamodb-run-state.lambda-shared';
import { stateKeys } from '../../src/state/keys';
import { Link } from '../../src/state/link';
import { SupersededError, UserRecord } from '../../src/state/run-state';
import { StateItems } from '../../src/state/state-items.lambda-shared';
import { VirtualClock } from '../helpers/virtual-clock';

const TABLE = 'standby';
const RUN: RestoreRun = { execution: 'run', startedAt: 1_000, sourceUserPoolId: 'S', targetUserPoolId: 'T', dryRun: false, quotaShare: 1 };
const clock = new VirtualClock(5_000);
const client = mockClient(DynamoDBDocumentClient);
/** A table that is just good enough: items by key. */
const items = new Map<string, Item>();
const address = ({ pk, sk }: Key) => `${pk}|${sk}`;
let unprocessed = 0;

const stateItems = new StateItems(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-west-2' })), TABLE, clock);

function stateOf(slice: string, run = RUN): DynamoDbRunState<Checkpoint> {
  return new DynamoDbRunState({ items: stateItems, run, slice, clock });
}

function record(sub: string, more: Partial<UserRecord['outcome']> = {}): UserRecord {
  const link: Link = {
    sourceSub: sub, targetSub: `t-${sub}`, firstSub: sub, image: { attributes: { name: 'N' }, enabled: true, groups: [] }, execution: 'run', restored: true, at: 7,
  };
  return { outcome: { sub, outcome: 'restored', targetSub: `t-${sub}`, ...more }, link };
}

function updateLease(key: Key, item: Item | undefined, update: string, values: Record<string, string | number>): object {
  const isOwn = item?.leaseOwner === values[':leaseOwner'];
  const isFree = item?.leaseOwner === undefined || Number(item.leaseUntil) < Number(values[':now']);
  const isTaken = update.startsWith('SET') ? !isOwn && !isFree : !isOwn;
  if (isTaken) throw new ConditionalCheckFailedException({ $metadata: {}, message: 'no' });
  items.set(address(key), update.startsWith('SET') ? { ...key, leaseOwner: values[':leaseOwner'], leaseUntil: values[':leaseUntil'] } : { ...key });
  return {};
}

beforeEach(() => {
  items.clear();
  unprocessed = 0;
  client.reset();
  client.rejects(new Error('the test did not plan this call'));
  client.on(PutCommand).callsFake(({ Item: item }: { Item: Item }) => { items.set(address(item), item); return {}; });
  client.on(GetCommand).callsFake(({ Key: key }: { Key: Key }) => ({ Item: items.get(address(key)) }));
  client.on(UpdateCommand).callsFake(({ Key: key, ConditionExpression, ExpressionAttributeValues: values, UpdateExpression }) => {
    const item = items.get(address(key as Key));
    if ((key as Key).pk.startsWith('LEASE#')) return updateLease(key as Key, item, UpdateExpression as string, values);
    const [name, value] = (ConditionExpression as string).split(' = ');
    if (item?.[name] !== values[value]) throw new ConditionalCheckFailedException({ $metadata: {}, message: 'no' });
    const [, field, given] = /SET (\w+) = (:\w+)/.exec(UpdateExpression as string)!;
    items.set(address(key as Key), { ...item!, [field]: values[given] });
    return { Attributes: items.get(address(key as Key)) };
  });
  client.on(BatchWriteCommand).callsFake(({ RequestItems }) => {
    const requests = RequestItems[TABLE] as { PutRequest: { Item: Item } }[];
    const keys = requests.map(request => address(request.PutRequest.Item));
    if (keys.length > 25 || new Set(keys).size < keys.length) throw Object.assign(new Error('invalid batch'), { name: 'ValidationException' });
    const rest = requests.splice(requests.length - Math.min(unprocessed, requests.length));
    unprocessed -= rest.length;
    requests.forEach(({ PutRequest }) => items.set(address(PutRequest.Item), PutRequest.Item));
    return { UnprocessedItems: rest.length > 0 ? { [TABLE]: rest } : {} };
  });
  // Two writers of a link are in two-writers.test.ts.
  client.on(TransactWriteCommand).callsFake(({ TransactItems }) => {
    if (TransactItems.length > 100) throw new Error('too many items');
    (TransactItems as { Put: { Item: Item } }[]).forEach(({ Put: { Item: item } }) => items.set(address(item), item));
    return {};
  });
  client.on(BatchGetCommand).callsFake(({ RequestItems }) => {
    const keys = [...RequestItems[TABLE].Keys as Key[]];
    if (keys.length > 100) throw new Error('too many keys');
    const rest = keys.splice(keys.length - Math.min(unprocessed, keys.length));
    unprocessed -= rest.length;
    const found = keys.flatMap(key => items.get(address(key)) ?? []);
    return { Responses: { [TABLE]: found }, UnprocessedKeys: rest.length > 0 ? { [TABLE]: { Keys: rest } } : {} };
  });
  client.on(QueryCommand).callsFake(({ ExpressionAttributeValues, ExclusiveStartKey }) => {
    const found = [...items.values()]
      .filter(item => item.pk === ExpressionAttributeValues[':pk'] && (!ExclusiveStartKey || item.sk > ExclusiveStartKey.sk))
      .sort((a, b) => (a.sk < b.sk ? -1 : 1));
    const page = found.slice(0, 10);
    return { Items: page, LastEvaluatedKey: found.length > 10 ? { pk: page[9].pk, sk: page[9].sk } : undefined };
  });
});

test('a run is begun once and then gone on with; the slice before may write no more', async () => {
  const [first, second] = [stateOf('1'), stateOf('2')];
  expect(await first.begin()).toBeUndefined();
  await first.save({ ...progressOf(FIRST_CHECKPOINT), phase: 'users' });
  expect(await second.begin()).toMatchObject({ phase: 'users' });
  await expect(first.save(FIRST_CHECKPOINT)).rejects.toThrow('another slice has taken over');
  await second.save(FIRST_CHECKPOINT);
  expect(items.get('RUN#run|#run')).toMatchObject({ sourceUserPoolId: 'S', targetUserPoolId: 'T', expiresAt: 5 + 90 * 86_400 });
});

test('an older execution of the same name is none', async () => {
  const old = stateOf('1', { ...RUN, startedAt: 1 });
  await old.begin();
  await old.save({ ...progressOf(FIRST_CHECKPOINT), phase: 'done', verification: NO_VERIFICATION, counted: NO_TALLY });
  await old.write([record('aaaa-1')]);
  expect(await stateOf('2').begin()).toBeUndefined();
  expect((await stateOf('2').outcomesOf(['aaaa-1'])).size).toBe(0);
  expect((await stateOf('2').outcomes()).items).toEqual([]);
});

test('outcomes and links of many users, in whole batches, whatever DynamoDB leaves unprocessed', async () => {
  const state = stateOf('1');
  await state.begin();
  unprocessed = 17;
  const subs = Array.from({ length: 260 }, (_, i) => `aaaa-${String(i).padStart(3, '0')}`);
  await clock.run(async () => Promise.all(subs.map(sub => state.write([record(sub)]))));
  unprocessed = 5;
  expect([...(await clock.run(() => state.outcomesOf([...subs, 'bbbb-1']))).keys()].sort()).toEqual(subs);
  expect((await state.links.ofTargets(['t-aaaa-000', 'x'])).get('t-aaaa-000')).toEqual({ ...record('aaaa-000').link, revision: 1 });
  expect(await state.links.targetSubOf('aaaa-001')).toBe('t-aaaa-001');
  expect(await state.links.targetSubOf('bbbb-1')).toBeUndefined();
  // 260 links in one direction, 260 outcomes, in batches of 25: callers at the same time share them.
  expect(client.commandCalls(BatchWriteCommand).length).toBeLessThan(40);

  const listed: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await state.outcomes(cursor);
    listed.push(...page.items.map(outcome => outcome.sub));
    cursor = page.next;
  } while (cursor !== undefined);
  expect(listed).toEqual(subs);
});

test('links are safe before outcomes are written', async () => {
  const state = stateOf('1');
  await state.write([record('aaaa-1')]);
  const written = client.calls().map(({ args: [{ input }] }) => ('RequestItems' in input
    ? (input.RequestItems as Record<string, { PutRequest: { Item: Item } }[]>)[TABLE].map(({ PutRequest }) => PutRequest.Item.pk)
    : (input as { TransactItems: { Put: { Item: Item } }[] }).TransactItems.map(({ Put }) => Put.Item.pk)));
  expect(written).toEqual([[stateKeys.linkOfSource('S', 'T', 'aaaa-1').pk], ['T#T#other'], ['RUN#run']]);
});

test('failed, skipped and different users are in the index of outcomes, others are not', async () => {
  const state = stateOf('1');
  await state.write([record('aaaa-1'), record('aaaa-2', { outcome: 'failed', reason: { code: 'no-sign-in-name' } }), record('aaaa-3', { outcome: 'skipped', reason: { code: 'source-federated' } })]);
  await state.writeDifference('aaaa-1', { code: 'differs' });
  expect(['aaaa-1', 'aaaa-2', 'aaaa-3', '#different#aaaa-1'].map(sk => items.get(`RUN#run|${sk}`)!.outcomeList)).toEqual([undefined, 'run#failed', 'run#skipped', 'run#different']);
});

test('one user twice in a batch is written once', async () => {
  const state = stateOf('1');
  await Promise.all([state.write([record('aaaa-0')]), state.write([record('aaaa-1'), record('aaaa-1', { outcome: 'failed' })])]);
  expect(items.get('RUN#run|aaaa-1')).toMatchObject({ outcome: 'failed' });
});

test('links of another source pool are none', async () => {
  await stateOf('1', { ...RUN, sourceUserPoolId: 'other' }).write([record('aaaa-1')]);
  expect((await stateOf('2').links.ofTargets(['t-aaaa-1'])).size).toBe(0);
});

describe('the lease of a target', () => {
  const [mine, theirs] = [RUN, { ...RUN, execution: 'other' }];

  test('is one execution\'s, whichever of its slices asks, until it gives it back', async () => {
    expect(await stateOf('1', mine).lease()).toBeUndefined();
    expect(await stateOf('2', mine).lease()).toBeUndefined();
    expect(await stateOf('3', theirs).lease()).toEqual({ execution: 'run', until: clock.now() + 300_000 });
    await stateOf('3', theirs).release();
    expect(await stateOf('3', theirs).lease()).toMatchObject({ execution: 'run' });
    await stateOf('2', mine).release();
    await stateOf('2', mine).release();
    expect(await stateOf('3', theirs).lease()).toBeUndefined();
    expect(await stateOf('1', { ...mine, targetUserPoolId: 'elsewhere' }).lease()).toBeUndefined();
  });

  test('ends by itself, unless something is written meanwhile', async () => {
    const state = stateOf('1', mine);
    await state.begin();
    await state.lease();
    for (let minute = 0; minute < 12; minute += 4) {
      await clock.run(() => clock.sleep(4 * 60_000));
      await (minute % 8 ? state.save(FIRST_CHECKPOINT) : state.write([record(`aaaa-${minute}`)]));
    }
    expect(await stateOf('2', theirs).lease()).toMatchObject({ execution: 'run' });
    await clock.run(() => clock.sleep(5 * 60_000 + 1));
    expect(await stateOf('2', theirs).lease()).toBeUndefined();
    await expect(state.save(FIRST_CHECKPOINT)).rejects.toThrow(SupersededError);
    await expect(state.write([record('aaaa-1')])).rejects.toThrow(SupersededError);
  });

  test('is none of a dry run\'s', async () => {
    const state = stateOf('1', mine);
    await state.begin();
    await clock.run(() => clock.sleep(600_000));
    await state.save(FIRST_CHECKPOINT);
    expect([...items.keys()].filter(key => key.startsWith('LEASE#'))).toEqual([]);
  });
});

test('a user who was just created is linked before anything else is known', async () => {
  const begun: Link = { ...record('aaaa-1').link!, finished: false };
  await stateOf('1').links.write(begun);
  expect(await stateOf('2').links.targetSubOf('aaaa-1')).toBe('t-aaaa-1');
  expect((await stateOf('2').links.ofTargets(['t-aaaa-1'])).get('t-aaaa-1')).toEqual({ ...begun, revision: 1 });
  expect((await stateOf('2').outcomesOf(['aaaa-1'])).size).toBe(0);
});

test('users of the target by the sub of the very first pool', async () => {
  await stateOf('1').writeFirstSubs(new Map([['first-1', 't-1'], ['first-2', 't-2']]));
  expect(await stateOf('2', { ...RUN, sourceUserPoolId: 'other' }).links.targetSubOfFirst('first-2')).toBe('t-2');
  expect(await stateOf('2').links.targetSubOfFirst('first-3')).toBeUndefined();
});

test('groups as the last restore left them, of this source and target only', async () => {
  for (let i = 0; i < 25; i++) await stateOf('1').writeGroupImage({ name: `g${i}`, description: 'd', precedence: i, roleArn: 'not kept' });
  await stateOf('1', { ...RUN, sourceUserPoolId: 'other' }).writeGroupImage({ name: 'x' });
  const images = await stateOf('2').groupImages();
  expect(images.size).toBe(25);
  expect(images.get('g3')).toEqual({ name: 'g3', description: 'd', precedence: 3 });
});

test('a table that takes nothing is an error', async () => {
  unprocessed = Infinity;
  await expect(clock.run(() => stateOf('1').write([record('aaaa-1')]))).rejects.toThrow('did not take 1 items after 8 tries');
});

test('the policy allows exactly what is called', async () => {
  const state = stateOf('1');
  await state.begin();
  await state.save(FIRST_CHECKPOINT);
  await state.write([record('aaaa-1')]);
  await state.outcomesOf(['aaaa-1']);
  await state.links.targetSubOf('aaaa-1');
  await state.outcomes();
  await state.lease();
  await state.links.write(record('aaaa-1').link!);
  await state.writeGroupImage({ name: 'g' });
  await state.groupImages();
  await state.release();
  const called = new Set(client.calls().map(call => `dynamodb:${call.args[0].constructor.name.replace('Command', '').replace('BatchGet', 'BatchGetItem').replace('BatchWrite', 'BatchWriteItem').replace('TransactWrite', 'Put').replace(/^(Get|Put|Update)$/, '$1Item')}`));
  expect([...called].sort()).toEqual([...STATE_RESTORE_ACTIONS]);
});
