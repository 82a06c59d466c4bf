import { executionName } from './executions';
import { Incident } from '../../ledger/incident';
import { GroupRow, PoolPartRow, UserRow } from '../../ledger/schema';
import { RunningExecution } from '../../operations/deployment';
import { EpochMilliseconds } from '../../runtime/flavor';
import { inUtc } from '../moments';
import { shellQuoted } from '../shell-quoted';
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
  /** Of `items`. */
  readonly count: number;
  /** There are others, beyond `--limit`. */
  readonly more?: true;
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
  /** Calls and the principals who made them, with how many changes each made; the most first. */
  readonly causes: readonly { readonly event: string; readonly principal?: string; readonly count: number }[];
  /** The pool that was replaced. */
  readonly replacedPoolId?: string;
}

export interface ListedRun {
  readonly machine: string;
  readonly executionArn: string;
  /** As Step Functions says it, such as RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED. */
  readonly status: string;
  readonly startedAt: string;
  readonly endedAt?: string;
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
  head: ['incident', 'what', 'first change', 'open', 'go back to'],
  cells: each => [each.id, countsText(each), inUtc(each.first), each.isOpen ? 'yes' : 'no', iso(each.before)],
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
    causes: each.causes.map(({ event, principal, count }) => ({ event, principal, count })),
    replacedPoolId: each.replacedPoolId,
  }),
};

/** Under a list of incidents: whose calls they were, and what takes them back. */
export function showWaysBack(terminal: Terminal, incidents: readonly (Incident & { readonly isOpen: boolean })[]): void {
  for (const incident of incidents.filter(({ isOpen }) => isOpen)) {
    terminal.line();
    terminal.line(terminal.strong(incident.id));
    const callers = callersOf(incident);
    for (const { principal, count, events } of callers) {
      terminal.line(`  ${count} by ${principal ?? 'nobody whom an event names'}${events === '' ? '' : ` (${events})`}`);
    }
    for (const line of wayBack(incident, callers)) terminal.line(`  ${line}`);
  }
}

interface Caller {
  readonly principal?: string;
  readonly count: number;
  /** Names of their calls. */
  readonly events: string;
}

/** Those whose calls made an incident; the one with the most changes first. */
function callersOf({ causes }: Incident): Caller[] {
  const callers = [...new Set(causes.map(({ principal }) => principal))].map(principal => {
    const of = causes.filter(cause => cause.principal === principal);
    return { principal, count: of.reduce((sum, { count }) => sum + count, 0), events: of.map(({ event }) => event).join(', ') };
  });
  return callers.sort((a, b) => b.count - a.count);
}

function wayBack({ id, kind, poolId, replacedPoolId }: Incident, callers: readonly Caller[]): string[] {
  if (kind === 'pool-replaced') {
    const restore = `npx cognito-dr-replica restore --source ${replacedPoolId} --target ${poolId}`;
    return [`fill the new pool, once it is one of restoreTargets, with: ${restore}`];
  }
  const [first, ...others] = callers;
  return [
    `take back what they have done with: npx cognito-dr-replica recover --before ${id}`,
    // Ordinary work of others, in the same ten minutes, is no part of it.
    ...others.length === 0 || first.principal === undefined ? []
      : [`what one of them has done, and no other, with: --changed-by ${shellQuoted(first.principal)}`],
  ];
}

function countsText({ kind, counts, group, attributes = [] }: Incident): string {
  const subject = group ?? attributes.join(', ');
  return `${kind}: ${Object.entries(counts).filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`).join(', ')}`
    + `${subject === '' ? '' : ` (${subject})`}`;
}

export interface ListFilter {
  readonly deleted?: boolean;
  readonly since?: EpochMilliseconds;
}

/** Whether a row is one of those that were asked for: live ones, unless the deleted ones were. */
export function isAskedFor({ deleted = false, since }: ListFilter, row: Pick<UserRow, 'deletedAt' | 'observedAt'>): boolean {
  if (deleted !== (row.deletedAt !== undefined)) return false;
  return since === undefined || (row.deletedAt ?? row.observedAt) >= since;
}

/** Shows rows as they come, up to the limit: a pool may have millions. Answers how many it has shown. */
export async function showListing<Row>(terminal: Terminal, listing: Listing<Row>, rows: AsyncIterable<Row>, limit: number): Promise<number> {
  let shown = 0;
  let page: (readonly (string | number)[])[] = [];
  const documents: object[] = [];
  let more = false;
  for await (const row of rows) {
    if (shown === limit) {
      more = true;
      break;
    }
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
  terminal.document({ schemaVersion: 1, count: shown, ...more ? { more } : {}, items: documents });
  if (more) terminal.note(`and more than these ${limit}: narrow the list, or give --limit ${limit * 10}`);
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

/** An execution that runs, or that has ended. */
export interface Run extends RunningExecution {
  readonly status: string;
  readonly endedAt?: EpochMilliseconds;
}

export const RUNS: Listing<Run, ListedRun> = {
  head: ['machine', 'execution', 'status', 'since', 'until'],
  cells: ({ machine, executionArn, startedAt, endedAt, status }) =>
    [machine, executionName(executionArn), status, inUtc(startedAt), endedAt === undefined ? '' : inUtc(endedAt)],
  record: ({ machine, executionArn, startedAt, endedAt, status }) =>
    ({ machine, executionArn, status, startedAt: iso(startedAt), endedAt: endedAt === undefined ? undefined : iso(endedAt) }),
};

/** A user or a group of a run, and why they are in the list that was asked for. */
export interface ListedOutcome {
  /** The `sub` of a user in the source pool, before a recovery; or the name of a group. */
  readonly sub?: string;
  readonly group?: string;
  readonly code: string;
  readonly sentence: string;
}

export const OUTCOMES_LISTING: Listing<ListedOutcome> = {
  head: ['user or group', 'code', 'why'],
  cells: ({ sub, group, code, sentence }) => [sub ?? `group ${group}`, code, sentence],
  record: outcome => outcome,
};

/** Rows of one table on the terminal: columns are as wide as the widest of them. */
const PAGE = 200;

function deletedText({ deletedAt }: Pick<UserRow, 'deletedAt'>): string {
  return deletedAt === undefined ? '' : inUtc(deletedAt);
}

function iso(moment: EpochMilliseconds): string {
  return new Date(moment).toISOString();
}
