import { SweepReport } from '../../src/capture/sweep/sweep';

const none = { listed: 0, known: 0, written: 0, missing: 0, tombstoned: 0 };

/** Of a sweep of an empty pool that found everything as it was. */
export const NOTHING_NEW: SweepReport = {
  users: none,
  groups: none,
  memberships: none,
  poolPartsWritten: 0,
  refused: 0,
  refusedRows: [],
  unmarked: 0,
  othersSeen: false,
  eventsMissing: false,
  startedAt: '',
  seconds: 1,
  schemaDrift: [],
};
