import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { STATE } from './constants';
import { Deletions } from './deletions';
import { stateKeys } from './keys';
import { StateItems } from './state-items.lambda-shared';
import { UserPoolId } from '../cognito/ids';
import { EpochMilliseconds } from '../runtime/flavor';

/** Deletions that wait, in the state table. */
export class DynamoDbDeletions implements Deletions {
  constructor(private readonly items: StateItems, private readonly userPoolId: UserPoolId) {}

  public async schedule(id: string, dueAt: EpochMilliseconds): Promise<void> {
    try {
      await this.items.put({ ...stateKeys.deletion(this.userPoolId, id), dueAt }, `attribute_not_exists(${STATE.PARTITION_KEY})`);
    } catch (error) {
      // It is scheduled already and keeps its time.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  public async * due(now: EpochMilliseconds): AsyncIterable<string> {
    const filter = { FilterExpression: 'dueAt <= :now', ExpressionAttributeValues: { ':now': now } };
    for await (const { sk: id } of this.items.all(stateKeys.deletions(this.userPoolId), filter)) yield id;
  }

  public async cancel(id: string): Promise<void> {
    await this.items.delete(stateKeys.deletion(this.userPoolId, id));
  }
}
