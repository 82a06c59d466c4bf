/** Milliseconds of a whole processor that our own side of one call takes: the SDK, and reading or making what it carries. */
export interface CallCosts {
  /** AdminCreateUser, AdminSetUserPassword and any other call about one user or group. */
  readonly call: number;
  /** A page of 60 users. */
  readonly listing: number;
  /** Comparing one listed user with a digest. */
  readonly comparison: number;
  /** One new row of the ledger. */
  readonly row: number;
  /** One digest that is read from the index. */
  readonly digest: number;
  /** One item that is written to the state table in a batch of 25. */
  readonly stateWrite: number;
  /** One item that is read from a table in a page or a batch of 100. */
  readonly itemRead: number;
}

/** As `npm run bench:calls` measures them on the machine that this project is made on, rounded up. */
export const MEASURED_COSTS: CallCosts = {
  call: 0.6, listing: 1.2, comparison: 0.02, row: 0.6, digest: 0.004, stateWrite: 0.05, itemRead: 0.012,
};

/**
 * What the measure leaves out: TLS, work between the calls, collections of a full heap. Measured as a whole against the local AWS, a restore took 3.1 to
 * 3.5 ms a user, and a first copy 44 ms a page of 60: with this, the sums of their calls are not less.
 */
export const ALLOWANCE = 1.25;

/** What the simulations spend. */
export const COSTS = Object.fromEntries(Object.entries(MEASURED_COSTS).map(([name, cost]) => [name, cost * ALLOWANCE])) as unknown as CallCosts;
