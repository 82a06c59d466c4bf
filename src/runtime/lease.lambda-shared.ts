import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { EpochMilliseconds } from './flavor';

type Update = Pick<UpdateCommandInput, 'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'>;

/** Takes or extends a lease on an item; the condition fails while somebody else holds it. */
export function takeLease(owner: string, now: EpochMilliseconds, until: EpochMilliseconds): Update {
  return {
    UpdateExpression: 'SET leaseOwner = :owner, leaseUntil = :until',
    ConditionExpression: 'attribute_not_exists(leaseOwner) OR leaseOwner = :owner OR leaseUntil < :now',
    ExpressionAttributeValues: { ':owner': owner, ':until': until, ':now': now },
  };
}

/** Gives a lease back; the condition fails where somebody else holds it by now. */
export function releaseLease(owner: string): Update {
  return {
    UpdateExpression: 'REMOVE leaseOwner, leaseUntil',
    ConditionExpression: 'leaseOwner = :owner',
    ExpressionAttributeValues: { ':owner': owner },
  };
}
