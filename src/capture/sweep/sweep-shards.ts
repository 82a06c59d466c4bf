import { SUB_PREFIX_DIGITS } from '../../ledger/schema';

/**
 * A shard is listed in one go, with its digests in memory: a hundred pages of 60 users take about seven seconds at half of Cognito's quota for
 * listings. Smaller shards would cost more calls, because the last page of each is not full.
 */
const USERS_PER_SHARD = 6_000;

/**
 * A shard that turns out to be larger is split into sixteen. `sub`s are not evenly spread: in published examples some digits are the same for a whole
 * Region. `EstimatedNumberOfUsers` may be far behind, too.
 */
export const MOST_USERS_PER_SHARD = 4 * USERS_PER_SHARD;

/** A pool of 40 million users, the most that Cognito allows, then has shards of 10,000; at most 4,096 calls find no user. */
const MOST_DIGITS_AT_FIRST = 3;

const DIGITS = [...'0123456789abcdef'];

/** How many hexadecimal digits of `sub` to list by at first; 0 lists the pool as a whole. */
export function prefixDigits(estimatedUsers: number): number {
  let digits = 0;
  while (digits < MOST_DIGITS_AT_FIRST && estimatedUsers / 16 ** digits > USERS_PER_SHARD) digits += 1;
  return digits;
}

/** The shard's prefix, by its number: 0x0 to 0xff for two digits. */
export function prefixOf(shard: number, digits: number): string {
  return digits === 0 ? '' : shard.toString(16).padStart(digits, '0');
}

export function shardCount(digits: number): number {
  return 16 ** digits;
}

export function canSplit(prefix: string): boolean {
  return prefix.length < SUB_PREFIX_DIGITS;
}

export function split(prefix: string): string[] {
  return DIGITS.map(digit => prefix + digit);
}

/**
 * Whether all shards together may have missed users. `EstimatedNumberOfUsers` lags behind: a small difference says nothing, and the one after a mass
 * deletion looks like users that no prefix holds. An unfiltered listing then looks for them, and costs as many calls as the shards did.
 */
export function looksIncomplete(listed: number, estimatedUsers: number): boolean {
  return estimatedUsers - listed > Math.max(50, estimatedUsers / 100);
}
