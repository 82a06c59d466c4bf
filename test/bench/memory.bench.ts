import { SWEEP_MEMORY } from '../../src/capture/constants';
import { RESTORE_MEMORY } from '../../src/restore/constants';
import { deployDr, DeployedDr, PRIMARY, REPLICA } from '../e2e/dr-app';
import { choiceOf, isChosenWell, tune, Work } from '../helpers/power-tuning';
import { firstCopyOf, MEASURED_TIMES, ProcessorTimes, worksOf } from '../helpers/processor-times';
import { LocalAws } from '../local-aws/local-aws';
import { seedUsers } from '../local-aws/seed/seed-users';

/**
 * Which memory the functions should have: the processor time of the bundled functions is measured while they restore and sweep real users of the local
 * AWS, on the Node.js of their runtime, and what a restore and the sweeps take and cost is worked out for each memory. Run by `npm run bench:memory`, on
 * a machine that does nothing else: one that is shared counts up to three times as much. It may be given the number of users.
 */
const USERS = Number(process.argv[2] ?? 1_200);
const PAGE = 60;

async function main(): Promise<void> {
  // Without events, so that the sweep alone copies.
  const aws = await LocalAws.start({ trail: false });
  try {
    const { email: dr } = await deployDr(aws, { stackName: 'Memory', pools: ['email'] });
    const times = await measure(aws, dr);
    console.log('milliseconds of a processor  here  as configured for');
    for (const [name, time] of Object.entries(times)) {
      console.log(`${name.padEnd(27)} ${time.toFixed(1).padStart(5)} ${String(MEASURED_TIMES[name as keyof ProcessorTimes]).padStart(18)}`);
    }
    const works = worksOf(times);
    print('a restore of a million users', works.restore, RESTORE_MEMORY);
    print('a month of hourly sweeps of a million users', works.sweep, SWEEP_MEMORY);
    print('a first copy of forty million users', firstCopyOf(times));
    if (!isChosenWell(works.restore, RESTORE_MEMORY) || !isChosenWell(works.sweep, SWEEP_MEMORY)) process.exitCode = 1;
  } finally {
    await aws.stop();
  }
}

/** Each function has run before it is measured: what loading it takes is not counted, nor what a sweep takes that finds nobody. */
async function measure(aws: LocalAws, dr: DeployedDr): Promise<ProcessorTimes> {
  const run = async (region: string, stateMachine: string, input?: object) => {
    const { status, cause } = await aws.runStateMachine(region, stateMachine, input, { timeoutMs: 600_000 });
    if (status !== 'SUCCEEDED') throw new Error(`${stateMachine}: ${status} ${cause}`);
    await aws.replication.settled();
  };
  const timed = async (region: string, part: string, work: () => Promise<void>) => {
    const name = await aws.functionName(region, part);
    const before = aws.processorTime(name);
    await work();
    return aws.processorTime(name) - before;
  };
  const sweep = async () => run(PRIMARY, dr.sweep);
  await sweep();
  const empty = await timed(PRIMARY, 'SweepFunction', sweep);
  await seedUsers({ endpoint: aws.endpoint, account: aws.account, region: PRIMARY, userPoolId: dr.userPoolId, users: USERS });
  const newPages = await timed(PRIMARY, 'SweepFunction', sweep);
  const knownPages = await timed(PRIMARY, 'SweepFunction', sweep);
  await run(REPLICA, dr.restore, { dryRun: true });
  const users = await timed(REPLICA, 'RestoreSlice', async () => run(REPLICA, dr.restore));
  return { user: users / USERS, newPage: (newPages - empty) / (USERS / PAGE), knownPage: (knownPages - empty) / (USERS / PAGE) };
}

function print(what: string, work: Work, configured?: number): void {
  const tuned = tune(work);
  const choice = choiceOf(tuned);
  console.log(`\n${what}\nmemory     minutes     USD`);
  for (const { memory, minutes, usd, isFast } of tuned) {
    const marks = [isFast ? 'fast' : '', memory === choice.memory ? 'the cheapest of these' : '', memory === configured ? 'configured' : ''];
    console.log([`${memory} MB`.padStart(7), minutes.toFixed(1).padStart(10), usd.toFixed(2).padStart(7), ...marks].join(' ').trimEnd());
  }
}

void main();
