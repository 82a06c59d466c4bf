import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, QueryCommand, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { STANDBY } from '../constants';
import { Deletions } from './deletions';

/** Deletions that wait, in the standby table. */
export class DynamoDbDeletions implements Deletions {
  private readonly pk: string;

  constructor(private readonly client: DynamoDBDocumentClient, private readonly table: string, userPoolId: string) {
    this.pk = `DELETE#${userPoolId}`;
  }

  public async schedule(id: string, dueAt: number): Promise<void> {
    try {
      await this.client.send(new PutCommand({
        TableName: this.table,
        Item: { [STANDBY.PARTITION_KEY]: this.pk, [STANDBY.SORT_KEY]: id, dueAt },
        ConditionExpression: `attribute_not_exists(${STANDBY.PARTITION_KEY})`,
      }));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  public async * due(now: number): AsyncIterable<string> {
    let start: QueryCommandInput['ExclusiveStartKey'];
    do {
      const page: { Items?: Record<string, unknown>[]; LastEvaluatedKey?: QueryCommandInput['ExclusiveStartKey'] } = await this.client.send(new QueryCommand({
        TableName: this.table,
        KeyConditionExpression: `${STANDBY.PARTITION_KEY} = :pk`,
        FilterExpression: 'dueAt <= :now',
        ExpressionAttributeValues: { ':pk': this.pk, ':now': now },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }));
      for (const item of page.Items ?? []) yield item[STANDBY.SORT_KEY] as string;
      start = page.LastEvaluatedKey;
    } while (start);
  }

  public async cancel(id: string): Promise<void> {
    await this.client.send(new DeleteCommand({ TableName: this.table, Key: { [STANDBY.PARTITION_KEY]: this.pk, [STANDBY.SORT_KEY]: id } }));
  }
}
