import { COLOR, deadLetters, executions, LATE_MINUTES, line, ofExecutions, ofFunction, ofLedger, ofQueue, ofService, writes } from './counted';
import { Machine, progressQuery, RegionFacts, TROUBLE_QUERY } from './region-facts';
import { alarmsRow, band, buttons, links, Panel, Row, Series, textRow } from './widgets';
import { RUNBOOK } from '../cdk/alarms';
import { CAPTURE_METRIC, INCIDENT_METRIC, SWEEP_METRIC } from '../runtime/metric-names';

/** What is deployed beside the source pool. */
export interface SourceFacts extends RegionFacts {
  readonly sweepIntervalMinutes: number;
  /** Intervals without a complete sweep after which its alarm goes off. */
  readonly overdueIntervals: number;
  readonly sweep: Machine;
  readonly hints: { readonly queueName: string; readonly logGroupName: string };
  readonly deadLetters: { readonly hints: string; readonly events: string };
  /** Name of the function in the pool's trigger slots, where something can be attached to the pool. */
  readonly triggerName?: string;
  readonly recovery?: Machine & { readonly tableName: string };
}

/** Seconds, of a metric of milliseconds. */
const SECONDS = 'milliseconds / 1000';

/**
 * Minutes since the newest data point above zero. Of EPOCH CloudWatch says that it has a value for every period, whether the metric has one or not;
 * IF without a third argument has none where the condition is false.
 */
const AGE = '(EPOCH(swept) - FILL(IF(swept > 0, EPOCH(swept)), REPEAT)) / 60';

/** The dashboard of the source pool's Region. It asks nothing of the other one. */
export function sourceLayout(facts: SourceFacts): Row[] {
  const { alarms, recovery } = facts;
  return [textRow(header(facts)), alarmsRow(alarms), copy(facts), incidents(facts), stuck(facts), ...recovery ? [recoveries(facts, recovery)] : []];
}

function header({ path, region, other, console }: SourceFacts): string {
  return `# Cognito users of ${path}: the source pool's side, ${region}

**Good: no alarm is on.** Each has a chapter in the runbook under its name. More in words: \`npx cognito-dr-replica status --region ${region}\`

` + buttons({
    'What to do: alarms, by name': `${RUNBOOK}#alarms`,
    'Users were deleted or changed': `${RUNBOOK}#users-were-deleted-or-changed`,
    'The Region is dark': `${RUNBOOK}#the-region-is-dark`,
    [`Dashboard of ${other.region}`]: console.dashboard(other.dashboardName),
  });
}

function copy(facts: SourceFacts): Row {
  const { ledgerTableName, other, console, sweep, sweepIntervalMinutes, overdueIntervals } = facts;
  const swept = ofLedger(ledgerTableName, SWEEP_METRIC.SWEEP_COMPLETED, 'Sum', 5);
  const lag = ofLedger(ledgerTableName, CAPTURE_METRIC.CAPTURE_LAG, 'p99', 5);
  const replication = ofService('AWS/DynamoDB', 'ReplicationLatency', { TableName: ledgerTableName, ReceivingRegion: other.region }, 'Average', 5);
  const oldest = ofQueue(facts.hints.queueName, 'ApproximateAgeOfOldestMessage');
  const age = (label: string): Series => ({ label, color: COLOR.BLUE, expression: AGE, uses: { swept } });
  const overdue = overdueIntervals * sweepIntervalMinutes;
  return band(`## Is the copy good?

**Good**: a complete sweep every ${sweepIntervalMinutes} minutes, or as long as one takes, and changes that are in the copy within seconds. \
*No number: no sweep was complete in the time shown.*

${links({
  'What to do': `${RUNBOOK}#sweepalarmsoverdue`,
  'Sweeps': console.executions(sweep.stateMachineArn),
  'How far': console.logs([sweep.logGroupName], progressQuery(['phase', 'counts.users.listed', 'report.users.listed'])),
})}`, [
    [
      { kind: 'numbers', title: 'Age of the copy', series: [age(`minutes (good: about ${sweepIntervalMinutes})`)] },
      { kind: 'numbers', title: 'In the time shown', series: [line('complete sweeps', COLOR.GREEN, swept)], isSum: true },
    ],
    {
      kind: 'graph',
      title: 'Age of the copy: minutes since the last complete sweep',
      series: [age('minutes')],
      limit: { value: overdue, label: `${overdue} minutes, ${overdueIntervals} intervals: too old` },
    },
    {
      kind: 'graph',
      title: 'Seconds from a change to the copy',
      series: [
        { label: 'to the copy, 99 of 100 changes', color: COLOR.BLUE, expression: SECONDS, uses: { milliseconds: lag } },
        line('oldest change that waits', COLOR.ORANGE, oldest),
        { label: `from there to ${other.region}`, color: COLOR.GREEN, expression: 'replication / 1000', uses: { replication } },
      ],
      limit: { value: LATE_MINUTES * 60, label: `${LATE_MINUTES} minutes: too late` },
    },
  ]);
}

function stuck({ ledgerTableName, console, sweep, hints, deadLetters: queues, triggerName, account, urlSuffix }: SourceFacts): Row {
  const queue = (queueName: string) => console.queue({ account, urlSuffix, queueName });
  const panels: Panel[] = [
    deadLetters('Dead letters (good: 0)', { 'hints that cannot be applied': queues.hints, 'events that found no queue': queues.events }),
    {
      kind: 'graph',
      title: 'Sweeps that failed (good: none)',
      series: [
        line('failed', COLOR.RED, ofExecutions(sweep.stateMachineArn, 'Failed')),
        line('timed out', COLOR.ORANGE, ofExecutions(sweep.stateMachineArn, 'TimedOut')),
        line('stopped by somebody', COLOR.PURPLE, ofExecutions(sweep.stateMachineArn, 'Aborted')),
        line('rows that cannot be copied', COLOR.BLUE, ofLedger(ledgerTableName, SWEEP_METRIC.ROWS_REFUSED)),
      ],
    },
    ...triggerName === undefined ? [] : [{
      kind: 'graph',
      title: 'Triggers of the source pool (good: 0)',
      series: [
        line('sign-ins that saw an error', COLOR.RED, ofFunction(triggerName, 'Errors')),
        line('sign-ins refused by Lambda', COLOR.ORANGE, ofFunction(triggerName, 'Throttles')),
        line('sign-ins that nobody heard of', COLOR.BLUE, ofLedger(ledgerTableName, CAPTURE_METRIC.TRIGGER_MISSES, 'Sum', 5)),
      ],
    } satisfies Panel],
  ];
  return band(`## Is anything stuck?

