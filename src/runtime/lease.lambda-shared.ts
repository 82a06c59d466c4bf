import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';

/** The parts of an UpdateCommand that change a lease. Its condition fails where another owner has the lease. */
export type LeaseUpdate = Required<Pick<
  UpdateCommandInput, 'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>>;

/** Fields that are set in the same update. */
type Fields = object;

/**
 * A lease has one owner at a time. It is two fields of an item: `leaseOwner`, and `leaseUntil` in milliseconds since the epoch. This takes or
 * extends the lease; DynamoDB refuses the update while another owner has it.
 */
export function takeLease(owner: string, now: number, until: number, fields: Fields = {}): LeaseUpdate {
  const set = { ...fields, leaseOwner: owner, leaseUntil: until };
  return {
    UpdateExpression: setting(set),
    ConditionExpression: 'attribute_not_exists(#leaseOwner) OR #leaseOwner = :leaseOwner OR #leaseUntil < :now',
    ExpressionAttributeNames: names(set),
    ExpressionAttributeValues: { ...values(set), ':now': now },
  };
}

/** Gives the lease back; refused where the owner no longer has it. */
export function releaseLease(owner: string, fields: Fields = {}): LeaseUpdate {
  return {
    UpdateExpression: `${Object.keys(fields).length > 0 ? `${setting(fields)} ` : ''}REMOVE #leaseOwner, #leaseUntil`,
    ConditionExpression: '#leaseOwner = :leaseOwner',
    ExpressionAttributeNames: names({ ...fields, leaseOwner: owner, leaseUntil: 0 }),
    ExpressionAttributeValues: values({ ...fields, leaseOwner: owner }),
  };
}

function setting(fields: Fields): string {
  return `SET ${Object.keys(fields).map(name => `#${name} = :${name}`).join(', ')}`;
}

/** Placeholders for all fields: a field's name may be one of DynamoDB's reserved words. */
function names(fields: Fields): Record<string, string> {
  return Object.fromEntries(Object.keys(fields).map(name => [`#${name}`, name]));
}

function values(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [`:${name}`, value]));
}
