import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { LEDGER, LEDGER_APPLY_ACTIONS, LEDGER_SWEEP_ACTIONS, LOOK_UP_INDEXES } from '../../src/ledger/constants';
import { DynamoDbLedgerStore } from '../../src/ledger/dynamodb-ledger-store.lambda-shared';
import { LedgerHistory, LedgerStore } from '../../src/ledger/ledger-store';
import { UserRow, items } from '../../src/ledger/schema';
import { InMemoryLedger } from '../helpers/in-memory-ledger';
import { LocalAws } from '../local-aws/local-aws';

const POOL = 'us-east-1_AbCdEfGhI';
const row = (sub: string, more: Partial<UserRow> = {}): UserRow => ({
  poolId: POOL,
  sub,
  username: sub,
  signInName: `${sub}@example.com`,
  attributes: { 'email': `${sub}@example.com`, 'custom:a': '"\n,' },
  enabled: true,
  status: 'CONFIRMED',
  createdAt: 1,
  modifiedAt: 2,
  digest: `digest-${sub}`,
  observedAt: 10,
  ...more,
});

let aws: LocalAws;
const called = new Set<string>();

beforeAll(async () => {
  aws = await LocalAws.start();
}, 300_000);

afterAll(async () => aws.stop());

type Store = LedgerStore & LedgerHistory;

async function dynamoDbLedger(): Promise<Store> {
  const { dynamodb } = aws.client('us-east-1');
  const table = `ledger-${Math.random()}`;
  const index = (IndexName: string, partitionKey: string, sortKey: string, attributes: readonly string[]) => ({
    IndexName,
    KeySchema: [{ AttributeName: partitionKey, KeyType: 'HASH' as const }, { AttributeName: sortKey, KeyType: 'RANGE' as const }],
    Projection: { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: [...attributes] },
  });
  await dynamodb.send(new CreateTableCommand({
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: LEDGER.PARTITION_KEY, KeyType: 'HASH' }, { AttributeName: LEDGER.SORT_KEY, KeyType: 'RANGE' }],
    AttributeDefinitions: [
      LEDGER.PARTITION_KEY, LEDGER.SORT_KEY, LEDGER.DIGEST_INDEX_PARTITION_KEY, LEDGER.MEMBERSHIP_INDEX_PARTITION_KEY,
      ...Object.values(LOOK_UP_INDEXES).map(({ key }) => key),
    ].map(AttributeName => ({ AttributeName, AttributeType: 'S' })),
    GlobalSecondaryIndexes: [
      index(LEDGER.DIGEST_INDEX, LEDGER.DIGEST_INDEX_PARTITION_KEY, LEDGER.SORT_KEY, LEDGER.DIGEST_INDEX_ATTRIBUTES),
      index(LEDGER.MEMBERSHIP_INDEX, LEDGER.MEMBERSHIP_INDEX_PARTITION_KEY, LEDGER.PARTITION_KEY, LEDGER.MEMBERSHIP_INDEX_ATTRIBUTES),
      ...Object.values(LOOK_UP_INDEXES).map(({ index: name, key }) => index(name, key, LEDGER.SORT_KEY, LEDGER.LOOK_UP_INDEX_ATTRIBUTES)),
    ],
  }));
  const client = DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } });
  client.middlewareStack.add((next, context) => async args => {
    called.add(String(context.commandName).replace('Command', ''));
    return next(args);
  }, { step: 'initialize' });
  return new DynamoDbLedgerStore(client, table);
}

async function all<T>(some: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of some) found.push(one);
  return found;
}

