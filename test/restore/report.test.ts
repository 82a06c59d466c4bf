import { sentenceOf } from '../../src/converge/sentences';
import { restoreReport, verdictOf } from '../../src/restore/report';
import { DoneCheckpoint, NO_GROUPS, NO_TALLY, NO_TARGET, NO_VERIFICATION, RestoreRun, tallied } from '../../src/restore/restore-run';
import { UserOutcome } from '../../src/state/outcome';
import { documentText } from '../helpers/documents';

const RUN: RestoreRun = { execution: 'run', startedAt: 0, sourceUserPoolId: 'S', targetUserPoolId: 'T', dryRun: false, quotaShare: 1 };
const OUTCOMES: UserOutcome[] = [
  { sub: '1', outcome: 'restored', memberships: 2, warnings: [{ code: 'totp-lost' }] },
  { sub: '2', outcome: 'restored' },
  { sub: '3', outcome: 'already-there', reason: { code: 'unchanged' } },
  { sub: '4', outcome: 'skipped', reason: { code: 'source-unconfirmed' } },
  { sub: '5', outcome: 'failed', reason: { code: 'no-sign-in-name' } },
];
const TALLY = tallied(NO_TALLY, 5, OUTCOMES);

const VERIFIED = { users: 2, memberships: 2, different: 0, changedSince: 0 };

function at(checkpoint: Partial<DoneCheckpoint> = {}): DoneCheckpoint {
  return { phase: 'done', groups: NO_GROUPS, target: NO_TARGET, tally: TALLY, counted: TALLY, verification: VERIFIED, ...checkpoint };
}

test('counts by outcome and reason', () => {
  expect(restoreReport(RUN, at(), 60_000)).toEqual({
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
    reasons: {
      'already-there': { unchanged: 1 },
      'skipped': { [sentenceOf({ code: 'source-unconfirmed' })]: 1 },
      'failed': { [sentenceOf({ code: 'no-sign-in-name' })]: 1 },
    },
    warnings: { [sentenceOf({ code: 'totp-lost' })]: 1 },
    groups: NO_GROUPS,
    unknownInTarget: 0,
    verified: { users: 2, memberships: 2, different: 0, changedSince: 0 },
  });
});

test('a failed user does not make the restore fail, and the alarm, the documents and the verdict say the same', () => {
  expect(verdictOf(RUN, at())).toEqual({ status: 'complete' });
  const [alarm, runbook, questions] = ['src/restore/restore-alarms.ts', 'docs/runbook.md', 'docs/faq.md'].map(documentText);
  for (const text of [alarm, runbook, questions]) expect(text).toMatch(/more\s+users failed than are in the target now/);
  expect(alarm).toContain('Fewer failed users do not fail a restore');
  expect(questions).toContain('Fewer failed users are counted and listed, and do not fail it');
});

test.each<[string, Partial<DoneCheckpoint>, RegExp]>([
  ['a user of the ledger without an outcome', { tally: { ...TALLY, users: 6 } }, /do not add up: 6 users in the ledger, 5 outcomes, 5 of them in the state table; start the restore again/],
  ['an outcome that is not in the state table', { counted: tallied(NO_TALLY, 4, OUTCOMES.slice(1)) }, /5 outcomes, 4 of them/],
  ['more failures than successes', { tally: tallied(TALLY, 3, Array(3).fill(OUTCOMES[4])) }, /4 of 8 users failed, 4 of them with: no sign-in name.*; .* index key run#failed/],
  ['a difference', { verification: { users: 2, memberships: 2, different: 1, changedSince: 0 } }, /1 users are not in the target .* run#different; start the restore again/],
])('%s makes it fail', (_what, checkpoint, message) => {
  expect(verdictOf(RUN, at(checkpoint))).toEqual({ status: 'incomplete', message: expect.stringMatching(message) });
});

test('links that another restore wrote over are not passed over in silence', () => {
  expect(verdictOf(RUN, at({ verification: { ...VERIFIED, users: 1 } }))).toMatchObject({ status: 'incomplete', message: expect.stringMatching(/only 1 with 2 were verified/) });
  expect(verdictOf(RUN, at({ verification: { ...VERIFIED, memberships: 1 } }))).toMatchObject({ status: 'incomplete' });
  expect(verdictOf({ ...RUN, dryRun: true }, at({ verification: NO_VERIFICATION }))).toEqual({ status: 'complete' });
});

test('an outcome of a user whom a sweep found gone meanwhile is reported, and is no error', () => {
  const counted = tallied(TALLY, 1, [{ sub: '6', outcome: 'already-there', reason: { code: 'unchanged' } }]);
  expect(verdictOf(RUN, at({ counted }))).toEqual({ status: 'complete' });
  expect(restoreReport(RUN, at({ counted }), 0)).toMatchObject({ users: 5, alreadyThere: 1, goneMeanwhile: 1 });
  expect(restoreReport(RUN, at(), 0)).not.toHaveProperty('goneMeanwhile');
});

test('a full restore of nobody is none, one of some users may be', () => {
  const nobody = at({ tally: NO_TALLY, counted: NO_TALLY, verification: NO_VERIFICATION });
  expect(verdictOf(RUN, nobody)).toEqual({ status: 'incomplete', message: expect.stringMatching(/holds no users of S: .* sourceUserPoolId/) });
  // Nobody asked for anyone: a pool may be empty, such as one that has just replaced another.
  expect(verdictOf({ ...RUN, scheduled: true }, nobody)).toEqual({ status: 'complete' });
  expect(verdictOf({ ...RUN, groups: ['empty'] }, nobody)).toEqual({ status: 'complete' });
});

test('more users deleted in the target than there are left in it are not passed over in silence', () => {
  const gone = { outcome: 'skipped', reason: { code: 'deleted-in-target', since: '2026-01-01' } } as const;
  const tally = tallied(TALLY, 4, ['6', '7', '8', '9'].map(sub => ({ sub, ...gone })));
  expect(verdictOf(RUN, at({ tally, counted: tally }))).toEqual({ status: 'incomplete', message: expect.stringContaining('4 of 9 users were skipped') });
});

test('a message fits into the cause of a failed execution', () => {
  const failures = Array.from({ length: 100 }, (_, i): UserOutcome => ({ sub: String(i), outcome: 'failed', reason: { code: 'attributes-not-in-schema', attributes: [`custom:${i}`] } }));
  expect(verdictOf(RUN, at({ tally: tallied(NO_TALLY, 100, failures) }))).toMatchObject({ status: 'incomplete' });
  expect((verdictOf(RUN, at({ tally: tallied(NO_TALLY, 100, failures) })) as { message: string }).message.length).toBeLessThan(1_000);
});

test('reasons of one sentence are one line, whatever order a table gives their fields back in', () => {
  const [one, other]: UserOutcome[] = [
    { sub: '1', outcome: 'failed', reason: { code: 'refused', operation: 'AdminCreateUser', error: 'InvalidParameterException' } },
    { sub: '2', outcome: 'failed', reason: { error: 'InvalidParameterException', operation: 'AdminCreateUser', code: 'refused' } },
  ];
  const tally = tallied(NO_TALLY, 2, [one, other]);
  expect(Object.values(tally.outcomes.failed!)).toEqual([2]);
  expect(restoreReport(RUN, at({ tally }), 0).reasons.failed).toEqual({ 'AdminCreateUser: InvalidParameterException: the target refuses one of the values': 2 });
});
