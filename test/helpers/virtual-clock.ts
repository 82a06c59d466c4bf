import { Clock } from '../../src/runtime/clock';


interface Sleeper {
  readonly at: number;
  /** Order among sleepers of the same moment. */
  readonly order: number;
  readonly wake: () => void;
}

/** Time that passes only while all workers sleep: hours of waiting take as long as the computing between them. */
export class VirtualClock implements Clock {
  private readonly sleepers: Sleeper[] = [];
  private slept = 0;

  constructor(private time = Date.UTC(2026, 0, 1)) {}

  public now(): number {
    return this.time;
  }

  public async sleep(milliseconds: number): Promise<void> {
    return new Promise(wake => this.push({ at: this.time + Math.max(0, milliseconds), order: this.slept++, wake }));
  }

  /** Runs `work` to its end, moving time on whenever nothing else can happen. */
  public async run<T>(work: () => Promise<T>): Promise<T> {
    let ended = false;
    const result = work().finally(() => { ended = true; });
    // The caller gets the error from `result`; without this, Node sees an unhandled rejection while the loop still turns.
    result.catch(() => undefined);
    for (;;) {
      // Every microtask has run before this comes back.
      await new Promise(resolve => setImmediate(resolve));
      if (ended) return result;
      const next = this.pop();
      if (!next) throw new Error('every worker waits for something other than time: a promise is never settled');
      this.time = Math.max(this.time, next.at);
      next.wake();
      while (this.sleepers.length > 0 && this.sleepers[0].at <= this.time) this.pop()!.wake();
    }
  }

  private push(sleeper: Sleeper): void {
    const heap = this.sleepers;
    let i = heap.push(sleeper) - 1;
    while (i > 0) {
      const parent = Math.floor((i - 1) / 2);
      if (!isBefore(heap[i], heap[parent])) return;
      [heap[i], heap[parent]] = [heap[parent], heap[i]];
      i = parent;
    }
  }

  private pop(): Sleeper | undefined {
    const heap = this.sleepers;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || last === undefined) return first;
    heap[0] = last;
    for (let i = 0; ;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < heap.length && isBefore(heap[child], heap[least])) least = child;
      if (least === i) return first;
      [heap[i], heap[least]] = [heap[least], heap[i]];
      i = least;
    }
  }
}

function isBefore(a: Sleeper, b: Sleeper): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
