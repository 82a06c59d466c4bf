import { FirstSub } from '../cognito/ids';
import { SourceUser } from '../cognito/user';
import { CLOCK_SKEW } from '../ledger/beginning';
import { RecoveredSubs } from '../ledger/recovered-subs';
import { WritingRun, WritingRuns } from '../ledger/writing-runs';
import { Clock } from '../runtime/clock';
import { EpochMilliseconds } from '../runtime/flavor';

/** Says of a user who is new to the ledger by which `sub` applications know them, if a recovery has brought them back. */
export interface FirstSubReader {
  of(user: SourceUser): Promise<FirstSub | undefined>;
}

/** Asks what recoveries have noted. Of a user whom Cognito made before any of them wrote the pool, nothing is read. */
export class FirstSubs implements FirstSubReader {
  private known?: { readonly readAt: EpochMilliseconds; readonly oldest: WritingRun | undefined };

  constructor(
    private readonly runs: Pick<WritingRuns, 'oldest'>,
    private readonly returns: Pick<RecoveredSubs, 'of'>,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  public async of({ sub, createdAt }: SourceUser): Promise<FirstSub | undefined> {
    const begunAt = await this.firstRun(createdAt);
    return begunAt !== undefined && createdAt >= begunAt - CLOCK_SKEW ? (await this.returns.of(sub)).firstSub : undefined;
  }

  /** When the first run began that may have made a user then. Where there was none, one may have begun since. */
  private async firstRun(createdAt: EpochMilliseconds): Promise<EpochMilliseconds | undefined> {
    if (!this.known || (!this.known.oldest && createdAt >= this.known.readAt - CLOCK_SKEW)) {
      const readAt = this.clock.now();
      this.known = { readAt, oldest: await this.runs.oldest() };
    }
    return this.known.oldest?.begunAt;
  }
}
