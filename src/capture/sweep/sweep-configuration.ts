import { ConfigurationStep, SweepContext, SweepCounts } from './sweep-context';
import { loadUnseen, saveUnseen } from './sweep-lists';
import { Page } from '../../cognito/page';
import { isOfTheClient, isThrottling } from '../../cognito/refusals';
import { PoolPart } from '../../cognito/source-pool';
import { isOver } from '../../runtime/clock';
import { errorName } from '../../runtime/error-name';
import { look, observe } from '../observation';
import { unlessRowRefused } from '../refused-rows';

/**
 * Writes the parts of the pool's configuration that changed, and marks those that are gone, from the checkpoint on. Returns where to go on when the
 * slice was over, and undefined at the end. A refusal of Cognito to describe the configuration does not stop the sweep, as the users matter more; the
 * sweep ends incomplete.
 */
export async function sweepConfiguration(
  context: SweepContext, pending: ConfigurationStep['pending'], counts: SweepCounts,
): Promise<ConfigurationStep['pending']> {
  const stored = new Map((await context.store.poolParts(context.poolId)).map(row => [row.part, row]));
  const live = [...stored.values()].filter(row => row.deletedAt === undefined).map(row => row.part);
  const unseen = pending ? await loadUnseen(context, pending.unseenList) : new Set(live);
  let cursor = pending?.cursor;
  do {
    const { seen, answer: page } = await look(context, context.occasion, async () => describeSource(context, cursor, counts));
    if (!page) return undefined;
    for (const { part, value } of page.items) {
      unseen.delete(part);
      if (await unlessRowRefused(counts, context.rows.poolPart(part, value, stored.get(part), seen))) counts.poolPartsWritten += 1;
    }
    cursor = page.next;
    if (cursor !== undefined && isOver(context)) return { cursor, unseenList: await saveUnseen(context, 'configuration', unseen) };
  } while (cursor !== undefined);
  const seen = observe(context, context.occasion);
  for (const part of unseen) {
    const row = stored.get(part);
    if (row && await unlessRowRefused(counts, context.rows.buryPoolPart(row, seen))) counts.poolPartsWritten += 1;
  }
  return undefined;
}

async function describeSource({ source }: SweepContext, cursor: string | undefined, counts: SweepCounts): Promise<Page<PoolPart> | undefined> {
  try {
    return await source.configuration(cursor);
  } catch (error) {
    // The SDK marks errors that are the caller's fault. A lost connection or an error of the server is worth another try of the slice.
    if (!(error instanceof Error && isOfTheClient(error)) || isThrottling(error)) throw error;
    counts.configurationError = errorName(error);
    return undefined;
  }
}
