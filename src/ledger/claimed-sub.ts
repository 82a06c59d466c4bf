import { RecoveredSub } from './recovered-subs';
import { UserRow } from './schema';
import { SourceSub, UserPoolId } from '../cognito/ids';
import { CUSTOM_SOURCE_SUB } from '../cognito/source-sub';

/** What the ledger knows of each `sub` of a pool, read consistently, as it is now. */
export interface KnownSubs {
  user(poolId: UserPoolId, sub: SourceSub): Promise<UserRow | undefined>;
  recoveredSub(poolId: UserPoolId, sub: string): Promise<RecoveredSub>;
}

/**
 * The row with the first `sub` that the user really has. `custom:source_sub` says it in a chain of pools, of users who came from an older one; but
 * where an app client of the source may write it, whoever signs up may write what is another user's, and would be taken for that one. It is not
 * believed where the pool itself has, or had, another user with that `sub`: an older pool's is none of this one.
 */
export async function withOwnFirstSub(row: UserRow, ledger: KnownSubs): Promise<UserRow> {
  const claimed = row.attributes[CUSTOM_SOURCE_SUB];
  if (row.firstSub !== undefined || !claimed || claimed === row.sub as string) return row;
  const { firstSub } = await ledger.recoveredSub(row.poolId, row.sub);
  if (firstSub !== undefined) return { ...row, firstSub };
  return await isSubOfAnother(row, claimed, ledger) ? { ...row, firstSub: row.sub as string } : row;
}

/** Whether somebody else of the user's pool has, or had, that `sub`, or is known by it since they were brought back. */
export async function isSubOfAnother({ poolId, sub }: Pick<UserRow, 'poolId' | 'sub'>, claimed: string, ledger: KnownSubs): Promise<boolean> {
  if (claimed === sub as string) return false;
  const [other, { isNow }] = await Promise.all([ledger.user(poolId, claimed), ledger.recoveredSub(poolId, claimed)]);
  return isNow === undefined ? other !== undefined : isNow !== sub;
}
