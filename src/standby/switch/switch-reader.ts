import { UserPoolId } from '../../cognito/ids';
import { Clock } from '../../runtime/clock';
import { SwitchState } from '../../state/switch';

/**
 * How old an answer may be, in milliseconds: so long after it was turned, every instance of every function knows. Reading for every token would cost
 * as much as the rest of it.
 */
export const SWITCH_KEPT = 3_000;

/** The switch of one standby pool as a function instance sees it. */
export class SwitchReader {
  private kept?: { readonly userPoolId: UserPoolId; readonly readAt: number; readonly state: Promise<SwitchState> };

  /** @param read a consistent read of the state table */
  constructor(private readonly read: (userPoolId: UserPoolId) => Promise<SwitchState>, private readonly clock: Pick<Clock, 'now'>) {}

  /** Fails where the switch cannot be read: callers then do as if it were closed. An answer that has grown too old is never used instead. */
  public async of(userPoolId: UserPoolId): Promise<SwitchState> {
    const { kept } = this;
    const now = this.clock.now();
    if (kept?.userPoolId === userPoolId && now - kept.readAt < SWITCH_KEPT && now >= kept.readAt) return kept.state;
    const reading = { userPoolId, readAt: now, state: this.read(userPoolId) };
    this.kept = reading;
    try {
      return await reading.state;
    } catch (error) {
      if (this.kept === reading) this.kept = undefined;
      throw error;
    }
  }
}
