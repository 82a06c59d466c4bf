import { Backend, BackendError } from './backend';
import { Outage } from './outage';
import { Part } from './part';
import { Item, writesOf } from './recording';
import { AwsAnswer, AwsRequest } from './request';
import { seededRandom } from '../../helpers/random';

export interface ReplicationOptions {
  /** How long a change takes to the other Region. */
  readonly delayMs: number;
}

interface GlobalTable {
  readonly name: string;
  /** Region of the stack that holds the table. */
  readonly owner: string;
  readonly regions: string[];
  /** Replicas that the template asks for and that are not there yet. */
  readonly missing: Set<string>;
  readonly keys: readonly string[];
  readonly protection: ReadonlySet<string>;
}

interface Change {
  readonly table: string;
  readonly source: string;
  readonly key: Item;
  /** Orders the writes of all Regions: the last one wins. */
  readonly version: number;
  /** The oldest write of the item that has not arrived. */
  readonly since: number;
  readonly due: number;
}

interface TableDescription {
  readonly KeySchema: { AttributeName: string }[];
  readonly AttributeDefinitions: object[];
  readonly BillingModeSummary?: object;
  readonly GlobalSecondaryIndexes?: { IndexName: string; KeySchema: object; Projection: object }[];
  readonly StreamSpecification?: object;
}

interface Template {
  readonly Resources?: Record<string, { Type: string; Properties?: { Replicas?: ReplicaSpecification[] } }>;
}

interface ReplicaSpecification {
  readonly Region: unknown;
  readonly DeletionProtectionEnabled?: boolean;
  readonly SSESpecification?: { KMSMasterKeyId?: unknown };
  readonly PointInTimeRecoverySpecification?: { PointInTimeRecoveryEnabled?: boolean };
}

const READS = 100;
const WRITES = 25;

/**
 * DynamoDB global tables: a table that a stack declares with replicas is made in their Regions too, and what is written in one Region
 * arrives in the others, item by item: those of one transaction at moments of their own, in any order. Only writes that pass the gateway are seen, so
 * not those that a state machine does without a Lambda.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
 */
export class Replication implements Part {
  public readonly name = 'replication';
  public readonly standIn = 'global tables: replicas in the other Regions, changes copied both ways, last writer wins';
  private readonly tables = new Map<string, GlobalTable>();
  private readonly changing = new Set<string>();
  /** The newest change of each item in each Region that has not arrived everywhere. */
  private readonly queue = new Map<string, Change>();
  /** Version of the last write that each Region has of an item. */
  private readonly versions = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;
  /** How far apart the items of one transaction may arrive. */
  public spreadMs = 60;
  private readonly random = seededRandom(1);
  private version = 0;
  private paused = false;
  private shipping: Promise<void> | undefined;
  private failure: Error | undefined;

  constructor(private readonly backend: Backend, private readonly outage: Outage, private readonly options: ReplicationOptions) {
    this.timer = setInterval(() => this.tick(), 20);
    this.timer.unref();
  }

  /** Nothing is copied until {@link resume}. */
  public pause(): void {
    this.paused = true;
  }

  public resume(): void {
    this.paused = false;
  }

  /** Changes that have not arrived yet. */
  public get pending(): number {
    return this.queue.size;
  }

