import { DrillFacts, SCRATCH_ISOLATION_CODES } from '../../../src/drill/evidence/drill-facts';

const DIGEST = { sha256: 'c0ffee'.padEnd(64, '0'), users: 990, groups: 4, memberships: 1_320 };

/** A drill that made way for a restore before it had made anything. */
export function yieldedDrill(targets: DrillFacts['targets'] = {}): DrillFacts {
  const { id, executionArn, startedAt, endedAt, versions, templates, startedBy, scenario, objective, source } = wholeDrill();
  return {
    id,
    executionArn,
    startedAt,
    endedAt,
    versions,
    templates,
    startedBy,
    scenario,
    objective,
    source,
    end: { how: 'yielded' },
    phases: [],
    targets,
    removal: { how: 'nothing-to-remove' },
  };
}

/** A drill in which everything went as it should, but for what is given. */
export function wholeDrill(given: Partial<DrillFacts> = {}): DrillFacts {
  return {
    id: 'drill-2026-11-22',
    executionArn: 'arn:aws:states:us-west-2:111122223333:execution:auth-drill:drill-2026-11-22',
    startedAt: '2026-11-22T03:00:00.000Z',
    endedAt: '2026-11-22T03:14:20.000Z',
    end: { how: 'completed' },
    versions: { library: '1.4.0', ledger: 1, node: 'v24.4.0' },
    templates: {
      primary: { stack: 'Auth', sha256: 'a1'.repeat(32) },
      replica: { stack: 'Auth-replica', sha256: 'b2'.repeat(32) },
    },
    startedBy: { how: 'schedule', roleArn: 'arn:aws:sts::111122223333:assumed-role/auth-drill-scheduler/c0d2a1' },
    approvedBy: { roleArn: 'arn:aws:iam::111122223333:role/ResilienceLead' },
    scenario: 'The user pool in us-east-1 is lost, and its users are restored from the copy in us-west-2.',
    objective: 'Every user of the sample is restored as they were, and signs in.',
    phases: [
      { phase: 'choose', startedAt: '2026-11-22T03:00:00.000Z', endedAt: '2026-11-22T03:00:20.000Z' },
      { phase: 'make-pool', startedAt: '2026-11-22T03:00:20.000Z', endedAt: '2026-11-22T03:01:00.000Z' },
      { phase: 'restore', startedAt: '2026-11-22T03:01:00.000Z', endedAt: '2026-11-22T03:08:00.000Z' },
      { phase: 'compare', startedAt: '2026-11-22T03:08:00.000Z', endedAt: '2026-11-22T03:11:00.000Z' },
      { phase: 'sign-in', startedAt: '2026-11-22T03:11:00.000Z', endedAt: '2026-11-22T03:11:30.000Z' },
      { phase: 'delete-pool', startedAt: '2026-11-22T03:11:30.000Z', endedAt: '2026-11-22T03:12:00.000Z' },
      { phase: 'prove-deletion', startedAt: '2026-11-22T03:12:00.000Z', endedAt: '2026-11-22T03:14:00.000Z' },
    ],
    source: { userPoolId: 'us-east-1_SourcePoo', region: 'us-east-1' },
    moment: {
      choice: 'random',
      at: '2026-11-17T15:42:07.000Z',
      seed: '7f3a9c01',
      window: { from: '2026-11-08T03:00:00.000Z', to: '2026-11-22T02:59:00.000Z' },
    },
    scope: { of: 'sample', population: 128_450, users: 1_000, seed: '51be20d4' },
    scratch: { userPoolId: 'us-west-2_Scratch01', name: 'auth-drill-2026-11-22', region: 'us-west-2', createdAt: '2026-11-22T03:00:31.000Z' },
    isolation: [
      ...SCRATCH_ISOLATION_CODES.map(code => ({ code, seen: 'held' as const })),
      { code: 'source-untouched', seen: 'by-permission' }, { code: 'standby-untouched', seen: 'by-permission' }, { code: 'links-untouched', seen: 'by-permission' },
    ],
    targets: { rto: 14_400, rpo: 900 },
    measured: {
      restoreSeconds: 420,
      recoverySeconds: 480,
      usersPerSecond: 2.38,
      extrapolated: { users: 128_450, recoverySeconds: 5_351, quotaShare: 0.8 },
      quotaShare: 0.3,
      copyAgeSeconds: 312,
      uncertainUsers: 3,
    },
    counts: {
      in: 1_000,
      out: [
        { outcome: 'restored', users: 990 },
        { outcome: 'skipped', reason: 'source-unconfirmed', users: 8 },
        { outcome: 'skipped', reason: 'source-federated', users: 2 },
      ],
    },
    comparison: { expected: DIGEST, found: DIGEST, differences: [] },
    knownLosses: [{ code: 'passwords', users: 1_000 }, { code: 'subs', users: 1_000 }, { code: 'totp', users: 214 }, { code: 'passkeys', users: 0 }],
    deviations: [
      { code: 'sample-only' },
      { code: 'setting-left-out', settings: ['LambdaConfig', 'EmailConfiguration', 'SmsConfiguration', 'Domain'] },
      { code: 'quota-share-smaller' },
    ],
    signIn: {
      kinds: [
        { kind: 'user-name-and-password', expected: 'signed-in', seen: 'signed-in' },
        { kind: 'disabled', expected: 'refused', seen: 'refused' },
        { kind: 'authenticator-app', expected: 'signed-in', seen: 'no-such-user' },
      ],
    },
    removal: { how: 'proven', deletedAt: '2026-11-22T03:12:00.000Z', provenAt: '2026-11-22T03:14:00.000Z' },
    ...given,
  };
}
