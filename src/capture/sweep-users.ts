import { Listing } from './source-pool';
import { PendingListing, SweepContext, SweepCounts, WRITES_AT_A_TIME, isOver, observe } from './sweep-context';
import { lists, loadList, saveList, saveUnseen } from './sweep-lists';
import { prefixOf } from './sweep-shards';
import { OTHER_SHARD, SHARDS, UserImage, digestOfUser, shardOf } from '../ledger/schema';
import { forEachConcurrently } from '../runtime/concurrency';

/** Compares everybody whose `sub` begins with the shard's prefix; who is in the ledger and in no page is kept for the deletions. */
export async function sweepShard(context: SweepContext, shard: number, digits: number, counts: SweepCounts): Promise<void> {
  const prefix = prefixOf(shard, digits);
  const known = await digestsOf(context, ledgerShardsOf(prefix), prefix);
  counts.users.known += known.size;
  let token: string | undefined;
  do {
    const page = await comparePage(context, prefix, token, known, counts, user => {
      if (digits === 0 || shardOf(user.sub) !== OTHER_SHARD) return true;
      counts.othersSeen = true;
      return false;
    });
    token = page.token;
  } while (token);
  await keepMissing(context, prefix, [...known.keys()], counts);
}

/**
 * Looks through the whole pool for users whom no prefix holds: Cognito does not promise that a `sub` is hexadecimal. Returns where it
 * stopped when the slice was over.
 */
export async function sweepOthers(
  context: SweepContext, pending: PendingListing | undefined, counts: SweepCounts,
): Promise<PendingListing | undefined> {
  const known = await digestsOf(context, [OTHER_SHARD]);
  if (pending) {
    const unseen = await loadList(context, pending.unseenList);
    for (const sub of known.keys()) if (!unseen.has(sub)) known.delete(sub);
  } else {
    counts.users.known += known.size;
  }
  let token = pending?.token;
  do {
    const page = await comparePage(context, '', token, known, counts, user => shardOf(user.sub) === OTHER_SHARD);
    token = page.token;
    if (token && isOver(context)) return { group: '', token, unseenList: await saveUnseen(context, '', [...known.keys()]) };
  } while (token);
  await keepMissing(context, OTHER_SHARD, [...known.keys()], counts);
  return undefined;
}

export async function knowsOthers(context: SweepContext): Promise<boolean> {
  return (await digestsOf(context, [OTHER_SHARD])).size > 0;
}

/** One page of the listing; whom it shows is taken out of `unseen`. */
async function comparePage(
  context: SweepContext,
  prefix: string,
  token: string | undefined,
  unseen: Map<string, string>,
  counts: SweepCounts,
  belongs: (user: UserImage) => boolean,
): Promise<Listing<UserImage>> {
  const { seen, page } = await context.pacer.run('UserList', async () => {
    const now = observe(context);
    return { seen: now, page: await context.source.listUsers(prefix, token) };
  });
  const changed: { user: UserImage; known: boolean }[] = [];
  for (const user of page.items.filter(belongs)) {
    counts.users.listed += 1;
    const digest = unseen.get(user.sub);
    unseen.delete(user.sub);
    if (digest !== digestOfUser(user)) changed.push({ user, known: digest !== undefined });
  }
  await forEachConcurrently(changed, WRITES_AT_A_TIME, async ({ user, known }) => {
    if (await context.rows.user(user, known, seen, context.pool)) counts.users.written += 1;
  });
  return page;
}

/** Digest by `sub` of everybody in these shards who is not deleted. */
async function digestsOf(context: SweepContext, shards: readonly string[], subPrefix?: string): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  await forEachConcurrently(shards, WRITES_AT_A_TIME, async shard => {
    for await (const user of context.store.digestsOfShard(context.poolId, shard, subPrefix)) {
      if (user.deletedAt === undefined) known.set(user.sub, user.digest);
    }
  });
  return known;
}

/** The ledger's partitions that hold users with this prefix. */
function ledgerShardsOf(prefix: string): readonly string[] {
  return prefix === '' ? SHARDS : SHARDS.filter(shard => shard.startsWith(prefix.slice(0, 2)));
}

async function keepMissing(context: SweepContext, shard: string, subs: readonly string[], counts: SweepCounts): Promise<void> {
  if (subs.length === 0) return;
  counts.users.missing += subs.length;
  await saveList(context, lists.missingUsers(context.run, shard), subs);
}
