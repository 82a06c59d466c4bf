import { ALLOWANCE } from './call-costs';
import { Work } from './power-tuning';
import { DEFAULT_QUOTAS } from '../../src/cognito/quotas';

/** Milliseconds of a processor that the bundled functions take on the Node.js of their runtime, 24, for each unit of their work. */
export interface ProcessorTimes {
  /** A user restored, with their memberships. */
  readonly user: number;
  /** A page of 60 users, of whom the ledger has none. */
  readonly newPage: number;
  /** A page of 60 users who did not change. */
  readonly knownPage: number;
}

/**
 * Of an idle machine, the one that this project is made on, rounded up: the first two as measured as a whole ({@link ALLOWANCE} says what is added),
 * the last as the sum of its calls, which `npm run bench:calls` measures. `npm run bench:memory` measures all three beside these. Since rows know their
 * history it counted 7, 113 and 1.5, on a machine that took 2.2 times as long for the same synthesis.
 */
export const MEASURED_TIMES: ProcessorTimes = { user: 4, newPage: 45, knownPage: 4 };

const USERS = 1_000_000;
const PAGE = 60;
/** Share of the quotas that a sweep takes by default. */
const SWEEP_SHARE = 0.5;
/** One an hour. */
const SWEEPS_A_MONTH = 730;
const second = (rate: number) => 1_000 / rate;

/** What the functions are chosen for: a restore of a million users, and the sweeps of a month of as many. */
export function worksOf({ user, knownPage }: ProcessorTimes): Readonly<Record<'restore' | 'sweep', Work>> {
  return {
    restore: { units: USERS, processor: user * ALLOWANCE, quota: second(DEFAULT_QUOTAS.UserAccountRecovery), times: 1 },
    sweep: { units: USERS / PAGE, processor: knownPage * ALLOWANCE, quota: second(DEFAULT_QUOTAS.UserList * SWEEP_SHARE), times: SWEEPS_A_MONTH },
  };
}

/** The first copy of the largest pool that Cognito allows. */
export function firstCopyOf({ newPage }: ProcessorTimes): Work {
  return { units: 40_000_000 / PAGE, processor: newPage * ALLOWANCE, quota: second(DEFAULT_QUOTAS.UserList * SWEEP_SHARE), times: 1 };
}
