import { UserContext } from './user-context';
import { ADDRESSES, NAME_ATTRIBUTES, NameAttribute } from '../cognito/attribute-values';
import { isFederated } from '../cognito/identities';
import { LookUpKind, lookUpNamesOf, LOOK_UP_KINDS, looksLike, normalizedName } from '../cognito/sign-in-name';
import { hasName, UserRow } from '../ledger/schema';

/**
 * Whether another user of the ledger has the sign-in name now: a user who was deleted and made again has two live rows until the next sweep, and one
 * of them no longer stands for anybody.
 */
export async function isOutdated({ ledger, sourceUserPoolId, settings }: UserContext, row: UserRow, signInName: string): Promise<boolean> {
  const name = normalizedName(settings, signInName);
  // Where a pool takes both kinds of address, it may be the other one's second one.
  const second = settings.usernameAttributes.length > 1 ? ADDRESSES.filter(kind => looksLike(kind, name)).map(kind => LOOK_UP_KINDS[kind]) : [];
  const kinds: LookUpKind[] = ['name', ...second];
  const subs = await Promise.all(kinds.map(async kind => ledger.subsBySignInName(sourceUserPoolId, name, kind)));
  for (const sub of new Set(subs.flat())) {
    const other = sub === row.sub ? undefined : await ledger.user(sourceUserPoolId, sub);
    if (other && kinds.some(kind => hasName(other, name, kind)) && mayTakeNames(other) && byClaim(other, row) < 0) return true;
  }
  return false;
}

/** The attributes by which the user signed in beside the sign-in name, and which another user of the ledger has now. */
export async function lostNames({ ledger, sourceUserPoolId, settings }: UserContext, row: UserRow): Promise<NameAttribute[]> {
  const names = lookUpNamesOf(settings, row) ?? {};
  const lost = await Promise.all(NAME_ATTRIBUTES.map(async attribute => {
    const { [LOOK_UP_KINDS[attribute]]: name } = names;
    if (name === undefined) return [];
    // It may be the other one's sign-in name, where a pool takes both kinds of address.
    const kinds = [LOOK_UP_KINDS[attribute], 'name'] as const;
    const subs = await Promise.all(kinds.map(async kind => ledger.subsBySignInName(sourceUserPoolId, name, kind)));
    const others = await Promise.all([...new Set(subs.flat())].filter(sub => sub !== row.sub).map(async sub => ledger.user(sourceUserPoolId, sub)));
    const isOwner = (other: UserRow) => Object.values(lookUpNamesOf(settings, other) ?? {}).includes(name);
    return others.some(other => other && isOwner(other) && mayTakeNames(other) && byClaim(other, row) < 0) ? [attribute] : [];
  }));
  return lost.flat();
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
