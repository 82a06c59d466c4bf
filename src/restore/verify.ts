import { continued, unlessStopped } from './listing';
import { Checkpoint, countOf, tallied, UserOutcome, Verification } from './restore-run';
import { Link } from './restore-state';
import { isOver, Save, SliceContext } from './slice-context';
import { all } from './target-pool';
import { sameAttributes } from './user-plan';
import { Page } from '../ledger/ledger-store';
import { UserImage } from '../ledger/schema';
import { forEachConcurrently } from '../runtime/concurrency';

type Counts = Partial<Verification>;

/** One listing is a chain of calls, each of which needs the token of the one before; side by side they fill the quota. */
const LISTINGS_AT_ONCE = 4;
const LOOK_UPS_AT_ONCE = 16;
/** A killed slice lists this much again. */
const SAVE_EVERY = 10_000;
/** A listing lags behind what was written; then everybody is there. */
const SETTLE = 60_000;
/** A change this soon after a restore was done with a user is the restore's own, as Cognito's clock and ours may differ. */
const OWN_WRITES = 5_000;
const NOT_THERE = 'not in the target';

/**
 * Lists the target and its groups again. Everybody whom this run created is there, as the ledger has them, and in their groups: the users are
 * compared one by one, the memberships counted.
 */
export async function verify(context: SliceContext, checkpoint: Checkpoint, save: Save): Promise<Checkpoint | undefined> {
  // Nobody was created: there is nothing to compare.
  if (countOf(checkpoint.tally, 'restored') === 0) return checkpoint;
  const end = await listEverything(context, checkpoint, save);
  if (!end || end.listedAgain || !isAnyoneMissing(end)) return end;
  await context.clock.sleep(SETTLE);
  const again: Checkpoint = { ...end, listings: undefined, listedAgain: true, verification: { users: 0, memberships: 0, different: 0, changedSince: 0 } };
  await save(again);
  return listEverything(context, again, save);
}

/** The first listing is of the users, the others are of the members of one group each. */
async function listEverything(context: SliceContext, checkpoint: Checkpoint, save: Save): Promise<Checkpoint | undefined> {
  const names = checkpoint.tally.memberships > 0 ? [...context.groups.keys()].sort() : [];
  const open = new Map(Object.entries(checkpoint.listings?.open ?? {}).map(([index, cursor]) => [Number(index), cursor ?? undefined]));
  let { begun, verification } = { begun: checkpoint.listings?.begun ?? 0, verification: checkpoint.verification };
  const current = (): Checkpoint => ({ ...checkpoint, verification, listings: { begun, open: Object.fromEntries([...open].map(([index, cursor]) => [index, cursor ?? null])) } });
  let saved: Promise<void> = Promise.resolve();
  let savedAt = context.clock.now();

  await forEachConcurrently(upTo(names.length, open, () => begun++), LISTINGS_AT_ONCE, async index => {
    const from = open.get(index);
    let cursor = from;
    do {
      if (isOver(context)) return;
      const [next, counts] = await pageOf(context, index === 0 ? undefined : names[index - 1], cursor, from !== undefined && cursor === from) ?? [];
      if (!counts) return;
      cursor = next;
      // No await between these: a checkpoint taken at any time counts a page if, and only if, it does not list it again.
      verification = sum(verification, counts);
      if (cursor === undefined) open.delete(index);
      else open.set(index, cursor);
      if (context.clock.now() - savedAt < SAVE_EVERY) continue;
      savedAt = context.clock.now();
      await (saved = saved.then(() => save(current())));
    } while (cursor !== undefined);
  });
  if (begun > names.length && open.size === 0) return current();
  await save(current());
  return undefined;
}

/** Listings that an earlier slice began, then those that nobody did. */
function* upTo(last: number, open: Map<number, string | undefined>, begin: () => number): Generator<number> {
  yield* [...open.keys()];
  for (let index = begin(); index <= last; index = begin()) {
    open.set(index, undefined);
    yield index;
  }
}

async function pageOf(context: SliceContext, group: string | undefined, cursor: string | undefined, isOld: boolean): Promise<[string | undefined, Counts] | undefined> {
  return unlessStopped(async () => {
    if (group === undefined) {
      const page: Page<UserImage> = await continued(isOld, () => context.target.listUsers(cursor));
      return [page.next, await compareUsers(context, page.items)];
    }
    const page: Page<string> = await continued(isOld, () => membersOf(context, group, cursor));
    const links = await ownLinks(context, page.items);
    return [page.next, { memberships: [...links.values()].filter(link => link.image.groups.includes(group)).length }];
  });
}

