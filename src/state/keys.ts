import { FirstSub, SourceSub, TargetSub, UserPoolId } from '../cognito/ids';
import { KEY_BYTES } from '../ledger/constants';
import { Key, fingerprintOf, isWithin, shardOf } from '../ledger/schema';

/** Keys of the state table's items. */
export const stateKeys = {
  /** What a run needs to continue; first in its partition. */
  run: (execution: string): Key => ({ pk: stateKeys.runs(execution), sk: '#run' }),
  runs: (execution: string): string => `RUN#${execution}`,
  /** What became of one user, under the `sub` of the source pool. */
  outcome: (execution: string, sourceSub: SourceSub): Key => ({ pk: stateKeys.runs(execution), sk: sourceSub }),
  /** Says that a user is not in the target as the ledger has them. */
  difference: (execution: string, sourceSub: SourceSub): Key => ({ pk: stateKeys.runs(execution), sk: `#different#${sourceSub}` }),
  /** Partition of the index of outcomes worth reading: `failed`, `skipped` or `different`. */
  outcomeList: (execution: string, list: string): string => `${execution}#${list}`,
  /** Which run may fill the target now. */
  lease: (targetPoolId: UserPoolId): Key => ({ pk: `LEASE#${targetPoolId}`, sk: '#lease' }),
  /** A group as the last run from that source left it. */
  groupImage: (sourcePoolId: UserPoolId, targetPoolId: UserPoolId, name: string): Key =>
    ({ pk: stateKeys.groupImages(sourcePoolId, targetPoolId), sk: name }),
  groupImages: (sourcePoolId: UserPoolId, targetPoolId: UserPoolId): string => `${sourcePoolId}#${targetPoolId}#G`,
  /** From a user of the source pool to their user of the target pool. */
  linkOfSource: (sourcePoolId: UserPoolId, targetPoolId: UserPoolId, sourceSub: SourceSub): Key =>
    ({ pk: `${sourcePoolId}#${targetPoolId}#S#${shardOf(sourceSub)}`, sk: sourceSub }),
  /** From the `sub` of the very first pool to the user of the target pool who carries it, where no other sign tells whose user that is. */
  firstSub: (targetPoolId: UserPoolId, firstSub: FirstSub): Key => isWithin(KEY_BYTES.SORT, firstSub)
    ? { pk: `${targetPoolId}#F#${shardOf(firstSub)}`, sk: firstSub }
    // An attribute says it, and holds 2,048 characters.
    : { pk: `${targetPoolId}#F#long`, sk: fingerprintOf(firstSub) },
  /** From a user of the target pool to the user of the source pool that they were last brought from. */
  linkOfTarget: (targetPoolId: UserPoolId, targetSub: TargetSub): Key => ({ pk: `${targetPoolId}#T#${shardOf(targetSub)}`, sk: targetSub }),
  /** Deletions from a warm standby that wait for their time, under a user's `sub` in the source pool, or a group's id. */
  deletion: (targetPoolId: UserPoolId, id: string): Key => ({ pk: stateKeys.deletions(targetPoolId), sk: id }),
  deletions: (targetPoolId: UserPoolId): string => `DELETE#${targetPoolId}`,
  /** The moment that the standby is held at. */
  moment: (): Key => ({ pk: 'MOMENT', sk: '#moment' }),
  /** Whether a standby pool takes users. */
  switchOf: (standbyPoolId: UserPoolId): Key => ({ pk: `SWITCH#${standbyPoolId}`, sk: '#switch' }),
};
