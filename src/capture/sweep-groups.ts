import { SweepCheckpoint, PendingListing, LISTINGS_AT_A_TIME, SweepContext, SweepCounts, WRITES_AT_A_TIME, isOver, observe } from './sweep-context';
import { lists, loadList, saveList, saveUnseen } from './sweep-lists';
import { forEachConcurrently } from '../runtime/concurrency';

/** Compares all groups (Cognito allows 10,000 a pool, so they fit in memory); who is gone is kept for the deletions. */
export async function sweepGroups(context: SweepContext, counts: SweepCounts): Promise<void> {
  const stored = new Map((await context.store.groups(context.poolId)).map(row => [row.name, row]));
  const missing = new Set([...stored.values()].filter(row => row.deletedAt === undefined).map(row => row.name));
  counts.groups.known = missing.size;
  let token: string | undefined;
  do {
    const { seen, page } = await context.pacer.run('UserPoolResourceRead', async () => {
      const now = observe(context);
      return { seen: now, page: await context.source.listGroups(token) };
    });
    for (const group of page.items) {
      counts.groups.listed += 1;
      missing.delete(group.name);
      if (await context.rows.group(group, stored.get(group.name), seen)) counts.groups.written += 1;
    }
    token = page.token;
  } while (token);
  counts.groups.missing = missing.size;
  if (missing.size > 0) await saveList(context, lists.missingGroups(context.run), [...missing]);
}

/** Compares the members of every group, from the checkpoint on. Returns where to go on when the slice was over, undefined at the end. */
export async function sweepMembers(context: SweepContext, from: SweepCheckpoint, counts: SweepCounts): Promise<Pick<SweepCheckpoint, 'group' | 'pending'> | undefined> {
  const missingGroups = await loadList(context, lists.missingGroups(context.run));
  // Groups that are gone as well: a hint of their deletion may have marked the group and missed a member who was just written.
  const rows = await context.store.groups(context.poolId);
  const names = rows.map(row => row.name);
  const gone = new Set([...missingGroups, ...rows.filter(row => row.deletedAt !== undefined).map(row => row.name)]);
  let done = from.group;
  const remaining = names.filter(name => done === undefined || name > done).sort(byCodeUnit);
  let pending: readonly PendingListing[] = from.pending ?? [];
  for (;;) {
    const batch: Begun[] = pending.length > 0 ? [...pending] : remaining.splice(0, LISTINGS_AT_A_TIME).map(group => ({ group }));
    if (batch.length === 0) return undefined;
    if (pending.length === 0) done = batch.at(-1)?.group;
    const unfinished: PendingListing[] = [];
    await forEachConcurrently(batch, LISTINGS_AT_A_TIME, async begun => {
      const stopped = await sweepGroupMembers(context, begun, gone.has(begun.group), counts);
      if (stopped) unfinished.push(stopped);
    });
    pending = unfinished;
    if (isOver(context)) return { group: done, pending };
  }
}

/** A group whose members are to be compared, from the start or from where the slice before stopped. */
type Begun = Pick<PendingListing, 'group'> & Partial<PendingListing>;

async function sweepGroupMembers(
  context: SweepContext, { group, token: begunAt, unseenList }: Begun, groupIsGone: boolean, counts: SweepCounts,
): Promise<PendingListing | undefined> {
  const unseen = unseenList === undefined ? await membersOf(context, group) : await loadList(context, unseenList);
  if (unseenList === undefined) counts.memberships.known += unseen.size;
  let token = begunAt;
  while (!groupIsGone) {
    const { seen, page } = await context.pacer.run('UserList', async () => {
      const now = observe(context);
      return { seen: now, page: await context.source.listUsersInGroup(group, token) };
    });
    // Deleted since the groups were listed: the next sweep misses it and its members.
    if (!page) return undefined;
    counts.memberships.listed += page.items.length;
    const unknown = page.items.filter(sub => !unseen.delete(sub));
    await forEachConcurrently(unknown, WRITES_AT_A_TIME, async sub => {
      if (await context.rows.membership(group, sub, seen)) counts.memberships.written += 1;
    });
    token = page.token;
    if (!token) break;
    if (isOver(context)) return { group, token, unseenList: await saveUnseen(context, group, [...unseen]) };
  }
  if (unseen.size > 0) {
    counts.memberships.missing += unseen.size;
    await saveList(context, lists.missingMembers(context.run, group), [...unseen]);
  }
  return undefined;
}

/** `sub`s of the members in the ledger. A Set of two million takes about 200 MB: the size of group that a function of 256 MB can compare. */
async function membersOf(context: SweepContext, group: string): Promise<Set<string>> {
  const subs = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await context.store.membersOfGroup(context.poolId, group, cursor);
    for (const row of page.items) if (row.deletedAt === undefined) subs.add(row.sub);
    cursor = page.next;
  } while (cursor);
  return subs;
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
