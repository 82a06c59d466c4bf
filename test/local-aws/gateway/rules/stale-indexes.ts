import { Backend } from '../backend';
import { Part } from '../part';
import { Item } from '../recording';
import { AwsAnswer, AwsRequest, jsonAnswer } from '../request';
import { Switches } from '../switches';

interface Description {
  readonly KeySchema: object[];
  readonly AttributeDefinitions: object[];
  readonly GlobalSecondaryIndexes?: { IndexName: string; KeySchema: object[]; Projection: object }[];
}

const MOST_WRITES = 25;

/**
 * Secondary indexes are eventually consistent. While the switch says `stale`, a query of one shows what was in its table when the switch was turned,
 * and everything else is current.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
 */
export class StaleIndexes implements Part {
  public readonly name = 'rules/stale-indexes';
  public readonly standIn = 'by a switch, secondary indexes show what was there before';
  /** Copies of tables, by Region and table. */
  private copies = new Map<string, Promise<string>>();
  private count = 0;

  constructor(private readonly backend: Backend, private readonly switches: Switches, private readonly regions: readonly string[]) {}

  public async before(request: AwsRequest): Promise<AwsAnswer | void> {
    if (request.service !== 'dynamodb' || this.switches.of('indexes') === 'current' || !this.regions.includes(request.region)) return undefined;
    const table = String(request.input.TableName).split('/').pop()!;
    if (request.operation !== 'Query' || typeof request.input.IndexName !== 'string') return undefined;
    const TableName = await this.copyOf(request.region, table);
    return jsonAnswer(200, await this.backend.json('dynamodb', 'Query', request.region, { ...request.input, TableName }));
  }

  /** Copies every table now: what queries of indexes are answered from until the switch is turned back. */
  public async take(): Promise<void> {
    this.copies = new Map();
    for (const region of this.regions) {
      const { TableNames } = await this.backend.json<{ TableNames: string[] }>('dynamodb', 'ListTables', region, {});
      for (const table of TableNames.filter(name => !name.startsWith('stale-'))) await this.copyOf(region, table);
    }
  }

  private copyOf(region: string, table: string): Promise<string> {
    const id = `${region}/${table}`;
    const copy = this.copies.get(id) ?? this.copy(region, table);
    this.copies.set(id, copy);
    return copy;
  }

  private async copy(region: string, table: string): Promise<string> {
    const TableName = `stale-${++this.count}-${table}`;
    const { Table } = await this.backend.json<{ Table: Description }>('dynamodb', 'DescribeTable', region, { TableName: table });
    await this.backend.json('dynamodb', 'CreateTable', region, {
      TableName,
      KeySchema: Table.KeySchema,
      AttributeDefinitions: Table.AttributeDefinitions,
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: Table.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection })),
    });
    let start: Item | undefined;
    do {
      const page: { Items: Item[]; LastEvaluatedKey?: Item } = await this.backend.json('dynamodb', 'Scan', region, { TableName: table, ExclusiveStartKey: start });
      for (let from = 0; from < page.Items.length; from += MOST_WRITES) {
        await this.backend.json('dynamodb', 'BatchWriteItem', region, {
          RequestItems: { [TableName]: page.Items.slice(from, from + MOST_WRITES).map(Item_ => ({ PutRequest: { Item: Item_ } })) },
        });
      }
      start = page.LastEvaluatedKey;
    } while (start);
    return TableName;
  }
}
