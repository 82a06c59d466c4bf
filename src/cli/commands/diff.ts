import { isSameValue } from '../../cognito/attribute-values';
import { isProviderGroup } from '../../cognito/groups';
import { SourceSub, UserPoolId } from '../../cognito/ids';
import { eachOfPages, Page } from '../../cognito/page';
import { CUSTOM_SOURCE_SUB } from '../../cognito/source-sub';
import { UserImage } from '../../cognito/user';
import { gradeOf } from '../../ledger/directory-as-of';
import { LedgerReader } from '../../ledger/ledger-store';
import { PoolPartRow, SHARDS, UserRow } from '../../ledger/schema';
import { Change, changeOfRows, difference, factorsSince } from '../../recovery/difference';
import { forEachConcurrently } from '../../runtime/concurrency';
import { EpochMilliseconds } from '../../runtime/flavor';
import { FailOn } from '../choices';
import { inUtcAndLocal } from '../moments';
import { Terminal } from '../terminal';

/** What is compared: the copy, as it is or was, the source pool itself, or the standby pool. */
export interface DiffSide {
  readonly of: 'copy' | 'pool' | 'standby';
  /** ISO 8601; absent for what there is now. */
  readonly asOf?: string;
  readonly userPoolId: UserPoolId;
}

export type DiffedDirectory = Pick<LedgerReader, 'user' | 'usersOfShard' | 'groups' | 'groupsOfUser' | 'membersOfGroup'>;

/** A user, or their groups, of which the two sides say something else. Names of attributes and groups, and no values. */
export interface UserDifference {
  readonly sub: SourceSub;
  /** From the first side to the second one. */
  readonly change: Change;
  readonly fields: readonly string[];
  readonly groupsGained: readonly string[];
  readonly groupsLost: readonly string[];
  /** No event says whether it happened by that moment or later. */
  readonly isUncertain?: true;
}

/** A user pool that is compared with the copy, whose users are known by the `sub` that the copy has. */
export interface ListedPool {
  readonly of: 'pool' | 'standby';
  listUsers(cursor?: string): Promise<Page<UserImage>>;
  listMembers(group: string, cursor?: string): Promise<Page<string>>;
  groupNames(): Promise<readonly string[]>;
  /** By the `sub` that the pool has; users whom the copy does not know are left out. */
  sourceSubsOf(subs: readonly string[]): Promise<ReadonlyMap<string, SourceSub>>;
}

const READS_AT_ONCE = 16;

/** Every user of whom two moments of the copy say something else. */
export async function* diffOfMoments(then: DiffedDirectory, now: DiffedDirectory, poolId: UserPoolId): AsyncGenerator<UserDifference> {
  // A user of both passes, of users and of memberships, is told of once.
  const told = new Set<SourceSub>();
  for await (const { changes } of difference(then, now, poolId)) {
    const subs = [...new Set(changes.map(({ sub }) => sub as SourceSub))].filter(sub => !told.has(sub));
    const found = new Map<SourceSub, UserDifference | undefined>();
    await forEachConcurrently(subs, READS_AT_ONCE, async sub => {
      found.set(sub, await diffOfUser(then, now, poolId, sub, changes.some(each => each.sub === sub && each.isUncertain)));
    });
    for (const sub of subs) {
      told.add(sub);
      const one = found.get(sub);
      if (one) yield one;
    }
  }
}

async function diffOfUser(
  then: DiffedDirectory, now: DiffedDirectory, poolId: UserPoolId, sub: SourceSub, isUncertain: boolean,
): Promise<UserDifference | undefined> {
  const [past, present] = await Promise.all([then, now].map(async directory => live(await directory.user(poolId, sub))));
  const change = changeOfRows(past, present, () => false);
  if (!change) return undefined;
  const [before, after] = await Promise.all([past && then, present && now].map(async directory => directory?.groupsOfUser(poolId, sub) ?? []));
  return {
    sub,
    change,
    fields: past && present ? [...fieldsOf(past, present, 'copy'), ...past.mfa && factorsSince(past, present).length > 0 ? ['mfa'] : []] : [],
    ...groupsBetween(before, after),
    ...isUncertain || (present && gradeOf(present) === 'uncertain') ? { isUncertain: true } : {},
  };
}

