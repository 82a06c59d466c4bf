import { setTimeout } from 'timers/promises';
import { Clock } from '../cognito/pacing';

/** The time of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async milliseconds => { await setTimeout(milliseconds); },
};
