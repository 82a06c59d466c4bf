import { DynamoDBDocumentClient, QueryCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { LEDGER } from './constants';
import { Item, rows, SweepRow, sweepsPartition } from './schema';
import { SweepHistory } from './sweep-history';
import { UserPoolId } from '../cognito/ids';
import { EpochMilliseconds } from '../runtime/flavor';

/** One that began before the moment mostly ended before it, too: the first few are enough. */
const PAGE = 10;

export class DynamoDbSweepHistory implements SweepHistory {
  constructor(private readonly client: DynamoDBDocumentClient, private readonly table: string) {}

  public async lastEndedBy(poolId: UserPoolId, moment: EpochMilliseconds): Promise<SweepRow | undefined> {
    const pages = paginateQuery({ client: this.client }, {
      TableName: this.table,
      KeyConditionExpression: '#pk = :pk AND #sk <= :moment',
      ExpressionAttributeNames: { '#pk': LEDGER.PARTITION_KEY, '#sk': LEDGER.SORT_KEY },
      ExpressionAttributeValues: { ':pk': sweepsPartition(poolId), ':moment': new Date(moment).toISOString() },
      ScanIndexForward: false,
      Limit: PAGE,
      ConsistentRead: true,
    });
    for await (const { Items = [] } of pages) {
      const ended = (Items as Item[]).map(rows.sweep).find(({ endedAt }) => endedAt <= moment);
      if (ended) return ended;
    }
    return undefined;
  }

  /** The last ones, newest first. */
  public async newest(poolId: UserPoolId, count: number): Promise<SweepRow[]> {
    const { Items = [] } = await this.client.send(new QueryCommand({
      TableName: this.table,
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': LEDGER.PARTITION_KEY },
      ExpressionAttributeValues: { ':pk': sweepsPartition(poolId) },
      ScanIndexForward: false,
      Limit: count,
      ConsistentRead: true,
    }));
    return (Items as Item[]).map(rows.sweep);
  }
}
