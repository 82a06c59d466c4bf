import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { LEDGER } from './constants';
import { Item } from './schema';
import { readWritingRun, WritingRun, writingRunKey, WritingRuns } from './writing-runs';
import { UserPoolId } from '../cognito/ids';
import { Page } from '../cognito/page';
import { EpochMilliseconds } from '../runtime/flavor';

/** Recoveries are rare: the newest one has made nearly every call that is asked about. */
const RUNS_PER_PAGE = 5;

/** Runs of recoveries, in this Region's replica of the ledger. */
export class DynamoDbWritingRuns implements WritingRuns {
  constructor(private readonly client: DynamoDBDocumentClient, private readonly table: string, private readonly userPoolId: UserPoolId) {}

  public async oldest(): Promise<WritingRun | undefined> {
    const { pk } = writingRunKey(this.userPoolId, 0);
    const { Items = [] } = await this.client.send(new QueryCommand({
      TableName: this.table,
      KeyConditionExpression: '#partition = :partition',
      ExpressionAttributeNames: { '#partition': LEDGER.PARTITION_KEY },
      ExpressionAttributeValues: { ':partition': pk },
      ConsistentRead: true,
      Limit: 1,
    }));
    return Items.map(item => readWritingRun(item as Item))[0];
  }

  public async until(moment: EpochMilliseconds, cursor?: string): Promise<Page<WritingRun>> {
    const { pk, sk } = writingRunKey(this.userPoolId, moment);
    const { Items = [], LastEvaluatedKey: last } = await this.client.send(new QueryCommand({
      TableName: this.table,
      KeyConditionExpression: '#partition = :partition AND #sort <= :sort',
      ExpressionAttributeNames: { '#partition': LEDGER.PARTITION_KEY, '#sort': LEDGER.SORT_KEY },
      ExpressionAttributeValues: { ':partition': pk, ':sort': sk },
      ExclusiveStartKey: cursor === undefined ? undefined : JSON.parse(cursor) as Record<string, unknown>,
      ScanIndexForward: false,
      ConsistentRead: true,
      Limit: RUNS_PER_PAGE,
    }));
    return { items: Items.map(item => readWritingRun(item as Item)), next: last && JSON.stringify(last) };
  }
}
