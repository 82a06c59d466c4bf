import { ConditionalCheckFailedException, DynamoDBClient, TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand, DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, TransactWriteCommand, UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { LEDGER, LOOK_UP_INDEXES } from '../../src/ledger/constants';
import { DynamoDbLedgerStore } from '../../src/ledger/dynamodb-ledger-store.lambda-shared';
import { formerNamePartition } from '../../src/ledger/former-names';
import { linkedIdentitiesPartition, linkedIdentityItems } from '../../src/ledger/linked-identities';
import { SCHEMA_VERSION, UserRow, items, keys, rows } from '../../src/ledger/schema';

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
    const there = [member('deleted'), member('kept'), member(`${POOL}_Corp`), group('deleted', 4), group('kept')];
    client.on(BatchGetCommand).callsFake(({ RequestItems: { ledger: { Keys } } }) => ({
      Responses: { ledger: there.filter(({ pk, sk }) => (Keys as { pk: string; sk: string }[]).some(key => key.pk === pk && key.sk === sk)) },
    }));
    expect(await store.groupsOfUser(POOL, row.sub)).toEqual(['kept']);
  });

  test('are all that a row is there of, live or gone, where that is asked for', async () => {
    client.on(QueryCommand).resolves({ Items: [member('came-back', 2), member('left'), member('expired')] });
    answers();
    expect(await store.candidateGroups(POOL, row.sub)).toEqual(['came-back', 'left', 'expired']);
    expect(await store.membershipsOfUser(POOL, row.sub)).toEqual(['came-back']);
    expect(await store.membershipRows(POOL, row.sub, ['left', 'never'])).toEqual([rows.membership(member('left', 4))]);
    expect(await store.memberships(POOL, row.sub, ['left', 'new'])).toEqual(['new']);
    expect(await store.memberships(POOL, row.sub, ['left', 'new'], async () => true)).toEqual(['left', 'new']);
    expect(client.commandCalls(QueryCommand)[0].args[0].input).toEqual({
      TableName: 'ledger',
      IndexName: LEDGER.MEMBERSHIP_INDEX,
      KeyConditionExpression: '#key = :key',
      ExpressionAttributeNames: { '#key': LEDGER.MEMBERSHIP_INDEX_PARTITION_KEY },
      ExpressionAttributeValues: { ':key': keys.member(POOL, row.sub) },
    });
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

describe('every write has its condition', () => {
  const condition = (input: object) => Object.fromEntries(Object.entries(input).filter(([name]) => name !== 'Item'));
  const IS_NEW = { TableName: 'ledger', ConditionExpression: 'attribute_not_exists(#pk)', ExpressionAttributeNames: { '#pk': 'pk' } };
  const IS_AS_READ = { TableName: 'ledger', ConditionExpression: 'observedAt = :replaces', ExpressionAttributeValues: { ':replaces': 2 } };

  test('a new row, that there is none; one that replaces another, that it is the one that was read', async () => {
    client.on(PutCommand).resolves({});
    expect([await store.write(created), await store.write({ put, replacesObservedAt: 2 })]).toEqual([true, true]);
    expect(client.commandCalls(PutCommand).map(call => condition(call.args[0].input))).toEqual([IS_NEW, IS_AS_READ]);
    expect(client.commandCalls(PutCommand).map(call => call.args[0].input.Item)).toEqual([put, put]);
  });

  test('a row with its history is one transaction, whose history needs none', async () => {
    client.on(TransactWriteCommand).resolves({});
    expect(await store.write(changed)).toBe(true);
    const [{ args: [{ input: { TransactItems: [row_, history] = [] } }] }] = client.commandCalls(TransactWriteCommand);
    expect(row_.Put).toEqual({ ...IS_AS_READ, Item: put });
    expect(history.Put).toEqual({ TableName: 'ledger', Item: changed.history });
  });

  test.each([
    new ConditionalCheckFailedException({ $metadata: {}, message: 'jane' }), new TransactionConflictException({ $metadata: {}, message: 'jane' }),
  ])('that does not hold, or somebody else is writing: the row is to be read again: $name', async error => {
    client.on(PutCommand).rejects(error);
    expect(await store.write(created)).toBe(false);
    expect(client.commandCalls(PutCommand)).toHaveLength(1);
  });

  test('the lease of a sweep, that nobody else has it; the time of the newest event, that it is newer', async () => {
    client.on(UpdateCommand).resolves({});
    expect(await store.lease(POOL, 'run', 5, 9)).toBe(true);
    await store.noteEvent(POOL, 7);
    await store.release(POOL, 'run');
    const [lease, event, release] = client.commandCalls(UpdateCommand).map(call => call.args[0].input);
    for (const input of [lease, event, release]) expect(input).toMatchObject({ TableName: 'ledger', Key: keys.source(POOL) });
    expect(lease).toMatchObject({
      ConditionExpression: 'attribute_not_exists(#leaseOwner) OR #leaseOwner = :leaseOwner OR #leaseUntil < :now',
      ExpressionAttributeValues: { ':leaseOwner': 'run', ':now': 5, ':leaseUntil': 9, ':poolId': POOL, ':v': SCHEMA_VERSION },
    });
    expect(event).toMatchObject({
      UpdateExpression: 'SET poolId = :poolId, v = :v, eventSeenAt = :seenAt',
      ConditionExpression: 'attribute_not_exists(eventSeenAt) OR eventSeenAt < :seenAt',
      ExpressionAttributeValues: { ':poolId': POOL, ':v': SCHEMA_VERSION, ':seenAt': 7 },
    });
    expect(release).toMatchObject({ ConditionExpression: '#leaseOwner = :leaseOwner', ExpressionAttributeValues: { ':leaseOwner': 'run' } });
    client.on(UpdateCommand).rejects(new ConditionalCheckFailedException({ $metadata: {}, message: 'no' }));
    expect(await store.lease(POOL, 'other', 5, 9)).toBe(false);
  });
});

describe('the mark of a row whose newer image DynamoDB refused', () => {
  test('is written on the row that was read, and the first mark stays', async () => {
    client.on(UpdateCommand).resolves({});
    expect(await store.markRefused(changed, 7)).toBe(true);
    expect(client.commandCalls(UpdateCommand).map(call => call.args[0].input)).toEqual([{
      TableName: 'ledger',
      Key: { pk: put.pk, sk: put.sk },
      UpdateExpression: 'SET refusedAt = if_not_exists(refusedAt, :refusedAt)',
      ConditionExpression: 'observedAt = :replaces',
      ExpressionAttributeValues: { ':refusedAt': 7, ':replaces': 2 },
    }]);
  });

  test.each([new ConditionalCheckFailedException({ $metadata: {}, message: 'no' }), invalid])('may be left out, and the caller hears of it: $name', async error => {
    client.on(UpdateCommand).rejects(error);
    await expect(store.markRefused(changed, 7)).resolves.toBe(false);
  });

  test('is not left out where something else is wrong', async () => {
    client.on(UpdateCommand).rejects(Object.assign(new Error('no'), { name: 'ResourceNotFoundException' }));
    await expect(store.markRefused(changed, 7)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

test('a sweep that ended leaves a row of its own, and with the pool what it knows, no more', async () => {
  client.on(PutCommand).resolves({}).on(UpdateCommand).resolves({});
  const sweep = { poolId: POOL, startedAt: 5, endedAt: 9, users: 1, refused: 0, written: 1, expiresAt: 99 };
  await store.keepSweep(sweep);
  expect(client.commandCalls(PutCommand).map(call => call.args[0].input)).toEqual([{ TableName: 'ledger', Item: items.sweep(sweep) }]);
  await store.release(POOL, 'run', { sweepStartedAt: 5, sweptAt: 9, users: 1, comparedAt: undefined });
  expect(client.commandCalls(UpdateCommand)[0].args[0].input).toMatchObject({
    UpdateExpression: 'SET #sweepStartedAt = :sweepStartedAt, #sweptAt = :sweptAt, #users = :users REMOVE #leaseOwner, #leaseUntil',
    ExpressionAttributeValues: { ':sweepStartedAt': 5, ':sweptAt': 9, ':users': 1, ':leaseOwner': 'run' },
  });
});

describe('what is decided on is read consistently', () => {
  const staff = items.group({ poolId: POOL, name: 'g', observedAt: 1 });
  const membership = items.membership({ poolId: POOL, group: 'g', sub: row.sub, observedAt: 1 });
  const part = items.poolPart({ poolId: POOL, part: 'mfa', value: {}, digest: 'd', observedAt: 1 });

  test.each([
    ['group', keys.group(POOL, 'g'), staff, rows.group(staff), async () => store.group(POOL, 'g')],
    ['membership', keys.membership(POOL, 'g', row.sub), membership, rows.membership(membership), async () => store.membership(POOL, 'g', row.sub)],
    ['part of the configuration', keys.poolPart(POOL, 'mfa'), part, rows.poolPart(part), async () => store.poolPart(POOL, 'mfa')],
  ])('one %s', async (_what, Key, Item, expected, read) => {
    client.on(GetCommand).resolves({ Item });
    expect(await read()).toEqual(expected);
    expect(client.commandCalls(GetCommand)[0].args[0].input).toEqual({ TableName: 'ledger', Key, ConsistentRead: true });
  });

  test('replaced images, the newest first and few at a time, as each read is paid for', async () => {
    client.on(QueryCommand).resolvesOnce({ Items: [changed.history], LastEvaluatedKey: { pk: 'p', sk: 's' } }).resolves({});
    const page = await store.history(POOL, 'U', row.sub);
    expect(page.items).toEqual([rows.history(changed.history)]);
    expect(await store.history(POOL, 'U', row.sub, page.next)).toEqual({ items: [], next: undefined });
    const of = {
      ExpressionAttributeValues: { ':key': keys.historyOf(POOL, 'U', row.sub) }, ScanIndexForward: false, Limit: 4, ConsistentRead: true,
    };
    expect(client.commandCalls(QueryCommand).map(call => call.args[0].input)).toMatchObject([of, { ...of, ExclusiveStartKey: { pk: 'p', sk: 's' } }]);
  });

  test('the pools that the ledger follows', async () => {
    client.on(QueryCommand).resolves({ Items: [items.source({ poolId: POOL, users: 3 })] });
    expect(await store.sources()).toMatchObject([{ poolId: POOL, users: 3 }]);
    expect(client.commandCalls(QueryCommand)[0].args[0].input).toMatchObject({ ConsistentRead: true, ExpressionAttributeValues: { ':key': keys.sources() } });
  });

  test('one item, and none where there is none', async () => {
    client.on(GetCommand).resolvesOnce({ Item: put }).resolves({});
    expect(await store.user(POOL, row.sub)).toEqual(row);
    expect(await store.user(POOL, row.sub)).toBeUndefined();
    expect(client.commandCalls(GetCommand)[0].args[0].input).toEqual({ TableName: 'ledger', Key: keys.user(POOL, row.sub), ConsistentRead: true });
    expect(await store.user(POOL, 'x'.repeat(1_025))).toBeUndefined();
    expect(client.commandCalls(GetCommand)).toHaveLength(2);
  });

  test('a whole partition, over its pages', async () => {
    const group = (name: string) => items.group({ poolId: POOL, name, observedAt: 1 });
    client.on(QueryCommand).resolvesOnce({ Items: [group('a')], LastEvaluatedKey: keys.group(POOL, 'a') }).resolvesOnce({ Items: [group('b')] }).resolves({});
    expect((await store.groups(POOL)).map(({ name }) => name)).toEqual(['a', 'b']);
    const [first, second] = client.commandCalls(QueryCommand).map(call => call.args[0].input);
    const of = {
      TableName: 'ledger', KeyConditionExpression: '#key = :key', ExpressionAttributeNames: { '#key': 'pk' }, ExpressionAttributeValues: { ':key': keys.groups(POOL) }, ConsistentRead: true,
    };
    expect([first, second]).toMatchObject([of, { ...of, ExclusiveStartKey: keys.group(POOL, 'a') }]);
    expect(await store.poolParts(POOL)).toEqual([]);
  });

  test('a page of users, and not one of members: each of these is read again where something depends on it', async () => {
    client.on(QueryCommand).resolvesOnce({ Items: [put], LastEvaluatedKey: { pk: put.pk, sk: put.sk } }).resolves({});
    const page = await store.usersOfShard(POOL, 'aa');
    expect(page.items).toEqual([row]);
    expect(await store.usersOfShard(POOL, 'aa', page.next)).toEqual({ items: [], next: undefined });
    expect(await store.membersOfGroup(POOL, 'g')).toEqual({ items: [], next: undefined });
    const inputs = client.commandCalls(QueryCommand).map(call => call.args[0].input);
    expect(inputs.map(({ ConsistentRead, ExclusiveStartKey }) => [ConsistentRead, ExclusiveStartKey]))
      .toEqual([[true, undefined], [true, { pk: put.pk, sk: put.sk }], [false, undefined]]);
  });
});

test('by a name, the users who have it and are not gone; the index has them', async () => {
  client.on(QueryCommand).resolves({ Items: [{ sk: 'a' }, { sk: 'b', deletedAt: 5 }] });
  expect(await store.subsBySignInName(POOL, 'ann')).toEqual(['a']);
  expect(await store.subsBySignInName(POOL, 'ann', 'email')).toEqual(['a']);
  expect(await store.subsByFederatedName(POOL, 'Corp_7')).toEqual(['a', 'b']);
  expect(await store.subsEverBySignInName(POOL, 'ann')).toEqual(['a', 'b']);
  expect(await store.subsEverBySignInName(POOL, 'ann', 'email')).toEqual(['a', 'b']);
  const [name, email, federated, everName, formerName, everEmail, formerEmail] = client.commandCalls(QueryCommand).map(call => call.args[0].input);
  expect([name.IndexName, email.IndexName, federated.IndexName]).toEqual([LOOK_UP_INDEXES.name.index, LOOK_UP_INDEXES.email.index, undefined]);
  expect([everName, everEmail]).toEqual([name, email]);
  expect([formerName, formerEmail]).toMatchObject((['name', 'email'] as const).map(kind => (
    { ExpressionAttributeValues: { ':key': formerNamePartition(POOL, 'ann', kind) }, ConsistentRead: true })));
  expect([name, email]).toMatchObject([LOOK_UP_INDEXES.name, LOOK_UP_INDEXES.email].map(({ key }) => (
    { ExpressionAttributeNames: { '#key': key }, ExpressionAttributeValues: { ':key': keys.signInName(POOL, 'ann') } })));
  expect(federated).toMatchObject({ ExpressionAttributeValues: { ':key': linkedIdentitiesPartition(POOL, 'Corp_7') }, ConsistentRead: true });
});

test('digests of a shard, or of a part of it', async () => {
  client.on(QueryCommand).resolves({ Items: [{ sk: 'a', digest: 'd', deletedAt: 5, other: 1 }] });
  for (const prefix of [undefined, 'aaaa']) {
    const found = [];
    for await (const digest of store.digestsOfShard(POOL, 'aa', prefix)) found.push(digest);
    expect(found).toEqual([{ sub: 'a', digest: 'd', deletedAt: 5 }]);
  }
  const [whole, part] = client.commandCalls(QueryCommand).map(call => call.args[0].input);
  expect(whole).toMatchObject({ IndexName: LEDGER.DIGEST_INDEX, KeyConditionExpression: '#key = :key', ExpressionAttributeValues: { ':key': keys.userShard(POOL, 'aa') } });
  expect(part).toMatchObject({
    IndexName: LEDGER.DIGEST_INDEX,
    KeyConditionExpression: '#key = :key AND begins_with(#sort, :prefix)',
    ExpressionAttributeNames: { '#key': LEDGER.DIGEST_INDEX_PARTITION_KEY, '#sort': 'sk' },
    ExpressionAttributeValues: { ':key': keys.userShard(POOL, 'aa'), ':prefix': 'aaaa' },
  });
});

test('a list is kept in items of at most 320 KB, and what is left of a longer one goes', async () => {
  const values = Array.from({ length: 9 }, (_, i) => String(i).repeat(100_000));
  client.on(PutCommand).resolves({});
  client.on(DeleteCommand).resolves({});
  const chunk = (list: string, i: number) => ({ ...keys.sweepList(POOL, list, i), list });
  client.on(QueryCommand).resolves({ Items: [...[0, 2, 3, 4].map(i => chunk('a', i)), chunk('ab', 7)] });
  await store.saveList(POOL, 'a', values, 99);
  const written = client.commandCalls(PutCommand).map(call => call.args[0].input.Item!);
  expect(written.map(({ values: of }) => (of as string[]).map(value => value[0]))).toEqual([['0', '1', '2'], ['3', '4', '5'], ['6', '7', '8']]);
  expect(written[1]).toMatchObject({ ...chunk('a', 1), v: SCHEMA_VERSION, expiresAt: 99 });
  expect(client.commandCalls(DeleteCommand).map(call => call.args[0].input)).toEqual([3, 4].map(i => ({ TableName: 'ledger', Key: keys.sweepList(POOL, 'a', i) })));
  expect(client.commandCalls(QueryCommand)[0].args[0].input).toMatchObject({ ConsistentRead: true, ExpressionAttributeValues: { ':prefix': 'a' } });
  client.reset();
  client.on(QueryCommand).resolves({});
  await store.saveList(POOL, 'a', [], 99);
  expect(client.commandCalls(PutCommand)).toHaveLength(0);
});

test('lists of a sweep are read by what their names begin with, over all their items', async () => {
  client.on(QueryCommand).resolves({ Items: [{ list: 'a', values: ['1'] }, { list: 'ab', values: ['2', '3'] }] });
  const found = [];
  for await (const chunk of store.loadLists(POOL, 'a')) found.push(chunk);
  expect(found).toEqual([{ list: 'a', values: ['1'] }, { list: 'ab', values: ['2', '3'] }]);
  expect(client.commandCalls(QueryCommand)[0].args[0].input).toEqual({
    TableName: 'ledger',
    KeyConditionExpression: '#key = :key AND begins_with(#sort, :prefix)',
    ExpressionAttributeNames: { '#key': 'pk', '#sort': 'sk' },
    ExpressionAttributeValues: { ':key': keys.sweepLists(POOL), ':prefix': 'a' },
    ConsistentRead: true,
  });
});
