import { UserPoolId } from '../../cognito/ids';
import { groupOfMembersPartition, keys } from '../../ledger/schema';

/** What this library reads of a record of the ledger's stream; values as in the table. */
export interface StreamRecord {
  readonly sequenceNumber: string;
  readonly key: { readonly pk?: string; readonly sk?: string };
  /** Absent where the item was deleted: DynamoDB itself expires it, or an operator did. */
  readonly newImage?: Readonly<Record<string, unknown>>;
}

/** The user or group of a record. */
export interface Subject {
  readonly kind: 'user' | 'group';
  readonly poolId: UserPoolId;
  /** `sub` or name. */
  readonly id: string;
  /** The group that a membership of the user names: the index of memberships may not know yet that it changed. */
  readonly group?: string;
}

/**
 * A user's row and a membership name the user by their sort key; a group's row its own name. History, settings and what DynamoDB itself
 * expires belong to neither.
 */
export function subjectOf({ key: { pk, sk }, newImage: image = {} }: StreamRecord): Subject | undefined {
  const { poolId, shard, member } = image;
  if (typeof poolId !== 'string' || !pk || !sk) return undefined;
  if (shard !== undefined) return { kind: 'user', poolId, id: sk };
  if (member !== undefined) return { kind: 'user', poolId, id: sk, group: groupOfMembersPartition(poolId, pk) };
  return pk === keys.groups(poolId) ? { kind: 'group', poolId, id: sk } : undefined;
}

/** The pool that the records are about. A table follows one; rows of a pool that a deployment replaced are not written any more. */
export function poolIdOf(records: readonly StreamRecord[]): UserPoolId | undefined {
  return records.map(record => subjectOf(record)?.poolId).find(poolId => poolId !== undefined);
}
