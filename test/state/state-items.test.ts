import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { DynamoDbDeletions } from '../../src/state/dynamodb-deletions.lambda-shared';
import { DynamoDbLinks, knownLink } from '../../src/state/dynamodb-links.lambda-shared';
import { stateKeys } from '../../src/state/keys';
import { Link, linkItems } from '../../src/state/link';
import { StateItems } from '../../src/state/state-items.lambda-shared';
import { VirtualClock } from '../helpers/virtual-clock';

const TABLE = 'standby';
const client = mockClient(DynamoDBDocumentClient);
const state = new StateItems(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-west-2' })), TABLE, new VirtualClock());
const link: Link = {
  sourceSub: 's', targetSub: 't', firstSub: 'f', image: { attributes: {}, enabled: true, groups: [] }, execution: 'run', restored: true, at: 7,
};

beforeEach(() => {
  client.reset();
  client.rejects(new Error('the test did not plan this call'));
});

describe('a deletion that waits', () => {
  const deletions = new DynamoDbDeletions(state, 'T');
  const Key = stateKeys.deletion('T', 's');

  test('keeps its first time, however often it is scheduled', async () => {
    client.on(PutCommand).resolvesOnce({}).rejects(new ConditionalCheckFailedException({ $metadata: {}, message: 'it is there' }));
    await deletions.schedule('s', 5);
    await deletions.schedule('s', 9);
    expect(client.commandCalls(PutCommand)[0].args[0].input).toEqual({
      TableName: TABLE, Item: { ...Key, dueAt: 5 }, ConditionExpression: 'attribute_not_exists(pk)',
    });
  });

  test('that could not be written is an error', async () => {
    client.on(PutCommand).rejects(new Error('down'));
    await expect(deletions.schedule('s', 5)).rejects.toThrow('down');
  });

  test('is due once its time has come, read consistently', async () => {
    client.on(QueryCommand).resolvesOnce({ Items: [Key], LastEvaluatedKey: Key }).resolves({ Items: [stateKeys.deletion('T', 'u')] });
    const due: string[] = [];
    for await (const id of deletions.due(8)) due.push(id);
    expect(due).toEqual(['s', 'u']);
    expect(client.commandCalls(QueryCommand)[0].args[0].input).toMatchObject({
      TableName: TABLE,
      KeyConditionExpression: 'pk = :pk',
      FilterExpression: 'dueAt <= :now',
      ExpressionAttributeValues: { ':pk': stateKeys.deletions('T'), ':now': 8 },
      ConsistentRead: true,
    });
  });

  test('may be called off', async () => {
    client.on(DeleteCommand).resolves({});
    await deletions.cancel('s');
    expect(client.commandCalls(DeleteCommand)[0].args[0].input).toEqual({ TableName: TABLE, Key });
  });
});

describe('a link', () => {
  const links = new DynamoDbLinks(state, 'S', 'T');

  test('is written in both directions or not at all, and so it goes', async () => {
    client.on(TransactWriteCommand).resolves({});
    await links.write(link);
    await links.remove(link);
    const [ofSource] = linkItems('S', 'T', link);
    // Nobody has written it since: two writers of one link have a test of their own.
    const FIRST = {
      ConditionExpression: 'attribute_not_exists(#link.#revision)', ExpressionAttributeNames: { '#link': 'link', '#revision': 'revision' },
    };
    expect(client.commandCalls(TransactWriteCommand).map(call => call.args[0].input.TransactItems)).toEqual([
      [{ Put: { TableName: TABLE, Item: ofSource } }, { Put: { TableName: TABLE, Item: expect.anything(), ...FIRST } }],
      [stateKeys.linkOfSource('S', 'T', 's'), stateKeys.linkOfTarget('T', 't')].map(Key => ({ Delete: { TableName: TABLE, Key } })),
    ]);
  });

  test('that was read is written over what was read, and over nothing newer', async () => {
    client.on(TransactWriteCommand).resolves({});
    await links.write({ ...link, revision: 3 });
    const [, ofTarget] = client.commandCalls(TransactWriteCommand)[0].args[0].input.TransactItems!;
    expect(ofTarget.Put).toEqual({
      TableName: TABLE,
      Item: expect.objectContaining({ link: expect.objectContaining({ revision: 4 }) }),
      ConditionExpression: '#link.#revision = :revision',
      ExpressionAttributeNames: { '#link': 'link', '#revision': 'revision' },
      ExpressionAttributeValues: { ':revision': 3 },
    });
  });

  test('is known by the user of the target, whatever the source pool, read consistently', async () => {
    const [, ofTarget] = linkItems('S', 'T', link);
    client.on(GetCommand).resolvesOnce({ Item: ofTarget }).resolves({});
    expect(await knownLink(state, 'T', 't')).toEqual({ ...link, sourceUserPoolId: 'S' });
    expect(await knownLink(state, 'T', 't')).toBeUndefined();
    expect(client.commandCalls(GetCommand)[0].args[0].input).toEqual({ TableName: TABLE, Key: stateKeys.linkOfTarget('T', 't'), ConsistentRead: true });
  });
});

test('a partition without items has none', async () => {
  client.on(QueryCommand).resolves({});
  expect(await state.page('RUN#none')).toEqual({ items: [], next: undefined });
  for await (const item of state.all('RUN#none')) throw new Error(`there is ${JSON.stringify(item)}`);
  for (const call of client.commandCalls(QueryCommand)) expect(call.args[0].input.ConsistentRead).toBe(true);
});
