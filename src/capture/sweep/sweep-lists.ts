import { MOST_SWEEP_DAYS } from '../constants';
import { expiry } from '../observation';
import { SubSet } from './sub-set';
import { SweepContext } from './sweep-context';
import { ListChunk } from '../../ledger/ledger-store';

/** Days that a list is kept: the slices of one sweep hand it to each other, and the state machine times out before. */
const LIST_DAYS = MOST_SWEEP_DAYS + 1;

/** Lists of missing rows, by shard or group, that a sweep keeps in the ledger. Nothing reads those of a slice that was killed. */
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

/** The lists of one kind that the slices kept, in a stable order. */
async function* chunks(context: SweepContext, slices: readonly string[], kind: string): AsyncIterable<{ of: string; values: readonly string[] }> {
  for (const slice of slices) {
    const prefix = nameOf(context, slice, kind, '');
    for await (const { list, values } of context.store.loadLists(context.poolId, prefix)) yield { of: list.slice(prefix.length), values };
  }
}

/** Keeps for the next slice the users that a listing has not shown so far. Answers the name of the list. */
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

/** Exactly this list: the names of others may begin with its name. */
async function* only(context: SweepContext, list: string): AsyncIterable<readonly string[]> {
  for await (const chunk of context.store.loadLists(context.poolId, list) as AsyncIterable<ListChunk>) {
    if (chunk.list === list) yield chunk.values;
  }
}
