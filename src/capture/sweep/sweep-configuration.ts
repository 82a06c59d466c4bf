import { SweepContext, SweepCounts } from './sweep-context';
import { isOfTheClient, isThrottling } from '../../cognito/refusals';
import { errorName } from '../../runtime/error-name';
import { observe } from '../observation';
import { unlessRowRefused } from '../refused-rows';

/**
 * Writes the parts of the pool's configuration that changed, and marks those that are gone. A refusal of Cognito to describe it does not stop the
 * sweep, as the users matter more; the sweep ends incomplete.
 */
export async function sweepConfiguration(context: SweepContext, counts: SweepCounts): Promise<void> {
  const seen = observe(context, context.cause);
  const parts = await describeSource(context, counts);
  if (!parts) return;
  const stored = new Map((await context.store.poolParts(context.poolId)).map(row => [row.part, row]));
  for (const { part, value } of parts) {
    if (await unlessRowRefused(counts, context.rows.poolPart(part, value, stored.get(part), seen))) counts.poolPartsWritten += 1;
    stored.delete(part);
  }
  for (const gone of stored.values()) {
    if (await unlessRowRefused(counts, context.rows.buryPoolPart(gone, seen))) counts.poolPartsWritten += 1;
  }
}

async function describeSource({ source }: SweepContext, counts: SweepCounts) {
  try {
    return await source.configuration();
  } catch (error) {
    // The SDK marks errors that are the caller's fault. A lost connection or an error of the server is worth another try of the slice.
    if (!(error instanceof Error && isOfTheClient(error)) || isThrottling(error)) throw error;
    counts.configurationError = errorName(error);
    return undefined;
  }
}
