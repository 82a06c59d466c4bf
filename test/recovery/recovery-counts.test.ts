import { countLines, NO_COUNTS, PlanCounts } from '../../src/recovery/recovery-counts';
import { CreateLine, RecoveryLine } from '../../src/recovery/recovery-line';
import { recoveryReport } from '../../src/recovery/recovery-report';

const POOL = 'us-east-1_Source';
const ROW: CreateLine['row'] = {
  poolId: POOL, sub: '', username: 'u', attributes: {}, enabled: true, status: 'CONFIRMED', createdAt: 0, modifiedAt: 0, digest: '', observedAt: 0,
};

/** Of users who came back. */
function created(from: number, to: number): RecoveryLine[] {
  return Array.from({ length: to - from }, (_, i) => {
    const sub = `aaaaaaaa-0000-4000-8000-${String(from + i).padStart(12, '0')}`;
    return {
      of: 'user',
      action: 'create',
      id: sub,
      sub,
      change: 'deleted',
      certainty: 'certain',
      warnings: [],
      row: { ...ROW, sub },
      plan: {
        kind: 'create',
        signInName: 'u',
        attributes: {},
        lateAttributes: {},
        warnings: [],
        image: { username: 'u', attributes: {}, enabled: true, status: 'CONFIRMED', groups: [] },
      },
      result: { outcome: 'restored', targetSub: `b${sub.slice(1)}` },
    } as unknown as CreateLine;
  });
}

function reportOf(counts: PlanCounts) {
  const run = { execution: 'x', startedAt: 0, sourceUserPoolId: POOL, targetUserPoolId: POOL, task: { do: 'execute', plan: 'p' }, quotaShare: 1 } as const;
  return recoveryReport(run, { plan: 'p', userPoolId: POOL, isDifference: false, plannedAt: 1, executor: 'x', executionBegunAt: 2 }, counts, 3, 4);
}

test('a report shows a thousand of those who came back, and how many there are besides; it fits into an event', () => {
  const many = countLines(countLines(NO_COUNTS, created(0, 600)), created(600, 1_001));
  expect(reportOf(many)).toMatchObject({ users: { undeleted: 1_001 }, moreRecoveredSubs: 1 });
  expect(Object.keys(reportOf(many).recoveredSubs!)).toHaveLength(1_000);
  expect(reportOf(countLines(NO_COUNTS, created(0, 1_000)))).not.toHaveProperty('moreRecoveredSubs');
  const whole = countLines(many, created(1_001, 20_000));
  expect(reportOf(whole)).toMatchObject({ users: { undeleted: 20_000 }, moreRecoveredSubs: 19_000 });
  expect(Buffer.byteLength(JSON.stringify(reportOf(whole)))).toBeLessThan(250_000);
});
