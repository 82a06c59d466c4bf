import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { UserPoolId } from '../../cognito/ids';
import { SwitchState, switchItem } from '../../state/switch';

/** Writes the switch. False where an execution that started later has turned it: a late retry must not open what was closed since. */
export async function writeSwitch(client: DynamoDBDocumentClient, table: string, userPoolId: UserPoolId, state: SwitchState): Promise<boolean> {
  try {
    await client.send(new PutCommand({
      TableName: table,
      Item: switchItem(userPoolId, state),
      ConditionExpression: 'attribute_not_exists(turnedAt) OR turnedAt <= :at',
      ExpressionAttributeValues: { ':at': state.at },
    }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
