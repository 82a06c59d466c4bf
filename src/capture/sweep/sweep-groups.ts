import { look } from '../observation';
import { addRefusals, unlessRowRefused } from '../refused-rows';
import { SubSet } from './sub-set';
import {
  GroupsStep, LISTINGS_AT_A_TIME, MembersStep, PendingListing, SweepContext, SweepCounts, WRITES_AT_A_TIME,
} from './sweep-context';
import { loadUnseen, loadUnseenMembers, missing, saveUnseen } from './sweep-lists';
import { eachOfPages } from '../../cognito/page';
import { GroupRow, MembershipRow } from '../../ledger/schema';
import { isOver } from '../../runtime/clock';
import { forEachConcurrently } from '../../runtime/concurrency';

/** Members of one group that fit into a function of 256 MB. The members of a larger group are not compared, and the sweep ends incomplete. */
const MOST_MEMBERS = 5_000_000;
/** Members of all groups that are compared at a time. */
const MOST_MEMBERS_AT_A_TIME = 500_000;
/** Fingerprints that one slice can hand to the next in a millisecond: a partition of the table takes 1,000 write units a second. */
const SAVED_PER_MILLISECOND = 100;

/**
 * Compares all groups, from the checkpoint on: Cognito allows 10,000 a pool, so they fit in memory, and not always into a slice. Returns where to go
 * on when the slice was over, and undefined at the end. Those that are missing from the whole listing are kept for the deletions.
 */
export async function sweepGroups(context: SweepContext, pending: GroupsStep['pending'], counts: SweepCounts): Promise<GroupsStep['pending']> {
  const stored = new Map((await context.store.groups(context.poolId)).map(row => [row.name, row]));
  const unseen = pending ? await loadUnseen(context, pending.unseenList) : new Set([...stored.values()].filter(isLive).map(row => row.name));
  if (!pending) counts.groups.known = unseen.size;
  let token = pending?.cursor;
  do {
    const { seen, answer: page } = await context.pacer.run('UserPoolResourceRead', async () => (
      look(context, context.occasion, async () => context.source.listGroups(token))));
    const listed = { ...seen, isListing: true };
    for (const group of page.items) {
      counts.groups.listed += 1;
      unseen.delete(group.name);
      if (await unlessRowRefused(counts, context.rows.group(group, stored.get(group.name), listed))) counts.groups.written += 1;
    }
    token = page.next;
    if (token && isOver(context)) return { cursor: token, unseenList: await saveUnseen(context, 'groups', unseen) };
  } while (token);
  counts.groups.missing = unseen.size;
  if (unseen.size > 0) await missing.saveGroups(context, unseen);
  return undefined;
}

/** The comparison of one group's members, under way or complete. */
interface MemberListing {
  readonly group: string;
  /** Members that are in the ledger and were not in the listing so far. */
  readonly unseen: SubSet;
  token?: string;
  complete: boolean;
}

/**
 * Compares the members of every group, from the checkpoint on. Returns where to go on when the slice was over, and undefined at the end. `isFresh`
 * says that the slice has done nothing else yet: what does not fit into it would not fit into the next one.
 */
export async function sweepMembers(
  context: SweepContext, from: MembersStep, slices: readonly string[], counts: SweepCounts, isFresh: boolean,
): Promise<Omit<MembersStep, 'phase'> | undefined> {
  const gone = await goneGroups(context, slices);
  const names = (await context.store.groups(context.poolId)).map(row => row.name).sort(byCodeUnit);
  const waiting = names.filter(name => from.group === undefined || name > from.group);
  let begun = from.group;
  let underWay = await Promise.all(from.pending.map(async pending => resume(context, pending)));
  for (let mayStop = !isFresh; ; mayStop = true) {
    if (underWay.length === 0) {
      if (waiting.length === 0) return undefined;
      underWay = await begin(context, waiting, counts, mayStop);
      if (underWay.length === 0) return { group: begun, pending: [] };
      begun = underWay[underWay.length - 1].group;
    }
    await forEachConcurrently(underWay, LISTINGS_AT_A_TIME, async listing => compareMembers(context, listing, gone, counts));
    underWay = underWay.filter(listing => !listing.complete);
    if (underWay.length > 0 || isOver(context)) {
      return { group: begun, pending: await Promise.all(underWay.map(async listing => suspend(context, listing))) };
    }
  }
}

