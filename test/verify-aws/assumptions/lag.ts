import { Observation } from './assumption';

const MOST_P50_S = 120;
const MOST_S = 600;

/** docs/capture.md says "seconds to minutes"; these are the numbers that it is held to. */
export const LAG_ASSUMED = `seconds to minutes: p50 at most ${MOST_P50_S} s, all within ${MOST_S} s`;

/**
 * @param milliseconds of the events that arrived
 * @param missing how many did not, within the patience: they took longer than that
 * @param patience milliseconds
 */
export function lagObservation(milliseconds: readonly number[], missing: number, patience: number): Observation {
  if (milliseconds.length === 0) return { notObserved: 'no event arrived' };
  const sorted = milliseconds.map(each => Math.max(0, each) / 1_000).sort((a, b) => a - b);
  const max = sorted[sorted.length - 1];
  const p50 = sorted.at(Math.floor((sorted.length + missing - 1) / 2));
  const arrived = `p50 ${p50 === undefined ? `more than ${(patience / 1_000).toFixed(1)}` : p50.toFixed(1)} s, max ${max.toFixed(1)} s, ${sorted.length} events`;
  if (missing > 0) return { observed: `${arrived}; ${missing} did not arrive within ${patience / 1_000} s`, holds: false };
  return { observed: arrived, holds: p50! <= MOST_P50_S && max <= MOST_S };
}
