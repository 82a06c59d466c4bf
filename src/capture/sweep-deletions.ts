import { SweepContext, SweepCounts, WRITES_AT_A_TIME, isOver, observe } from './sweep-context';
import { lists, loadList } from './sweep-lists';
import { deletionLimit } from './sweep-shards';
import { forEachConcurrently } from '../runtime/concurrency';

/** Why nothing may be marked as gone yet, in a sentence for an operator; undefined where it may. */
export function heldDeletions(counts: SweepCounts, allowDeletions: number | undefined): string | undefined {
  for (const kind of ['users', 'groups', 'memberships'] as const) {
    const { missing, known } = counts[kind];
    const limit = allowDeletions ?? deletionLimit(known);
    if (missing > limit) {
      return `${missing} of ${known} ${kind} in the ledger are missing in the user pool, more than the ${limit} that a sweep marks as gone by itself; nothing was marked. `
        + `Find out why they are missing. If they are really gone, start the sweep with {"allowDeletions": ${missing}}`;
    }
  }
  return undefined;
}

/**
 * Marks as gone who is gone: each user only after a look-up of its own. Groups and memberships have no such look-up; a row that
 * anybody wrote since the sweep began is left alone. Returns how many chunks of users are done when the slice was over.
 */
export async function markDeletions(context: SweepContext, startedAt: number, done: number, counts: SweepCounts): Promise<number | undefined> {
  let chunks = 0;
  for await (const { values } of context.store.loadLists(context.poolId, lists.missingUsers(context.run))) {
    chunks += 1;
    if (chunks <= done) continue;
    await forEachConcurrently(values, WRITES_AT_A_TIME, async sub => markUser(context, sub, counts));
    if (isOver(context)) return chunks;
  }

  const seen = { ...observe(context), observedAt: startedAt };
  for (const name of await loadList(context, lists.missingGroups(context.run))) {
    if (await context.rows.buryGroup(name, seen)) counts.groups.tombstoned += 1;
  }
  for await (const { list, values } of context.store.loadLists(context.poolId, lists.missingMembers(context.run))) {
    const group = list.slice(lists.missingMembers(context.run).length);
    await forEachConcurrently(values, WRITES_AT_A_TIME, async sub => {
      if (await context.rows.buryMembership(group, sub, seen)) counts.memberships.tombstoned += 1;
    });
  }
  return undefined;
}

async function markUser(context: SweepContext, sub: string, counts: SweepCounts): Promise<void> {
  const stored = await context.store.user(context.poolId, sub);
  if (!stored || stored.deletedAt !== undefined) return;
  const { seen, user } = await context.pacer.run('UserList', async () => {
    const now = observe(context);
    return { seen: now, user: await context.source.userBySub(sub) };
  });
  if (!user) {
    if (await context.rows.buryUser(sub, seen)) counts.users.tombstoned += 1;
  } else if (await context.rows.user(user, true, seen, context.pool)) {
    counts.users.written += 1;
  }
}