**Good: empty, or at zero.** The next sweep copies what waits as a dead letter: find the cause first, then \`npx cognito-dr-replica redrive\`.

${links({
  'What to do': `${RUNBOOK}#capturealarmsdeadletters`,
  'Hints': queue(queues.hints),
  'Events': queue(queues.events),
  'Errors in the logs': console.logs([hints.logGroupName, sweep.logGroupName], TROUBLE_QUERY),
  ...triggerName === undefined ? {} : { Trigger: console.function(triggerName) },
})}`, panels);
}

function incidents({ ledgerTableName, console, sweep }: SourceFacts): Row {
  const of = (name: string) => ofLedger(ledgerTableName, name);
  return band(`## Very many users at once?

**Good: -- means none.** Very many users deleted or changed within ten minutes are an incident; a sweep that misses very many holds their deletion, \
and fails. Stop the cause first.

${links({
  'What to do': `${RUNBOOK}#users-were-deleted-or-changed`,
  'Deletions held': `${RUNBOOK}#sweepalarmsfailed`,
  'Sweeps': console.executions(sweep.stateMachineArn),
})} · \`npx cognito-dr-replica list incidents\``, [
    {
      kind: 'numbers',
      title: 'In the time shown (good: none)',
      series: [
        line('incidents', COLOR.RED, of(INCIDENT_METRIC.INCIDENTS)),
        // Each sweep counts again what it holds.
        line('deletions held', COLOR.ORANGE, ofLedger(ledgerTableName, SWEEP_METRIC.DELETIONS_HELD, 'Maximum')),
      ],
      isSum: true,
    },
    {
      kind: 'graph',
      title: 'What changed, by the hour: a spike is what to look for',
      series: [
        line('rows by events', COLOR.BLUE, of(CAPTURE_METRIC.ROWS_CAPTURED)), line('rows by sweeps', COLOR.GREEN, of(SWEEP_METRIC.ROWS_WRITTEN)),
        line('users found gone by sweeps', COLOR.RED, of(SWEEP_METRIC.USERS_TOMBSTONED)),
      ],
    },
  ]);
}

function recoveries({ console }: SourceFacts, { stateMachineArn, logGroupName, tableName }: NonNullable<SourceFacts['recovery']>): Row {
  return band(`## How far is a recovery?

In the pool itself, while somebody runs one. **Good**: what was started has succeeded, and while it runs, it writes.

${links({
  'What to do': `${RUNBOOK}#recoveryalarmsfailed`,
  'Executions': console.executions(stateMachineArn),
  'How far': console.logs([logGroupName], progressQuery()),
})} · \`npx cognito-dr-replica list runs\``, [
    executions('Recoveries', stateMachineArn), writes('Is it moving? Writes to the table of recoveries', tableName),
  ]);
}
