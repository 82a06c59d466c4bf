import { executionName } from './executions';
import { Incident } from '../../ledger/incident';
import { GroupRow, PoolPartRow, UserRow } from '../../ledger/schema';
import { RunningExecution } from '../../operations/deployment';
import { EpochMilliseconds } from '../../runtime/flavor';
import { CliError, EXIT } from '../cli-error';
import { inUtc } from '../moments';
import { Terminal } from '../terminal';

/** What is listed, and how a row of each is shown. Values of people are masked by the caller. */
export interface Listing<Row, Shown extends object = object> {
  readonly head: readonly string[];
  cells(row: Row): readonly (string | number)[];
  /** Fields of one row in JSON; they are only ever added to. */
  record(row: Row): Shown;
}

/** The document of a list. */
export interface Listed<Row> {
  readonly schemaVersion: 1;
  readonly count: number;
  readonly items: readonly Row[];
}

/** Names and addresses are masked, but on a terminal that asks for them. Moments are ISO 8601. */
export interface ListedUser {
  readonly sub: string;
  readonly username: string;
  readonly signInName?: string;
  readonly status: string;
  readonly enabled: boolean;
  readonly observedAt: string;
  readonly deletedAt?: string;
}

export interface ListedGroup {
  readonly name: string;
  readonly precedence?: number;
  readonly roleArn?: string;
  readonly observedAt: string;
  readonly deletedAt?: string;
}

export interface ListedIncident {
  readonly id: string;
  readonly kind: string;
  readonly isOpen: boolean;
  readonly first: string;
  readonly last: string;
  /** The moment for `--as-of`: right before the first change. */
  readonly goBackTo: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly group?: string;
  readonly attributes?: readonly string[];
}

export interface ListedRun {
  readonly machine: string;
  readonly executionArn: string;
  readonly startedAt: string;
}

export type Masked = (value: string) => string;

export function usersListing(masked: Masked): Listing<UserRow, ListedUser> {
  return {
    head: ['sub', 'name', 'status', 'enabled', 'deleted'],
    cells: row => [row.sub, masked(row.signInName ?? row.username), row.status, row.enabled ? 'yes' : 'no', deletedText(row)],
    record: row => ({
      sub: row.sub,
      username: masked(row.username),
      signInName: row.signInName === undefined ? undefined : masked(row.signInName),
      status: row.status,
      enabled: row.enabled,
      observedAt: iso(row.observedAt),
      deletedAt: row.deletedAt === undefined ? undefined : iso(row.deletedAt),
    }),
  };
}

export const GROUPS: Listing<GroupRow, ListedGroup> = {
  head: ['group', 'precedence', 'role', 'deleted'],
  cells: row => [row.name, row.precedence ?? '', row.roleArn ?? '', deletedText(row)],
  record: row => ({
    name: row.name,
    precedence: row.precedence,
    roleArn: row.roleArn,
    observedAt: iso(row.observedAt),
    deletedAt: row.deletedAt === undefined ? undefined : iso(row.deletedAt),
  }),
};

export const INCIDENTS: Listing<Incident & { readonly isOpen: boolean }, ListedIncident> = {
  head: ['incident', 'kind', 'first change', 'open', 'go back to'],
  cells: each => [each.id, each.kind, inUtc(each.first), each.isOpen ? 'yes' : 'no', new Date(each.before).toISOString()],
  record: each => ({
    id: each.id,
    kind: each.kind,
    isOpen: each.isOpen,
    first: iso(each.first),
    last: iso(each.last),
    goBackTo: iso(each.before),
    counts: { ...each.counts },
    group: each.group,
    attributes: each.attributes,
  }),
};

export interface ListFilter {
  readonly deleted?: boolean;
  readonly since?: EpochMilliseconds;
}

/** Whether a row is one of those that were asked for: live ones, unless the deleted ones were. */
export function isAskedFor({ deleted = false, since }: ListFilter, row: Pick<UserRow, 'deletedAt' | 'observedAt'>): boolean {
  if (deleted !== (row.deletedAt !== undefined)) return false;
  return since === undefined || (row.deletedAt ?? row.observedAt) >= since;
}

/** Shows rows as they come: a pool may have millions. Answers how many there were. */
export async function showListing<Row>(terminal: Terminal, listing: Listing<Row>, rows: AsyncIterable<Row>, limit: number): Promise<number> {
  let shown = 0;
  let page: (readonly (string | number)[])[] = [];
  const documents: object[] = [];
  for await (const row of rows) {
    if (shown === limit) throw new CliError(EXIT.REFUSED, 'too-many', `there are more than ${limit}; narrow the list, or give --limit`);
    shown += 1;
    terminal.record(listing.record(row));
    if (terminal.format === 'json') documents.push(listing.record(row));
    if (terminal.format === 'text') page.push(listing.cells(row));
    if (page.length === PAGE) {
      terminal.table(shown === PAGE ? listing.head : [], page);
      page = [];
    }
  }
  if (page.length > 0) terminal.table(shown <= PAGE ? listing.head : [], page);
  terminal.document({ schemaVersion: 1, count: shown, items: documents });
  return shown;
}

/** A part of the pool's settings; what is in it, `diff --settings` and `export` show. */
export interface ListedPart {
  readonly part: string;
  readonly observedAt: string;
  readonly deletedAt?: string;
}

export const PARTS: Listing<PoolPartRow, ListedPart> = {
  head: ['part', 'last changed', 'deleted'],
  cells: row => [row.part, inUtc(row.observedAt), deletedText(row)],
  record: row => ({
    part: row.part,
    observedAt: iso(row.observedAt),
    deletedAt: row.deletedAt === undefined ? undefined : iso(row.deletedAt),
  }),
};

export const RUNS: Listing<RunningExecution, ListedRun> = {
  head: ['machine', 'execution', 'since'],
  cells: ({ machine, executionArn, startedAt }) => [machine, executionName(executionArn), iso(startedAt)],
  record: ({ machine, executionArn, startedAt }) => ({ machine, executionArn, startedAt: iso(startedAt) }),
};

/** Rows of one table on the terminal: columns are as wide as the widest of them. */
const PAGE = 200;

function deletedText({ deletedAt }: Pick<UserRow, 'deletedAt'>): string {
  return deletedAt === undefined ? '' : inUtc(deletedAt);
}

function iso(moment: EpochMilliseconds): string {
  return new Date(moment).toISOString();
}
