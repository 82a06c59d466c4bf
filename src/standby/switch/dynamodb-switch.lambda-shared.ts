import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { UserPoolId } from '../../cognito/ids';
import { SWITCH_MODES, SwitchState, switchItem } from '../../state/switch';

/** This very turn: the SDK may send one write twice. */
const OWN = '(turnedAt = :at AND #execution = :execution)';

/**
 * Writes the switch, as long as it stands as it was read `before`. False where it does not, and where an execution that started later has turned it:
 * a late retry must not open what was closed since. Of two that started in one millisecond the one that closes is right, whichever comes last.
 */
export async function writeSwitch(
  client: DynamoDBDocumentClient, table: string, userPoolId: UserPoolId, state: SwitchState, before: SwitchState,
): Promise<boolean> {
  const sameMoment = state.mode === 'closed' ? 'turnedAt = :at' : OWN;
  const { condition, names = {}, values } = asRead(before);
  try {
    await client.send(new PutCommand({
      TableName: table,
      Item: switchItem(userPoolId, state),
      ConditionExpression: `(attribute_not_exists(turnedAt) OR turnedAt < :at OR ${sameMoment}) AND (${OWN} OR ${condition})`,
      ExpressionAttributeNames: { '#execution': 'execution', ...names },
      ExpressionAttributeValues: { ':at': state.at, ':execution': state.execution, ...values },
    }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

interface AsRead {
  readonly condition: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}

function asRead({ at, execution }: SwitchState): AsRead {
  if (execution !== undefined) {
    return { condition: '(turnedAt = :readAt AND #execution = :readExecution)', values: { ':readAt': at, ':readExecution': execution } };
  }
  // Nothing was there, or nothing that can be understood.
  const modes = Object.fromEntries(SWITCH_MODES.map(mode => [`:${mode}`, mode]));
  return {
    condition: `attribute_not_exists(#execution) OR attribute_not_exists(#mode) OR NOT (#mode IN (${Object.keys(modes).join(', ')}))`,
    names: { '#mode': 'mode' },
    values: modes,
  };
}
