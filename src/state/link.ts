import { stateKeys } from './keys';
import { FirstSub, SourceSub, TargetSub, UserPoolId } from '../cognito/ids';
import { MfaPreference } from '../cognito/user';
import { Item } from '../ledger/schema';
import { EpochMilliseconds } from '../runtime/flavor';

/** A user as this library put them into a pool: the baseline that later changes are compared with. */
export interface PlannedImage {
  readonly attributes: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly groups: readonly string[];
  readonly mfa?: MfaPreference;
}

/** Which user of the target stands for which user of the source. */
export interface Link {
  readonly sourceSub: SourceSub;
  readonly targetSub: TargetSub;
  /** The `sub` that tokens carry. */
  readonly firstSub: FirstSub;
  readonly image: PlannedImage;
  /** Name of the execution, or of the follower, that wrote this link. The name of the one that made the user stays. */
  readonly execution: string;
  /** Whether this library made the user. */
  readonly restored: boolean;
  /** When the writer was done with the user. */
  readonly at: EpochMilliseconds;
  /** False from the creation of the user until everything else was done, by that run or by a later one. */
  readonly finished?: boolean;
  /** Groups that a writer set out to give: if it is killed before its link, they are not taken for an administrator's. */
  readonly giving?: readonly string[];
  /** The attribute `identities` of the source user, as it was when the identities were linked in the target. */
  readonly identities?: string;
  /** Goes up with every write, which happens only over the revision that the writer has seen; absent in a link that nobody has written yet. */
  readonly revision?: number;
}

/** Every group that the library gave the user, or set out to give: what it may take away, and what is asked for where an index may not know of it. */
export function givenGroups(link: Pick<Link, 'image' | 'giving'> | undefined): string[] {
  return link ? [...new Set([...link.image.groups, ...link.giving ?? []])] : [];
}

/** The user as the library last left them, with the groups that a killed writer may have given. */
export function baselineOf(link: Link): PlannedImage {
  return { ...link.image, groups: givenGroups(link) };
}

/** As the link is when this was written. */
export function asWritten(link: Link): Link {
  return { ...link, revision: (link.revision ?? 0) + 1 };
}

/**
 * What to write where another writer was at the same user since this one read the link. Nobody knows whose calls to the pool came last, so whatever
 * either gave counts as given, and the next look at the user settles it: `giving` asks for one.
 */
export function mergeLinks(mine: Link, other: Link): Link {
  const { revision } = other;
  if (other.sourceSub !== mine.sourceSub) return { ...mine, revision };
  const last = mine.at >= other.at ? mine : other;
  // A user whom the library made once stays one, under the name of that run.
  const { restored, execution } = [last, mine, other].find(each => each.restored) ?? last;
  const giving = [...new Set([...givenGroups(mine), ...givenGroups(other)])].filter(group => !last.image.groups.includes(group));
  return { ...last, restored, execution, giving, revision };
}

/** Both directions of one link. Together with {@link readLink}, the only codec of links. */
export function linkItems(sourceUserPoolId: UserPoolId, targetUserPoolId: UserPoolId, { targetSub, ...link }: Link): readonly [Item, Item] {
  return [
    { ...stateKeys.linkOfSource(sourceUserPoolId, targetUserPoolId, link.sourceSub), targetSub },
    { ...stateKeys.linkOfTarget(targetUserPoolId, targetSub), sourceUserPoolId, link },
  ];
}

/** The link in the item of a user of the target, whatever the source pool. */
export function readLink(item: Item): Link & { readonly sourceUserPoolId: UserPoolId } {
  const { sk: targetSub, sourceUserPoolId, link } = item as Item & { readonly sourceUserPoolId: UserPoolId; readonly link: Omit<Link, 'targetSub'> };
  return { ...link, targetSub, sourceUserPoolId };
}
