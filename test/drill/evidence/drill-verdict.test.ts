import { wholeDrill, yieldedDrill } from './whole-drill';
import { DrillFacts } from '../../../src/drill/evidence/drill-facts';
import { DRILL_FAILURES, DrillFailure, verdictOfDrill } from '../../../src/drill/evidence/drill-verdict';

const whole = wholeDrill();
const { counts, comparison, isolation } = whole as Required<DrillFacts>;
const other = { ...comparison.found, sha256: '0'.repeat(64) };

test('a drill that showed everything is successful', () => {
  expect(verdictOfDrill(whole)).toEqual({ validationStatus: 'SUCCESSFUL', failures: [], deletionStatus: 'SUCCESSFUL', rto: 'met', rpo: 'met' });
});

const FAILED: readonly (readonly [DrillFailure, Partial<DrillFacts>])[] = [
  ['phase-failed', { end: { how: 'failed', phase: 'compare', error: 'TooManyRequestsException' } }],
  ['part-missing', { signIn: undefined }],
  ['part-missing', { removal: undefined }],
  ['nobody-in-scope', { scope: { of: 'everybody', population: 0, users: 0 }, counts: { in: 0, out: [] } }],
  ['counts-do-not-add-up', { counts: { ...counts, out: counts.out.slice(1) } }],
  ['counts-do-not-add-up', { scope: { of: 'everybody', population: 1_001, users: 1_001 } }],
  ['users-failed', { counts: { in: 1_000, out: [{ outcome: 'restored', users: 999 }, { outcome: 'failed', reason: 'refused', users: 1 }] } }],
  ['unexplained-differences', { comparison: { ...comparison, found: other, differences: [{ code: 'attribute', field: 'email', count: 1 }] } }],
  ['digests-contradict', { comparison: { ...comparison, found: other } }],
  ['digests-contradict', { comparison: { ...comparison, differences: [{ code: 'status', reason: 'source-status', count: 4 }] } }],
  ['isolation-broken', { isolation: isolation.map(check => check.code === 'no-message-sent' ? { ...check, seen: 'broken' } : check) }],
  ['isolation-not-checked', { isolation: isolation.slice(1) }],
  ['isolation-not-checked', { isolation: isolation.map(check => check.code === 'no-domain' ? { ...check, seen: 'by-permission' } : check) }],
  ['sign-in-failed', {
    signIn: {
      kinds: [{ kind: 'user-name-and-password', expected: 'signed-in', seen: 'failed', error: 'NotAuthorizedException' },
        { kind: 'address-and-password', expected: 'signed-in', seen: 'signed-in' }],
    },
  }],
  ['sign-in-failed', { signIn: { kinds: [{ kind: 'disabled', expected: 'refused', seen: 'signed-in' }] } }],
  ['nobody-signed-in', { signIn: { kinds: [{ kind: 'disabled', expected: 'refused', seen: 'refused' }] } }],
];

test.each(FAILED)('%s fails a drill %#', (failure, given) => {
  expect(verdictOfDrill(wholeDrill(given))).toMatchObject({ validationStatus: 'FAILED', failures: [failure] });
});

test('each way to fail is among them', () => {
  expect([...new Set(FAILED.map(([failure]) => failure))]).toEqual([...DRILL_FAILURES]);
});

test('what the drill has no permission to change need not be looked at', () => {
  const looked = isolation.filter(({ code }) => !code.endsWith('-untouched'));
  expect(verdictOfDrill(wholeDrill({ isolation: looked })).validationStatus).toBe('SUCCESSFUL');
  expect(verdictOfDrill(wholeDrill({ isolation: [...looked, { code: 'source-untouched', seen: 'broken' }] })).failures).toEqual(['isolation-broken']);
});

test('a difference that is explained does not fail it', () => {
  const explained = { ...comparison, found: other, differences: [{ code: 'status', reason: 'source-status', count: 4 }] } as const;
  expect(verdictOfDrill(wholeDrill({ comparison: explained })).validationStatus).toBe('SUCCESSFUL');
});

test('what was not reached is missing, and is nothing worse', () => {
  const missing = (...parts: (keyof DrillFacts)[]) => verdictOfDrill(wholeDrill(Object.fromEntries(parts.map(part => [part, undefined])))).failures;
  for (const part of ['scope', 'counts', 'comparison', 'isolation', 'signIn', 'measured', 'moment', 'scratch'] as const) {
    expect([part, missing(part)]).toEqual([part, ['part-missing']]);
  }
  expect(missing('scope', 'counts', 'comparison', 'isolation', 'signIn', 'measured', 'removal', 'deviations', 'knownLosses')).toEqual(['part-missing']);
});

test('a count of nobody is none', () => {
  const nobody = {
    counts: { ...counts, out: [...counts.out, { outcome: 'failed', reason: 'refused', users: 0 }] },
    comparison: { ...comparison, found: other, differences: [{ code: 'status', count: 0 }] },
  } as const;
  expect(verdictOfDrill(wholeDrill(nobody))).toMatchObject({ validationStatus: 'SUCCESSFUL', failures: [] });
});

test('a drill that made way for a restore says nothing of the copy', () => {
  expect(verdictOfDrill(yieldedDrill({ rto: 60 })))
    .toEqual({ validationStatus: 'STOPPED', failures: [], deletionStatus: 'SUCCESSFUL', rto: 'not-measured', rpo: 'not-set' });
});

test('a pool whose end was not seen, or of which nothing is said, is no successful deletion', () => {
  for (const removal of [undefined, { how: 'failed', error: 'AccessDenied' }, { how: 'not-proven', deletedAt: whole.endedAt }] as const) {
    expect(verdictOfDrill(wholeDrill({ removal })).deletionStatus).toBe('FAILED');
  }
});

test('targets are held against what everybody would have taken, and a missed one is no failure of the copy', () => {
  const { measured } = whole as Required<DrillFacts>;
  const { extrapolated: _none, ...ofEverybody } = measured;
  expect(verdictOfDrill(wholeDrill({ targets: { rto: 5_350 } }))).toMatchObject({ rto: 'missed', rpo: 'not-set', validationStatus: 'SUCCESSFUL' });
  expect(verdictOfDrill(wholeDrill({ targets: { rto: 5_351, rpo: 311 } }))).toMatchObject({ rto: 'met', rpo: 'missed' });
  expect(verdictOfDrill(wholeDrill({ targets: { rto: 480 }, measured: ofEverybody }))).toMatchObject({ rto: 'met' });
});
