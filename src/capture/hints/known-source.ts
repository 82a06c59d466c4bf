import { LedgerStore } from '../../ledger/ledger-store';
import { SourceRow } from '../../ledger/schema';
import { Clock } from '../../runtime/clock';
import { EpochMilliseconds } from '../../runtime/flavor';

/** Milliseconds that an answer serves. A sweep ends once in a minute at most, and what an older one showed holds as well. */
const SERVES = 30_000;

/** What the ledger says of the pool itself, read once for many batches. */
export class KnownSource {
  private readAt?: EpochMilliseconds;
  private row?: SourceRow;

  constructor(private readonly store: Pick<LedgerStore, 'sources'>, private readonly poolId: string, private readonly clock: Pick<Clock, 'now'>) {}

  /** Undefined before the first sweep. */
  public async read(): Promise<SourceRow | undefined> {
    const now = this.clock.now();
    if (this.readAt === undefined || now - this.readAt >= SERVES) {
      this.row = (await this.store.sources()).find(({ poolId }) => poolId === this.poolId);
      this.readAt = now;
    }
    return this.row;
  }
}
