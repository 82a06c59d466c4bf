import {
  BatchGetCommand, BatchWriteCommand, DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, QueryCommandInput,
  TransactWriteCommand, UpdateCommand, UpdateCommandInput, paginateQuery,
} from '@aws-sdk/lib-dynamodb';
import { STATE } from './constants';
import { Item, Key } from '../ledger/schema';
import { Clock } from '../runtime/clock';
import { forEachConcurrently } from '../runtime/concurrency';

/** DynamoDB's own limits. */
const ITEMS_PER_WRITE = 25;
const KEYS_PER_READ = 100;
const BATCHES_AT_ONCE = 8;
/** 50, 100, 200, ... 3200 ms: an on-demand table doubles its capacity within that time. */
const UNPROCESSED_TRIES = 8;
const FIRST_PAUSE = 50;

/** Items of the state table; every read is consistent. */
export class StateItems {
  constructor(
    private readonly client: DynamoDBDocumentClient, private readonly table: string, private readonly clock: Pick<Clock, 'sleep'>,
  ) {}

  public async get(key: Key): Promise<Item | undefined> {
    const { Item: found } = await this.client.send(new GetCommand({ TableName: this.table, Key: key, ConsistentRead: true }));
    return found as Item | undefined;
  }

  public async put(item: Item, condition?: string): Promise<void> {
    await this.client.send(new PutCommand({ TableName: this.table, Item: item, ConditionExpression: condition }));
  }

  public async update(key: Key, update: Omit<UpdateCommandInput, 'TableName' | 'Key'>): Promise<Item | undefined> {
    const { Attributes } = await this.client.send(new UpdateCommand({ TableName: this.table, Key: key, ...update }));
    return Attributes as Item | undefined;
  }

  public async delete(key: Key): Promise<void> {
    await this.client.send(new DeleteCommand({ TableName: this.table, Key: key }));
  }

  /** Does all of these writes, or none. */
  public async transact(items: readonly ({ readonly put: Item } | { readonly delete: Key })[]): Promise<void> {
    await this.client.send(new TransactWriteCommand({
      TransactItems: items.map(each => 'put' in each
        ? { Put: { TableName: this.table, Item: each.put } }
        : { Delete: { TableName: this.table, Key: each.delete } }),
    }));
  }

  public async page(pk: string, cursor?: string): Promise<{ readonly items: Item[]; readonly next?: string }> {
    const { Items = [], LastEvaluatedKey: last } = await this.client.send(new QueryCommand({
      ...this.partition(pk), ExclusiveStartKey: cursor === undefined ? undefined : { [STATE.PARTITION_KEY]: pk, [STATE.SORT_KEY]: cursor },
    }));
    return { items: Items as Item[], next: last?.[STATE.SORT_KEY] as string | undefined };
  }

  public async * all(pk: string, filter?: Pick<QueryCommandInput, 'FilterExpression' | 'ExpressionAttributeValues'>): AsyncGenerator<Item> {
    for await (const { Items = [] } of paginateQuery({ client: this.client }, this.partition(pk, filter))) yield* Items as Item[];
  }

  /** Writes the last item of each key: DynamoDB refuses a batch that names a key twice. */
  public async putAll(items: readonly Item[]): Promise<void> {
    const unique = [...new Map(items.map(item => [JSON.stringify([item.pk, item.sk]), item])).values()];
    await forEachConcurrently(chunks(unique, ITEMS_PER_WRITE), BATCHES_AT_ONCE, async chunk => {
      await this.untilProcessed(chunk.map(item => ({ PutRequest: { Item: item } })), async requests => {
        const { UnprocessedItems } = await this.client.send(new BatchWriteCommand({ RequestItems: { [this.table]: requests } }));
        return UnprocessedItems?.[this.table] as typeof requests | undefined;
      });
    });
  }

  public async getAll(wanted: readonly Key[]): Promise<Item[]> {
    const found: Item[] = [];
    await forEachConcurrently(chunks(wanted, KEYS_PER_READ), BATCHES_AT_ONCE, async chunk => {
      await this.untilProcessed(chunk, async keys => {
        const { Responses, UnprocessedKeys } = await this.client.send(new BatchGetCommand({
          RequestItems: { [this.table]: { Keys: keys, ConsistentRead: true } },
        }));
        found.push(...(Responses?.[this.table] ?? []) as Item[]);
        return UnprocessedKeys?.[this.table]?.Keys as Key[] | undefined;
      });
    });
    return found;
  }

  private partition(pk: string, filter: Pick<QueryCommandInput, 'FilterExpression' | 'ExpressionAttributeValues'> = {}): QueryCommandInput {
    return {
      TableName: this.table,
      KeyConditionExpression: `${STATE.PARTITION_KEY} = :pk`,
      FilterExpression: filter.FilterExpression,
      ExpressionAttributeValues: { ':pk': pk, ...filter.ExpressionAttributeValues },
      ConsistentRead: true,
    };
  }

  /** DynamoDB may do only part of a batch, which is no error: the rest is sent again. */
  private async untilProcessed<T>(all: T[], send: (some: T[]) => Promise<T[] | undefined>): Promise<void> {
    let rest: T[] | undefined = all;
    for (let tries = 0; tries < UNPROCESSED_TRIES; tries++) {
      rest = await send(rest);
      if (!rest || rest.length === 0) return;
      if (tries < UNPROCESSED_TRIES - 1) await this.clock.sleep(FIRST_PAUSE * 2 ** tries);
    }
    throw new Error(`table ${this.table} did not take ${rest?.length} items after ${UNPROCESSED_TRIES} tries`);
  }
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
}
