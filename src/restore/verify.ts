import { continued, listTarget, TargetPage, unlessStopped } from './listing';
import { runPipeline, WorkPage } from './pipeline';
import { Checkpoint, countOf, tallied, UserOutcome, Verification } from './restore-run';
import { Link } from './restore-state';
import { isOver, SliceContext } from './slice-context';
import { all } from './target-pool';
import { sameAttributes } from './user-plan';
import { Page } from '../ledger/ledger-store';
import { UserImage } from '../ledger/schema';
import { forEachConcurrently } from '../runtime/concurrency';

type Save = (checkpoint: Checkpoint) => Promise<void>;
type Counts = Partial<Verification>;

const PAGES_AT_ONCE = 8;
const LOOK_UPS_AT_ONCE = 16;
/** A change this soon after a restore was done with a user is the restore's own, as Cognito's clock and ours may differ. */
const OWN_WRITES = 5_000;

/** Lists the target again: everybody whom this run created is there, as the ledger has them. */
export async function verifyUsers(context: SliceContext, checkpoint: Checkpoint, save: Save): Promise<Checkpoint | undefined> {
  // Nobody was created: there is nothing to compare.
  if (countOf(checkpoint.tally, 'restored') === 0) return checkpoint;
  return verifyPages<readonly UserImage[], TargetPage>(context, checkpoint, save, listTarget(context, checkpoint.cursor), async users => {
    const links = await ownLinks(context, users.map(user => user.sub));
    const counts = { users: 0, different: 0, changedSince: 0 };
    await forEachConcurrently(users, LOOK_UPS_AT_ONCE, async user => {
      const link = links.get(user.sub);
      if (!link) return;
      counts.users++;
      const verdict = isAsPlanned(link, user) ? 'same' : await lookAgain(context, link, user);
      if (verdict !== 'same') counts[verdict]++;
    });
    return counts;
  });
}

function isAsPlanned({ image }: Link, user: UserImage): boolean {
  return user.status === 'CONFIRMED' && user.enabled === image.enabled && sameAttributes(image, user);
}

/** A listing lags behind, and people change their data as soon as they can sign in: only what is left after that is a difference. */
async function lookAgain(context: SliceContext, link: Link, listed: UserImage): Promise<'same' | 'different' | 'changedSince'> {
  const { user } = await context.target.getUser(listed.username);
  if (isAsPlanned(link, user)) return 'same';
  if (user.modifiedAt > link.at + OWN_WRITES) return 'changedSince';
  await context.state.writeDifference(link.sourceSub, 'attributes, status or enabled are not as in the ledger');
  return 'different';
}

interface GroupPage extends WorkPage<readonly string[]> {
  /** Name of the group whose members these are. */
  readonly of: string;
  /** Where the next page begins. */
  readonly group: number;
  readonly next?: string;
}

/** Counts the members of every group whom this run put there. */
export async function verifyGroups(context: SliceContext, checkpoint: Checkpoint, save: Save): Promise<Checkpoint | undefined> {
  if (checkpoint.tally.memberships === 0) return checkpoint;
  const names = [...context.groups.keys()].sort();
  return verifyPages<readonly string[], GroupPage>(context, checkpoint, save, groupPages(context, names, checkpoint), async (subs, { of }) => {
    const links = await ownLinks(context, subs);
    return { memberships: [...links.values()].filter(link => link.image.groups.includes(of)).length };
  });
}

async function* groupPages({ target }: SliceContext, names: readonly string[], from: Checkpoint): AsyncGenerator<GroupPage> {
  let cursor = from.cursor;
  let group = from.group ?? 0;
  while (group < names.length) {
    const of = names[group];
    const page: Page<string> = await continued(cursor !== undefined && cursor === from.cursor, () => target.listUsersInGroup(of, cursor));
    cursor = page.next;
    if (cursor === undefined) group++;
    yield { items: [page.items], of, group, next: cursor };
  }
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
  const counts = { users: 0, memberships: 0, different: 0 };
  const usersMissing = verification.users < countOf(tally, 'restored');
  const membershipsMissing = verification.memberships < tally.memberships;
  if (!usersMissing && !membershipsMissing) return counts;
  const links = await ownLinks(context, outcomes.flatMap(({ targetSub }) => targetSub ?? []));
  await forEachConcurrently(outcomes.filter(({ outcome }) => outcome === 'restored'), LOOK_UPS_AT_ONCE, async ({ sub, targetSub, memberships = 0 }) => {
    if (!usersMissing && memberships === 0) return;
    const [user] = await all(cursor => context.target.listUsers(cursor, { attribute: 'sub', value: targetSub! }));
    if (!user) {
      counts.different++;
      await context.state.writeDifference(sub, 'not in the target');
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

async function verifyPages<I, P extends WorkPage<I> & { readonly next?: string; readonly group?: number }>(
  context: SliceContext, checkpoint: Checkpoint, save: Save, pages: AsyncIterable<P>, compare: (item: I, page: P) => Promise<Counts>,
): Promise<Checkpoint | undefined> {
  let at = checkpoint;
  const allDone = await runPipeline<I, P, Counts>({
    pages,
    atOnce: PAGES_AT_ONCE,
    isOver: () => isOver(context),
    stop: context.stop,
    work: (item, page) => unlessStopped(() => compare(item, page)),
    commit: async committed => {
      const { page } = committed[committed.length - 1];
      at = { ...at, cursor: page.next, group: page.group, verification: committed.flatMap(({ results }) => results).reduce<Verification>(sum, at.verification) };
      await save(at);
    },
  });
  return allDone ? at : undefined;
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
