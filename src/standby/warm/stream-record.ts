/** What this library reads of a DynamoDB stream record. */
export interface StreamRecord {
  readonly dynamodb?: DynamoDbImage;
}

interface Value {
  readonly S?: string;
}

export interface DynamoDbImage {
  readonly SequenceNumber?: string;
  readonly Keys?: Readonly<Record<string, Value>>;
  readonly NewImage?: Readonly<Record<string, Value>>;
}

/** Whom a record is about. */
export interface Subject {
  readonly kind: 'user' | 'group';
  readonly poolId: string;
  /** `sub` or name. */
  readonly id: string;
}

/**
 * A user's row and a membership name the user by their sort key; a group's row its own name. History, settings and what DynamoDB itself
 * expires are nobody's.
 */
export function subjectOf({ Keys: keys, NewImage: image }: DynamoDbImage): Subject | undefined {
  const poolId = image?.poolId?.S;
  const [pk, sk] = [keys?.pk?.S, keys?.sk?.S];
  if (!poolId || !pk || !sk) return undefined;
  if (image.shard?.S || image.member?.S) return { kind: 'user', poolId, id: sk };
  return pk === `${poolId}#G` ? { kind: 'group', poolId, id: sk } : undefined;
}

/** The pool that the records are about. A table follows one; a deployment that replaced it leaves rows of the old one, which nobody writes. */
export function poolIdOf(records: readonly StreamRecord[]): string | undefined {
  return records.map(({ dynamodb = {} }) => subjectOf(dynamodb)?.poolId).find(poolId => poolId !== undefined);
}
