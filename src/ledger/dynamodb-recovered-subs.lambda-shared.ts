import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { LEDGER } from './constants';
import { fieldsOfReturn, readRecoveredSub, recoveredSubKey, RecoveredSub, RecoveredSubs, Return } from './recovered-subs';
import { Item, Key, SCHEMA_VERSION } from './schema';
import { writingRunKey } from './writing-runs';
import { UserPoolId } from '../cognito/ids';
import { EpochMilliseconds, EpochSeconds } from '../runtime/flavor';

/** Users who came back under another `sub`, in this Region's replica of the ledger. */
export class DynamoDbRecoveredSubs implements RecoveredSubs {
  constructor(private readonly client: DynamoDBDocumentClient, private readonly table: string, private readonly userPoolId: UserPoolId) {}

  public async of(sub: string): Promise<RecoveredSub> {
    const { Item: found } = await this.client.send(new GetCommand({
      TableName: this.table, Key: recoveredSubKey(this.userPoolId, sub), ConsistentRead: true,
    }));
    return readRecoveredSub(found as Item | undefined);
  }

  /** Field by field: the item of one `sub` may hold what it replaced and what replaced it. */
  public async write(back: Return): Promise<void> {
    for (const { key, fields } of fieldsOfReturn(this.userPoolId, back)) await this.set(key, fields);
  }

  public async beginRun(execution: string, begunAt: EpochMilliseconds, until: EpochSeconds): Promise<void> {
    await this.set(writingRunKey(this.userPoolId, begunAt), { execution, v: SCHEMA_VERSION, [LEDGER.TTL]: until });
  }

  private async set(key: Key, fields: object): Promise<void> {
    const names = Object.keys(fields);
    await this.client.send(new UpdateCommand({
      TableName: this.table,
      Key: key,
      UpdateExpression: `SET ${names.map(name => `#${name} = :${name}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(names.map(name => [`#${name}`, name])),
      ExpressionAttributeValues: Object.fromEntries(Object.entries(fields).map(([name, value]) => [`:${name}`, value])),
    }));
  }
}
