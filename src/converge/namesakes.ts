import { UserContext } from './user-context';
import { UserRow } from '../ledger/schema';
import { normalizedName } from '../cognito/sign-in-name';

/** Users whom a restore does not create take no name from anybody: whoever signs up with somebody's address has not proved it. */
const NOT_CREATED = ['UNCONFIRMED', 'EXTERNAL_PROVIDER'];

/**
 * Whether a newer user of the ledger has the sign-in name: a user who was deleted and made again has two live rows until the next sweep, and
 * the older one is nobody any more.
 */
export async function isOutdated({ ledger, run, settings }: UserContext, row: UserRow, signInName: string): Promise<boolean> {
  if (!ledger) return false;
  const subs = await ledger.subsBySignInName(run.sourceUserPoolId, normalizedName(settings, signInName));
  for (const sub of subs) {
    const other = sub === row.sub ? undefined : await ledger.user(run.sourceUserPoolId, sub);
    if (other && mayTakeNames(other) && isNewer(other, row)) return true;
  }
  return false;
}

export function mayTakeNames({ deletedAt, status }: UserRow): boolean {
  return deletedAt === undefined && !NOT_CREATED.includes(status);
}

export function isNewer(a: UserRow, b: UserRow): boolean {
  return a.createdAt > b.createdAt || (a.createdAt === b.createdAt && a.sub > b.sub);
}
