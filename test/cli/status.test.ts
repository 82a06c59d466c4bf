import { listedDrill } from '../../src/cli/commands/drill';
import { showStatus, StatusFacts, statusOf } from '../../src/cli/commands/status';
import { buildReport } from '../../src/drill/evidence/drill-report';
import { Incident } from '../../src/ledger/incident';
import { SourceRow, SweepRow } from '../../src/ledger/schema';
import { Deployment } from '../../src/operations/deployment';
import { NEVER_TURNED } from '../../src/state/switch';
import { wholeDrill } from '../drill/evidence/whole-drill';
import { written } from '../helpers/written';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-02T12:00:00Z');
const SWEPT: SourceRow = {
  poolId: 'us-east-1_a',
  sweepStartedAt: NOW - 5 * HOUR,
  sweptAt: NOW - 5 * HOUR + 60_000,
  firstSweptAt: NOW - 900 * HOUR,
  comparedAt: NOW - 5 * HOUR,
  historyDays: 30,
  users: 1_500,
};
const sweptAt = (sweepStartedAt: number): SourceRow => ({ ...SWEPT, sweepStartedAt, sweptAt: sweepStartedAt + 60_000 });
const DEPLOYMENT = { sweepIntervalSeconds: 24 * 3_600 } as Deployment;
const facts = (more: Partial<StatusFacts> = {}): StatusFacts =>
  ({ now: NOW, deployment: DEPLOYMENT, readIn: 'us-west-2', source: SWEPT, incidents: [], alarms: [], running: [], unread: [], ...more });
const verdictOf = (more: Partial<StatusFacts>) => {
  const { verdict, reasons } = statusOf(facts(more));
  return [verdict, ...reasons.map(({ code }) => code)];
};

test('a copy that nothing speaks against is good, and says from when it can restore', () => {
  expect(statusOf(facts())).toMatchObject({
    schemaVersion: 1,
    verdict: 'GOOD',
    reasons: [],
    userPoolId: 'us-east-1_a',
    users: 1_500,
    ageSeconds: 5 * 3_600,
    restorableFrom: new Date(NOW - 720 * HOUR).toISOString(),
    comparedUntil: new Date(NOW - 5 * HOUR - 61_000).toISOString(),
  });
});

test.each<[string, Partial<StatusFacts>, string[]]>([
  ['no sweep has come to its end', { source: { poolId: 'us-east-1_a' } }, ['STALE', 'never-swept']],
  ['no sweep has begun', { source: undefined }, ['STALE', 'never-swept']],
  ['two sweeps were missed', { source: sweptAt(NOW - 49 * HOUR) }, ['STALE', 'swept-long-ago']],
  ['one sweep is late', { source: sweptAt(NOW - 47 * HOUR) }, ['GOOD']],
  ['neither Region lets the copy be read', { source: undefined, readIn: undefined }, ['STALE', 'age-unknown']],
  ['the last sweep is dated a little ahead', { source: sweptAt(NOW + 60_000) }, ['GOOD']],
  ['the last sweep is dated in the future', { source: sweptAt(NOW + HOUR) }, ['DEGRADED', 'swept-in-future']],
  ['an incident is open', { incidents: [{ id: 'i', kind: 'users-gone', first: NOW } as Incident] }, ['DEGRADED', 'incident-open']],
  ['an alarm is on', { alarms: [{ region: 'us-east-1', name: 'a', description: '', since: NOW }] }, ['DEGRADED', 'alarm']],
  ['the standby is held', { heldAt: NOW - HOUR }, ['DEGRADED', 'standby-held']],
  ['something could not be read', { unread: [{ what: 'alarms in us-east-1', why: 'TimeoutError' }] }, ['DEGRADED', 'unread']],
])('%s', (_, more, expected) => {
  expect(verdictOf(more)).toEqual(expected);
});

test('how long a whole restore would take, and the quota that bounds it', () => {
  expect(statusOf(facts()).wholeRestore).toEqual({ seconds: 63, boundBy: 'UserAccountRecovery', quotaShare: 0.8 });
  const raised = { ...DEPLOYMENT, restoreQuotas: { UserAccountRecovery: 300, UserCreation: 200 } };
  expect(statusOf(facts({ deployment: raised })).wholeRestore).toEqual({ seconds: 10, boundBy: 'UserCreation', quotaShare: 0.8 });
});

describe('what would be lost', () => {
  const sweep = (startedAt: number, rows: number): SweepRow =>
    ({ poolId: 'us-east-1_a', startedAt, endedAt: startedAt + 60_000, users: 1_500, refused: 0, written: rows, expiresAt: 0 });
  const lost = (...sweeps: SweepRow[]) => statusOf(facts({ sweeps })).lostNow;
  const since = new Date(NOW - 5 * HOUR - 61_000).toISOString();

  test('is what no event told of since everything was compared, at the pace of the worst sweep; the first sweep says nothing', () => {
    // 24 rows in ten hours, and four in another ten; the first one wrote everybody.
    expect(lost(sweep(NOW - 5 * HOUR, 4), sweep(NOW - 15 * HOUR, 24), sweep(NOW - 25 * HOUR, 1_500))).toEqual({ users: 13, since, sweeps: 2 });
    expect(lost(sweep(NOW - 5 * HOUR, 0), sweep(NOW - 15 * HOUR, 1_500))).toEqual({ users: 0, since, sweeps: 1 });
  });

  test('is never more than there are', () => {
    expect(lost(sweep(NOW - 5 * HOUR, 9_000), sweep(NOW - 6 * HOUR, 0))).toMatchObject({ users: 1_500 });
  });

  test('is not known before a second sweep', () => {
    expect([lost(), lost(sweep(NOW - 5 * HOUR, 1_500)), statusOf(facts({ source: undefined })).lostNow]).toEqual([undefined, undefined, undefined]);
  });
});

