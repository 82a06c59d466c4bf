import { QuotaCategory, ratePerPool } from './quotas';
import { isThrottling, isTriggerUnavailable } from './refusals';
import { Clock } from '../runtime/clock';
import { PublicError } from '../runtime/public-error';

/** Runs calls no faster than their category allows, and runs a call again later where Cognito throttled it or could not run a trigger. */
export interface Pacer {
  run<T>(category: QuotaCategory, call: () => Promise<T>): Promise<T>;
}

export interface QuotaPacerProps {
  readonly clock: Clock;
  /** Requests per second by category, where they differ from {@link DEFAULT_QUOTAS}. */
  readonly quotas?: Partial<Record<QuotaCategory, number>>;
  /** Share of each quota to use, 0 < share <= 1. */
  readonly share: number;
  /** From this moment on no call starts; milliseconds since the epoch. */
  readonly until?: number;
}

/**
 * A call that Cognito throttles for this long is given up, and the error reaches the caller. Shorter than the minute that a function
 * has left when its slice is over, so that the slice fails in an orderly way instead of being killed.
 */
const GIVE_UP_AFTER = 45_000;
/**
 * A trigger of the pool that cannot be run for this long is taken for broken, and the error reaches the caller: the user fails, and the next restore
 * takes them up again. Long enough for a burst of cold starts, short enough that a pool with a broken trigger is given up within a minute or two.
 */
const GIVE_UP_TRIGGER_AFTER = 15_000;
/** Before a trigger is run again; the functions of a burst need about a second to start. */
const TRIGGER_PAUSE = 1_000;
/** Unused time that may be made up for at once: hides the coarseness of timers and is far below the second over which Cognito counts a quota. */
const CATCH_UP = 250;
/** However much Cognito throttles, try this share of the allowed rate: something else is using the quota, and it may stop any time. */
const SLOWEST = 1 / 16;
/** Back from the slowest to full speed within twenty quiet seconds. */
const RECOVERY_PER_SECOND = 1 / 20;

/** The pacer was stopped before the call had its turn: the call was never sent. */
export class PacerStoppedError extends PublicError {
  public readonly name = 'PacerStoppedError';
}

/** Undefined where the pacer no longer let calls start: the next slice does the work. */
export async function unlessStopped<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PacerStoppedError) return undefined;
    throw error;
  }
}

/** One queue per category; slows down as Cognito throttles and comes back step by step (additive increase, multiplicative decrease). */
export class QuotaPacer implements Pacer {
  private readonly lanes = new Map<QuotaCategory, Lane>();
  private until: number;

  constructor(private readonly props: QuotaPacerProps) {
    this.until = props.until ?? Infinity;
  }

  public async run<T>(category: QuotaCategory, call: () => Promise<T>): Promise<T> {
    const lane = this.laneOf(category);
    await lane.turn();
    let refusedSince: number | undefined;
    for (;;) {
      try {
        return await call();
      } catch (error) {
        const isOfTrigger = isTriggerUnavailable(error);
        if (!isThrottling(error) && !isOfTrigger) throw error;
        const now = this.props.clock.now();
        refusedSince ??= now;
        if (now - refusedSince > (isOfTrigger ? GIVE_UP_TRIGGER_AFTER : GIVE_UP_AFTER)) throw error;
        // Fewer calls help a throttled function, too.
        lane.throttled();
        if (isOfTrigger) await this.props.clock.sleep(TRIGGER_PAUSE);
        await lane.turnAgain();
      }
    }
  }

  /** No call starts any more; calls that wait for their turn fail with {@link PacerStoppedError}. */
  public stop(): void {
    this.until = -Infinity;
  }

  private laneOf(category: QuotaCategory): Lane {
    const known = this.lanes.get(category);
    if (known) return known;
    // A pacer serves one pool, and mostly one operation of a category at a time.
    const perSecond = ratePerPool(category, this.props.quotas?.[category]) * this.props.share;
    const lane = new Lane(this.props.clock, perSecond, () => this.props.clock.now() >= this.until);
    this.lanes.set(category, lane);
    return lane;
  }
}

interface Waiting {
  readonly go: () => void;
  readonly fail: (error: Error) => void;
}

/** Lets the calls of one category start one after the other. A waiting call has no fixed time yet, so slowing down reaches all of them. */
class Lane {
  private nextAt = 0;
  /** Share of `rate` in use when Cognito last throttled. */
  private speed = 1;
  private throttledAt = -Infinity;
  private waiting: Waiting[] = [];
  private served = 0;
  /** Throttled calls, which go first: the longer they are refused, the nearer they are to being given up. */
  private readonly again: Waiting[] = [];
  private moving = false;

  constructor(private readonly clock: Clock, private readonly rate: number, private readonly isStopped: () => boolean) {}

  public async turn(): Promise<void> {
    return this.join(this.waiting);
  }

  public async turnAgain(): Promise<void> {
    return this.join(this.again);
  }

  /**
   * Each throttled call lowers the speed by one call's share of a second. A few, where something else uses a little of the quota,
   * cost a few per cent; a second in which every call is throttled leaves about a third.
   */
  public throttled(): void {
    const now = this.clock.now();
    const speed = this.speedAt(now);
    this.speed = Math.max(SLOWEST, speed * (1 - 1 / Math.max(2, this.rate * speed)));
    this.throttledAt = now;
  }

  private async join(line: Waiting[]): Promise<void> {
    return new Promise((go, fail) => {
      line.push({ go, fail });
      if (!this.moving) void this.move();
    });
  }

  private async move(): Promise<void> {
    this.moving = true;
    for (let next = this.next(); next; next = this.next()) {
      const now = this.clock.now();
      const at = Math.max(this.nextAt, now - CATCH_UP);
      if (at > now && !this.isStopped()) await this.clock.sleep(at - now);
      if (this.isStopped()) {
        next.fail(new PacerStoppedError('the pacer was stopped: the call was not made'));
        continue;
      }
      this.nextAt = at + 1_000 / (this.rate * this.speedAt(this.clock.now()));
      next.go();
    }
    this.moving = false;
  }

  private next(): Waiting | undefined {
    if (this.again.length > 0) return this.again.shift();
    if (this.served === this.waiting.length) return undefined;
    const next = this.waiting[this.served++];
    // Shifting a long array for every call would copy it every time.
    if (this.served > 1_000) {
      this.waiting = this.waiting.slice(this.served);
      this.served = 0;
    }
    return next;
  }

  private speedAt(now: number): number {
    return this.speed === 1 ? 1 : Math.min(1, this.speed + Math.max(0, now - this.throttledAt) / 1_000 * RECOVERY_PER_SECOND);
  }
}
