import { PARTITION_KEY_BYTES, SORT_KEY_BYTES } from '../../../helpers/dynamodb-limits';
import { Backend, BackendError } from '../backend';
import { Part } from '../part';
import { Item, writesOf } from '../recording';
import { AwsAnswer, AwsRequest, errorAnswer, jsonAnswer } from '../request';

interface Index {
  readonly IndexName: string;
  readonly KeySchema: { readonly AttributeName: string; readonly KeyType: string }[];
}

/**
 * Keys of secondary indexes have the limits of a table's own keys. Items and keys of the table are ministack's to refuse; what an UpdateItem makes of
 * an item is not known here.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
export class IndexKeyRules implements Part {
  public readonly name = 'rules/index-keys';
  public readonly standIn = 'refuses an item with a key of a secondary index that is too long';
  /** Indexes by Region and table: they never change here after the table is made. */
  private readonly indexes = new Map<string, readonly Index[]>();

  constructor(private readonly backend: Backend) {}

  public async before(request: AwsRequest): Promise<AwsAnswer | void> {
    if (request.service !== 'dynamodb') return undefined;
    const reasons = await Promise.all(writesIn(request).map(async write => write?.item && this.refusal(request.region, write.table, write.item)));
    const message = reasons.find(reason => reason !== undefined);
    if (message === undefined) return undefined;
    return request.operation === 'TransactWriteItems' ? cancelled(reasons) : errorAnswer('ValidationException', message);
  }

  public after({ service, operation, region, input }: AwsRequest): void {
    if (service === 'dynamodb' && operation === 'DeleteTable') this.indexes.delete(`${region}/${String(input.TableName)}`);
  }

  private async refusal(region: string, table: string, item: Item): Promise<string | undefined> {
    for (const { IndexName, KeySchema } of await this.indexesOf(region, table)) {
      // An item without one of the keys is not in the index.
      if (KeySchema.some(({ AttributeName }) => item[AttributeName] === undefined)) continue;
      for (const { AttributeName, KeyType } of KeySchema) {
        const { S: text } = (item[AttributeName] ?? {}) as { S?: string };
        const most = KeyType === 'HASH' ? PARTITION_KEY_BYTES : SORT_KEY_BYTES;
        const size = Buffer.byteLength(text ?? '');
        if (size > most) {
          return `One or more parameter values were invalid: Size limit exceeded for Index Key ${AttributeName} `
            + `Actual Size: ${size} bytes Max Size: ${most} bytes IndexName: ${IndexName}`;
        }
      }
    }
    return undefined;
  }

  private async indexesOf(region: string, table: string): Promise<readonly Index[]> {
    const id = `${region}/${table}`;
    const known = this.indexes.get(id);
    if (known) return known;
    try {
      const { Table } = await this.backend.json<{
        Table: { GlobalSecondaryIndexes?: Index[]; LocalSecondaryIndexes?: Index[] };
      }>('dynamodb', 'DescribeTable', region, { TableName: table });
      const indexes = [...Table.GlobalSecondaryIndexes ?? [], ...Table.LocalSecondaryIndexes ?? []];
      this.indexes.set(id, indexes);
      return indexes;
    } catch (error) {
      // ministack itself refuses a write to a table that is not there.
      if (error instanceof BackendError && error.type === 'ResourceNotFoundException') return [];
      throw error;
    }
  }
}

/** What a call writes, one for each of its actions: a transaction gives a reason for each, also for those that write nothing. */
function writesIn(request: AwsRequest): ({ readonly table: string; readonly item?: Item } | undefined)[] {
  if (request.operation !== 'TransactWriteItems') return writesOf(request);
  return (request.input.TransactItems as object[]).map(action => writesOf({ ...request, input: { TransactItems: [action] } })[0]);
}

/**
 * A transaction gives a reason for each of its items.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
function cancelled(reasons: readonly (string | undefined)[]): AwsAnswer {
  const CancellationReasons = reasons.map(Message => Message === undefined ? { Code: 'None' } : { Code: 'ValidationError', Message });
  const codes = CancellationReasons.map(({ Code }) => Code).join(', ');
  const type = 'TransactionCanceledException';
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return jsonAnswer(400, { __type: type, message, Message: message, CancellationReasons }, type);
}
