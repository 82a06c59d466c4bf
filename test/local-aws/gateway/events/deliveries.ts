import { seededRandom } from '../../../helpers/random';

export interface DeliveryKnobs {
  /** How long an event takes to the rules: exactly that, or any time between two. Default: 0. */
  readonly delayMs: number | readonly [number, number];
  /** Share of events that never arrive. Default: 0. */
  readonly lossRate: number;
  /** Share of events that arrive twice. Default: 0. */
  readonly duplicateRate: number;
  /** Whether any of the events that wait may be the next to arrive. Default: false, in the order of their delays. */
  readonly shuffle: boolean;
  /** The same seed loses and doubles the same of the events that follow, in their order. Default: 1. */
  readonly seed: number;
}

const AGAIN_MS = 50;

interface Waiting {
  readonly region: string;
  readonly deliver: () => Promise<void>;
}

/**
 * Events on their way: late, lost, doubled and out of order, as a test wants them.
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/event-delivery-level.html
 */
export class Deliveries {
  public readonly counts = { lost: 0, doubled: 0 };
  private knobs: DeliveryKnobs = { delayMs: 0, lossRate: 0, duplicateRate: 0, shuffle: false, seed: 1 };
  private random = seededRandom(1);
  /** Of its own: how many events wait depends on the machine, what is lost does not. */
  private pick = seededRandom(2);
  private readonly waiting: Waiting[] = [];
  private readonly running = new Set<Promise<void>>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private closed = false;

  constructor(private readonly isOff: (region: string) => boolean, private readonly failed: (error: Error) => void) {}

  public configure(knobs: Partial<DeliveryKnobs>): void {
    this.knobs = { ...this.knobs, ...knobs };
    if (knobs.seed !== undefined) {
      this.random = seededRandom(knobs.seed);
      this.pick = seededRandom(knobs.seed + 1);
    }
  }

  public add(region: string, deliver: () => Promise<void>): void {
    if (this.random() < this.knobs.lossRate) {
      this.counts.lost++;
      return;
    }
    this.wait({ region, deliver });
    if (this.random() < this.knobs.duplicateRate) {
      this.counts.doubled++;
      this.wait({ region, deliver });
    }
  }

  /** How many are on their way; those of a Region that is off stay there. */
  public get pending(): number {
    return this.waiting.filter(({ region }) => !this.isOff(region)).length + this.running.size;
  }

  public close(): void {
    this.closed = true;
    this.timers.forEach(timer => clearTimeout(timer));
    this.waiting.length = 0;
  }

  private wait(one: Waiting): void {
    const { delayMs } = this.knobs;
    const [least, most] = typeof delayMs === 'number' ? [delayMs, delayMs] : delayMs;
    this.waiting.push(one);
    this.later(least + this.random() * (most - least), one);
  }

  private later(milliseconds: number, one: Waiting): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.arrive(one);
    }, milliseconds);
    this.timers.add(timer);
  }

  private arrive(one: Waiting): void {
    if (this.closed || this.waiting.length === 0) {
      return;
    }
    const any = () => this.waiting[Math.floor(this.pick() * this.waiting.length)];
    const arriving = this.knobs.shuffle || !this.waiting.includes(one) ? any() : one;
    if (this.isOff(arriving.region)) {
      this.later(AGAIN_MS, arriving);
      return;
    }
    this.waiting.splice(this.waiting.indexOf(arriving), 1);
    const run = arriving.deliver().catch((error: Error) => this.failed(error)).finally(() => this.running.delete(run));
    this.running.add(run);
  }
}