/** Every user of whom the copy and a pool say something else: the pool is listed once, then the copy, for those that the listing did not show. */
export async function* diffWithPool(copy: DiffedDirectory, pool: ListedPool, poolId: UserPoolId): AsyncGenerator<UserDifference> {
  const groups = await memberships(copy, pool, poolId);
  const seen = new Set<SourceSub>();
  let cursor: string | undefined;
  do {
    const page: Page<UserImage> = await pool.listUsers(cursor);
    const subs = await pool.sourceSubsOf(page.items.map(({ sub }) => sub));
    const found: UserDifference[] = [];
    await forEachConcurrently(page.items, READS_AT_ONCE, async user => {
      const sub = subs.get(user.sub);
      const row = sub === undefined ? undefined : live(await copy.user(poolId, sub));
      if (sub === undefined || !row) {
        found.push({ sub: sub ?? user.sub, change: 'created', fields: [], ...NO_GROUPS });
        return;
      }
      seen.add(sub);
      const fields = fieldsOf(row, user, pool.of);
      const { groupsGained, groupsLost } = groups.get(sub) ?? NO_GROUPS;
      if (fields.length + groupsGained.length + groupsLost.length > 0) found.push({ sub, change: 'changed', fields, groupsGained, groupsLost });
    });
    yield* found.sort((a, b) => (a.sub < b.sub ? -1 : 1));
    cursor = page.next;
  } while (cursor !== undefined);
  for (const shard of SHARDS) {
    for await (const row of usersOf(copy, poolId, shard)) {
      if (!seen.has(row.sub)) yield { sub: row.sub, change: 'deleted', fields: [], ...NO_GROUPS };
    }
  }
}

const NO_GROUPS = { groupsGained: [], groupsLost: [] } as const;
type GroupsBetween = Pick<UserDifference, 'groupsGained' | 'groupsLost'>;

/** Groups by user in which only one of the two sides has them. */
async function memberships(copy: DiffedDirectory, pool: ListedPool, poolId: UserPoolId): Promise<Map<SourceSub, GroupsBetween>> {
  const found = new Map<SourceSub, GroupsBetween>();
  const note = (sub: SourceSub, gained: readonly string[], lost: readonly string[]) => {
    const { groupsGained, groupsLost } = found.get(sub) ?? NO_GROUPS;
    found.set(sub, { groupsGained: [...groupsGained, ...gained], groupsLost: [...groupsLost, ...lost] });
  };
  const known = (await copy.groups(poolId)).filter(({ deletedAt }) => deletedAt === undefined).map(({ name }) => name);
  const there = new Set(await pool.groupNames());
  for (const group of [...new Set([...known, ...there])].filter(name => !isProviderGroup(poolId, name)).sort()) {
    const inCopy = new Set<SourceSub>();
    const inPool = new Set<SourceSub>();
    if (known.includes(group)) {
      for await (const { sub, deletedAt } of eachOfPages(async cursor => copy.membersOfGroup(poolId, group, cursor))) {
        if (deletedAt === undefined) inCopy.add(sub);
      }
    }
    if (there.has(group)) {
      let cursor: string | undefined;
      do {
        const page: Page<string> = await pool.listMembers(group, cursor);
        for (const sub of (await pool.sourceSubsOf(page.items)).values()) inPool.add(sub);
        cursor = page.next;
      } while (cursor !== undefined);
    }
    for (const sub of inPool) if (!inCopy.has(sub)) note(sub, [group], []);
    for (const sub of inCopy) if (!inPool.has(sub)) note(sub, [], [group]);
  }
  return found;
}

/** Parts of the configuration of which the two sides say something else, with the names of what differs at their top. */
export interface PartDifference {
  readonly part: string;
  readonly change: Change;
  readonly fields: readonly string[];
}

export type DescribedPart = Pick<PoolPartRow, 'part' | 'value'>;

/** What Cognito counts and dates by itself is no setting. */
const NO_SETTINGS = ['EstimatedNumberOfUsers', 'LastModifiedDate', 'CreationDate', 'Status'];

export function diffOfSettings(first: readonly DescribedPart[], second: readonly DescribedPart[]): PartDifference[] {
  const names = [...new Set([...first, ...second].map(({ part }) => part))].sort();
  return names.flatMap(part => {
    const [a, b] = [first, second].map(parts => parts.find(each => each.part === part)?.value as object | undefined);
    const fields = a && b ? settingsBetween(a, b) : [];
    const change = changeOfRows(a, b, () => fields.length === 0);
    return change ? [{ part, change, fields }] : [];
  });
}

function settingsBetween(a: object, b: object): string[] {
  const [left, right] = [a, b] as Record<string, unknown>[];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].sort()
    .filter(name => !NO_SETTINGS.includes(name) && stable(left[name]) !== stable(right[name]));
}

