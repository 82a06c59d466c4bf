import { TargetSub } from '../../src/cognito/ids';
import { asWritten, Link, mergeLinks } from '../../src/state/link';

/** Writes a link as the state table does: over the revision that its writer has seen, or merged with what is there. */
export function writeLink(all: Map<TargetSub, Link>, link: Link): Link {
  const other = all.get(link.targetSub);
  all.set(link.targetSub, asWritten(other && other.revision !== link.revision ? mergeLinks(link, other) : link));
  return asWritten(link);
}
