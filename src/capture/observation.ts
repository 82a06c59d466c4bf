import type { Hint } from './hints/hint';
import type { Aspect } from './hints/user-events';
import { UserPoolId } from '../cognito/ids';
import { Cause } from '../ledger/beginning';
import { Clock } from '../runtime/clock';
import { EpochMilliseconds, EpochSeconds } from '../runtime/flavor';

/** When a look at Cognito was. */
export interface LookTimes {
  /** The moment the read started, milliseconds since the epoch. */
  readonly observedAt: EpochMilliseconds;
  /** The moment the answer was there. */
  readonly answeredAt: EpochMilliseconds;
  /** When the last sweep that compared every row started; absent until there was one. */
  readonly comparedAt?: EpochMilliseconds;
}

/** An event that a look was made for: something changed, and who changed it. What Cognito then answers may show it or not. */
export interface ChangeEvent {
  /** What a cause of it is called. */
  readonly name: string;
  /** By its own account; CloudTrail's are whole seconds. */
  readonly at: EpochMilliseconds;
  readonly source: Hint['source'];
  /** What it may change. */
  readonly sets: readonly Aspect[];
  /** Whether the user, the group or the membership is there after it, or the user enabled; absent where the event does not say. */
  readonly leaves?: boolean;
  /** The group that a membership is of. */
  readonly group?: string;
  readonly id?: string;
  readonly principal?: string;
  readonly session?: string;
}

/** What a look is made for. */
export interface Occasion {
  /** Cause of what the look finds and no event explains. */
  readonly cause: Cause;
  readonly events?: readonly ChangeEvent[];
}

/** One read of Cognito, and what its writes are attributed to. */
export interface Observation extends LookTimes, Occasion {
  readonly poolId: UserPoolId;
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
  readonly comparedAt?: EpochMilliseconds;
}

/** Asks Cognito now: call this when the pacer let the request go. */
export async function look<T>(
  observer: Observer, occasion: Occasion, ask: () => Promise<T>,
): Promise<{ readonly seen: Observation; readonly answer: T }> {
  const seen = observe(observer, occasion);
  const answer = await ask();
  return { seen: { ...seen, answeredAt: observer.clock.now() }, answer };
}

/** What is known at this moment without a question. */
export function observe({ poolId, clock, historyDays, comparedAt }: Observer, { cause, events }: Occasion): Observation {
  const observedAt = clock.now();
  const expiresAt = expiry(observedAt, historyDays);
  return { poolId, observedAt, answeredAt: observedAt, comparedAt, expiresAt, cause, events };
}

/** The TTL, in seconds since the epoch, of something that is kept for a number of days. */
export function expiry(now: EpochMilliseconds, days: number): EpochSeconds {
  return Math.ceil(now / 1_000) + days * 86_400;
}
