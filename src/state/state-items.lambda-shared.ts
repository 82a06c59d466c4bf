import {
  DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, QueryCommandInput, TransactWriteCommand, UpdateCommand,
  UpdateCommandInput, paginateQuery,
} from '@aws-sdk/lib-dynamodb';
import { STATE } from './constants';
import { Item, Key } from '../ledger/schema';
import { isAccepted } from '../runtime/accepted.lambda-shared';
import { Batches } from '../runtime/batches.lambda-shared';
import { Clock } from '../runtime/clock';

export type Condition = Pick<UpdateCommandInput, 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>;

export interface ItemPut {
  readonly put: Item;
  readonly condition?: Condition;
}

/** Items of the state table; every read is consistent. */
export class StateItems {
  private readonly batches: Batches;

  constructor(private readonly client: DynamoDBDocumentClient, private readonly table: string, clock: Pick<Clock, 'sleep'>) {
    this.batches = new Batches(client, table, clock);
  }

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

  /** Does all of these writes, at most 100, or none: false where a condition does not hold, or another transaction is at one of the items. */
  public async transact(items: readonly (ItemPut | { readonly delete: Key })[]): Promise<boolean> {
    return isAccepted(async () => this.client.send(new TransactWriteCommand({
      TransactItems: items.map(each => 'put' in each
        ? { Put: { TableName: this.table, Item: each.put, ...each.condition } }
        : { Delete: { TableName: this.table, Key: each.delete } }),
    })));
  }

  public async page(pk: string, cursor?: string, limit?: number): Promise<{ readonly items: Item[]; readonly next?: string }> {
    const { Items = [], LastEvaluatedKey: last } = await this.client.send(new QueryCommand({
      ...this.partition(pk),
      Limit: limit,
      ExclusiveStartKey: cursor === undefined ? undefined : { [STATE.PARTITION_KEY]: pk, [STATE.SORT_KEY]: cursor },
    }));
    return { items: Items as Item[], next: last?.[STATE.SORT_KEY] as string | undefined };
  }

  public async * all(pk: string, filter?: Pick<QueryCommandInput, 'FilterExpression' | 'ExpressionAttributeValues'>): AsyncGenerator<Item> {
    for await (const { Items = [] } of paginateQuery({ client: this.client }, this.partition(pk, filter))) yield* Items as Item[];
  }

  /** Writes the last item of each key: DynamoDB refuses a batch that names a key twice. */
  public async putAll(items: readonly Item[]): Promise<void> {
    const unique = [...new Map(items.map(item => [JSON.stringify([item.pk, item.sk]), item])).values()];
    await this.batches.put(unique);
  }

  public async getAll(wanted: readonly Key[]): Promise<Item[]> {
    return await this.batches.get(wanted) as Item[];
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
}
