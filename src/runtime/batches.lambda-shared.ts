import { BatchGetCommand, BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Clock } from './clock';
import { forEachConcurrently } from './concurrency';
import { PublicError } from './public-error';

/** DynamoDB's own limits. */
const ITEMS_PER_WRITE = 25;
const KEYS_PER_READ = 100;
const BATCHES_AT_ONCE = 8;
/** 50, 100, 200, ... 3200 ms: an on-demand table doubles its capacity within that time. */
const UNPROCESSED_TRIES = 8;
const FIRST_PAUSE = 50;

/** Many items of one table by as few calls as DynamoDB takes. */
export class Batches {
  constructor(
    private readonly client: DynamoDBDocumentClient, private readonly table: string, private readonly clock: Pick<Clock, 'sleep'>,
  ) {}

  /** No key twice: DynamoDB refuses such a batch. */
  public async put(items: readonly Record<string, unknown>[]): Promise<void> {
    await forEachConcurrently(batchesOf(items, ITEMS_PER_WRITE), BATCHES_AT_ONCE, async chunk => {
      await this.untilProcessed(chunk.map(item => ({ PutRequest: { Item: item } })), async requests => {
        const { UnprocessedItems } = await this.client.send(new BatchWriteCommand({ RequestItems: { [this.table]: requests } }));
        return UnprocessedItems?.[this.table] as typeof requests | undefined;
      });
    });
  }

  /** Those that are there, in any order, read consistently. No key twice: DynamoDB refuses such a batch. */
  public async get(keys: readonly object[]): Promise<Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    await forEachConcurrently(batchesOf(keys, KEYS_PER_READ), BATCHES_AT_ONCE, async chunk => {
      await this.untilProcessed(chunk.map((key): Record<string, unknown> => ({ ...key })), async rest => {
        const { Responses, UnprocessedKeys } = await this.client.send(new BatchGetCommand({
          RequestItems: { [this.table]: { Keys: rest, ConsistentRead: true } },
        }));
        found.push(...Responses?.[this.table] ?? []);
        return UnprocessedKeys?.[this.table]?.Keys;
      });
    });
    return found;
  }

  /** DynamoDB may do only part of a batch, which is no error: the rest is sent again. */
  private async untilProcessed<T>(all: T[], send: (some: T[]) => Promise<T[] | undefined>): Promise<void> {
    let rest: T[] | undefined = all;
    for (let tries = 0; tries < UNPROCESSED_TRIES; tries++) {
      rest = await send(rest);
      if (!rest || rest.length === 0) return;
      if (tries < UNPROCESSED_TRIES - 1) await this.clock.sleep(FIRST_PAUSE * 2 ** tries);
    }
    throw new PublicError(`table ${this.table} did not take ${rest?.length} items after ${UNPROCESSED_TRIES} tries`);
  }
}

export function batchesOf<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
}
