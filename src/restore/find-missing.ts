import { isUneven, unseen } from './balance';
import { countOf, outcomeCountsOf, MissingCheckpoint } from './restore-run';
import { Save, SliceContext } from './slice-context';
import { addedUp, Counts, isAsPlanned, lookAgain, NOT_THERE, ownLinks } from './verify';
import { SourceSub } from '../cognito/ids';
import { unlessStopped } from '../cognito/pacing';
import { allPages, Page } from '../cognito/page';
import { isOver } from '../runtime/clock';
import { forEachConcurrently } from '../runtime/concurrency';
import { isHopeless, Reason, UserOutcome } from '../state/outcome';

const LOOK_UPS_AT_ONCE = 16;

/** Where many users are missing, knowing each of them is of no use, and looking them all up takes weeks: start the restore again. */
export function mostLookUps(users: number): number {
  return Math.max(100_000, users / 20);
}

/**
 * Looks for the users and memberships that the listings did not show. A bucket tells how many are missing but not which, so this looks up every
 * user of an uneven bucket. It reads all outcomes once more, which costs little; looking up all users, at 30 a second, would take hours.
 */
export async function findMissing(context: SliceContext, checkpoint: MissingCheckpoint, save: Save): Promise<MissingCheckpoint | undefined> {
  const { balance, tally } = checkpoint;
  const missing = { users: unseen(balance.users), memberships: unseen(balance.memberships) };
  if (context.run.dryRun || isHopeless(outcomeCountsOf(tally)) || missing.users + missing.memberships === 0) return checkpoint;
  // Those missing count as present until a look-up says otherwise.
  let at = checkpoint.cursor === undefined ? { ...checkpoint, verification: addedUp(checkpoint.verification, missing) } : checkpoint;
  do {
    if (isOver(context)) return undefined;
    if (at.lookedUp > mostLookUps(tally.users)) return givenUp(at, missing);
    const page: Page<UserOutcome> = await context.state.outcomes(at.cursor);
    const found = await unlessStopped(() => lookUp(context, at, page.items));
    if (!found) return undefined;
    at = { ...at, cursor: page.next, verification: addedUp(at.verification, found.counts), lookedUp: at.lookedUp + found.lookedUp };
    if (at.cursor !== undefined) await save(at);
  } while (at.cursor !== undefined);
  return at;
}

/** Counts as seen only what the listings showed. */
function givenUp(
  checkpoint: MissingCheckpoint, missing: { readonly users: number; readonly memberships: number },
): MissingCheckpoint {
  const { counted, verification } = checkpoint;
  const [users, memberships] = [countOf(counted, 'restored') - missing.users, counted.memberships - missing.memberships];
  return { ...checkpoint, verification: { ...verification, users, memberships } };
}

async function lookUp(
  context: SliceContext, { balance }: MissingCheckpoint, outcomes: readonly UserOutcome[],
): Promise<{ counts: Counts; lookedUp: number }> {
  const suspects = outcomes.flatMap(({ sub, outcome, targetSub, memberships = 0 }) => {
    const uneven = isUneven(balance, sub);
    const needsGroups = uneven.memberships && memberships > 0;
    return outcome === 'restored' && targetSub && (uneven.users || needsGroups) ? [{ sub, targetSub, needsGroups }] : [];
  });
  const links = await ownLinks(context, suspects.map(({ targetSub }) => targetSub));
  const counts = { users: 0, memberships: 0, different: 0, changedSince: 0 };
  const differs = async (sub: SourceSub, difference: Reason) => {
    counts.different++;
    await context.state.writeDifference(sub, difference);
  };
  await forEachConcurrently(suspects, LOOK_UPS_AT_ONCE, async ({ sub, targetSub, needsGroups }) => {
    const [user] = await allPages(cursor => context.target.listUsers(cursor, { attribute: 'sub', value: targetSub }));
    const link = links.get(targetSub);
    if (!user) {
      counts.users--;
      await differs(sub, NOT_THERE);
    } else if (!link) {
      // Another restore has written over this one's link: nothing says any more what to expect.
      counts.users--;
    } else {
      const verdict = isAsPlanned(link, user) ? 'same' : await lookAgain(context, link, user);
      // Where a listing showed this user, the difference was counted already; one too many is better than one too few.
      if (verdict === 'different') counts.different++;
      if (!needsGroups) return;
      const isIn = await allPages(cursor => context.target.groupsOfUser(user.username, cursor));
      const missing = link.image.groups.filter(group => !isIn.includes(group)).length;
      counts.memberships -= missing;
      if (missing > 0) await differs(sub, { code: 'not-in-groups', groups: missing });
    }
  });
  return { counts, lookedUp: suspects.length };
}
