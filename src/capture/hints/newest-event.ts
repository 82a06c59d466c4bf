import { LedgerStore } from '../../ledger/ledger-store';

/** A quarter of the shortest interval between sweeps, in milliseconds: each sweep asks whether there were events since the one before. */
const NOTE_EVERY = 15_000;

/** Notes in the ledger when CloudTrail's newest event was delivered, no more often than a sweep needs. */
export class NewestEvent {
  private notedAt = 0;

  constructor(private readonly store: Pick<LedgerStore, 'noteEvent'>, private readonly poolId: string) {}

  /** `seenAt` is absent where a batch had no event. */
  public async note(seenAt: number | undefined): Promise<void> {
    if (seenAt === undefined || seenAt <= this.notedAt + NOTE_EVERY) return;
    await this.store.noteEvent(this.poolId, seenAt);
    this.notedAt = seenAt;
  }
}
