import { Link } from './link';
import { FirstSub, SourceSub, TargetSub } from '../cognito/ids';

/** The regional map between the users of one source pool and those of one target. */
export interface Links {
  /** By `sub` in the target; only users of this source pool. */
  ofTargets(targetSubs: readonly TargetSub[]): Promise<Map<TargetSub, Link>>;
  targetSubOf(sourceSub: SourceSub): Promise<TargetSub | undefined>;
  /** The user of the target that only `custom:source_sub` connects with the ledger. */
  targetSubOfFirst(firstSub: FirstSub): Promise<TargetSub | undefined>;
  /**
   * Writes over the revision that the link has, and answers the link to go on with. Where another writer was faster, both are merged, so that nothing
   * that either gave is forgotten; the next write of this one is then merged as well, as it does not know what the other one did.
   */
  write(link: Link): Promise<Link>;
}

/** A map from which deleted users can be removed. */
export interface RemovableLinks extends Links {
  remove(link: Pick<Link, 'sourceSub' | 'targetSub'>): Promise<void>;
}

export async function linkOf(links: Pick<Links, 'ofTargets' | 'targetSubOf'>, sourceSub: SourceSub): Promise<Link | undefined> {
  const targetSub = await links.targetSubOf(sourceSub);
  const link = targetSub === undefined ? undefined : (await links.ofTargets([targetSub])).get(targetSub);
  return link?.sourceSub === sourceSub ? link : undefined;
}
