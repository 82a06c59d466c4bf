import { RESTORE_MEMORY } from '../../src/restore/constants';
import { SimulatedRestore, SimulationResult } from '../helpers/simulated-restore';

/**
 * How fast a restore is, and how much memory it takes: the real worker and pacer in virtual time, at Cognito's default quotas and quotaShare 1, on the part
 * of a processor that the function's memory brings; at the end, what other memory would do.
 * Beside it the recovery times that AWS published for its User Profiles Export reference architecture, at its fastest setting.
 */
const SIZES = [10_000, 100_000, 1_000_000];
const GROUPS_EACH = [0, 1];
const PUBLISHED: Readonly<Record<string, number>> = { '10000/0': 8.1, '10000/1': 29, '100000/0': 56, '100000/1': 290 };
const MEMORY = [128, 256, 512, RESTORE_MEMORY, 1_769];
const HEAP_SAMPLES = 40;
/** One user vanishes before the target is read back: how long it takes to say who. */
const MISSING = { users: 100_000, groupsEach: 1, missing: 54_321 };
/** A hundred times as many users may take this much more: the worker keeps nothing of them, the collector is never quite done. */
const FLAT = 1.25;

interface BenchResult extends SimulationResult {
  readonly peakHeapMb: number;
}

async function main(): Promise<void> {
  const results: BenchResult[] = [];
  for (const groupsEach of GROUPS_EACH) for (const users of SIZES) results.push(await measure(users, groupsEach));
  console.log('users      groups each  minutes  AWS reference  of the quota  processor busy  throttled  slices  peak heap');
  for (const { users, groupsEach, minutes, ratio, busy, throttled, slices, peakHeapMb } of results) {
    const published = PUBLISHED[`${users}/${groupsEach}`];
    console.log([
      String(users).padEnd(9), String(groupsEach).padStart(12), minutes.toFixed(1).padStart(8), (published === undefined ? '-' : String(published)).padStart(14),
      ratio.toFixed(3).padStart(13), busy.toFixed(2).padStart(15), String(throttled).padStart(10), String(slices).padStart(7), `${peakHeapMb.toFixed(1)} MB`.padStart(10),
    ].join(' '));
  }
  await byMemory();
  const slow = results.filter(({ ratio, status }) => ratio < 0.95 || status !== 'complete');
  const growing = GROUPS_EACH.filter(groupsEach => growth(results, groupsEach) > FLAT);
  const search = await searchForOne(results);
  console.log(`one of ${MISSING.users} missing: ${search.minutes.toFixed(1)} minutes more to say who, ${search.status}`);
  growing.forEach(groupsEach => console.log(`the heap grows by ${growth(results, groupsEach).toFixed(2)} with ${groupsEach} groups each: more than ${FLAT}`));
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify(results.map(({ users, groupsEach, minutes, ratio, peakHeapMb }) =>
      ({ users, groupsEach, minutes: round(minutes, 1), ratio: round(ratio, 3), peakHeapMb: round(peakHeapMb, 1) }))));
  }
  if (slow.length > 0 || growing.length > 0 || search.status !== 'incomplete' || search.minutes > 10) process.exitCode = 1;
}

async function byMemory(): Promise<void> {
  console.log('memory   of the quota and processor busy, without groups and with one');
  for (const memory of MEMORY) {
    const runs = await Promise.all(GROUPS_EACH.map(async groupsEach => new SimulatedRestore({ users: SIZES[0], groupsEach, memory }).run()));
    console.log([`${memory} MB`.padStart(7), ...runs.map(({ ratio, busy }) => `${ratio.toFixed(3)} ${busy.toFixed(2)}`.padStart(14))].join(' '));
  }
}

/** Peak heap of the largest pool over the smallest's. */
function growth(results: readonly BenchResult[], groupsEach: number): number {
  const peaks = results.filter(result => result.groupsEach === groupsEach).map(result => result.peakHeapMb);
  return peaks[peaks.length - 1] / peaks[0];
}

async function searchForOne(results: readonly BenchResult[]): Promise<{ readonly minutes: number; readonly status: string }> {
  const { minutes, status } = await new SimulatedRestore(MISSING).run();
  const whole = results.find(({ users, groupsEach }) => users === MISSING.users && groupsEach === MISSING.groupsEach)!;
  return { minutes: minutes - whole.minutes, status };
}

/** The live heap, after a collection, at moments spread over the restore. */
async function measure(users: number, groupsEach: number): Promise<BenchResult> {
  let peak = 0;
  let checkpoints = 0;
  // A ledger page of the smaller pools is a shard.
  const every = Math.max(1, Math.floor(Math.max(257, users / 500) / HEAP_SAMPLES));
  const sample = () => {
    if (checkpoints++ % every > 0) return;
    global.gc?.();
    peak = Math.max(peak, process.memoryUsage().heapUsed);
  };
  const result = await new SimulatedRestore({ users, groupsEach, onProgress: sample }).run();
  return { ...result, peakHeapMb: peak / 2 ** 20 };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

void main();
