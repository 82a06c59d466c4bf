import { ConditionalCheckFailedException, TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, TransactWriteCommand, UpdateCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { LEDGER } from './constants';
import { Incident, incidentItem, incidentKey, incidentOf, incidentPartition, newestIncidentKey } from './incident';
import { IncidentStore } from './incident-store';
import { Item, Key, SCHEMA_VERSION } from './schema';
import { TimelineUpdate, TimelineWriter, WRITER, timelineChanges, timelineKey } from './timeline';
import { UserPoolId } from '../cognito/ids';
import { EpochMilliseconds } from '../runtime/flavor';

/** The timeline and the incidents in this Region's replica of the ledger's table. */
export class DynamoDbIncidentStore implements IncidentStore {
  constructor(private readonly client: DynamoDBDocumentClient, private readonly table: string) {}

  public async count(update: TimelineUpdate, writer: TimelineWriter): Promise<Item> {
    const { add, set } = timelineChanges(update);
    const fields = { ...set, v: SCHEMA_VERSION, [LEDGER.TTL]: update.expiresAt, [WRITER + writer.id]: writer.update };
    const all = Object.entries({ ...fields, ...add });
    const place = new Map(all.map(([name], index) => [name, `${index}`]));
    const clause = (names: readonly string[], between: string) => names.map(name => `#${place.get(name)}${between}:${place.get(name)}`).join(', ');
    const own = place.get(WRITER + writer.id);
    try {
      const { Attributes } = await this.client.send(new UpdateCommand({
        TableName: this.table,
        Key: update.key,
        UpdateExpression: `SET ${clause(Object.keys(fields), ' = ')} ADD ${clause(Object.keys(add), ' ')}`,
        // The SDK tries again where an answer was lost: the update is there then, and must not be counted twice.
        ConditionExpression: `attribute_not_exists(#${own}) OR #${own} < :${own}`,
        ExpressionAttributeNames: Object.fromEntries(all.map(([name]) => [`#${place.get(name)}`, name])),
        ExpressionAttributeValues: Object.fromEntries(all.map(([name, value]) => [`:${place.get(name)}`, value])),
        ReturnValues: 'ALL_NEW',
      }));
      return Attributes as Item;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return (await this.get(update.key))!;
    }
  }

  public async timeline(poolId: UserPoolId, at: EpochMilliseconds): Promise<Item | undefined> {
    return this.get(timelineKey(poolId, at));
  }

  public async newestIncident(poolId: UserPoolId, subject: string): Promise<Incident | undefined> {
    const newest = await this.get(newestIncidentKey(poolId, subject));
    return newest && this.incident(poolId, newest.incident as string);
  }

  public async incident(poolId: UserPoolId, id: string): Promise<Incident | undefined> {
    const item = await this.get(incidentKey(poolId, id));
    return item && incidentOf(item);
  }

  public async writeIncident(incident: Incident, replaces: Incident | undefined): Promise<boolean> {
    const { poolId, id, subject, expiresAt, version, noticedAt } = incident;
    try {
      if (replaces?.id === id) {
        await this.client.send(new PutCommand({
          TableName: this.table,
          Item: incidentItem(incident),
          ConditionExpression: '#version = :version',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':version': version - 1 },
        }));
        return true;
      }
      const newest = { ...newestIncidentKey(poolId, subject), v: SCHEMA_VERSION, incident: id, expiresAt };
      const names = { '#incident': 'incident' };
      await this.client.send(new TransactWriteCommand({
        TransactItems: [
          {
            Put: {
              TableName: this.table,
              Item: newest,
              ExpressionAttributeNames: names,
              ...(replaces
                ? { ConditionExpression: '#incident = :replaces', ExpressionAttributeValues: { ':replaces': replaces.id } }
                // The incident that it leads to is gone by then, or there was none.
                : {
                  ConditionExpression: 'attribute_not_exists(#incident) OR expiresAt < :now',
                  ExpressionAttributeValues: { ':now': Math.floor(noticedAt / 1_000) },
                }),
            },
          },
          { Put: { TableName: this.table, Item: incidentItem(incident) } },
        ],
      }));
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  }

  public async incidents(poolId: UserPoolId): Promise<Incident[]> {
    const found: Incident[] = [];
    const pages = paginateQuery({ client: this.client }, {
      TableName: this.table,
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': LEDGER.PARTITION_KEY },
      ExpressionAttributeValues: { ':pk': incidentPartition(poolId) },
      ConsistentRead: true,
    });
    for await (const { Items = [] } of pages) found.push(...Items.flatMap(item => incidentOf(item as Item) ?? []));
    return found;
  }

  private async get(key: Key): Promise<Item | undefined> {
    const { Item: item } = await this.client.send(new GetCommand({ TableName: this.table, Key: key, ConsistentRead: true }));
    return item as Item | undefined;
  }
}

/** Another writer was there before; any other reason is a failure. */
function isConflict(error: unknown): boolean {
  return error instanceof ConditionalCheckFailedException || error instanceof TransactionConflictException
    || (error instanceof TransactionCanceledException
      && (error.CancellationReasons ?? []).some(({ Code }) => Code === 'ConditionalCheckFailed' || Code === 'TransactionConflict'));
}