// The fake that the cores are tested with does what the table does.
describe.each<[string, () => Promise<Store>]>([
  ['in memory', async () => new InMemoryLedger()],
  ['in DynamoDB', dynamoDbLedger],
])('the ledger %s', (_where, open) => {
  test('a new row is written once; the second writer is refused', async () => {
    const ledger = await open();
    expect(await ledger.user(POOL, 'aaaa0000-1')).toBeUndefined();
    expect(await ledger.write({ put: items.user(row('aaaa0000-1')) })).toBe(true);
    expect(await ledger.write({ put: items.user(row('aaaa0000-1', { enabled: false })) })).toBe(false);
    expect(await ledger.user(POOL, 'aaaa0000-1')).toEqual(row('aaaa0000-1'));
  });

  test('a row and the image it replaces are written together, over exactly the row that was read', async () => {
    const ledger = await open();
    const [before, after] = [row('aaaa0000-1'), row('aaaa0000-1', { enabled: false, observedAt: 20 })];
    await ledger.write({ put: items.user(before) });
    const change = {
      put: items.user(after), replacesObservedAt: 10, history: items.history(POOL, 'U', 'aaaa0000-1', items.user(before), 10, { cause: { event: 'sweep', id: 'r' }, expiresAt: 99 }),
    };
    expect(await ledger.write(change)).toBe(true);
    expect(await ledger.write(change)).toBe(false);
    expect(await ledger.user(POOL, 'aaaa0000-1')).toEqual(after);
  });

  test('replaced images are read newest first, some at a time', async () => {
    const ledger = await open();
    await ledger.write({ put: items.user(row('aaaa0000-1')) });
    for (let n = 11; n <= 16; n += 1) {
      const before = row('aaaa0000-1', { observedAt: n - 1 });
      const end = { ended: { since: n }, cause: { event: 'sweep' }, expiresAt: 99 };
      const history = items.history(POOL, 'U', 'aaaa0000-1', items.user(before), n - 1, end);
      await ledger.write({ put: items.user(row('aaaa0000-1', { observedAt: n })), replacesObservedAt: n - 1, history });
    }
    const first = await ledger.history(POOL, 'U', 'aaaa0000-1');
    const second = await ledger.history(POOL, 'U', 'aaaa0000-1', first.next);
    expect([first, second].map(page => page.items.map(({ image }) => image.observedAt))).toEqual([[15, 14, 13, 12], [11, 10]]);
    expect(first.items[0]).toMatchObject({
      key: new Date(15).toISOString(), ended: { since: 16 }, image: items.user(row('aaaa0000-1', { observedAt: 15 })),
    });
    expect([first.next, second.next]).toEqual([expect.any(String), undefined]);
    expect((await ledger.history(POOL, 'M', 'staff#aaaa0000-1')).items).toEqual([]);
  });

  test('who is gone is found by name, and what a user has left by the index, where the past is asked for', async () => {
    const ledger = await open();
    await ledger.write({ put: items.user(row('aaaa0000-1', { deletedAt: 5 })) });
    expect(await ledger.subsBySignInName(POOL, 'aaaa0000-1@example.com')).toEqual([]);
    expect(await ledger.subsEverBySignInName(POOL, 'aaaa0000-1@example.com')).toEqual(['aaaa0000-1']);
    const left = { poolId: POOL, group: 'staff', sub: 'aaaa0000-1', observedAt: 10, deletedAt: 10 };
    await ledger.write({ put: items.membership(left) });
    expect(await ledger.candidateGroups(POOL, 'aaaa0000-1')).toEqual(['staff']);
    expect(await ledger.membershipRows(POOL, 'aaaa0000-1', ['staff', 'other'])).toEqual([left]);
    expect(await ledger.memberships(POOL, 'aaaa0000-1', ['staff'])).toEqual([]);
    expect(await ledger.groupsOfUser(POOL, 'aaaa0000-1')).toEqual([]);
  });

  test('shards, digests and names are found by their indexes', async () => {
    const ledger = await open();
    const others = [row('aaab0000-2', { deletedAt: 5 }), row('abcd0000-3'), row('ZZ')];
    for (const some of [row('aaaa0000-1'), ...others]) await ledger.write({ put: items.user(some) });
    expect((await ledger.usersOfShard(POOL, 'aa')).items.map(user => user.sub)).toEqual(['aaaa0000-1', 'aaab0000-2']);
    expect((await ledger.usersOfShard(POOL, 'other')).items.map(user => user.sub)).toEqual(['ZZ']);
    expect(await all(ledger.digestsOfShard(POOL, 'aa'))).toEqual([
      { sub: 'aaaa0000-1', digest: 'digest-aaaa0000-1', deletedAt: undefined }, { sub: 'aaab0000-2', digest: 'digest-aaab0000-2', deletedAt: 5 },
    ]);
    expect((await all(ledger.digestsOfShard(POOL, 'aa', 'aaab'))).map(user => user.sub)).toEqual(['aaab0000-2']);
    expect(await ledger.subsBySignInName(POOL, 'aaaa0000-1@example.com')).toEqual(['aaaa0000-1']);
    expect(await ledger.subsBySignInName(POOL, 'aaab0000-2@example.com')).toEqual([]);
    const lookUp = { name: 'carl', email: 'carl@example.com', phone: '+1555', preferredUsername: 'cc' };
    await ledger.write({ put: items.user(row('aaac-3', { lookUp })) });
    expect(await ledger.subsBySignInName(POOL, 'aaac-3@example.com')).toEqual([]);
    for (const [kind, name] of [['name', 'carl'], ['email', 'carl@example.com'], ['phone', '+1555'], ['preferredUsername', 'cc']] as const) {
      expect(await ledger.subsBySignInName(POOL, name, kind)).toEqual(['aaac-3']);
    }
  });

  test('groups, members and the groups of a user', async () => {
    const ledger = await open();
    const member = { poolId: POOL, group: 'a#b', sub: 'aaaa0000-1', observedAt: 1 };
    await ledger.write({ put: items.group({ poolId: POOL, name: 'a#b', precedence: 0, observedAt: 1 }) });
    await ledger.write({ put: items.membership(member) });
    await ledger.write({ put: items.membership({ ...member, group: 'gone', deletedAt: 2 }) });
    expect(await ledger.groups(POOL)).toEqual([{ poolId: POOL, name: 'a#b', precedence: 0, observedAt: 1 }]);
    expect(await ledger.group(POOL, 'a#b')).toMatchObject({ precedence: 0 });
    expect(await ledger.membership(POOL, 'a#b', 'aaaa0000-1')).toEqual(member);
    expect((await ledger.membersOfGroup(POOL, 'a#b')).items).toEqual([member]);
    expect(await ledger.groupsOfUser(POOL, 'aaaa0000-1')).toEqual(['a#b']);
    expect(await ledger.groupsOfUser(POOL, 'aaaa0000-1', ['gone', 'a#b', 'never'])).toEqual(['a#b']);
  });

  describe('refuses for good', () => {
    const tooLarge = Object.fromEntries(Array.from({ length: 110 }, (_, i) => [`custom:${i}`, '\u{1f600}'.repeat(1_000)]));
    const half = Object.fromEntries(Object.entries(tooLarge).slice(0, 55));
    const refused = { name: 'RowRefusedError', kind: 'U', id: 'aaaa0000-1' };
    const refusals: [string, Partial<UserRow>][] = [
      ['that is larger than 400 KB', { attributes: tooLarge }],
    ];

    test.each(refusals)('a new row %s', async (_why, more) => {
      const ledger = await open();
      await expect(ledger.write({ put: items.user(row('aaaa0000-1', more)) })).rejects.toMatchObject(refused);
      expect(await ledger.user(POOL, 'aaaa0000-1')).toBeUndefined();
    });

    test.each(refusals)('a changed row %s, and leaves what is there', async (_why, more) => {
      const ledger = await open();
      const before = row('aaaa0000-1');
      await ledger.write({ put: items.user(before) });
      const history = items.history(POOL, 'U', 'aaaa0000-1', items.user(before), 10, { cause: { event: 'sweep', id: 'r' }, expiresAt: 99 });
      const change = { put: items.user(row('aaaa0000-1', { ...more, observedAt: 20 })), replacesObservedAt: 10, history };
      await expect(ledger.write(change)).rejects.toMatchObject(refused);
      expect(await ledger.user(POOL, 'aaaa0000-1')).toEqual(before);
      // The row is marked once, and only if it is still the one that was to be replaced.
      for (const [replacesObservedAt, at, isMarked] of [[9, 25, false], [10, 30, true], [10, 40, true]] as const) {
        expect(await ledger.markRefused({ ...change, replacesObservedAt }, at)).toBe(isMarked);
      }
      expect(await ledger.user(POOL, 'aaaa0000-1')).toEqual({ ...before, refusedAt: 30 });
      expect(await ledger.write({ ...change, put: items.user(row('aaaa0000-1', { observedAt: 20 })) })).toBe(true);
    });

    test('a part of the configuration, which it names', async () => {
      const ledger = await open();
      const part = { poolId: POOL, part: 'client#1', value: tooLarge, digest: 'd', observedAt: 1 };
      await expect(ledger.write({ put: items.poolPart(part) })).rejects.toMatchObject({ name: 'RowRefusedError', kind: 'C', id: 'client#1' });
    });

    test('no key of an index: who has a long name is found by it, and by no other', async () => {
      const ledger = await open();
      const [one, other] = ['x', 'y'].map(letter => `${letter.repeat(2_036)}@example.com`);
      const lookUp = { name: one, email: '漢'.repeat(700), phone: one, preferredUsername: other };
      expect(await ledger.write({ put: items.user(row('aaaa0000-1', { lookUp })) })).toBe(true);
      expect(await ledger.subsBySignInName(POOL, one)).toEqual(['aaaa0000-1']);
      expect(await ledger.subsBySignInName(POOL, '漢'.repeat(700), 'email')).toEqual(['aaaa0000-1']);
      expect(await ledger.subsBySignInName(POOL, one, 'phone')).toEqual(['aaaa0000-1']);
      expect(await ledger.subsBySignInName(POOL, other, 'preferredUsername')).toEqual(['aaaa0000-1']);
      expect(await ledger.subsBySignInName(POOL, other)).toEqual([]);
      expect(await ledger.user(POOL, 'aaaa0000-1')).toEqual(row('aaaa0000-1', { lookUp }));
      expect(await ledger.write({ put: items.user(row('aaaa0000-1', { observedAt: 20 })), replacesObservedAt: 10 })).toBe(true);
      expect(await ledger.subsBySignInName(POOL, one)).toEqual([]);
    });

    test('no question: nobody has a sub that is too long for a key, whoever names it', async () => {
      const ledger = await open();
      expect(await ledger.user(POOL, '漢'.repeat(342))).toBeUndefined();
    });

    test('nothing that fits', async () => {
      const ledger = await open();
      const name = 'x'.repeat(2_048 - `${POOL}#`.length);
      expect(await ledger.write({ put: items.user(row('aaaa0000-1', { attributes: half, signInName: name })) })).toBe(true);
    });
  });

  test('parts of the configuration', async () => {
    const ledger = await open();
    const part = { poolId: POOL, part: 'pool', value: { a: [1, { b: null, c: '' }] }, digest: 'd', observedAt: 1 };
    await ledger.write({ put: items.poolPart(part) });
    expect(await ledger.poolParts(POOL)).toEqual([part]);
  });

  test('one sweep at a time', async () => {
    const ledger = await open();
    expect(await ledger.lease(POOL, 'one', 100, 200)).toBe(true);
    expect(await ledger.lease(POOL, 'one', 110, 210)).toBe(true);
    expect(await ledger.lease(POOL, 'two', 210, 300)).toBe(false);
    await ledger.release(POOL, 'two');
    expect(await ledger.lease(POOL, 'two', 211, 300)).toBe(true);
    await ledger.release(POOL, 'two', { sweepStartedAt: 211, sweptAt: 220, users: 3 });
    expect(await ledger.sources()).toEqual([{ poolId: POOL, sweepStartedAt: 211, sweptAt: 220, users: 3 }]);
    expect(await ledger.lease(POOL, 'three', 221, 300)).toBe(true);
  });

  test('the newest event stays noted, and is not in the way of a lease', async () => {
    const ledger = await open();
    await ledger.noteEvent(POOL, 50);
    await ledger.noteEvent(POOL, 40);
    expect(await ledger.lease(POOL, 'one', 100, 200)).toBe(true);
    await ledger.noteEvent(POOL, 60);
    await ledger.release(POOL, 'one', { sweepStartedAt: 100, sweptAt: 120, users: 1 });
    expect(await ledger.sources()).toEqual([{ poolId: POOL, eventSeenAt: 60, sweepStartedAt: 100, sweptAt: 120, users: 1 }]);
  });

  test('what a sweep learned of the past is kept with the pool, and the sweep itself in a row of its own', async () => {
    const ledger = await open();
    expect(await ledger.lease(POOL, 'one', 100, 200)).toBe(true);
    const learned = { firstSweptAt: 120, comparedAt: undefined, historyDays: 35 };
    await ledger.release(POOL, 'one', { sweepStartedAt: 100, sweptAt: 120, users: 1, ...learned });
    expect(await ledger.sources()).toEqual([{ poolId: POOL, sweepStartedAt: 100, sweptAt: 120, users: 1, firstSweptAt: 120, historyDays: 35 }]);
    await ledger.keepSweep({ poolId: POOL, startedAt: 100, endedAt: 120, users: 1, refused: 0, written: 2, expiresAt: 99 });
  });

  test('lists of a sweep', async () => {
    const ledger = await open();
    await ledger.saveList(POOL, 'run#members#a', ['1', '2'], 99);
    await ledger.saveList(POOL, 'run#members#a#000000', ['3'], 99);
    await ledger.saveList(POOL, 'run2#members#a', ['4'], 99);
    await ledger.saveList(POOL, 'run#members#a', ['5'], 99);
    expect(await all(ledger.loadLists(POOL, 'run#members#'))).toEqual([
      { list: 'run#members#a', values: ['5'] }, { list: 'run#members#a#000000', values: ['3'] },
    ]);
  });
});

