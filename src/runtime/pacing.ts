/** Time as a handler's core sees it, so that tests and benches can run in virtual time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** Cognito's API request rate categories that this library spends; names as in the service's quota documentation. */
export type QuotaCategory =
  | 'UserCreation'
  | 'UserAccountRecovery'
  | 'UserRead'
  | 'UserUpdate'
  | 'UserResourceRead'
  | 'UserResourceUpdate'
  | 'UserList'
  | 'UserPoolRead'
  | 'UserPoolResourceRead'
  | 'UserPoolResourceUpdate'
  | 'UserPoolClientRead';

/**
 * Default requests per second of each category, per account and Region.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
 */
export const DEFAULT_QUOTAS: Readonly<Record<QuotaCategory, number>> = {
  UserCreation: 50,
  UserAccountRecovery: 30,
  UserRead: 120,
  UserUpdate: 25,
  UserResourceRead: 50,
  UserResourceUpdate: 25,
  UserList: 30,
  UserPoolRead: 15,
  UserPoolResourceRead: 20,
  UserPoolResourceUpdate: 15,
  UserPoolClientRead: 15,
};

/** Runs calls no faster than their category allows, and again later where Cognito says that it was too fast. */
export interface Pacer {
  run<T>(category: QuotaCategory, call: () => Promise<T>): Promise<T>;
}

export interface QuotaPacerProps {
  readonly clock: Clock;
  /** Requests per second by category, where they differ from {@link DEFAULT_QUOTAS}. */
  readonly quotas?: Partial<Record<QuotaCategory, number>>;
  /** Share of each quota to use, 0 < share <= 1. */
  readonly share: number;
}

/**
 * A call that Cognito throttles for this long is given up, and the error reaches the caller. Shorter than the minute that a function
 * has left when its slice is over, so that the slice fails in an orderly way instead of being killed.
 */
const GIVE_UP_AFTER = 45_000;
/** Unused time that may be made up for at once: hides the coarseness of timers and is far below the second that a quota is counted over. */
const CATCH_UP = 250;
/** Cognito counts over a second: reacting more often would punish one burst several times. */
const REACT_AT_MOST_EVERY = 1_000;
/** However much Cognito throttles, try this share of the allowed rate: something else is using the quota, and it may stop any time. */
const SLOWEST = 1 / 16;
/** Back from the slowest to full speed within twenty quiet seconds. */
const RECOVERY_PER_SECOND = 1 / 20;

/** One token bucket per category; halves its rate when Cognito throttles and comes back step by step (additive increase, multiplicative decrease). */
export class QuotaPacer implements Pacer {
  private readonly buckets = new Map<QuotaCategory, Bucket>();

  constructor(private readonly props: QuotaPacerProps) {}

  public async run<T>(category: QuotaCategory, call: () => Promise<T>): Promise<T> {
    const { clock } = this.props;
    const bucket = this.bucketOf(category);
    const startedAt = clock.now();
    for (;;) {
      await bucket.turn();
      try {
        return await call();
      } catch (error) {
        if (!isThrottling(error) || clock.now() - startedAt > GIVE_UP_AFTER) throw error;
        bucket.throttled();
      }
    }
  }

  private bucketOf(category: QuotaCategory): Bucket {
    const known = this.buckets.get(category);
    if (known) return known;
    const bucket = new Bucket(this.props.clock, (this.props.quotas?.[category] ?? DEFAULT_QUOTAS[category]) * this.props.share);
    this.buckets.set(category, bucket);
    return bucket;
  }
}

/** Cognito's own name for it, and the one that the SDK's other services use. */
export function isThrottling(error: unknown): boolean {
  return error instanceof Error && ['TooManyRequestsException', 'ThrottlingException'].includes(error.name);
}

class Bucket {
  /** When the next call may start; calls reserve their turn before they wait, so that they never bunch up. */
  private nextAt = 0;
  /** Share of `rate` in use. */
  private speed = 1;
  private reactedAt = -Infinity;

  constructor(private readonly clock: Clock, private readonly rate: number) {}

  public async turn(): Promise<void> {
    const now = this.clock.now();
    const at = Math.max(this.nextAt, now - CATCH_UP);
    this.nextAt = at + 1_000 / (this.rate * this.speedAt(now));
    if (at > now) await this.clock.sleep(at - now);
  }

  public throttled(): void {
    const now = this.clock.now();
    if (now - this.reactedAt < REACT_AT_MOST_EVERY) return;
    this.speed = Math.max(SLOWEST, this.speedAt(now) / 2);
    this.reactedAt = now;
    // Those who wait already keep their turns; everybody after them finds the bucket empty for a second.
    this.nextAt = Math.max(this.nextAt, now + REACT_AT_MOST_EVERY);
  }

  private speedAt(now: number): number {
    return this.speed === 1 ? 1 : Math.min(1, this.speed + Math.max(0, now - this.reactedAt) / 1_000 * RECOVERY_PER_SECOND);
  }
}