  /** Resolves when every change so far has arrived; what is written meanwhile is not waited for: where functions go on writing, that had no end. */
  public async settled(timeoutMs = 30_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    const asked = this.version;
    const left = () => [...this.queue.values()].filter(({ since }) => since <= asked).length;
    while (left() > 0) {
      if (this.failure) {
        throw this.failure;
      }
      if (Date.now() > end) {
        throw new Error(`${left()} changes have not been replicated within ${timeoutMs} ms${this.paused ? ' (replication is paused)' : ''}`);
      }
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }

  public async after(request: AwsRequest, answer: AwsAnswer): Promise<void> {
    if (request.service === 'dynamodb') {
      await this.afterDynamoDb(request, answer);
    } else if (request.service === 'cloudformation') {
      await this.afterCloudFormation(request, answer);
    }
  }

  public async close(): Promise<void> {
    clearInterval(this.timer);
    this.queue.clear();
    await this.shipping?.catch(() => undefined);
  }

  private async afterDynamoDb(request: AwsRequest, answer: AwsAnswer): Promise<void> {
    if (answer.status >= 300) {
      return;
    }
    if (request.operation === 'DeleteTable') {
      await this.dropOrphans(request.region);
      return;
    }
    for (const write of writesOf(request)) {
      const table = this.tables.get(write.table);
      if (table?.regions.includes(request.region)) {
        this.changed(table, request.region, keyOf(table, write.item ?? write.key ?? {}));
      }
    }
  }

  private changed(table: GlobalTable, source: string, key: Item): void {
    const version = ++this.version;
    const id = this.versionId(table, source, key);
    this.versions.set(id, version);
    const due = Date.now() + this.options.delayMs + Math.round(this.random() * this.spreadMs);
    this.queue.set(id, { table: table.name, source, key, version, since: this.queue.get(id)?.since ?? version, due });
  }

  private async afterCloudFormation(request: AwsRequest, answer: AwsAnswer): Promise<void> {
    const { region, operation, input } = request;
    const stack = `${region}/${String(input.StackName).replace(/^arn:.*:stack\//, '').split('/')[0]}`;
    if (['ExecuteChangeSet', 'CreateStack', 'UpdateStack', 'DeleteStack'].includes(operation) && answer.status < 300) {
      this.changing.add(stack);
    }
    if (!['DescribeStacks', 'DescribeStackEvents'].includes(operation) || !this.changing.has(stack)) {
      return;
    }
    // The caller learns that the stack is complete only after its replicas are there.
    const status = /<StackStatus>([A-Z_]+)/.exec(answer.body.toString('utf8'))?.[1] ?? (answer.status >= 300 ? 'DELETE_COMPLETE' : undefined);
    if (status === undefined || status.endsWith('_IN_PROGRESS')) {
      return;
    }
    this.changing.delete(stack);
    if (status !== 'DELETE_COMPLETE') {
      await this.adopt(region, stack.split('/')[1]);
    }
    await this.dropOrphans(region);
  }

  /** Makes the replicas of the global tables of a stack; of one that was rolled back, of those that stayed. */
  private async adopt(region: string, stackName: string): Promise<void> {
    const template = parseTemplate(await this.backend.cloudFormation('GetTemplate', region, { StackName: stackName }));
    const declared = Object.entries(template.Resources ?? {}).filter(([, resource]) => resource.Type === 'AWS::DynamoDB::GlobalTable');
    if (declared.length === 0) {
      return;
    }
    const resources = await this.backend.cloudFormation('DescribeStackResources', region, { StackName: stackName });
    for (const [logicalId, resource] of declared) {
      const name = physicalId(resources, logicalId);
      const replicas = (resource.Properties?.Replicas ?? [])
        // Only the owner's own Region may be a reference.
        .map(replica => ({ ...replica, region: typeof replica.Region === 'string' ? replica.Region : region }));
      if (name && await this.exists(name, region)) {
        if (replicas.length > 1) await this.register(name, region, replicas);
        await this.encrypt(name, replicas);
        await this.backUp(name, replicas);
      }
    }
  }

  private async register(name: string, owner: string, replicas: (ReplicaSpecification & { region: string })[]): Promise<void> {
    const { Table: description } = await this.backend.json<{ Table: TableDescription }>('dynamodb', 'DescribeTable', owner, { TableName: name });
    const known = this.tables.get(name)?.regions ?? [];
    const table: GlobalTable = {
      name,
      owner,
      regions: replicas.map(replica => replica.region),
      missing: new Set(replicas.map(replica => replica.region).filter(region => region !== owner && !known.includes(region))),
      keys: description.KeySchema.map(key => key.AttributeName),
      protection: new Set(replicas.filter(replica => replica.DeletionProtectionEnabled).map(replica => replica.region)),
    };
    this.tables.set(name, table);
    await this.createMissing(table, description);
  }

  /** ministack takes none from the declaration of a global table. */
  private async backUp(name: string, replicas: (ReplicaSpecification & { region: string })[]): Promise<void> {
    const recoverable = replicas.filter(replica => replica.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled);
    for (const { region } of recoverable.filter(each => !this.outage.isOff(each.region) && !this.tables.get(name)?.missing.has(each.region))) {
      await this.backend.json('dynamodb', 'UpdateContinuousBackups', region, {
        TableName: name, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
    }
  }

  /** Each replica with the key of its Region. ministack takes none from the declaration of a global table. */
  private async encrypt(name: string, replicas: (ReplicaSpecification & { region: string })[]): Promise<void> {
    for (const { region, SSESpecification: { KMSMasterKeyId: key } = {} } of replicas) {
      if (typeof key !== 'string' || this.outage.isOff(region) || this.tables.get(name)?.missing.has(region)) continue;
      await this.backend.json('dynamodb', 'UpdateTable', region, {
        TableName: name, SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: key },
      });
    }
  }

  /** A Region that is off gets its replica when it is back. */
  private async createMissing(table: GlobalTable, description: TableDescription): Promise<void> {
    const { TimeToLiveDescription: ttl } = await this.backend.json<{ TimeToLiveDescription?: { AttributeName?: string } }>(
      'dynamodb', 'DescribeTimeToLive', table.owner, { TableName: table.name });
    for (const region of [...table.missing].filter(each => !this.outage.isOff(each))) {
      try {
        await this.backend.json('dynamodb', 'CreateTable', region, {
          TableName: table.name,
          KeySchema: description.KeySchema,
          AttributeDefinitions: description.AttributeDefinitions,
          BillingMode: 'PAY_PER_REQUEST',
          GlobalSecondaryIndexes: description.GlobalSecondaryIndexes
            ?.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection })),
          // Streams are always on at every replica.
          StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
          DeletionProtectionEnabled: table.protection.has(region),
        });
      } catch (error) {
        if (!(error instanceof BackendError && error.type === 'ResourceInUseException')) {
          throw error;
        }
      }
      if (ttl?.AttributeName) {
        await this.backend.json('dynamodb', 'UpdateTimeToLive', region, {
          TableName: table.name, TimeToLiveSpecification: { Enabled: true, AttributeName: ttl.AttributeName },
        });
      }
      table.missing.delete(region);
      await this.copyAll(table);
    }
  }

  /** What was written before there was a second Region. */
  private async copyAll(table: GlobalTable): Promise<void> {
    let start: Item | undefined;
    do {
      const page: { Items: Item[]; LastEvaluatedKey?: Item } = await this.backend.json(
        'dynamodb', 'Scan', table.owner, { TableName: table.name, ExclusiveStartKey: start });
      page.Items.forEach(item => this.changed(table, table.owner, keyOf(table, item)));
      start = page.LastEvaluatedKey;
    } while (start);
  }

  /** CloudFormation deletes a global table in every Region; one that the owner's stack left behind stays everywhere. */
  private async dropOrphans(owner: string): Promise<void> {
    for (const table of [...this.tables.values()].filter(each => each.owner === owner)) {
      if (await this.exists(table.name, owner)) {
        continue;
      }
      this.tables.delete(table.name);
      [...this.queue].filter(([, change]) => change.table === table.name).forEach(([id]) => this.queue.delete(id));
      for (const region of table.regions.filter(each => each !== owner && !table.missing.has(each))) {
        await this.backend.json('dynamodb', 'UpdateTable', region, { TableName: table.name, DeletionProtectionEnabled: false });
        await this.backend.json('dynamodb', 'DeleteTable', region, { TableName: table.name });
      }
    }
  }

  private async exists(table: string, region: string): Promise<boolean> {
    try {
      await this.backend.json('dynamodb', 'DescribeTable', region, { TableName: table });
      return true;
    } catch (error) {
      if (error instanceof BackendError && error.type === 'ResourceNotFoundException') {
        return false;
      }
      throw error;
    }
  }

  private tick(): void {
    if (this.shipping || this.paused) {
      return;
    }
    const late = [...this.tables.values()].filter(table => [...table.missing].some(region => !this.outage.isOff(region)));
    if (late.length === 0 && this.queue.size === 0) {
      return;
    }
    this.shipping = this.ship(late)
      .catch((error: Error) => { this.failure = error; })
      .finally(() => { this.shipping = undefined; });
  }

  private async ship(late: GlobalTable[]): Promise<void> {
    for (const table of late) {
      const { Table: description } = await this.backend.json<{ Table: TableDescription }>('dynamodb', 'DescribeTable', table.owner, { TableName: table.name });
      await this.createMissing(table, description);
    }
    for (const table of this.tables.values()) {
      for (const source of table.regions) {
        await this.shipFrom(table, source);
      }
    }
  }

  private async shipFrom(table: GlobalTable, source: string): Promise<void> {
    const targets = table.regions.filter(region => region !== source && !table.missing.has(region));
    if ([source, ...targets].some(region => this.outage.isOff(region)) || table.missing.size > 0) {
      return;
    }
    const now = Date.now();
    const due = [...this.queue].filter(([, change]) => change.table === table.name && change.source === source && change.due <= now);
    for (let from = 0; from < due.length && !this.paused; from += READS) {
      const changes = due.slice(from, from + READS);
      // Read now, not when it was written: quick changes of one item merge, as in AWS.
      const images = await this.read(table, source, changes.map(([, change]) => change.key));
      for (const target of targets) {
        await this.write(table, target, changes.map(([, change]) => ({ change, image: images.get(idOf(table, change.key)) })));
      }
      for (const [id, { version }] of changes) {
        const newest = this.queue.get(id);
        if (newest?.version === version) {
          this.queue.delete(id);
        } else if (newest) {
          this.queue.set(id, { ...newest, since: version + 1 });
        }
      }
    }
  }

  private async read(table: GlobalTable, region: string, keys: Item[]): Promise<Map<string, Item>> {
    const images = new Map<string, Item>();
    let wanted: Item[] = keys;
    while (wanted.length > 0) {
      const answer: { Responses: Record<string, Item[]>; UnprocessedKeys?: Record<string, { Keys: Item[] }> } = await this.backend.json(
        'dynamodb', 'BatchGetItem', region, { RequestItems: { [table.name]: { Keys: wanted, ConsistentRead: true } } });
      (answer.Responses[table.name] ?? []).forEach(item => images.set(idOf(table, item), item));
      wanted = answer.UnprocessedKeys?.[table.name]?.Keys ?? [];
    }
    return images;
  }

  private async write(table: GlobalTable, target: string, changes: { change: Change; image?: Item }[]): Promise<void> {
    const winning = changes.filter(({ change }) => change.version > (this.versions.get(this.versionId(table, target, change.key)) ?? 0));
    for (let from = 0; from < winning.length; from += WRITES) {
      const batch = winning.slice(from, from + WRITES);
      await this.backend.json('dynamodb', 'BatchWriteItem', target, {
        RequestItems: {
          [table.name]: batch.map(({ change, image }) => image ? { PutRequest: { Item: image } } : { DeleteRequest: { Key: change.key } }),
        },
      });
      batch.forEach(({ change }) => this.versions.set(this.versionId(table, target, change.key), change.version));
    }
  }

  private versionId(table: GlobalTable, region: string, key: Item): string {
    return JSON.stringify([table.name, region, ...table.keys.map(name => key[name])]);
  }
}

function keyOf(table: GlobalTable, item: Item): Item {
  return Object.fromEntries(table.keys.map(name => [name, item[name]]));
}

function idOf(table: GlobalTable, item: Item): string {
  return JSON.stringify(table.keys.map(name => item[name]));
}

function parseTemplate(xml: string): Template {
  const body = /<TemplateBody>([\s\S]*?)<\/TemplateBody>/.exec(xml)?.[1] ?? '{}';
  try {
    return JSON.parse(unescapeXml(body)) as Template;
  } catch {
    // CDK uploads YAML only for its bootstrap stack, which has no global table.
    return {};
  }
}

function physicalId(xml: string, logicalId: string): string | undefined {
  const members = xml.split('<member>').filter(member => member.includes(`<LogicalResourceId>${logicalId}<`));
  const id = /<PhysicalResourceId>([^<]*)/.exec(members[0] ?? '')?.[1];
  return id && unescapeXml(id);
}

function unescapeXml(text: string): string {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&apos;/g, '\'')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&#x([\da-f]+);/gi, (_, code: string) => String.fromCodePoint(parseInt(code, 16)))
    .replace(/&amp;/g, '&');
}
