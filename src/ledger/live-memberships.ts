import { GroupRow, Item, Key, MembershipRow, keys, rows } from './schema';
import { isProviderGroup } from '../cognito/groups';
import { SourceSub, UserPoolId } from '../cognito/ids';

export type IsHeld = (row: GroupRow | MembershipRow) => Promise<boolean>;

/**
 * The one rule of which groups a user is in: those of `groups` that the rows say so of, by consistent reads; an index says only where to look.
 * Without the groups that Cognito makes for users of an identity provider: the standby has them under names of its own. A group that is gone takes
 * its members' rows along one by one, and gives nobody a right meanwhile.
 *
 * @param read every item that there is of these keys, by consistent reads
 * @param isHeld whether a row that is marked as gone counts all the same, as its deletion is not confirmed
 */
export async function liveMemberships(
  read: (wanted: readonly Key[]) => Promise<Item[]>, poolId: UserPoolId, sub: SourceSub, groups: readonly string[],
  isHeld: IsHeld = async () => false,
): Promise<string[]> {
  const own = [...new Set(groups)].filter(group => !isProviderGroup(poolId, group));
  if (own.length === 0) return [];
  const found = await read(own.flatMap(group => [keys.membership(poolId, group, sub), keys.group(poolId, group)]));
  const gone = new Set<string>();
  const memberships: string[] = [];
  for (const item of found) {
    if (item.pk === keys.groups(poolId)) {
      const row = rows.group(item);
      if (row.deletedAt !== undefined && !await isHeld(row)) gone.add(item.sk);
    } else {
      const row = rows.membership(item);
      if (row.deletedAt === undefined || await isHeld(row)) memberships.push(row.group);
    }
  }
  // In the order of the question, which is the same from token to token.
  return own.filter(group => memberships.includes(group) && !gone.has(group));
}
