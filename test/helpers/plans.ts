import { RecoveryReport } from '../../src/recovery/recovery-report';
import { RestoreReport } from '../../src/restore/report';

/** Reports of dry runs, as the state machines answer them. */
export const PLAN: RecoveryReport = {
  execution: 'run',
  plan: 'run',
  userPoolId: 'us-east-1_a',
  executed: false,
  startedAt: '2026-11-02T10:00:00.000Z',
  endedAt: '2026-11-02T10:01:00.000Z',
  users: { undeleted: 3, reverted: 2, leftAsTheyAre: 1 },
  groups: { created: 0, reverted: 0, leftAsTheyAre: 0 },
  changes: { deleted: 3, changed: 2 },
  attributes: { email: 2 },
  secondFactors: {},
  enabled: 0,
  disabled: 0,
  memberships: { given: 0, taken: 0 },
  certainty: {},
  leftAsTheyAre: {},
  warnings: {},
};
export const RESTORE: RestoreReport = {
  execution: 'run',
  sourceUserPoolId: 'us-east-1_a',
  targetUserPoolId: 'us-west-2_b',
  dryRun: true,
  startedAt: '2026-11-02T10:00:00.000Z',
  endedAt: '2026-11-02T10:01:00.000Z',
  users: 40_000,
  restored: 0,
  wouldRestore: 30_000,
  alreadyThere: 10_000,
  skipped: 0,
  failed: 0,
  memberships: 0,
  reasons: {},
  warnings: {},
  groups: { created: 0, changed: 0, unchanged: 0, ofIdentityProviders: 0 },
  unknownInTarget: 0,
};
