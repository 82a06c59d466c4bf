import { look } from '../observation';
import { RefusedRows, addRefusals, noRefusals, unlessRowRefused } from '../refused-rows';
import { PendingListing, SweepContext, SweepCounts, WRITES_AT_A_TIME } from './sweep-context';
import { loadUnseen, missing, saveUnseen } from './sweep-lists';
import { MOST_USERS_PER_SHARD, canSplit } from './sweep-shards';
import { Page } from '../../cognito/page';
import { UserImage } from '../../cognito/user';
import { OTHER_SHARD, SHARDS, digestOfUser, shardOf } from '../../ledger/schema';
import { isOver } from '../../runtime/clock';
import { forEachConcurrently } from '../../runtime/concurrency';

/**
 * - `done`: all users were compared, and those that are missing are kept for the deletions,
 * - `too-large`: its sixteen parts are to be listed instead,
 * - `over`: the slice is over, and the next one is to list the shard again.
 */
export type ShardEnd = 'done' | 'too-large' | 'over';

/** Compares all users with a `sub` that begins with the prefix. Their numbers count only when it is done, as the shard may be listed again. */
export async function sweepShard(context: SweepContext, prefix: string, counts: SweepCounts): Promise<ShardEnd> {
  const limit = canSplit(prefix) ? MOST_USERS_PER_SHARD : Infinity;
  const unseen = await digestsOf(context, ledgerShardsOf(prefix), limit, prefix);
  if (!unseen) return 'too-large';
  const known = unseen.size;
  const refused = noRefusals();
  let listed = 0;
  let token: string | undefined;
  do {
    const page = await comparePage(context, prefix, token, unseen, counts, refused, user => {
      if (prefix === '' || shardOf(user.sub) !== OTHER_SHARD) return true;
      counts.othersSeen = true;
      return false;
    });
    token = page.next;
    listed += page.belonging;
    if (token && listed > limit) return 'too-large';
    if (token && limit < Infinity && isOver(context)) return 'over';
  } while (token);
  counts.users.known += known;
  counts.users.listed += listed;
  addRefusals(counts, refused);
  await keepMissing(context, prefix, unseen, counts);
  return 'done';
}

/**
 * Looks through the whole pool for users that no prefix holds: Cognito does not promise that a `sub` is hexadecimal. Returns where it stopped when
 * the slice was over, and undefined at the end.
 */
export async function sweepOthers(
  context: SweepContext, pending: PendingListing | undefined, counts: SweepCounts,
): Promise<PendingListing | undefined> {
  const unseen = (await digestsOf(context, [OTHER_SHARD], Infinity))!;
  if (pending) {
    const unseenBefore = await loadUnseen(context, pending.unseenList);
    for (const sub of unseen.keys()) if (!unseenBefore.has(sub)) unseen.delete(sub);
  } else {
    counts.users.known += unseen.size;
  }
  let token = pending?.token;
  do {
    const page = await comparePage(context, '', token, unseen, counts, counts, user => shardOf(user.sub) === OTHER_SHARD);
    token = page.next;
    counts.users.listed += page.belonging;
    if (token && isOver(context)) return { group: '', token, unseenList: await saveUnseen(context, '', unseen.keys()) };
  } while (token);
  await keepMissing(context, OTHER_SHARD, unseen, counts);
  return undefined;
}

export async function knowsOthers(context: SweepContext): Promise<boolean> {
  return (await digestsOf(context, [OTHER_SHARD], Infinity))!.size > 0;
}

/** Compares one page of the listing, and takes the users that it shows out of `unseen`. */
async function comparePage(
  context: SweepContext,
  prefix: string,
  token: string | undefined,
  unseen: Map<string, string>,
  counts: SweepCounts,
  refused: RefusedRows,
  belongs: (user: UserImage) => boolean,
): Promise<Page<UserImage> & { belonging: number }> {
  const { seen, answer: page } = await context.pacer.run('UserList', async () => (
    look(context, context.occasion, async () => context.source.listUsers(prefix, token))));
  const listed = { ...seen, isListing: true };
  const changed: { user: UserImage; known: boolean }[] = [];
  const belonging = page.items.filter(belongs);
  for (const user of belonging) {
    const digest = unseen.get(user.sub);
    unseen.delete(user.sub);
    if (digest !== digestOfUser(user)) changed.push({ user, known: digest !== undefined });
  }
  await forEachConcurrently(changed, WRITES_AT_A_TIME, async ({ user, known }) => {
    if (await unlessRowRefused(refused, context.rows.user(user, known, listed, context.pool))) counts.users.written += 1;
  });
  return { ...page, belonging: belonging.length };
}

/** Digests by `sub` of all users in these shards that are not deleted; undefined where there are more than the limit. */
async function digestsOf(
  context: SweepContext, shards: readonly string[], limit: number, subPrefix?: string,
): Promise<Map<string, string> | undefined> {
  const known = new Map<string, string>();
  await forEachConcurrently(shards, WRITES_AT_A_TIME, async shard => {
    if (known.size > limit) return;
    for await (const user of context.store.digestsOfShard(context.poolId, shard, subPrefix)) {
      if (user.deletedAt === undefined) known.set(user.sub, user.digest);
      if (known.size > limit) return;
    }
  });
  return known.size > limit ? undefined : known;
}

/** The ledger's partitions that hold users with this prefix. */
function ledgerShardsOf(prefix: string): readonly string[] {
  return prefix === '' ? SHARDS : SHARDS.filter(shard => shard.startsWith(prefix.slice(0, 2)));
}

async function keepMissing(context: SweepContext, prefix: string, unseen: ReadonlyMap<string, unknown>, counts: SweepCounts): Promise<void> {
  if (unseen.size === 0) return;
  counts.users.missing += unseen.size;
  await missing.saveUsers(context, prefix, unseen.keys());
}
