import { WHOLE_PROCESSOR } from './power-tuning';
import { Clock } from '../../src/runtime/clock';

/** The processor of a function in virtual time: one thing after the other, the slower the less memory the function has. */
export class VirtualProcessor {
  private freeAt = -Infinity;
  private spent = 0;
  /** Of a whole processor. JavaScript uses one, however many there are. */
  private readonly share: number;

  constructor(private readonly clock: Pick<Clock, 'now'>, memory: number) {
    this.share = Math.min(1, memory / WHOLE_PROCESSOR);
  }

  /** Takes its turn: how long it is until that much work is done. The caller sleeps, together with what else it waits for. */
  public work(milliseconds: number): number {
    const now = this.clock.now();
    this.spent += milliseconds / this.share;
    this.freeAt = Math.max(now, this.freeAt) + milliseconds / this.share;
    return this.freeAt - now;
  }

  /** The share of a time, in milliseconds, in which it was busy. */
  public busyFor(time: number): number {
    return this.spent / time;
  }
}
