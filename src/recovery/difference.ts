import { Directory } from './past-reader';
import { UserPoolId } from '../cognito/ids';
import { eachOfPages } from '../cognito/page';
import { gradeOf } from '../ledger/directory-as-of';
import { MembershipRow, SHARDS, UserRow } from '../ledger/schema';

/** What has become of a user, a group or a membership between two directories. */
export type Change = 'created' | 'deleted' | 'changed';

/** One user, and what has become of the user or of one of their memberships. */
export interface UserChange {
  readonly sub: string;
  readonly of: 'user' | 'membership';
  readonly change: Change;
  /** No event says whether it happened by the second moment or later. */
  readonly isUncertain?: true;
}

/** Where a comparison stands: a pass through all shards, then one through all groups; `after`: the last `sub` of the part that is done. */
export interface DifferencePosition {
  readonly pass: 'users' | 'memberships';
  readonly part: number;
  readonly after?: string;
}

export interface DifferencePage {
  readonly changes: readonly UserChange[];
  /** Where the next page begins; absent at the end. */
  readonly next?: DifferencePosition;
}

/** So few that a page is done within seconds, whatever it takes for each. */
const PER_PAGE = 50;

/**
 * Every user who differs between two directories, or is in other groups. Both are read side by side and part by part, in the order of the keys, so
 * that the memory does not grow with the pool. A user of both passes comes twice.
 */
export async function* difference(then: Directory, now: Directory, poolId: UserPoolId, from?: DifferencePosition): AsyncGenerator<DifferencePage> {
  const groups = await groupsOfBoth(then, now, poolId);
  let at: DifferencePosition | undefined = from ?? { pass: 'users', part: 0 };
  while (at) {
    const part: DifferencePosition = at;
    const following = nextPart(part, groups.names.length);
    const changes = part.pass === 'users' ? usersOf(then, now, poolId, SHARDS[part.part]) : membersOf(then, now, poolId, groups, part.part);
    let page: UserChange[] = [];
    for await (const change of changes) {
      if (part.after !== undefined && compareKeys(change.sub, part.after) <= 0) continue;
      page.push(change);
      if (page.length < PER_PAGE) continue;
      yield { changes: page, next: { ...part, after: change.sub } };
      page = [];
    }
    yield { changes: page, next: following };
    at = following;
  }
}

/** What of a row has changed, of two that may be absent. */
export function changeOfRows<R>(then: R | undefined, now: R | undefined, isSame: (then: R, now: R) => boolean): Change | undefined {
  if (then === undefined) return now === undefined ? undefined : 'created';
  if (now === undefined) return 'deleted';
  return isSame(then, now) ? undefined : 'changed';
}

/** Whether nothing of a user differs that a recovery could take back. */
export function isUnchangedUser(then: UserRow, now: UserRow): boolean {
  return then.digest === now.digest && (!then.mfa || factorsSince(then, now).length === 0);
}

/** MFA methods that are on now, and were not then or had not been read. */
export function factorsSince(then: UserRow, now: UserRow | undefined): string[] {
  return (now?.mfa?.enabled ?? []).filter(method => !then.mfa?.enabled.includes(method));
}

/** DynamoDB orders keys by their bytes. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function nextPart({ pass, part }: DifferencePosition, groups: number): DifferencePosition | undefined {
  if (pass === 'users') {
    if (part + 1 < SHARDS.length) return { pass, part: part + 1 };
    return groups > 0 ? { pass: 'memberships', part: 0 } : undefined;
  }
  return part + 1 < groups ? { pass, part: part + 1 } : undefined;
}

interface BothGroups {
  readonly names: readonly string[];
  readonly then: ReadonlySet<string>;
  readonly now: ReadonlySet<string>;
}

async function groupsOfBoth(then: Directory, now: Directory, poolId: UserPoolId): Promise<BothGroups> {
  const live = async (directory: Directory) => new Set((await directory.groups(poolId)).filter(isLive).map(({ name }) => name));
  const [past, present] = [await live(then), await live(now)];
  return { names: [...new Set([...past, ...present])].sort(compareKeys), then: past, now: present };
}

/** Every user who is a member of the group in one of the two directories, from the one after `after`. */
export async function* membersOfEither(
  then: Directory, now: Directory, poolId: UserPoolId, group: string, after?: string,
): AsyncGenerator<string> {
  const list = (directory: Directory) => eachOfPages<MembershipRow>(async cursor => directory.membersOfGroup(poolId, group, cursor));
  for await (const { sub, past, present } of paired(list(then), list(now))) {
    if ((past || present) && (after === undefined || compareKeys(sub, after) > 0)) yield sub;
  }
}

async function* usersOf(then: Directory, now: Directory, poolId: UserPoolId, shard: string): AsyncGenerator<UserChange> {
  const list = (directory: Directory) => eachOfPages<UserRow>(async cursor => directory.usersOfShard(poolId, shard, cursor));
  for await (const { sub, past, present } of paired(list(then), list(now))) {
    const change = changeOfRows(past, present, isUnchangedUser);
    if (change) yield { sub, of: 'user', change };
    else if (isUncertain(present)) yield { sub, of: 'user', change: 'changed', isUncertain: true };
  }
}

async function* membersOf(then: Directory, now: Directory, poolId: UserPoolId, groups: BothGroups, part: number): AsyncGenerator<UserChange> {
  const group = groups.names[part];
  // A group that is gone has no members, whatever their rows say.
  const list = (directory: Directory, live: ReadonlySet<string>) =>
    eachOfPages<MembershipRow>(async cursor => live.has(group) ? directory.membersOfGroup(poolId, group, cursor) : { items: [] });
  for await (const { sub, past, present } of paired(list(then, groups.then), list(now, groups.now))) {
    const change = changeOfRows(past, present, () => true);
    if (change) yield { sub, of: 'membership', change };
    else if (isUncertain(present)) yield { sub, of: 'membership', change: 'changed', isUncertain: true };
  }
}

interface Pair<R> {
  readonly sub: string;
  readonly past?: R;
  readonly present?: R;
}

type Keyed = { readonly sub: string; readonly deletedAt?: number };

/** Rows of two ordered listings side by side; what is deleted counts as absent. */
async function* paired<R extends Keyed>(then: AsyncGenerator<R>, now: AsyncGenerator<R>): AsyncGenerator<Pair<R>> {
  let [past, present] = [await then.next(), await now.next()];
  while (!past.done || !present.done) {
    const order = past.done ? 1 : present.done ? -1 : compareKeys((past.value as R).sub, (present.value as R).sub);
    const [a, b] = [order <= 0 ? past.value as R : undefined, order >= 0 ? present.value as R : undefined];
    yield { sub: (a ?? b)!.sub, past: a && isLive(a) ? a : undefined, present: b && isLive(b) ? b : undefined };
    if (order <= 0) past = await then.next();
    if (order >= 0) present = await now.next();
  }
}

/** Taken in the earlier state, the row may have been something else by then. */
function isUncertain(row: object | undefined): boolean {
  return row !== undefined && gradeOf(row) === 'uncertain';
}

function isLive({ deletedAt }: { readonly deletedAt?: number }): boolean {
  return deletedAt === undefined;
}
