import { Observation } from './assumption';

const MOST_P50_S = 120;
const MOST_S = 600;

/** The README says "seconds to minutes"; these are the numbers that it is held to. */
export const LAG_ASSUMED = `seconds to minutes: p50 at most ${MOST_P50_S} s, all within ${MOST_S} s`;

export function lagObservation(milliseconds: readonly number[]): Observation {
  if (milliseconds.length === 0) return { notObserved: 'no event arrived' };
  const sorted = milliseconds.map(each => Math.max(0, each) / 1_000).sort((a, b) => a - b);
  const p50 = sorted[Math.floor((sorted.length - 1) / 2)];
  const max = sorted[sorted.length - 1];
  return { observed: `p50 ${p50.toFixed(1)} s, max ${max.toFixed(1)} s, ${sorted.length} events`, holds: p50 <= MOST_P50_S && max <= MOST_S };
}
