import { UserContext } from './user-context';
import { isFederated } from '../cognito/identities';
import { normalizedName } from '../cognito/sign-in-name';
import { hasName, UserRow } from '../ledger/schema';

/**
 * Whether another user of the ledger has the sign-in name now: a user who was deleted and made again has two live rows until the next sweep, and one
 * of them no longer stands for anybody.
 */
export async function isOutdated({ ledger, sourceUserPoolId, settings }: UserContext, row: UserRow, signInName: string): Promise<boolean> {
  const name = normalizedName(settings, signInName);
  const subs = await ledger.subsBySignInName(sourceUserPoolId, name);
  for (const sub of subs) {
    const other = sub === row.sub ? undefined : await ledger.user(sourceUserPoolId, sub);
    if (other && hasName(other, name) && mayTakeNames(other) && byClaim(other, row) < 0) return true;
  }
  return false;
}

/** Users that are not created take no name from others: a sign-up with another person's address that was never confirmed proves nothing. */
export function mayTakeNames(row: UserRow): boolean {
  return claimOf(row) === CLAIMS.profile;
}

/**
 * Orders rows that have one name, the owner first. Until a sweep, the ledger may have two: one that was deleted or changed its name, and one that
 * has the name now. Cognito gives a name to one user only, so the one that was seen with it last has it. `rankOf`: which kind of name counts first.
 */
export function byClaim(a: UserRow, b: UserRow, rankOf: (row: UserRow) => number = () => 0): number {
  return claimOf(a) - claimOf(b) || rankOf(a) - rankOf(b) || b.observedAt - a.observedAt || b.createdAt - a.createdAt || (a.sub > b.sub ? -1 : 1);
}

const CLAIMS = { profile: 0, federated: 1, unconfirmed: 2, deleted: 3 } as const;

function claimOf(row: UserRow): number {
  if (row.deletedAt !== undefined) return CLAIMS.deleted;
  if (row.status === 'UNCONFIRMED') return CLAIMS.unconfirmed;
  return isFederated(row) ? CLAIMS.federated : CLAIMS.profile;
}
