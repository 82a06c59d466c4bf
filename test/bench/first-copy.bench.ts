import { SWEEP_MEMORY } from '../../src/capture/constants';
import { GIGABYTE_SECOND } from '../helpers/power-tuning';
import { SimulatedSweep, SweepSimulationResult } from '../helpers/simulated-sweep';

/**
 * How long the first copy of a pool takes, and a sweep of a pool in which nothing changed, by the memory of the function: the real sweep and pacer in
 * virtual time, at half of Cognito's default quotas, on the part of a processor that the memory brings. Run by `npm run bench:first-copy`.
 */
const MEMORY = [128, 256, SWEEP_MEMORY, 512, 1_024, 1_769];
const SIZES = [100_000, 1_000_000];
/** Cognito's limit, and the days in which its first copy has to end. */
const LARGEST = { users: 40_000_000, days: 4 };
const SWEEPS_A_MONTH = 730;

async function main(): Promise<void> {
  console.log('users      memory   first copy, minutes  busy  a sweep of the same, minutes  busy  of the quota  USD a month, hourly');
  let failed = false;
  for (const users of SIZES) {
    for (const memory of users === SIZES[0] ? MEMORY : [SWEEP_MEMORY]) {
      const first = await new SimulatedSweep({ users, memory, unchanged: false }).run();
      const later = await new SimulatedSweep({ users, memory, unchanged: true }).run();
      print(users, memory, first, later);
      if (memory === SWEEP_MEMORY) failed ||= later.ratio < 0.9 || first.minutes * LARGEST.users / users > LARGEST.days * 24 * 60;
    }
  }
  if (failed) process.exitCode = 1;
}

function print(users: number, memory: number, first: SweepSimulationResult, later: SweepSimulationResult): void {
  console.log([
    String(users).padEnd(9), `${memory} MB`.padStart(8), first.minutes.toFixed(1).padStart(20), first.busy.toFixed(2).padStart(5),
    later.minutes.toFixed(1).padStart(29), later.busy.toFixed(2).padStart(5), later.ratio.toFixed(3).padStart(13),
    (later.gigabyteSeconds * SWEEPS_A_MONTH * GIGABYTE_SECOND).toFixed(2).padStart(20),
  ].join(' '));
}

void main();
