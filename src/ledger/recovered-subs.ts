import { KEY_BYTES } from './constants';
import { fingerprintOf, isWithin, Item, Key, SCHEMA_VERSION, shardOf } from './schema';
import { FirstSub, SourceSub, UserPoolId } from '../cognito/ids';
import { EpochMilliseconds, EpochSeconds } from '../runtime/flavor';

/**
 * A user who was deleted and brought back has another `sub`. It is kept in the ledger, which both Regions have: the source pool's own triggers and
 * the standby go on to carry the first one. Beside the runs that write the pool, a recovery writes nothing
 * else of the ledger.
 */
export interface RecoveredSub {
  /** The one that applications know, of a user who came back with this `sub`. */
  readonly firstSub?: FirstSub;
  /** The `sub` that the user had before this one. */
  readonly replaces?: SourceSub;
  /** The next one, of a user who was deleted with this `sub` and came back. */
  readonly replacedBy?: SourceSub;
  /** Of a first `sub`: the one that the user has now, however often they came back. */
  readonly isNow?: SourceSub;
}

/** A user came back: the old `sub`, the new one, and the first. */
export interface Return {
  readonly replaced: SourceSub;
  readonly sub: SourceSub;
  readonly firstSub: FirstSub;
  readonly execution: string;
  readonly at: EpochMilliseconds;
}

/** Key of what is known of one `sub`. Spread as the users' rows are. */
export function recoveredSubKey(poolId: UserPoolId, sub: string): Key {
  // A first `sub` may come from an attribute of 2,048 characters.
  return { pk: `${recoveredSubsOf(poolId)}${shardOf(sub)}`, sk: isWithin(KEY_BYTES.SORT, sub) ? sub : fingerprintOf(sub) };
}

/** Beginning of the partitions: what a recovery may write of the ledger, and what `grantReadRecoveredSubs` lets be read. */
export function recoveredSubsOf(poolId: UserPoolId): string {
  return `${poolId}#R#`;
}

interface KnownSub {
  readonly key: Key;
  readonly fields: object;
}

/** The fields that a return adds to what is known of each `sub`, once however often it is written. */
export function fieldsOfReturn(poolId: UserPoolId, { replaced, sub, firstSub, execution, at }: Return): readonly KnownSub[] {
  return [
    { key: recoveredSubKey(poolId, sub), fields: { firstSub, replaces: replaced, execution, at, v: SCHEMA_VERSION } },
    { key: recoveredSubKey(poolId, replaced), fields: { replacedBy: sub, v: SCHEMA_VERSION } },
    { key: recoveredSubKey(poolId, firstSub), fields: { isNow: sub, v: SCHEMA_VERSION } },
  ];
}

export function readRecoveredSub(item: Item | undefined): RecoveredSub {
  const { firstSub, replaces, replacedBy, isNow } = (item ?? {}) as RecoveredSub;
  return { firstSub, replaces, replacedBy, isNow };
}

/** Reads and writes who came back as whom. */
export interface RecoveredSubs {
  of(sub: string): Promise<RecoveredSub>;
  write(back: Return): Promise<void>;
  /** Says that the execution writes the pool from now on. `until`: when that is forgotten. */
  beginRun(execution: string, begunAt: EpochMilliseconds, until: EpochSeconds): Promise<void>;
}
