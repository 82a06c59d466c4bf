import { DrillFactsNow, drillPlanOf, DrillResult, exitOfDrill, listedDrill, showDrillPlan, showDrillResult } from '../../src/cli/commands/drill';
import { progressOfDrill } from '../../src/cli/progress';
import { drillBeginning } from '../../src/drill/drill-input.lambda-shared';
import { buildReport, DrillReport, sealed } from '../../src/drill/evidence/drill-report';
import { wholeDrill } from '../drill/evidence/whole-drill';
import { written } from '../helpers/written';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-22T12:00:00Z');
const FACTS: DrillFactsNow = {
  now: NOW,
  source: { poolId: 'us-east-1_a', users: 20_000, firstSweptAt: NOW - 10 * DAY, historyDays: 30 },
  scheduled: { moment: 'random', users: 1_000, quotaShare: 0.3, targetRto: 3_600 },
  machine: 'Auth-drill',
  region: 'us-west-2',
};

describe('the plan of a drill', () => {
  test('is what the schedule asks, unless somebody says otherwise', () => {
    expect(drillPlanOf(FACTS, {})).toMatchObject({
      moment: { choice: 'random', from: new Date(NOW - 10 * DAY).toISOString(), to: new Date(NOW).toISOString() },
      users: 1_000,
      population: 20_000,
      cost: { plan: 'ESSENTIALS', atMost: 15, atLeast: 0 },
      restoreSeconds: 112,
      sendsMessages: false,
      pool: { namePrefix: 'Auth-drill-', tag: 'cognito-dr-replica:drill' },
      input: { moment: 'random', users: 1_000, quotaShare: 0.3, targetRto: 3_600 },
    });
    const approver = 'arn:aws:iam::111122223333:role/Lead';
    const otherwise = drillPlanOf(FACTS, { everybody: true, moment: 'latest', quotaShare: 0.6, approvedBy: approver });
    expect(otherwise).toMatchObject({
      moment: { from: new Date(NOW).toISOString() }, users: 20_000, cost: { atMost: 300, atLeast: 150 }, restoreSeconds: 1_112,
    });
    expect(otherwise.input).toEqual({
      moment: 'latest', users: 'everybody', quotaShare: 0.6, targetRto: 3_600, approvedBy: approver,
    });
    expect(drillPlanOf(FACTS, { windowDays: 3 }).moment.from).toBe(new Date(NOW - 3 * DAY).toISOString());
    expect(drillPlanOf({ ...FACTS, quotas: { UserAccountRecovery: 60 } }, {}).restoreSeconds).toBe(67);
  });

  test('is an input that a drill takes', () => {
    for (const options of [{}, { everybody: true }, { users: 7, moment: 'latest', seed: 's' }, { windowDays: 2 }] as const) {
      const { input } = drillPlanOf(FACTS, options);
      const call = { execution: 'd', executionArn: 'a', startedAt: new Date(NOW).toISOString(), input: { ...input, startedBy: 'operator' } };
      const place = { region: 'us-east-1', library: '1', templates: wholeDrill().templates };
      expect(drillBeginning(call, place)).not.toHaveProperty('message');
    }
  });

  test.each([
    [{ users: 5, everybody: true }, 64, '--users, --everybody'], [{ moment: 'latest', windowDays: 3 }, 64, '--window-days'],
  ] as const)('%j is refused', (options, exit, message) => {
    expect(() => drillPlanOf(FACTS, options)).toThrow(expect.objectContaining({ exit, message: expect.stringContaining(message) }));
  });

  test('there is none before the first whole sweep', () => {
    expect(() => drillPlanOf({ ...FACTS, source: { poolId: 'us-east-1_a' } }, {})).toThrow(expect.objectContaining({ exit: 3, code: 'nothing-copied' }));
  });

  test('says before what it costs, that no message leaves, and which pool is made', () => {
    const text = written(terminal => showDrillPlan(terminal, drillPlanOf(FACTS, {})));
    expect(text).toMatch(/1000 of 20000, drawn at random/);
    expect(text).toMatch(/0\.00 to 15\.00 USD for 1000 monthly active users \(ESSENTIALS; 10000 a month are free\)/);
    expect(text).toMatch(/none leaves/);
    expect(text).toMatch(/Auth-drill-… in us-west-2/);
  });
});

