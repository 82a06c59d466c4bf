import { shuffledBy } from './seed';
import { SourceSub, UserPoolId } from '../cognito/ids';
import { LedgerReader } from '../ledger/ledger-store';
import { SHARDS } from '../ledger/schema';

/**
 * At most so many live users, as the seed decides: shards in an order drawn by it, and the users of the last one in such an order, too. What a `sub`
 * begins with is Cognito's dice, so that a shard is a sample; reading whole shards, and no others, costs little however many users there are.
 */
export async function chooseSample(
  ledger: Pick<LedgerReader, 'usersOfShard'>, poolId: UserPoolId, { users, seed }: { readonly users: number; readonly seed: string },
): Promise<SourceSub[]> {
  const chosen: SourceSub[] = [];
  for (const shard of shuffledBy(seed, SHARDS)) {
    const live: SourceSub[] = [];
    let cursor: string | undefined;
    do {
      const page: Awaited<ReturnType<LedgerReader['usersOfShard']>> = await ledger.usersOfShard(poolId, shard, cursor);
      live.push(...page.items.filter(({ deletedAt }) => deletedAt === undefined).map(({ sub }) => sub));
      cursor = page.next;
    } while (cursor !== undefined);
    chosen.push(...shuffledBy(seed, live).slice(0, users - chosen.length));
    if (chosen.length >= users) break;
  }
  return chosen;
}
