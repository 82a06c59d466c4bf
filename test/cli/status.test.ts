import { StatusFacts, statusOf } from '../../src/cli/commands/status';
import { Incident } from '../../src/ledger/incident';
import { SourceRow } from '../../src/ledger/schema';
import { Deployment } from '../../src/operations/deployment';

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
  ['two sweeps were missed', { source: { ...SWEPT, sweepStartedAt: NOW - 49 * HOUR } }, ['STALE', 'swept-long-ago']],
  ['one sweep is late', { source: { ...SWEPT, sweepStartedAt: NOW - 47 * HOUR } }, ['GOOD']],
  ['an incident is open', { incidents: [{ id: 'i', kind: 'users-gone', first: NOW } as Incident] }, ['DEGRADED', 'incident-open']],
  ['an alarm is on', { alarms: [{ region: 'us-east-1', name: 'a', description: '', since: NOW }] }, ['DEGRADED', 'alarm']],
  ['the standby is held', { heldAt: NOW - HOUR }, ['DEGRADED', 'standby-held']],
  ['something could not be read', { unread: [{ what: 'alarms in us-east-1', why: 'TimeoutError' }] }, ['DEGRADED', 'unread']],
])('%s', (_, more, expected) => {
  expect(verdictOf(more)).toEqual(expected);
});

test('how long a whole restore would take, and the quota that bounds it', () => {
  expect(statusOf(facts()).wholeRestore).toEqual({ seconds: 63, boundBy: 'UserAccountRecovery' });
  const raised = { ...DEPLOYMENT, restoreQuotas: { UserAccountRecovery: 300, UserCreation: 200 } };
  expect(statusOf(facts({ deployment: raised })).wholeRestore).toEqual({ seconds: 10, boundBy: 'UserCreation' });
});

test('nothing that could not be read passes for good: each is named', () => {
  const { reasons } = statusOf(facts({ unread: [{ what: 'the copy in us-west-2', why: 'AccessDeniedException' }] }));
  expect(reasons[0].sentence).toBe('the copy in us-west-2 could not be read: AccessDeniedException');
});
