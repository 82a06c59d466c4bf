import { SUB_PREFIX_DIGITS } from '../ledger/schema';

/**
 * A shard is listed in one go, its digests in memory: a hundred pages of 60 users are about seven seconds at half of Cognito's listing
 * quota. Smaller shards would cost calls, because the last page of each is not full.
 */
const USERS_PER_SHARD = 6_000;

/** How many hexadecimal digits of `sub` to list by, so that a shard of a pool of this size is small enough; 0 lists the pool as a whole. */
export function prefixDigits(estimatedUsers: number): number {
  let digits = 0;
  while (digits < SUB_PREFIX_DIGITS && estimatedUsers / 16 ** digits > USERS_PER_SHARD) digits += 1;
  return digits;
}

/** The shard's prefix, by its number: 0x0 to 0xff for two digits. */
export function prefixOf(shard: number, digits: number): string {
  return digits === 0 ? '' : shard.toString(16).padStart(digits, '0');
}

export function shardCount(digits: number): number {
  return 16 ** digits;
}

/**
 * Whether the shards together may have missed somebody: `EstimatedNumberOfUsers` lags behind, so a small difference says nothing, and
 * one after a mass deletion is mistaken for users that no prefix holds. Then an unfiltered listing looks for them, which costs as many
 * calls as the shards did.
 */
export function looksIncomplete(listed: number, estimatedUsers: number): boolean {
  return estimatedUsers - listed > Math.max(50, estimatedUsers / 100);
}

/** How many may be gone at once before an operator has to say that it is true. */
export function deletionLimit(known: number): number {
  return Math.max(50, Math.floor(known * 0.05));
}
