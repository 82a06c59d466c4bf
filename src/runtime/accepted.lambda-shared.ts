import { setTimeout } from 'timers/promises';
import { ConditionalCheckFailedException, TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb';

/** The same number of tries, and the same pauses of up to 3 seconds, as the SDK has where it retries by itself. */
const THROTTLED_ATTEMPTS = 6;
const FIRST_PAUSE = 50;

/** False where the condition did not hold, or another transaction is writing the item at this moment. */
export async function isAccepted(write: () => Promise<unknown>): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await write();
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException || error instanceof TransactionConflictException) return false;
      const reasons = cancellationReasonsOf(error);
      if (reasons.some(reason => reason === 'ConditionalCheckFailed' || reason === 'TransactionConflict')) return false;
      if (!isThrottled(reasons) || attempt === THROTTLED_ATTEMPTS) throw error;
      await setTimeout(Math.random() * FIRST_PAUSE * 2 ** attempt);
    }
  }
}

/** Why a transaction was cancelled, as one code for each of its items; empty for any other error. */
export function cancellationReasonsOf(error: unknown): readonly string[] {
  return error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []).map(reason => reason.Code ?? 'None') : [];
}

/** The SDK does not retry a transaction that was cancelled because one of its items was throttled. */
function isThrottled(reasons: readonly string[]): boolean {
  const causes = reasons.filter(reason => reason !== 'None');
  return causes.length > 0 && causes.every(reason => ['ThrottlingError', 'ProvisionedThroughputExceeded'].includes(reason));
}
