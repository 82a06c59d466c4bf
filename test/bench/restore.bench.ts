import { SimulatedRestore, SimulationResult } from '../helpers/simulated-restore';

/**
 * How fast a restore is, and how much memory it takes: the real worker and pacer in virtual time, at Cognito's default quotas and quotaShare 1.
 * Beside it the recovery times that AWS published for its User Profiles Export reference architecture, at its fastest setting.
 */
const SIZES = [10_000, 100_000, 1_000_000];
const GROUPS_EACH = [0, 1];
const PUBLISHED: Readonly<Record<string, number>> = { '10000/0': 8.1, '10000/1': 29, '100000/0': 56, '100000/1': 290 };
const HEAP_SAMPLES = 40;

interface BenchResult extends SimulationResult {
  readonly peakHeapMb: number;
}

async function main(): Promise<void> {
  const results: BenchResult[] = [];
  for (const groupsEach of GROUPS_EACH) for (const users of SIZES) results.push(await measure(users, groupsEach));
  console.log('users      groups each  minutes  AWS reference  of the quota  throttled  slices  peak heap');
  for (const { users, groupsEach, minutes, ratio, throttled, slices, peakHeapMb } of results) {
    const published = PUBLISHED[`${users}/${groupsEach}`];
    console.log([
      String(users).padEnd(9), String(groupsEach).padStart(12), minutes.toFixed(1).padStart(8), (published === undefined ? '-' : String(published)).padStart(14),
      ratio.toFixed(3).padStart(13), String(throttled).padStart(10), String(slices).padStart(7), `${peakHeapMb.toFixed(1)} MB`.padStart(10),
    ].join(' '));
  }
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify(results.map(({ users, groupsEach, minutes, ratio, peakHeapMb }) =>
      ({ users, groupsEach, minutes: round(minutes, 1), ratio: round(ratio, 3), peakHeapMb: round(peakHeapMb, 1) }))));
  }
  if (results.some(({ ratio, status }) => ratio < 0.95 || status !== 'complete')) process.exitCode = 1;
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