/** A group that the target lacks has no members: a restore of some users makes only the groups that they need. */
async function membersOf({ target }: SliceContext, group: string, cursor: string | undefined): Promise<Page<string>> {
  try {
    return await target.listUsersInGroup(group, cursor);
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return { items: [] };
    throw error;
  }
}

async function compareUsers(context: SliceContext, users: readonly UserImage[]): Promise<Counts> {
  const links = await ownLinks(context, users.map(user => user.sub));
  const counts = { users: 0, different: 0, changedSince: 0 };
  await forEachConcurrently(users.filter(user => links.has(user.sub)), LOOK_UPS_AT_ONCE, async user => {
    const link = links.get(user.sub)!;
    counts.users++;
    const verdict = isAsPlanned(link, user) ? 'same' : await lookAgain(context, link, user);
    if (verdict !== 'same') counts[verdict]++;
  });
  return counts;
}

function isAsPlanned({ image }: Link, user: UserImage): boolean {
  return user.status === 'CONFIRMED' && user.enabled === image.enabled && sameAttributes(image, user);
}

/** A listing lags behind, and people change their data as soon as they can sign in: only what is left after that is a difference. */
async function lookAgain(context: SliceContext, link: Link, listed: UserImage): Promise<'same' | 'different' | 'changedSince'> {
  const user = await now(context, listed.username);
  if (user && isAsPlanned(link, user)) return 'same';
  if (user && user.modifiedAt > link.at + OWN_WRITES) return 'changedSince';
  await context.state.writeDifference(link.sourceSub, user ? 'attributes, status or enabled are not as in the ledger' : NOT_THERE);
  return 'different';
}

async function now({ target }: SliceContext, username: string): Promise<UserImage | undefined> {
  try {
    return (await target.getUser(username)).user;
  } catch (error) {
    if (error instanceof Error && error.name === 'UserNotFoundException') return undefined;
    throw error;
  }
}

function isAnyoneMissing({ tally, verification }: Checkpoint): boolean {
  return verification.users < countOf(tally, 'restored') || verification.memberships < tally.memberships;
}

/** Counts all outcomes in the standby table, independently of the tally; looks for users and memberships that the listings did not show. */
export async function countOutcomes(context: SliceContext, checkpoint: Checkpoint, save: Save): Promise<Checkpoint | undefined> {
  let at = checkpoint;
  do {
    if (isOver(context)) return undefined;
    const page: Page<UserOutcome> = await context.state.outcomes(at.cursor);
    const found = await unlessStopped(() => findMissing(context, at, page.items));
    if (!found) return undefined;
    at = { ...at, cursor: page.next, counted: tallied(at.counted, page.items.length, page.items), verification: sum(at.verification, found) };
    if (at.cursor !== undefined) await save(at);
  } while (at.cursor !== undefined);
  return at;
}

async function findMissing(context: SliceContext, { tally, verification }: Checkpoint, outcomes: readonly UserOutcome[]): Promise<Counts> {
  const counts = { different: 0 };
  const usersMissing = verification.users < countOf(tally, 'restored');
  const membershipsMissing = verification.memberships < tally.memberships;
  if (!usersMissing && !membershipsMissing) return counts;
  const links = await ownLinks(context, outcomes.flatMap(({ targetSub }) => targetSub ?? []));
  await forEachConcurrently(outcomes.filter(({ outcome }) => outcome === 'restored'), LOOK_UPS_AT_ONCE, async ({ sub, targetSub, memberships = 0 }) => {
    if (!usersMissing && memberships === 0) return;
    const [user] = await all(cursor => context.target.listUsers(cursor, { attribute: 'sub', value: targetSub! }));
    if (!user) {
      counts.different++;
      await context.state.writeDifference(sub, NOT_THERE);
    } else if (membershipsMissing && memberships > 0) {
      const isIn = await all(cursor => context.target.groupsOfUser(user.username, cursor));
      const missing = links.get(user.sub)?.image.groups.filter(group => !isIn.includes(group)) ?? [];
      if (missing.length === 0) return;
      counts.different++;
      await context.state.writeDifference(sub, `not in ${missing.length} of their groups`);
    }
  });
  return counts;
}

/** Links of users whom this very run created. */
async function ownLinks({ state, run }: SliceContext, targetSubs: readonly string[]): Promise<Map<string, Link>> {
  const links = await state.linksOfTargets(targetSubs);
  return new Map([...links].filter(([, link]) => link.restored && link.execution === run.execution));
}

function sum(a: Verification, b: Counts): Verification {
  return {
    users: a.users + (b.users ?? 0),
    memberships: a.memberships + (b.memberships ?? 0),
    different: a.different + (b.different ?? 0),
    changedSince: a.changedSince + (b.changedSince ?? 0),
  };
}
