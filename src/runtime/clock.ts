import { setTimeout } from 'timers/promises';
import { EpochMilliseconds } from './flavor';

/** Time as a handler's core sees it, so that tests and benches can run in virtual time. */
export interface Clock {
  now(): EpochMilliseconds;
  sleep(milliseconds: number): Promise<void>;
}

/** The time of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async milliseconds => { await setTimeout(milliseconds); },
};

/** When a piece of work has to hand over. */
export interface Deadline {
  readonly clock: Pick<Clock, 'now'>;
  readonly deadline: EpochMilliseconds;
}

/** `reserve`: milliseconds that handing over takes. */
export function isOver({ clock, deadline }: Deadline, reserve = 0): boolean {
  return clock.now() + reserve >= deadline;
}
