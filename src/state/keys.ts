import { Key, shardOf } from '../ledger/schema';

/** Keys of the state table's items. */
export const stateKeys = {
  /** What a restore needs to go on; first in its partition. */
  run: (execution: string): Key => ({ pk: stateKeys.runs(execution), sk: '#run' }),
  runs: (execution: string): string => `RUN#${execution}`,
  /** What became of one user, under the `sub` of the source pool. */
  outcome: (execution: string, sourceSub: string): Key => ({ pk: stateKeys.runs(execution), sk: sourceSub }),
  /** That a user is not in the target as the ledger has them. */
  difference: (execution: string, sourceSub: string): Key => ({ pk: stateKeys.runs(execution), sk: `#different#${sourceSub}` }),
  /** Partition of the index of outcomes worth reading: `failed`, `skipped` or `different`. */
  outcomeList: (execution: string, list: string): string => `${execution}#${list}`,
  /** Which restore may fill the target now. */
  lease: (targetPoolId: string): Key => ({ pk: `LEASE#${targetPoolId}`, sk: '#lease' }),
  /** A group as the last restore from that source left it. */
  groupImage: (sourcePoolId: string, targetPoolId: string, name: string): Key =>
    ({ pk: stateKeys.groupImages(sourcePoolId, targetPoolId), sk: name }),
  groupImages: (sourcePoolId: string, targetPoolId: string): string => `${sourcePoolId}#${targetPoolId}#G`,
  /** From a user of the source pool to the one of the target pool. */
  linkOfSource: (sourcePoolId: string, targetPoolId: string, sourceSub: string): Key =>
    ({ pk: `${sourcePoolId}#${targetPoolId}#S#${shardOf(sourceSub)}`, sk: sourceSub }),
  /** From the `sub` of the very first pool to the user of the target pool who carries it and is nobody's by any other sign. */
  firstSub: (targetPoolId: string, firstSub: string): Key => ({ pk: `${targetPoolId}#F#${shardOf(firstSub)}`, sk: firstSub }),
  /** From a user of the target pool to the one of the source pool that they were last restored from. */
  linkOfTarget: (targetPoolId: string, targetSub: string): Key => ({ pk: `${targetPoolId}#T#${shardOf(targetSub)}`, sk: targetSub }),
};
