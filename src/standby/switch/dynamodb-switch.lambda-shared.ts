import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { UserPoolId } from '../../cognito/ids';
import { SwitchState, switchItem } from '../../state/switch';

/**
 * Writes the switch. False where an execution that started later has turned it: a late retry must not open what was closed since. Of two that started
 * in one millisecond the one that closes is right, whichever comes last.
 */
export async function writeSwitch(client: DynamoDBDocumentClient, table: string, userPoolId: UserPoolId, state: SwitchState): Promise<boolean> {
  // The SDK may send one write twice.
  const sameMoment = state.mode === 'closed'
    ? { condition: 'turnedAt = :at' }
    : { condition: '(turnedAt = :at AND #execution = :execution)', names: { '#execution': 'execution' }, values: { ':execution': state.execution } };
  try {
    await client.send(new PutCommand({
      TableName: table,
      Item: switchItem(userPoolId, state),
      ConditionExpression: `attribute_not_exists(turnedAt) OR turnedAt < :at OR ${sameMoment.condition}`,
      ExpressionAttributeNames: sameMoment.names,
      ExpressionAttributeValues: { ':at': state.at, ...sameMoment.values },
    }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
