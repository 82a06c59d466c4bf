import { fingerprintOf, Item, SCHEMA_VERSION, UserRow } from './schema';
import { UserPoolId } from '../cognito/ids';
import { LOOK_UP_KINDS, LookUpKind } from '../cognito/sign-in-name';
import { EpochSeconds } from '../runtime/flavor';

const KINDS: readonly LookUpKind[] = ['name', ...Object.values(LOOK_UP_KINDS)];

/**
 * One item for each name that the user has no more, kept as long as the image that had it: the indexes know the names of now, and who goes back to a
 * moment types that of then. It leads to the row, whose history says whether the name was the user's.
 */
export function formerNameItems({ poolId, sub, lookUp: before }: UserRow, { lookUp: now }: UserRow, expiresAt: EpochSeconds): Item[] {
  return KINDS.flatMap(kind => {
    const name = before?.[kind];
    return name === undefined || name === now?.[kind] ? [] : [{ pk: formerNamePartition(poolId, name, kind), sk: sub, v: SCHEMA_VERSION, expiresAt }];
  });
}

/** Hashed: nobody's address is a key for longer than they have it, and one may be longer than a key. */
export function formerNamePartition(poolId: UserPoolId, name: string, kind: LookUpKind): string {
  return `${poolId}#N#${kind}#${fingerprintOf(name)}`;
}