/** Groups without members: gone from Cognito, or marked as gone by a hint that may have missed a member written at that moment. */
async function goneGroups(context: SweepContext, slices: readonly string[]): Promise<Set<string>> {
  const gone = new Set((await context.store.groups(context.poolId)).filter(row => !isLive(row)).map(row => row.name));
  for await (const { values } of missing.groups(context, [...slices, context.slice])) values.forEach(name => gone.add(name));
  return gone;
}

/** Begins the next groups, as many as fit in memory together. */
async function begin(context: SweepContext, waiting: string[], counts: SweepCounts, mayStop: boolean): Promise<MemberListing[]> {
  const begun: MemberListing[] = [];
  let members = 0;
  while (waiting.length > 0 && begun.length < LISTINGS_AT_A_TIME && members < MOST_MEMBERS_AT_A_TIME) {
    const group = waiting[0];
    const unseen = new SubSet();
    for await (const sub of liveMembers(context, group)) {
      unseen.add(sub);
      if (unseen.size > MOST_MEMBERS) break;
      // A large group that is begun late could not be handed over in time: the next slice begins it.
      if ((mayStop || begun.length > 0) && isOver(context, unseen.size / SAVED_PER_MILLISECOND)) return begun;
    }
    waiting.shift();
    const tooLarge = unseen.size > MOST_MEMBERS;
    if (tooLarge) addRefusals(counts, { refused: 1, refusedRows: [`group ${group}`], unmarked: 1 });
    else counts.memberships.known += unseen.size;
    members += tooLarge ? 0 : unseen.size;
    begun.push({ group, unseen: tooLarge ? new SubSet() : unseen, complete: tooLarge });
  }
  return begun;
}

async function resume(context: SweepContext, { group, token, unseenList }: PendingListing): Promise<MemberListing> {
  return { group, token, unseen: await loadUnseenMembers(context, unseenList), complete: false };
}

async function suspend(context: SweepContext, { group, token, unseen }: MemberListing): Promise<PendingListing> {
  return { group, token: token!, unseenList: await saveUnseen(context, group, unseen.pack()) };
}

/** Compares at least one page; ends when the listing is complete or the slice is over. */
async function compareMembers(context: SweepContext, listing: MemberListing, gone: ReadonlySet<string>, counts: SweepCounts): Promise<void> {
  const { group, unseen } = listing;
  while (!listing.complete && !gone.has(group)) {
    const { seen, answer: page } = await context.pacer.run('UserList', async () => (
      look(context, context.occasion, async () => context.source.listUsersInGroup(group, listing.token))));
    if (!page) {
      // The group was deleted since the groups were listed: the next sweep finds that it and its members are missing.
      listing.complete = true;
      counts.isUncompared = true;
      return;
    }
    counts.memberships.listed += page.items.length;
    const unknown = page.items.filter(sub => !unseen.delete(sub));
    await forEachConcurrently(unknown, WRITES_AT_A_TIME, async sub => {
      if (await unlessRowRefused(counts, context.rows.membership(group, sub, { ...seen, isListing: true }))) counts.memberships.written += 1;
    });
    listing.token = page.next;
    listing.complete = page.next === undefined;
    if (!listing.complete && isOver(context, unseen.size / SAVED_PER_MILLISECOND)) return;
  }
  listing.complete = true;
  if (unseen.size === 0) return;
  counts.memberships.missing += unseen.size;
  await missing.saveMembers(context, group, those(liveMembers(context, group), sub => unseen.has(sub)));
}

async function* liveMembers(context: SweepContext, group: string): AsyncIterable<string> {
  const rows = eachOfPages(async cursor => context.store.membersOfGroup(context.poolId, group, cursor));
  for await (const row of rows) if (isLive(row)) yield row.sub;
}

async function* those<T>(all: AsyncIterable<T>, wanted: (one: T) => boolean): AsyncIterable<T> {
  for await (const one of all) if (wanted(one)) yield one;
}

function isLive(row: GroupRow | MembershipRow): boolean {
  return row.deletedAt === undefined;
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
