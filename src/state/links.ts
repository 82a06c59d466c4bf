import { stateKeys } from './keys';
import { Item } from '../ledger/schema';
import { Link } from './run-state';

/** A link, and the `sub` of the very first pool, which tokens carry. */
export interface UserLink extends Link {
  readonly firstSub?: string;
  /** The attribute `identities` of the source user, as it was when they were linked here. */
  readonly identities?: string;
}

/** Which user of the standby stands for which one of the source: the regional map. */
export interface Links {
  linksOfTargets(targetSubs: readonly string[]): Promise<Map<string, UserLink>>;
  targetSubOf(sourceSub: string): Promise<string | undefined>;
  write(link: UserLink): Promise<void>;
  remove(link: Pick<UserLink, 'sourceSub' | 'targetSub'>): Promise<void>;
}

/** Both directions of one link. */
export function linkItems(sourceUserPoolId: string, targetUserPoolId: string, { targetSub, firstSub, ...link }: UserLink): Item[] {
  return [
    { ...stateKeys.linkOfSource(sourceUserPoolId, targetUserPoolId, link.sourceSub), targetSub },
    { ...stateKeys.linkOfTarget(targetUserPoolId, targetSub), sourceUserPoolId, link, ...(firstSub === undefined ? {} : { firstSub }) },
  ];
}
