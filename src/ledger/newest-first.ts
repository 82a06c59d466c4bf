import { SourceRow } from './schema';

/** Pools that the ledger has users of, the one that was swept last first: one that was replaced keeps its row. Those never swept come last. */
export function newestFirst(sources: readonly SourceRow[]): SourceRow[] {
  return [...sources].sort((one, other) => (other.sweptAt ?? 0) - (one.sweptAt ?? 0));
}
