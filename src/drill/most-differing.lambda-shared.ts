import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { differingOf, drillKeys } from './drill-keys';
import { MOST_DIFFERING } from './evidence/constants';
import { DifferingUser } from './evidence/write-evidence';
import { STATE } from '../state/constants';

/**
 * The first users who differ, in the order of their `sub`s. They go from the table to their own file, and through nothing that keeps them longer. One
 * page of a query, which is up to 1 MB of keys, has room for all of them.
 */
export async function mostDiffering(client: DynamoDBClient, table: string, drill: string): Promise<DifferingUser[]> {
  const { Items = [] } = await client.send(new QueryCommand({
    TableName: table,
    KeyConditionExpression: `${STATE.PARTITION_KEY} = :pk`,
    ExpressionAttributeValues: { ':pk': { S: drillKeys.differing(drill) } },
    ConsistentRead: true,
    Limit: MOST_DIFFERING,
  }));
  return Items.map(item => differingOf(item[STATE.SORT_KEY].S!));
}
