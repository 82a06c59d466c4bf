import { BatchGetCommand, DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { stateKeys } from './keys';
import { UserLink, Links, linkItems } from './links';
import { Item } from '../ledger/schema';

/** The regional map in the state table. */
export class DynamoDbUserLinks implements Links {
  constructor(
    private readonly client: DynamoDBDocumentClient,
    private readonly table: string,
    private readonly sourceUserPoolId: string,
    private readonly targetUserPoolId: string,
  ) {}

  public async linksOfTargets(targetSubs: readonly string[]): Promise<Map<string, UserLink>> {
    if (targetSubs.length === 0) return new Map();
    const { Responses } = await this.client.send(new BatchGetCommand({
      RequestItems: { [this.table]: { Keys: targetSubs.map(sub => stateKeys.linkOfTarget(this.targetUserPoolId, sub)), ConsistentRead: true } },
    }));
    const found = (Responses?.[this.table] ?? []) as Item[];
    return new Map(found.filter(item => item.sourceUserPoolId === this.sourceUserPoolId)
      .map(item => [item.sk, { ...item.link as UserLink, targetSub: item.sk, ...(item.firstSub ? { firstSub: item.firstSub as string } : {}) }]));
  }

  public async targetSubOf(sourceSub: string): Promise<string | undefined> {
    const { Item: found } = await this.client.send(new GetCommand({
      TableName: this.table,
      Key: stateKeys.linkOfSource(this.sourceUserPoolId, this.targetUserPoolId, sourceSub),
      ConsistentRead: true,
    }));
    return found?.targetSub as string | undefined;
  }

  public async write(link: UserLink): Promise<void> {
    const [ofSource, ofTarget] = linkItems(this.sourceUserPoolId, this.targetUserPoolId, link);
    await this.client.send(new TransactWriteCommand({
      TransactItems: [ofSource, ofTarget].map(item => ({ Put: { TableName: this.table, Item: item } })),
    }));
  }

  public async remove({ sourceSub, targetSub }: Pick<UserLink, 'sourceSub' | 'targetSub'>): Promise<void> {
    const keys = [
      stateKeys.linkOfSource(this.sourceUserPoolId, this.targetUserPoolId, sourceSub), stateKeys.linkOfTarget(this.targetUserPoolId, targetSub),
    ];
    await this.client.send(new TransactWriteCommand({ TransactItems: keys.map(Key => ({ Delete: { TableName: this.table, Key } })) }));
  }
}

/** The first `sub` of a standby user, whichever source pool they are of; undefined where nobody has written a link yet. */
export async function knownSub(client: DynamoDBDocumentClient, table: string, userPoolId: string, sub: string): Promise<string | undefined> {
  const { Item: found } = await client.send(new GetCommand({ TableName: table, Key: stateKeys.linkOfTarget(userPoolId, sub) }));
  return (found?.firstSub ?? (found?.link as UserLink | undefined)?.sourceSub) as string | undefined;
}
