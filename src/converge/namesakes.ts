import { UserContext } from './user-context';
import { normalizedName } from '../cognito/sign-in-name';
import { isFederated } from '../cognito/user-status';
import { hasName, UserRow } from '../ledger/schema';

/**
 * Whether a newer user of the ledger has the sign-in name: a user who was deleted and made again has two live rows until the next sweep, and
 * the older one no longer stands for anybody.
 */
export async function isOutdated({ ledger, sourceUserPoolId, settings }: UserContext, row: UserRow, signInName: string): Promise<boolean> {
  const name = normalizedName(settings, signInName);
  const subs = await ledger.subsBySignInName(sourceUserPoolId, name);
  for (const sub of subs) {
    const other = sub === row.sub ? undefined : await ledger.user(sourceUserPoolId, sub);
    if (other && hasName(other, name) && mayTakeNames(other) && isNewer(other, row)) return true;
  }
  return false;
}

/** Users that are not created take no name from others: a sign-up with another person's address that was never confirmed proves nothing. */
export function mayTakeNames(row: UserRow): boolean {
  return row.deletedAt === undefined && row.status !== 'UNCONFIRMED' && !isFederated(row);
}

export function isNewer(a: UserRow, b: UserRow): boolean {
  return a.createdAt > b.createdAt || (a.createdAt === b.createdAt && a.sub > b.sub);
}
