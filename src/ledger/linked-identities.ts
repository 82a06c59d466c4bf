import { Item, SCHEMA_VERSION, UserRow, digestOf } from './schema';
import { UserPoolId } from '../cognito/ids';

/**
 * One item for each identity of a provider that the user is linked with, kept as long as the user's row. An index would take one value of each row,
 * and a user may have five identities. It leads to the row, which says whether the identity is still the user's.
 */
export function linkedIdentityItems({ poolId, sub, lookUp, expiresAt }: UserRow): Item[] {
  return (lookUp?.federated ?? []).map(name => (
    { pk: linkedIdentitiesPartition(poolId, name), sk: sub, v: SCHEMA_VERSION, ...(expiresAt === undefined ? {} : { expiresAt }) }));
}

/** `name`: of the profile that Cognito would make for the identity. Hashed: an id at a provider may be longer than a key. */
export function linkedIdentitiesPartition(poolId: UserPoolId, name: string): string {
  return `${poolId}#I#${digestOf(name)}`;
}
