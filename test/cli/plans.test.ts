import {
  exitOfRestore, recoveryEstimate, restoreAgreement, restoreEstimate, showRecoveryPlan, showRecoveryResult, showRestore,
} from '../../src/cli/commands/plans';
import { sentenceOf } from '../../src/converge/sentences';
import { RecoveryReport } from '../../src/recovery/recovery-report';
import { RestoreReport } from '../../src/restore/report';
import { PLAN, RESTORE } from '../helpers/plans';
import { written } from '../helpers/written';

describe('a plan of a recovery', () => {
  const shown = (more: Partial<RecoveryReport>) => written(terminal => showRecoveryPlan(terminal, { ...PLAN, ...more }));

  test('says that a sweep holds deletions, whose users are not in it, and the way out', () => {
    expect(shown({})).not.toContain('not whole');
    expect(shown({ deletionsHeld: '20261102T103000Z-users-gone-x7Qa' })).toMatch(/not whole: .* 20261102T103000Z-users-gone-x7Qa.*SweepAlarms\/Failed.*new plan/);
  });

  test('says which second factors go, what became of users, what it takes back', () => {
    const text = shown({ secondFactors: { SOFTWARE_TOKEN_MFA: 4 }, undoes: 'earlier-run' });
    expect(text).toMatch(/Second factors that are switched off[\s\S]*SOFTWARE_TOKEN_MFA +4/);
    expect(text).toMatch(/What has become of users since[\s\S]*deleted +3/);
    expect(text).toContain('takes back earlier-run');
  });

  test('says what to do about whoever is left as they are, in whole sentences', () => {
    const codes = [
      { code: 'name-taken', attribute: 'email' }, { code: 'name-parked' }, { code: 'changed-by-unknown' }, { code: 'mfa-unknown-before', methods: ['SMS'] },
      { code: 'would-notify', attribute: 'email' },
    ] as const;
    const text = shown({ leftAsTheyAre: Object.fromEntries(codes.map(code => [sentenceOf(code), 7])) });
    for (const code of codes) expect(text).toContain(sentenceOf(code));
  });

  test('says which pool it writes, whom it is about, and what it takes and costs', () => {
    const estimate = recoveryEstimate(PLAN, { featurePlan: 'ESSENTIALS', quotas: { UserUpdate: 0.1 } });
    // Two who are reverted, at 0.3 of a request in ten seconds.
    expect(estimate).toEqual({ seconds: 67, boundBy: 'UserUpdate', quotaShare: 0.3, cost: { plan: 'ESSENTIALS', users: 5, atMost: 0.08, atLeast: 0 } });
    expect(recoveryEstimate(PLAN, { quotaShare: 0.05 })).toMatchObject({ seconds: 2, quotaShare: 0.05 });
    const text = written(terminal => showRecoveryPlan(terminal, { ...PLAN, asOf: '2026-11-02T09:00:00.000Z', scope: 'changed-by' }, estimate));
    expect(text).toMatch(/Plan run: back to 2026-11-02T09:00:00Z/);
    expect(text).toMatch(/writes +the source pool us-east-1_a/);
    expect(text).toMatch(/is about +users whom the callers that are meant have changed since/);
    expect(text).toMatch(/takes +at least 67 s, at 30 % of UserUpdate/);
    expect(text).toMatch(/costs +0\.00 to 0\.08 USD for 5 monthly active users/);
    // One that is looked at afterwards, with `watch`: by which share it will be executed is not known.
    expect(shown({})).not.toContain('takes');
  });

  test('says once it is executed how many have a new sub', () => {
    const after = (some: object) => written(terminal => showRecoveryResult(terminal, { ...PLAN, outcomes: { undeleted: 3 }, ...some }));
    expect(after({ recoveredSubs: { a: 'b', c: 'd' } })).toContain('2 came back with a new sub: --json says which, by the old one');
    // The report names as many as an execution's output has room for.
    expect(after({ recoveredSubs: { a: 'b', c: 'd' }, moreRecoveredSubs: 1 }))
      .toContain('3 came back with a new sub: --json says which 2 of them have, by the old one; `show` with an old sub says the new one of any');
    expect(after({})).not.toContain('new sub');
  });
});

describe('a restore', () => {
  test('its plan says what it takes and costs', () => {
    const estimate = restoreEstimate(RESTORE, { featurePlan: 'ESSENTIALS' });
    expect(estimate).toEqual({
      seconds: 1_250, boundBy: 'UserAccountRecovery', quotaShare: 0.8, cost: { plan: 'ESSENTIALS', users: 30_000, atMost: 450, atLeast: 300 },
    });
    expect(restoreEstimate(RESTORE, { quotaShare: 1, quotas: { UserAccountRecovery: 90 }, featurePlan: 'LITE' }))
      .toMatchObject({ seconds: 600, boundBy: 'UserCreation', cost: { atMost: 165 } });
    const text = written(terminal => showRestore(terminal, RESTORE, estimate));
    expect(text).toMatch(/takes +at least 21 min, at 80 % of UserAccountRecovery/);
    expect(text).toMatch(/costs +300\.00 to 450\.00 USD for 30000 monthly active users \(ESSENTIALS; 10000 a month are free\) *\n +and as much for each who is there/);
    expect(written(terminal => showRestore(terminal, RESTORE))).not.toContain('costs');
  });

  test('its report says what the moment leaves unsure, which groups are refused, and who differs', () => {
    const report: RestoreReport = {
      ...RESTORE,
      dryRun: false,
      asOf: { moment: '2026-11-02T09:00:00.000Z', uncertain: 4, byEvent: 0, incomplete: 1, later: 5 },
      groups: { ...RESTORE.groups, failed: { 'a limit of the target is reached': ['staff', 'admins'] } },
      unknownInTarget: 6,
      verified: { users: 10, memberships: 0, different: 3, changedSince: 0 },
    };
    const text = written(terminal => showRestore(terminal, report));
    expect(text).toMatch(/As of 2026-11-02T09:00:00Z/);
    expect(text).toMatch(/changed around it: as before that change +4/);
    expect(text).toMatch(/what they were is not known +1/);
    expect(text).toMatch(/a limit of the target is reached +2/);
    expect(text).toMatch(/the copy does not know: left alone +6/);
    expect(text).toMatch(/not as the copy has them +3/);
    expect(text).not.toContain('as the events say');
    expect(exitOfRestore(report)).toBe(2);
  });
});

test('a restore asks for everybody whom it writes, those already there as well; where it writes nobody, for the pool', () => {
  const reasons = { 'already-there': { [sentenceOf({ code: 'unchanged' })]: 9_900, [sentenceOf({ code: 'would-converge' })]: 100 } };
  expect(restoreAgreement({ ...RESTORE, reasons })).toEqual({ users: 30_100, words: '30100' });
  expect(restoreAgreement({ ...RESTORE, wouldRestore: 0, reasons })).toEqual({ users: 100, words: '100' });
  expect(restoreAgreement({ ...RESTORE, wouldRestore: 0 })).toEqual({ users: 0, words: 'us-west-2_b' });
});