const resultOf = (given: Parameters<typeof wholeDrill>[0] = {}): DrillResult => {
  const report = buildReport(wholeDrill(given));
  return { schemaVersion: 1, executionArn: 'a', status: 'SUCCEEDED', report: { ...report, sha256: sealed(report).sha256 } };
};
const planted = { comparison: { ...wholeDrill().comparison!, differences: [{ code: 'attribute', field: 'custom:note', count: 3 }] } } as const;

test.each<[string, DrillResult, number]>([
  ['passed', resultOf(), 0],
  ['found differences', resultOf(planted), 2],
  ['missed a target', resultOf({ targets: { rto: 60 } }), 2],
  ['left its pool', resultOf({ removal: { how: 'failed', error: 'X' } }), 2],
  ['made way for a restore', resultOf({ end: { how: 'yielded' } }), 3],
  ['found another one running', { schemaVersion: 1, executionArn: 'a', status: 'SUCCEEDED', message: 'the drill x is running' }, 3],
  ['was stopped, without a report', { schemaVersion: 1, executionArn: 'a', status: 'ABORTED' }, 1],
])('a drill that %s', (_, result, exit) => {
  expect(exitOfDrill(result)).toBe(exit);
});

test('a result says the verdict, targets against what was measured, what differs, and where the report is', () => {
  const result = { ...resultOf({ ...planted, targets: { rto: 14_400, rpo: 60 } }), evidence: { bucket: 'b', report: 'reports/1.json', page: 'pages/1.html' } };
  const text = written(terminal => showDrillResult(terminal, result));
  expect(text).toMatch(/drill +FAILED/);
  expect(text).toMatch(/because +unexplained-differences/);
  expect(text).toMatch(/whole recovery, extrapolated +89 min, target 4 h: met/);
  expect(text).toMatch(/age of the copy +5 min, target 60 s: missed/);
  expect(text).toMatch(/differs, unexplained +attribute custom:note: 3/);
  expect(text).toContain('report: s3://b/reports/1.json, for people s3://b/pages/1.html');
});

test('a listed drill has the verdict and the measures, and nobody', () => {
  expect(listedDrill(buildReport(wholeDrill()) as DrillReport)).toEqual({
    id: 'drill-2026-11-22',
    sequence: 1,
    endedAt: '2026-11-22T03:14:20.000Z',
    moment: '2026-11-17T15:42:07.000Z',
    users: 1_000,
    validationStatus: 'SUCCESSFUL',
    deletionStatus: 'SUCCESSFUL',
    failures: [],
    rto: 'met',
    rpo: 'met',
    recoverySeconds: 5_351,
    copyAgeSeconds: 312,
  });
});

test('the progress of a drill: users while it restores and compares, else the phase alone', () => {
  const order = { seed: 's', moment: 'latest', users: 40, quotaShare: 1 } as const;
  const pace = { category: 'UserAccountRecovery', rate: 30, perUser: 1 };
  expect(progressOfDrill({ phase: 'restore', order }, 7)).toEqual({ phase: 'restore', done: 7, total: 40 });
  expect(progressOfDrill({ phase: 'restore', order }, 7, { pace })).toMatchObject({ pace });
  const digest = { sum: '0', memberships: 0 };
  const compared = { side: 'expected', found: { ...digest, users: 40 }, expected: { ...digest, users: 9 } } as never;
  expect(progressOfDrill({ phase: 'compare', order, compared }, 40, { total: 38, pace })).toEqual({ phase: 'compare, expected', done: 9, total: 38 });
  expect(progressOfDrill({ phase: 'make-pool', order: { ...order, users: 'everybody' } }, undefined)).toEqual({ phase: 'make-pool' });
});