/** Cognito answers lists of names in any order, and dates as they come. */
function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).sort().join()}]`;
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? '';
  return `{${Object.entries(value).filter(([, each]) => each !== undefined).sort(([x], [y]) => (x < y ? -1 : 1))
    .map(([name, each]) => `${JSON.stringify(name)}:${stable(each)}`).join()}}`;
}

/** The document of `diff --json`. Fields are only ever added. */
export interface Diff {
  readonly schemaVersion: 1;
  readonly first: DiffSide;
  readonly second: DiffSide;
  readonly users?: { readonly created: number; readonly deleted: number; readonly changed: number; readonly uncertain: number };
  /** Users by attribute, or other field, that differs. */
  readonly fields?: Readonly<Record<string, number>>;
  readonly memberships?: { readonly gained: number; readonly lost: number };
  /** The first ones, up to the limit. */
  readonly items?: readonly UserDifference[];
  readonly more?: number;
  readonly settings?: readonly PartDifference[];
}

/** Counts differences as they come, and keeps the first ones. */
export class DiffCounts {
  private readonly users = { created: 0, deleted: 0, changed: 0, uncertain: 0 };
  private readonly fields: Record<string, number> = {};
  private readonly memberships = { gained: 0, lost: 0 };
  private readonly items: UserDifference[] = [];
  private more = 0;

  constructor(private readonly limit: number) {}

  public add(one: UserDifference): void {
    this.users[one.change] += 1;
    if (one.isUncertain) this.users.uncertain += 1;
    for (const field of one.fields) this.fields[field] = (this.fields[field] ?? 0) + 1;
    this.memberships.gained += one.groupsGained.length;
    this.memberships.lost += one.groupsLost.length;
    if (this.items.length < this.limit) this.items.push(one);
    else this.more += 1;
  }

  public document(first: DiffSide, second: DiffSide): Diff {
    const { users, fields, memberships: { ...counted }, items, more } = this;
    return { schemaVersion: 1, first, second, users, fields, memberships: counted, items, ...more > 0 ? { more } : {} };
  }
}

export function failsOn(failOn: FailOn, { users, settings }: Diff): boolean {
  if (failOn === 'never') return false;
  const deleted = (users?.deleted ?? 0) + (settings ?? []).filter(({ change }) => change === 'deleted').length;
  if (failOn === 'deleted') return deleted > 0;
  return deleted + (users?.created ?? 0) + (users?.changed ?? 0) + (settings?.length ?? 0) > 0;
}

export function showDiff(terminal: Terminal, diff: Diff): void {
  terminal.line(`From ${sideText(diff.first)} to ${sideText(diff.second)}`);
  terminal.line();
  if (diff.settings) {
    if (diff.settings.length === 0) terminal.line('no setting differs');
    else terminal.table(['part', 'change', 'settings'], diff.settings.map(({ part, change, fields }) => [part, change, fields.join(', ')]));
    return;
  }
  const { users, memberships: groups, items = [], more = 0 } = diff;
  terminal.table([], [
    ['users that came', users!.created],
    ['users that are gone', users!.deleted],
    ['users that changed', users!.changed],
    ...users!.uncertain > 0 ? [['  by that moment or after it', users!.uncertain] as const] : [],
    ['memberships that came, that are gone', `${groups!.gained}, ${groups!.lost}`],
  ]);
  const fields = Object.entries(diff.fields!).sort(([, a], [, b]) => b - a);
  if (fields.length > 0) {
    terminal.line();
    terminal.table(['what changed', 'users'], fields);
  }
  if (items.length === 0) return;
  terminal.line();
  terminal.table(['sub', 'change', 'what'], items.map(({ sub, change, fields: names, groupsGained, groupsLost, isUncertain }) => [
    sub,
    isUncertain ? `${change} (uncertain)` : change,
    [...names, ...groupsGained.map(name => `+${name}`), ...groupsLost.map(name => `-${name}`)].join(', '),
  ]));
  if (more > 0) terminal.line(`and ${more} more: --limit ${items.length + more} names all, as --jsonl does`);
}

function sideText({ of, asOf, userPoolId }: DiffSide): string {
  const when = asOf === undefined ? 'now' : `at ${inUtcAndLocal(Date.parse(asOf) as EpochMilliseconds)}`;
  return of === 'copy' ? `the copy of ${userPoolId} ${when}` : `the ${of === 'pool' ? 'source' : 'standby'} pool ${userPoolId}`;
}

/**
 * What a standby cannot have as the source has it is no difference: users there are confirmed, are linked with their identities anew, and say whose
 * copy they are.
 */
function fieldsOf(first: UserImage, second: UserImage, of: DiffSide['of']): string[] {
  const isStandby = of === 'standby';
  const names = [...new Set([...Object.keys(first.attributes), ...Object.keys(second.attributes)])].sort();
  const own = isStandby ? names.filter(name => name !== 'identities' && name !== CUSTOM_SOURCE_SUB) : names;
  return [
    ...own.filter(name => !isSameValue(name, first.attributes[name], second.attributes[name])),
    ...(['enabled', ...isStandby ? [] : ['status', 'username']] as const).filter(field => first[field as 'enabled'] !== second[field as 'enabled']),
  ];
}

function groupsBetween(before: readonly string[], after: readonly string[]): GroupsBetween {
  return { groupsGained: after.filter(name => !before.includes(name)), groupsLost: before.filter(name => !after.includes(name)) };
}

function live(row: UserRow | undefined): UserRow | undefined {
  return row && row.deletedAt === undefined ? row : undefined;
}

async function* usersOf(directory: DiffedDirectory, poolId: UserPoolId, shard: string): AsyncGenerator<UserRow> {
  const rows = eachOfPages<UserRow>(async cursor => directory.usersOfShard(poolId, shard, cursor));
  for await (const row of rows) if (row.deletedAt === undefined) yield row;
}
