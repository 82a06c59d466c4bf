import { SweepContext, expiry } from './sweep-context';

/** What slices of one sweep hand to each other is useless once the state machine has timed out. */
const LIST_DAYS = 3;

/** Names of the lists that one sweep keeps in the ledger. */
export const lists = {
  missingUsers: (run: string, shard = '') => `${run}#missing-users#${shard}`,
  missingGroups: (run: string) => `${run}#missing-groups`,
  missingMembers: (run: string, group = '') => `${run}#missing-members#${group}`,
};

export async function saveList(context: SweepContext, list: string, values: readonly string[]): Promise<void> {
  await context.store.saveList(context.poolId, list, values, expiry(context.clock.now(), LIST_DAYS));
}

/** Keeps whom a listing has not shown yet; the name is new each time, because the list only shrinks. */
export async function saveUnseen(context: SweepContext, listing: string, values: readonly string[]): Promise<string> {
  const list = `${context.run}#unseen#${listing}#${context.clock.now()}`;
  await saveList(context, list, values);
  return list;
}

export async function loadList(context: SweepContext, list: string): Promise<Set<string>> {
  const values = new Set<string>();
  for await (const chunk of context.store.loadLists(context.poolId, list)) {
    if (chunk.list === list) for (const value of chunk.values) values.add(value);
  }
  return values;
}
