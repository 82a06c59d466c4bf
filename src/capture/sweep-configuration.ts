import { SweepContext, observe } from './sweep-context';

/** Writes the parts of the pool's configuration that changed, and marks those that are gone. Answers how many it wrote. */
export async function sweepConfiguration(context: SweepContext): Promise<number> {
  const seen = observe(context);
  const parts = await context.source.configuration();
  const stored = new Map((await context.store.poolParts(context.poolId)).map(row => [row.part, row]));
  let written = 0;
  for (const { part, value } of parts) {
    if (await context.rows.poolPart(part, value, stored.get(part), seen)) written += 1;
    stored.delete(part);
  }
  for (const gone of stored.values()) {
    if (await context.rows.buryPoolPart(gone, seen)) written += 1;
  }
  return written;
}
