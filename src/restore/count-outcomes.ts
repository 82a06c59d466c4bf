import { unlessStopped } from './listing';
import { Checkpoint, countOf, tallied, UserOutcome } from './restore-run';
import { isOver, Save, SliceContext } from './slice-context';
import { all } from './target-pool';
import { addedUp, Counts, NOT_THERE, ownLinks } from './verify';
import { Page } from '../ledger/ledger-store';
import { forEachConcurrently } from '../runtime/concurrency';

const LOOK_UPS_AT_ONCE = 16;

/** Counts all outcomes in the standby table, independently of the tally; looks for users and memberships that the listings did not show. */
export async function countOutcomes(context: SliceContext, checkpoint: Checkpoint, save: Save): Promise<Checkpoint | undefined> {
  let at = checkpoint;
  do {
    if (isOver(context)) return undefined;
    const page: Page<UserOutcome> = await context.state.outcomes(at.cursor);
    const found = await unlessStopped(() => findMissing(context, at, page.items));
    if (!found) return undefined;
    at = { ...at, cursor: page.next, counted: tallied(at.counted, page.items.length, page.items), verification: addedUp(at.verification, found) };
    if (at.cursor !== undefined) await save(at);
  } while (at.cursor !== undefined);
  return at;
}

/** Looks for each restored user by `sub`: the listings cannot tell who is missing, only that somebody is. */
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
