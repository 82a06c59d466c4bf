import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, QueryCommand, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { Deletions } from './deletions';
import { STATE } from '../../state/constants';

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
        Item: { [STATE.PARTITION_KEY]: this.pk, [STATE.SORT_KEY]: id, dueAt },
        ConditionExpression: `attribute_not_exists(${STATE.PARTITION_KEY})`,
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
        KeyConditionExpression: `${STATE.PARTITION_KEY} = :pk`,
        FilterExpression: 'dueAt <= :now',
        ExpressionAttributeValues: { ':pk': this.pk, ':now': now },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }));
      for (const item of page.Items ?? []) yield item[STATE.SORT_KEY] as string;
      start = page.LastEvaluatedKey;
    } while (start);
  }

  public async cancel(id: string): Promise<void> {
    await this.client.send(new DeleteCommand({ TableName: this.table, Key: { [STATE.PARTITION_KEY]: this.pk, [STATE.SORT_KEY]: id } }));
  }
}
