import { UserPoolId } from '../cognito/ids';
import { Clock } from '../runtime/clock';
import { EpochMilliseconds, EpochSeconds } from '../runtime/flavor';

/** One read of Cognito, and what its writes are attributed to. */
export interface Observation {
  readonly poolId: UserPoolId;
  /** The moment the read started, milliseconds since the epoch. */
  readonly observedAt: EpochMilliseconds;
  /** What caused the write, for the history: `sweep:<execution>`, or the event's name and, from CloudTrail, its id. */
  readonly cause: string;
  /** Until when a replaced image or a tombstone is kept, seconds since the epoch. */
  readonly expiresAt: EpochSeconds;
  /** Whether the read was a listing, which may still show what a look-up does not find any more. */
  readonly isListing?: boolean;
}

/** What every observation of one sweep, or of one batch of hints, has in common. */
export interface Observer {
  readonly poolId: UserPoolId;
  readonly clock: Pick<Clock, 'now'>;
  /** Days that replaced images and tombstones are kept. */
  readonly historyDays: number;
}

/** A read that starts now: call this right before the request leaves, after the pacer let it go. */
export function observe({ poolId, clock, historyDays }: Observer, cause: string): Observation {
  const observedAt = clock.now();
  return { poolId, observedAt, cause, expiresAt: expiry(observedAt, historyDays) };
}

/** The TTL, in seconds since the epoch, of something that is kept for a number of days. */
export function expiry(now: EpochMilliseconds, days: number): EpochSeconds {
  return Math.ceil(now / 1_000) + days * 86_400;
}
