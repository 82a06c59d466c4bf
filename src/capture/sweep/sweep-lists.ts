import { SubSet } from './sub-set';
import { SweepContext } from './sweep-context';
import { ListChunk } from '../../ledger/ledger-store';
import { expiry } from '../observation';

/** What slices of one sweep hand to each other is useless once the state machine has timed out. */
const LIST_DAYS = 3;

/** Lists that a sweep keeps in the ledger: who is missing, by shard or group. A slice that is killed leaves its own behind, which nobody reads. */
const KINDS = { USERS: 'missing-users', GROUPS: 'missing-groups', MEMBERS: 'missing-members' } as const;

function nameOf(context: SweepContext, slice: string, kind: string, of: string): string {
  return `${context.run}#${slice}#${kind}#${of}`;
}

async function save(context: SweepContext, list: string, values: Iterable<string> | AsyncIterable<string>): Promise<void> {
  await context.store.saveList(context.poolId, list, values, expiry(context.clock.now(), LIST_DAYS));
}

export const missing = {
  saveUsers: async (context: SweepContext, prefix: string, subs: Iterable<string>) =>
    save(context, nameOf(context, context.slice, KINDS.USERS, prefix), subs),
  saveGroups: async (context: SweepContext, names: Iterable<string>) =>
    save(context, nameOf(context, context.slice, KINDS.GROUPS, ''), names),
  saveMembers: async (context: SweepContext, group: string, subs: AsyncIterable<string>) =>
    save(context, nameOf(context, context.slice, KINDS.MEMBERS, group), subs),

  users: (context: SweepContext, slices: readonly string[]) => chunks(context, slices, KINDS.USERS),
  groups: (context: SweepContext, slices: readonly string[]) => chunks(context, slices, KINDS.GROUPS),
  /** `of` is the group. */
  members: (context: SweepContext, slices: readonly string[]) => chunks(context, slices, KINDS.MEMBERS),
};

/** What the slices kept of one kind, in a stable order. */
async function* chunks(context: SweepContext, slices: readonly string[], kind: string): AsyncIterable<{ of: string; values: readonly string[] }> {
  for (const slice of slices) {
    const prefix = nameOf(context, slice, kind, '');
    for await (const { list, values } of context.store.loadLists(context.poolId, prefix)) yield { of: list.slice(prefix.length), values };
  }
}

/** Keeps whom a listing has not shown yet, for the next slice; answers the list's name. */
export async function saveUnseen(context: SweepContext, listing: string, values: Iterable<string>): Promise<string> {
  const list = nameOf(context, context.slice, 'unseen', listing);
  await save(context, list, values);
  return list;
}

export async function loadUnseen(context: SweepContext, list: string): Promise<Set<string>> {
  const values = new Set<string>();
  for await (const chunk of only(context, list)) chunk.forEach(value => values.add(value));
  return values;
}

export async function loadUnseenMembers(context: SweepContext, list: string): Promise<SubSet> {
  return SubSet.unpack(only(context, list));
}

/** One list, and not those whose names begin like its own. */
async function* only(context: SweepContext, list: string): AsyncIterable<readonly string[]> {
  for await (const chunk of context.store.loadLists(context.poolId, list) as AsyncIterable<ListChunk>) {
    if (chunk.list === list) yield chunk.values;
  }
}
