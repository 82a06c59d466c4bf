import { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, BatchWriteCommand, DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { Item, Key } from '../../src/ledger/schema';
import { DynamoDbLinks } from '../../src/state/dynamodb-links.lambda-shared';
import { DynamoDbRunState } from '../../src/state/dynamodb-run-state.lambda-shared';
import { givenGroups, Link, linkItems } from '../../src/state/link';
import { Links } from '../../src/state/links';
import { StateItems } from '../../src/state/state-items.lambda-shared';
import { VirtualClock } from '../helpers/virtual-clock';

const TABLE = 'standby';
const client = mockClient(DynamoDBDocumentClient);
const items = new Map<string, Item>();
const address = ({ pk, sk }: Key) => JSON.stringify([pk, sk]);
const stateItems = new StateItems(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-west-2' })), TABLE, new VirtualClock(0));

interface Put { readonly Item: Item; readonly ConditionExpression?: string; readonly ExpressionAttributeValues?: Record<string, unknown> }

/** As DynamoDB judges the two conditions that a link is written under. */
function holds({ Item: item, ConditionExpression: condition, ExpressionAttributeValues: values = {} }: Put): boolean {
  const revision = (items.get(address(item))?.link as Link | undefined)?.revision;
  if (condition === undefined) return true;
  return condition.startsWith('attribute_not_exists') ? revision === undefined : revision === values[':revision'];
}

beforeEach(() => {
  items.clear();
  client.reset();
  client.on(TransactWriteCommand).callsFake(({ TransactItems }: { TransactItems: { Put: Put }[] }) => {
    const held = TransactItems.map(({ Put: put }) => holds(put));
    if (held.includes(false)) {
      throw new TransactionCanceledException({
        $metadata: {}, message: 'cancelled', CancellationReasons: held.map(each => ({ Code: each ? 'None' : 'ConditionalCheckFailed' })),
      });
    }
    TransactItems.forEach(({ Put: { Item: item } }) => items.set(address(item), item));
    return {};
  });
  client.on(BatchWriteCommand).callsFake(({ RequestItems }) => {
    (RequestItems[TABLE] as { PutRequest: Put }[]).forEach(({ PutRequest: { Item: item } }) => items.set(address(item), item));
    return {};
  });
  client.on(GetCommand).callsFake(({ Key: key }: { Key: Key }) => ({ Item: items.get(address(key)) }));
  client.on(BatchGetCommand).callsFake(({ RequestItems }) => ({
    Responses: { [TABLE]: (RequestItems[TABLE].Keys as Key[]).flatMap(key => items.get(address(key)) ?? []) },
  }));
});

const WRITERS: Record<string, () => Links> = {
  'a follow-up or a warm follower': () => new DynamoDbLinks(stateItems, 'S', 'T'),
  'a restore': () => new DynamoDbRunState({
    items: stateItems,
    slice: '1',
    clock: new VirtualClock(0),
    run: { execution: 'run', startedAt: 0, sourceUserPoolId: 'S', targetUserPoolId: 'T' },
  }).links,
};
const PAIRS = Object.keys(WRITERS).flatMap(first => Object.keys(WRITERS).map(second => [first, second] as const));
const link = (groups: string[], more: Partial<Link> = {}): Link => ({
  sourceSub: 'ann', targetSub: 't-ann', firstSub: 'ann', image: { attributes: {}, enabled: true, groups }, execution: 'e', restored: false, at: 1, ...more,
});
const stored = async (links: Links) => (await links.ofTargets(['t-ann'])).get('t-ann')!;

describe.each(PAIRS)('two writers of one link: %s, and %s', (first, second) => {
  const writers = () => [WRITERS[first](), WRITERS[second]()];

  test('what either set out to give is in the link, so that a killed writer\'s groups count as given', async () => {
    const [a, b] = writers();
    await a.write(link(['staff']));
    const [seenByA, seenByB] = [await stored(a), await stored(b)];
    await a.write({ ...seenByA, giving: ['admins'] });
    await b.write({ ...seenByB, giving: ['helpers'] });
    expect(givenGroups(await stored(a)).sort()).toEqual(['admins', 'helpers', 'staff']);
  });

  test.each([[5, 6], [6, 5]])('the last write forgets nothing that the other one gave, whichever is later: at %s and %s', async (atA, atB) => {
    const [a, b] = writers();
    await a.write(link(['staff'], { restored: true, execution: 'made' }));
    const [seenByA, seenByB] = [await stored(a), await stored(b)];
    const noted = await a.write({ ...seenByA, giving: ['admins'] });
    await b.write({ ...seenByB, image: { attributes: { name: 'B' }, enabled: false, groups: [] }, at: atB, restored: false });
    await a.write({ ...noted, giving: undefined, image: { attributes: { name: 'A' }, enabled: true, groups: ['staff', 'admins'] }, at: atA });
    const now = await stored(a);
    expect(givenGroups(now).sort()).toEqual(['admins', 'staff']);
    // Asks for another look, at what was written last; who was made by the library stays so.
    expect(now).toMatchObject({ giving: expect.any(Array), restored: true, execution: 'made', image: { attributes: { name: atA > atB ? 'A' : 'B' } } });
  });

  test('nor does the write after one that was merged', async () => {
    const [a, b] = writers();
    await a.write(link(['staff']));
    const [seenByA, seenByB] = [await stored(a), await stored(b)];
    await b.write({ ...seenByB, image: { attributes: {}, enabled: true, groups: ['staff', 'helpers'] }, at: 2 });
    const noted = await a.write({ ...seenByA, giving: ['admins'] });
    await a.write({ ...noted, giving: undefined, image: { attributes: {}, enabled: true, groups: ['admins'] }, at: 3 });
    expect(givenGroups(await stored(a)).sort()).toEqual(['admins', 'helpers', 'staff']);
  });

  test('one after the other is none beside the other', async () => {
    const [a, b] = writers();
    await a.write(await a.write(link([], { giving: ['staff'] })));
    await b.write({ ...await stored(b), image: { attributes: {}, enabled: true, groups: ['helpers'] }, giving: undefined });
    expect(givenGroups(await stored(a))).toEqual(['helpers']);
  });
});

test('a link that an earlier version of the library wrote has no revision, and is written over', async () => {
  const links = WRITERS['a restore']();
  linkItems('S', 'T', link(['staff'])).forEach(item => items.set(address(item), item));
  await links.write({ ...await stored(links), image: { attributes: {}, enabled: true, groups: ['admins'] } });
  expect(await stored(links)).toMatchObject({ image: { groups: ['admins'] }, revision: 1 });
});

test('in a batch, one link that another writer changed costs the others nothing', async () => {
  const [a, b] = Object.values(WRITERS).map(make => make()).reverse();
  await a.write(link(['staff']));
  const seen = await stored(a);
  await b.write({ ...seen, giving: ['helpers'] });
  const others = Array.from({ length: 150 }, (_, i) => link([], { sourceSub: `s${i}`, targetSub: `t${i}` }));
  await Promise.all([...others, { ...seen, at: 9 }].map(async each => a.write(each)));
  expect(givenGroups(await stored(a)).sort()).toEqual(['helpers', 'staff']);
  expect((await a.ofTargets(others.map(({ targetSub }) => targetSub))).size).toBe(150);
});

test('users of another source are not mixed up: the writer that is at the target now is right', async () => {
  await new DynamoDbLinks(stateItems, 'other', 'T').write(link(['theirs']));
  await new DynamoDbLinks(stateItems, 'S', 'T').write(link(['ours']));
  expect(givenGroups(await stored(WRITERS['a restore']()))).toEqual(['ours']);
});

test('who never gets through says so', async () => {
  const a = new DynamoDbLinks(stateItems, 'S', 'T');
  client.on(TransactWriteCommand).rejects(new TransactionCanceledException({ $metadata: {}, message: 'x', CancellationReasons: [{ Code: 'TransactionConflict' }] }));
  await expect(a.write(link([]))).rejects.toThrow('changed 8 times by others');
  expect(client.commandCalls(TransactWriteCommand)).toHaveLength(8);
});