test('a list larger than an item is kept in chunks, and shrinks', async () => {
  const ledger = await dynamoDbLedger();
  const subs = Array.from({ length: 20_000 }, (_, i) => `${String(i).padStart(8, '0')}-0000-4000-8000-000000000000`);
  await ledger.saveList(POOL, 'list', subs, 99);
  const chunks = await all(ledger.loadLists(POOL, 'list'));
  expect(chunks.length).toBeGreaterThan(2);
  expect(chunks.flatMap(chunk => chunk.values)).toEqual(subs);
  await ledger.saveList(POOL, 'list', subs.slice(0, 5), 99);
  expect((await all(ledger.loadLists(POOL, 'list'))).flatMap(chunk => chunk.values)).toEqual(subs.slice(0, 5));
});

test('pages go on where the last one ended', async () => {
  const ledger = await dynamoDbLedger();
  const long = 'x'.repeat(2_000);
  const attributes = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`custom:${i}`, long]));
  const subs = Array.from({ length: 30 }, (_, i) => `aaaa0000-${String(i).padStart(2, '0')}`);
  for (const sub of subs) await ledger.write({ put: items.user(row(sub, { attributes })) });
  const found: string[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const page = await ledger.usersOfShard(POOL, 'aa', cursor);
    found.push(...page.items.map(user => user.sub));
    cursor = page.next;
    pages += 1;
  } while (cursor);
  expect(found).toEqual(subs);
  expect(pages).toBeGreaterThan(1);
});

test('the policies of the sweep and of the consumer allow exactly what the store calls', () => {
  // A transaction has no permission of its own: it needs those of its parts.
  const actions = [...called].filter(command => command !== 'CreateTable' && command !== 'TransactWriteItems').map(command => `dynamodb:${command}`);
  // The sweep asks Cognito for the groups of a user, the consumer the ledger; the consumer keeps no lists.
  expect(actions.sort()).toEqual([...new Set([...LEDGER_SWEEP_ACTIONS, ...LEDGER_APPLY_ACTIONS])].sort());
});
