import { givenGroups, Link } from '../../state/link';

export interface GroupViews {
  /** Groups that the ledger has the user in. */
  readonly ledger: readonly string[];
  /** Groups of the standby pool that the user is in. */
  readonly there: readonly string[];
  /** What the library last left; undefined until it was done with the user once. */
  readonly link?: Pick<Link, 'image' | 'giving' | 'finished'>;
}

/**
 * The user's groups: the ledger's, without those that an administrator of the standby took away, and with those that one gave. A comparison with
 * what the library last gave tells them apart: what it gave is no right by itself, since the source may have taken it away.
 *
 * Without a link it is not known who put the user into a group, and the ledger alone is right.
 */
export function groupsNow({ ledger, there, link }: GroupViews): string[] {
  if (!link) return [...ledger];
  const given = new Set(givenGroups(link));
  const isThere = new Set(there);
  // Until the library was done with the user, a group that is missing is one that it has not given yet.
  const takenAway = (group: string) => link.finished !== false && link.image.groups.includes(group) && !isThere.has(group);
  return [...new Set([...ledger.filter(group => !takenAway(group)), ...there.filter(group => !given.has(group))])];
}
