/** Restored users minus those that the listings showed, in buckets; the same for memberships. A missing user leaves one bucket uneven. */
export interface Balance {
  readonly users: readonly number[];
  readonly memberships: readonly number[];
}

export interface Entry {
  /** `sub` in the source pool. */
  readonly sub: string;
  readonly users?: number;
  readonly memberships?: number;
}

/**
 * Missing users are looked up bucket by bucket: of a million users, each missing one costs about a thousand look-ups instead of a million. Both
 * arrays take some ten kilobytes of the checkpoint, however many users there are.
 */
const BUCKETS = 1_024;
const PRIME = 1_000_003;
const NOTHING: readonly number[] = Array.from({ length: BUCKETS }, () => 0);
export const EVEN: Balance = { users: NOTHING, memberships: NOTHING };

/** The balance with the entries added, or taken off with a `sign` of -1. */
export function balanced(balance: Balance, entries: readonly Entry[], sign: 1 | -1): Balance {
  if (entries.length === 0) return balance;
  const [users, memberships] = [[...balance.users], [...balance.memberships]];
  for (const entry of entries) {
    const bucket = bucketOf(entry.sub);
    users[bucket] += sign * (entry.users ?? 0);
    memberships[bucket] += sign * (entry.memberships ?? 0);
  }
  return { users, memberships };
}

/** Whether the listings missed a user, or a membership, in the bucket of this user. */
export function isUneven(balance: Balance, sub: string): { readonly users: boolean; readonly memberships: boolean } {
  const bucket = bucketOf(sub);
  return { users: balance.users[bucket] > 0, memberships: balance.memberships[bucket] > 0 };
}

/** How many the listings missed. */
export function unseen(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + Math.max(0, count), 0);
}

/** Spreads any `sub` over the buckets, whatever its form. */
function bucketOf(sub: string): number {
  let hash = 0;
  for (let i = 0; i < sub.length; i++) hash = (hash * 31 + sub.charCodeAt(i)) % PRIME;
  return hash % BUCKETS;
}
