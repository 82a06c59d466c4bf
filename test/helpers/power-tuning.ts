/**
 * Memory, in MB, at which a function has one whole processor; less memory has less of it, in proportion.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
export const WHOLE_PROCESSOR = 1_769;

/** USD for a GB-second on arm64 in us-east-1. */
export const GIGABYTE_SECOND = 0.0000133334;

/** From the least that Lambda takes to twice a whole processor, of which JavaScript uses one. */
export const MEMORY_SIZES = [128, 256, 336, 512, 768, 1_024, 1_536, 1_769, 3_008];

/** How much slower than here a processor may be, of which nothing is documented: what is fast has to be fast on that one too. */
const SLOWER = 2;
/** Fast: takes at most this much longer than with any memory. */
const LONGER = 1.05;
/** Cheap: USD more than the cheapest that is fast, for a restore of a million users, or a month of sweeps of a million. */
export const MORE = 1;

/** Work of a function: units of the same kind, each of which takes a processor and waits for Cognito's quotas. */
export interface Work {
  readonly units: number;
  /** Milliseconds of a whole processor for one. */
  readonly processor: number;
  /** Milliseconds between two that the quotas allow. */
  readonly quota: number;
  /** How often it is done in what is paid for. */
  readonly times: number;
}

export interface Tuned {
  readonly memory: number;
  readonly minutes: number;
  readonly usd: number;
  /** Whether it is as fast as with any other memory, on a slower processor too. */
  readonly isFast: boolean;
}

/** What the work takes and costs with each memory: one unit after the other waits for the processor, or for the quota, whichever is slower. */
export function tune(work: Work, sizes: readonly number[] = MEMORY_SIZES): Tuned[] {
  const at = (memory: number, slower = 1) => Math.max(work.quota, work.processor * slower / Math.min(1, memory / WHOLE_PROCESSOR)) * work.units;
  const best = (slower: number) => Math.min(...sizes.map(memory => at(memory, slower)));
  return sizes.map(memory => ({
    memory,
    minutes: at(memory) / 60_000,
    usd: at(memory) / 1_000 * memory / 1_024 * GIGABYTE_SECOND * work.times,
    isFast: [1, SLOWER].every(slower => at(memory, slower) <= best(slower) * LONGER),
  }));
}

/** The cheapest of those that are fast. */
export function choiceOf(tuned: readonly Tuned[]): Tuned {
  return tuned.filter(({ isFast }) => isFast).reduce((best, each) => (each.usd < best.usd ? each : best));
}

/** Whether this memory is fast and cheap. */
export function isChosenWell(work: Work, memory: number): boolean {
  const tuned = tune(work, [...MEMORY_SIZES, memory]);
  const { isFast, usd } = tuned[tuned.length - 1];
  return isFast && usd <= choiceOf(tuned).usd + MORE;
}
