import { Observation, look, observe } from '../observation';
import { addRefusals, unlessRowRefused } from '../refused-rows';
import { SweepContext, SweepCounts, WRITES_AT_A_TIME } from './sweep-context';
import { missing } from './sweep-lists';
import { isException } from '../../cognito/refusals';
import { deletionLimit } from '../../ledger/deletion-limit';
import { RowRefusedError } from '../../ledger/row-refused-error';
import { Item, items } from '../../ledger/schema';
import { isOver } from '../../runtime/clock';
import { forEachConcurrently } from '../../runtime/concurrency';

const KINDS = ['users', 'groups', 'memberships'] as const;

/** Why nothing may be marked as gone, in a sentence for an operator; undefined where rows may be marked. */
export function heldDeletions(counts: SweepCounts, allowDeletions = 0): string | undefined {
  const held = KINDS.filter(kind => counts[kind].missing > Math.max(allowDeletions, deletionLimit(counts[kind].known)));
  if (held.length === 0) return undefined;
  const found = held.map(kind => `${counts[kind].missing} of ${counts[kind].known} ${kind}`).join(' and ');
  return `${found} in the ledger are missing in the user pool, more than a sweep marks as gone by itself; nothing was marked. `
    + 'Find out why they are missing. If they are really gone, start the sweep with '
    + `{"allowDeletions": ${Math.max(...held.map(kind => counts[kind].missing))}}`;
}

/** Members of each missing group, as the lists of this sweep have them. Only for deletions that are held: others are counted as they are marked. */
export async function heldMembers(context: SweepContext, slices: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const members = new Map<string, number>();
  const all = [...slices, context.slice];
  for await (const { values } of missing.groups(context, all)) values.forEach(name => members.set(name, 0));
  if (members.size === 0) return members;
  for await (const { of, values } of missing.members(context, all)) {
    if (members.has(of)) members.set(of, members.get(of)! + values.length);
  }
  return members;
}

/**
 * Marks missing rows as gone, each only after a look-up of its own: a listing may lag behind. Returns how many were looked at when the slice was
 * over, and undefined at the end.
 */
export async function markDeletions(
  context: SweepContext, done: number, slices: readonly string[], counts: SweepCounts,
): Promise<number | undefined> {
  let looked = 0;
  for await (const { values, mark } of work(context, [...slices, context.slice], counts)) {
    for (let i = 0; i < values.length; i += WRITES_AT_A_TIME) {
      const some = values.slice(i, i + WRITES_AT_A_TIME);
      looked += some.length;
      if (looked <= done) continue;
      await forEachConcurrently(some, WRITES_AT_A_TIME, mark);
      if (isOver(context)) return looked;
    }
  }
  return undefined;
}

interface Missing {
  readonly values: readonly string[];
  readonly mark: (value: string) => Promise<void>;
}

async function* work(context: SweepContext, slices: readonly string[], counts: SweepCounts): AsyncIterable<Missing> {
  for await (const { values } of missing.users(context, slices)) yield { values, mark: async sub => markUser(context, sub, counts) };
  for await (const { values } of missing.groups(context, slices)) yield { values, mark: async name => markGroup(context, name, counts) };
  for await (const { of, values } of missing.members(context, slices)) {
    yield { values, mark: async sub => markMember(context, of, sub, counts) };
  }
}

async function markUser(context: SweepContext, sub: string, counts: SweepCounts): Promise<void> {
  const stored = await context.store.user(context.poolId, sub);
  if (!stored || stored.deletedAt !== undefined) return;
  const found = await unlessLookRefused(context, counts, items.user(stored), async () => context.pacer.run('UserList', async () => (
    look(context, context.occasion, async () => context.source.userBySub(sub)))));
  if (!found) return;
  const { seen, answer: user } = found;
  if (!user) {
    if (await unlessRowRefused(counts, context.rows.buryUser(sub, seen))) counts.users.tombstoned += 1;
  } else if (await unlessRowRefused(counts, context.rows.user(user, true, seen, context.pool))) {
    counts.users.written += 1;
  }
}

async function markGroup(context: SweepContext, name: string, counts: SweepCounts): Promise<void> {
  const { seen, answer: group } = await context.pacer.run('UserPoolResourceRead', async () => (
    look(context, context.occasion, async () => context.source.group(name))));
  if (!group && await unlessRowRefused(counts, context.rows.buryGroup(name, seen))) counts.groups.tombstoned += 1;
}

async function markMember(context: SweepContext, group: string, sub: string, counts: SweepCounts): Promise<void> {
  const stored = await context.store.membership(context.poolId, group, sub);
  if (!stored || stored.deletedAt !== undefined) return;
  const seen = await unlessLookRefused(context, counts, items.membership(stored), async () => whenNoMember(context, group, sub));
  if (seen && await unlessRowRefused(counts, context.rows.buryMembership(group, sub, seen))) counts.memberships.tombstoned += 1;
}

/**
 * What the look answers. Where Cognito refuses it, which it will do the next time too, the row says that it may not be what there is, and all others
 * are looked at.
 */
async function unlessLookRefused<T>(
  { store, clock }: SweepContext, counts: SweepCounts, stored: Item, ask: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!isException(error, 'InvalidParameterException')) throw error;
    const refusal = new RowRefusedError(stored);
    const isMarked = await store.markRefused({ put: stored, replacesObservedAt: stored.observedAt as number }, clock.now());
    addRefusals(counts, { refused: 1, refusedRows: [refusal.row], unmarked: isMarked ? 0 : 1 });
    return undefined;
  }
}

/** The look that shows that the user is not in the group, because the group or the user is gone, or Cognito says so; undefined where they are. */
async function whenNoMember(context: SweepContext, group: string, sub: string): Promise<Observation | undefined> {
  const before = observe(context, context.occasion);
  const groupRow = await context.store.group(context.poolId, group);
  const user = await context.store.user(context.poolId, sub);
  if (!groupRow || groupRow.deletedAt !== undefined || !user || user.deletedAt !== undefined) return before;
  const { seen, answer: groups } = await context.pacer.run('UserResourceRead', async () => (
    look(context, context.occasion, async () => context.source.groupsOfUser(user.username))));
  return groups?.some(({ name }) => name === group) ? undefined : seen;
}