test('the last drill, its result and its age; one that failed speaks against the copy, one that made way for a restore does not', () => {
  const drill = (given: Parameters<typeof wholeDrill>[0]) => listedDrill(buildReport(wholeDrill(given)));
  const at = { now: Date.parse('2026-11-25T03:14:20Z'), source: { ...SWEPT, sweepStartedAt: Date.parse('2026-11-25T03:00:00Z') } };
  const passed = facts({ ...at, lastDrill: drill({ targets: { rto: 60 } }) });
  expect(statusOf(passed)).toMatchObject({ verdict: 'GOOD', lastDrill: { id: 'drill-2026-11-22', validationStatus: 'SUCCESSFUL', ageSeconds: 3 * 86_400 } });
  expect(verdictOf({ ...at, lastDrill: drill({ end: { how: 'failed', phase: 'restore', error: 'X' } }) })).toEqual(['DEGRADED', 'drill-failed']);
  expect(verdictOf({ ...at, lastDrill: drill({ end: { how: 'yielded' } }) })).toEqual(['GOOD']);
  expect(statusOf(facts()).lastDrill).toBeUndefined();
  const text = written(terminal => showStatus(terminal, { ...passed, deployment: { ...DEPLOYMENT, drillStateMachineArn: 'arn' } }, statusOf(passed)));
  expect(text).toMatch(/Last drill +SUCCESSFUL 3 days ago, missed targetRto/);
  expect(text).toMatch(/Lost if the Region died now +not known before a second sweep/);
});

test('what the switch cannot close, of a standby that was accepted as such, is said beside how it stands', () => {
  const unguarded = ['PreSignUp', 'client_credentials'];
  const rowOf = (more: Partial<StatusFacts>) => /Standby +(.*)/.exec(written(terminal => showStatus(terminal, facts(more), statusOf(facts(more)))))![1].trim();
  const open = { deployment: { ...DEPLOYMENT, unguarded } };
  const said = 'open at any time by what it cannot close: PreSignUp, client_credentials';
  expect(rowOf({ ...open, standby: NEVER_TURNED })).toBe(`closed; ${said}`);
  expect(rowOf(open)).toBe(`no switch; ${said}`);
  expect(statusOf(facts(open))).toMatchObject({ verdict: 'GOOD', unguarded });
  expect(rowOf({ standby: NEVER_TURNED })).toBe('closed');
  expect(statusOf(facts()).unguarded).toBeUndefined();
});

test('nothing that could not be read passes for good: each is named', () => {
  const { reasons } = statusOf(facts({ unread: [{ what: 'the copy in us-west-2', why: 'AccessDeniedException' }] }));
  expect(reasons[0].sentence).toBe('the copy in us-west-2 could not be read: AccessDeniedException');
});

test('a copy from the future has no negative age', () => {
  expect(statusOf(facts({ source: sweptAt(NOW + HOUR) })).ageSeconds).toBe(0);
});

describe('a pool of millions, whose sweep takes longer than the interval', () => {
  const deployment = { sweepIntervalSeconds: 3_600 } as Deployment;
  // Three million users are listed in 66 minutes.
  const length = 1.1 * HOUR;
  const begun = (ago: number): Partial<StatusFacts> =>
    ({ deployment, source: { ...SWEPT, sweepStartedAt: NOW - ago * HOUR, sweptAt: NOW - ago * HOUR + length } });
  const sweeping = (ago: number) => [{ machine: 'sweep' as const, executionArn: 'a', startedAt: NOW - ago * HOUR }];

  test.each<[string, Partial<StatusFacts>, string]>([
    ['the last one ended an hour ago', begun(2.1), 'GOOD'],
    ['the next one is about to end', begun(3.1), 'GOOD'],
    ['two were missed', begun(4.3), 'STALE'],
    ['the one that runs takes longer than any before', { ...begun(6), running: sweeping(3.9) }, 'GOOD'],
    ['one runs that began long after it should have', { ...begun(6), running: sweeping(1) }, 'STALE'],
    ['the last one was short, as it compared few rows', {
      deployment,
      source: { ...SWEPT, sweepStartedAt: NOW - 3 * HOUR, sweptAt: NOW - 2.9 * HOUR },
      sweeps: [{ poolId: 'us-east-1_a', startedAt: NOW - 9 * HOUR, endedAt: NOW - 9 * HOUR + length, users: 1, refused: 0, written: 0, expiresAt: 0 }],
    }, 'GOOD'],
  ])('%s', (_, more, verdict) => {
    expect(statusOf(facts(more)).verdict).toBe(verdict);
  });
});

test('what did not answer is not known: the switch, what runs, drills and ages are not said to be none', () => {
  const why = 'us-west-2 did not answer (AccessDenied)';
  const unread = ['the switch of the standby', 'reports of drills', 'executions of restore'].map(what => ({ what, why }));
  const blind = facts({
    deployment: { ...DEPLOYMENT, switchStateMachineArn: 'arn', drillStateMachineArn: 'arn' }, unread, readIn: undefined, source: undefined,
  });
  const text = written(terminal => showStatus(terminal, blind, statusOf(blind)));
  expect(text).toMatch(/Standby +not known: us-west-2 did not answer \(AccessDenied\)/);
  expect(text).toMatch(/Running now +not known; executions of restore could not be read: us-west-2 did not answer/);
  for (const row of ['Last drill', 'Last sweep ended', 'Last event of CloudTrail']) expect(text).toMatch(new RegExp(`${row} +not known`));
});
