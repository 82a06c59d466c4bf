import { Part } from './part';
import { AwsAnswer, AwsRequest } from './request';

export interface RecordedCall {
  readonly at: number;
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly caller: AwsRequest['caller'];
  /** HTTP status; 0 where the connection was cut. */
  readonly status: number;
  /** Items that a call wrote, by DynamoDB table. */
  readonly itemsWritten: Readonly<Record<string, number>>;
}

export interface CallFilter {
  readonly service?: string;
  readonly operation?: string | readonly string[];
  readonly region?: string;
  readonly caller?: AwsRequest['caller']['kind'];
  readonly functionName?: string;
  /** Calls that AWS would have handled: not the refused ones. */
  readonly succeeded?: boolean;
}

/** Calls of a stretch of time. */
export class Calls {
  constructor(public readonly all: readonly RecordedCall[]) {}

  public of(filter: CallFilter): RecordedCall[] {
    const operations = typeof filter.operation === 'string' ? [filter.operation] : filter.operation;
    return this.all.filter(call => (filter.service === undefined || call.service === filter.service)
      && (operations === undefined || operations.includes(call.operation))
      && (filter.region === undefined || call.region === filter.region)
      && (filter.caller === undefined || call.caller.kind === filter.caller)
      && (filter.functionName === undefined || call.caller.functionName === filter.functionName)
      && (filter.succeeded === undefined || (call.status > 0 && call.status < 300) === filter.succeeded));
  }

  public count(filter: CallFilter): number {
    return this.of(filter).length;
  }

  /** Counts by operation, for an assertion on all of them at once. */
  public byOperation(filter: CallFilter = {}): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const call of this.of(filter)) {
      counts[call.operation] = (counts[call.operation] ?? 0) + 1;
    }
    return counts;
  }

  /** Items that were written, by DynamoDB table. */
  public itemsWritten(filter: CallFilter = {}): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const call of this.of({ ...filter, succeeded: true })) {
      for (const [table, items] of Object.entries(call.itemsWritten)) {
        counts[table] = (counts[table] ?? 0) + items;
      }
    }
    return counts;
  }
}

/** Remembers every call. */
export class Recording implements Part {
  public readonly name = 'recording';
  private readonly calls: RecordedCall[] = [];
  private readonly watchers = new Set<() => void>();

  /** Everything so far. */
  public get all(): Calls {
    return new Calls(this.calls);
  }

  /** A point in time for {@link since}. */
  public snapshot(): number {
    return this.calls.length;
  }

  public since(snapshot: number): Calls {
    return new Calls(this.calls.slice(snapshot));
  }

  /** Resolves as soon as that many calls of that kind were made after now: the moment to kill, switch off or change something. */
  public next(filter: CallFilter, count = 1, timeoutMs = 60_000): Promise<void> {
    const start = this.snapshot();
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.since(start).count(filter) >= count) {
          clearTimeout(timer);
          this.watchers.delete(look);
          resolve();
        }
      };
      const timer = setTimeout(() => {
        this.watchers.delete(look);
        reject(new Error(`${this.since(start).count(filter)} of ${count} calls like ${JSON.stringify(filter)} came within ${timeoutMs} ms`));
      }, timeoutMs);
      this.watchers.add(look);
      look();
    });
  }

  public after(request: AwsRequest, answer: AwsAnswer): void {
    this.add(request, answer.status);
  }

  public dropped(request: AwsRequest): void {
    this.add(request, 0);
  }

  private add(request: AwsRequest, status: number): void {
    const { service, operation, region, caller } = request;
    this.calls.push({ at: Date.now(), service, operation, region, caller, status, itemsWritten: service === 'dynamodb' ? itemsWritten(request) : {} });
    for (const watcher of [...this.watchers]) {
      watcher();
    }
  }
}

function itemsWritten(request: AwsRequest): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { table } of writesOf(request)) {
    counts[table] = (counts[table] ?? 0) + 1;
  }
  return counts;
}

export type Item = Record<string, unknown>;

/** Each item that a DynamoDB call writes: its table and either the item or its key. */
export function writesOf(request: AwsRequest): { table: string; item?: Item; key?: Item }[] {
  const input = request.input;
  switch (request.operation) {
    case 'PutItem':
      return [{ table: tableName(input.TableName), item: input.Item as Item }];
    case 'UpdateItem':
    case 'DeleteItem':
      return [{ table: tableName(input.TableName), key: input.Key as Item }];
    case 'BatchWriteItem':
      return Object.entries(input.RequestItems as Record<string, { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } }[]>).flatMap(
        ([table, writes]) => writes.map(write => ({ table: tableName(table), item: write.PutRequest?.Item, key: write.DeleteRequest?.Key })),
      );
    case 'TransactWriteItems':
      return (input.TransactItems as Record<string, { TableName: string; Item?: Item; Key?: Item }>[]).flatMap(entry => {
        const write = entry.Put ?? entry.Update ?? entry.Delete;
        return write ? [{ table: tableName(write.TableName), item: write.Item, key: write.Key }] : [];
      });
    default:
      return [];
  }
}

/** Calls may name a table by its ARN. */
function tableName(value: unknown): string {
  return String(value).split('/').pop()!;
}
