import { reportOf, verdictOf } from '../../src/restore/report';
import { Checkpoint, FIRST_CHECKPOINT, NO_TALLY, RestoreRun, tallied, UserOutcome } from '../../src/restore/restore-run';

const RUN: RestoreRun = { execution: 'run', startedAt: 0, sourceUserPoolId: 'S', targetUserPoolId: 'T', dryRun: false, quotaShare: 1 };
const OUTCOMES: UserOutcome[] = [
  { sub: '1', outcome: 'restored', memberships: 2, warnings: ['w'] },
  { sub: '2', outcome: 'restored' },
  { sub: '3', outcome: 'already-there', reason: 'unchanged' },
  { sub: '4', outcome: 'skipped', reason: 's' },
  { sub: '5', outcome: 'failed', reason: 'f' },
];
const TALLY = tallied(NO_TALLY, 5, OUTCOMES);

const VERIFIED = { users: 2, memberships: 2, different: 0, changedSince: 0 };

function at(checkpoint: Partial<Checkpoint> = {}): Checkpoint {
  return { ...FIRST_CHECKPOINT, tally: TALLY, counted: TALLY, verification: VERIFIED, ...checkpoint };
}

test('counts by outcome and reason', () => {
  expect(reportOf(RUN, at(), 60_000)).toEqual({
    execution: 'run',
    sourceUserPoolId: 'S',
    targetUserPoolId: 'T',
    dryRun: false,
    startedAt: '1970-01-01T00:00:00.000Z',
    endedAt: '1970-01-01T00:01:00.000Z',
    users: 5,
    restored: 2,
    alreadyThere: 1,
    skipped: 1,
    failed: 1,
    memberships: 2,
    reasons: { 'already-there': { unchanged: 1 }, 'skipped': { s: 1 }, 'failed': { f: 1 } },
    warnings: { w: 1 },
    groups: undefined,
    unknownInTarget: 0,
    verified: { users: 2, memberships: 2, different: 0, changedSince: 0 },
  });
});

test('a failed user does not make the restore fail', () => {
  expect(verdictOf(RUN, at())).toEqual({ status: 'complete' });
});

test.each<[string, Partial<Checkpoint>, RegExp]>([
  ['a user of the ledger without an outcome', { tally: { ...TALLY, users: 6 } }, /do not add up: 6 users in the ledger, 5 outcomes, 5 of them in the standby table; start the restore again/],
  ['an outcome that is not in the standby table', { counted: tallied(NO_TALLY, 4, OUTCOMES.slice(1)) }, /5 outcomes, 4 of them/],
  ['more failures than successes', { tally: tallied(TALLY, 3, Array(3).fill(OUTCOMES[4])) }, /4 of 8 users failed, 4 of them with: f; .* index key run#failed/],
  ['a difference', { verification: { users: 2, memberships: 2, different: 1, changedSince: 0 } }, /1 users are not in the target .* run#different; start the restore again/],
])('%s makes it fail', (_what, checkpoint, message) => {
  expect(verdictOf(RUN, at(checkpoint))).toEqual({ status: 'incomplete', message: expect.stringMatching(message) });
});

test('links that another restore wrote over are not passed over in silence', () => {
  expect(verdictOf(RUN, at({ verification: { ...VERIFIED, users: 1 } }))).toMatchObject({ status: 'incomplete', message: expect.stringMatching(/only 1 with 2 were verified/) });
  expect(verdictOf(RUN, at({ verification: { ...VERIFIED, memberships: 1 } }))).toMatchObject({ status: 'incomplete' });
  expect(verdictOf({ ...RUN, dryRun: true }, at({ verification: FIRST_CHECKPOINT.verification }))).toEqual({ status: 'complete' });
});

test('an outcome of a user whom a sweep found gone meanwhile is reported, and is no error', () => {
  const counted = tallied(TALLY, 1, [{ sub: '6', outcome: 'already-there', reason: 'unchanged' }]);
  expect(verdictOf(RUN, at({ counted }))).toEqual({ status: 'complete' });
  expect(reportOf(RUN, at({ counted }), 0)).toMatchObject({ users: 5, alreadyThere: 1, goneMeanwhile: 1 });
  expect(reportOf(RUN, at(), 0)).not.toHaveProperty('goneMeanwhile');
});

test('a full restore of nobody is none, one of some users may be', () => {
  const nobody = at({ tally: NO_TALLY, counted: NO_TALLY, verification: FIRST_CHECKPOINT.verification });
  expect(verdictOf(RUN, nobody)).toEqual({ status: 'incomplete', message: expect.stringMatching(/holds no users of S: .* sourceUserPoolId/) });
  expect(verdictOf({ ...RUN, groups: ['empty'] }, nobody)).toEqual({ status: 'complete' });
});

test('more users deleted in the target than there are left in it are not passed over in silence', () => {
  const gone = { outcome: 'skipped', reason: 'deleted in the target since the restore of 2026-01-01' } as const;
  const tally = tallied(TALLY, 4, ['6', '7', '8', '9'].map(sub => ({ sub, ...gone })));
  expect(verdictOf(RUN, at({ tally, counted: tally }))).toEqual({ status: 'incomplete', message: expect.stringContaining('4 of 9 users were skipped') });
});

test('a message fits into the cause of a failed execution', () => {
  const failures = Array.from({ length: 100 }, (_, i): UserOutcome => ({ sub: String(i), outcome: 'failed', reason: `reason ${i}` }));
  expect(verdictOf(RUN, at({ tally: tallied(NO_TALLY, 100, failures) })).message!.length).toBeLessThan(1_000);
});
