import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CAPTURE_METRIC, INCIDENT_METRIC, RESTORE_METRIC, STANDBY_METRIC, SWEEP_METRIC } from '../../src/runtime/metric-names';
import { AlarmState, ASSUMED, watchAlarms } from '../helpers/alarm-evaluator';
import { AlarmWorld, DAY, Deployment, HOUR, MINUTE } from '../helpers/alarm-world';
import { bodyOf, dashboardPicture, Drawn, DrawnSeries, drawnSeries, newest } from '../helpers/dashboard-picture';
import { REPLICA } from '../helpers/templates';

/** With this variable the pictures are written there, as pages for a browser, to be looked at. */
const { PICTURES } = process.env;

const world = new AlarmWorld(Duration.minutes(60));
const { ledgerTableName } = world.templates.dr['_metricSource' as never] as { ledgerTableName: string };
const NOW = 8 * DAY;

/** What {@link Deployment} leaves out, because no alarm looks at it. */
function alsoTells(deployment: Deployment, from: number, to: number, rows = 2): void {
  for (let at = from; at < to; at += MINUTE) {
    const wave = Math.sin(at / HOUR / 4) + Math.sin(at / 7_000);
    deployment.emit(at, CAPTURE_METRIC.CAPTURE_LAG, 3_500 + 800 * wave);
    deployment.emit(at, CAPTURE_METRIC.ROWS_CAPTURED, Math.max(0, Math.round(rows * (1 + wave))));
    deployment.data.put('AWS/DynamoDB', 'ReplicationLatency', [
      { Name: 'TableName', Value: ledgerTableName }, { Name: 'ReceivingRegion', Value: REPLICA },
    ], at, 900 + 200 * wave);
  }
}

function drill(deployment: Deployment, at: number, passed: boolean): void {
  deployment.ends('DrillWorkflowStateMachine', at, 'Started');
  deployment.drills(at + HOUR, { passes: passed, rto: 7.5 * HOUR, rpo: 40 * MINUTE });
}

function writing(deployment: Deployment, table: string, from: number, to: number): void {
  for (let at = from; at < to; at += MINUTE) {
    deployment.data.put('AWS/DynamoDB', 'ConsumedWriteCapacityUnits', [{ Name: 'TableName', Value: `${ledgerTableName}-${table}` }], at, 1_500 + at % 700);
  }
}

function healthyWeek(): Deployment {
  const deployment = world.begin();
  deployment.live(0, NOW, { signIns: 4 });
  alsoTells(deployment, 0, NOW);
  drill(deployment, 5 * DAY, true);
  return deployment;
}

/** At ten hours before the end a script deletes 3,000 users; later its Region fails, and the standby is opened. */
function badDay(): Deployment {
  const deployment = world.begin();
  const [deleted, worse, dark] = [NOW - 10 * HOUR, NOW - 6 * HOUR, NOW - 3 * HOUR];
  deployment.live(0, deleted, { signIns: 4 });
  alsoTells(deployment, 0, deleted);
  drill(deployment, 5 * DAY, true);
  drill(deployment, 6.5 * DAY, false);
  for (let at = 7 * DAY; at < NOW; at += 6 * HOUR) deployment.watchesDrills(at, { poolAge: at - 6.5 * DAY });
  deployment.live(deleted, NOW, { signIns: 4, without: ['sweep'] });
  alsoTells(deployment, deleted, deleted + 20 * MINUTE, 150);
  deployment.emit(deleted + MINUTE, INCIDENT_METRIC.INCIDENTS);
  alsoTells(deployment, deleted + 20 * MINUTE, worse);
  for (let at = deleted + HOUR; at < dark; at += HOUR) {
    deployment.emit(at, SWEEP_METRIC.DELETIONS_HELD, 3_000);
    deployment.ends('SweepStateMachine', at, 'Failed');
  }
  for (let at = worse; at < NOW; at += MINUTE) {
    deployment.queue('CaptureHints', at, 400, (at - worse) / 4);
    if (at % HOUR < 5 * MINUTE) deployment.called('CaptureTrigger', at, { errors: 2, throttles: 1 });
    deployment.emit(at, CAPTURE_METRIC.CAPTURE_LAG, 3_500 + (at - worse) / 20 * 1_000);
    if (at > dark) deployment.queue('CaptureDeadLetters', at, 40);
    if (at > dark) deployment.queue('StandbyTriggersDeadLetters', at, 7);
  }
  deployment.ends('RecoveryWorkflowStateMachine', deleted + 2 * HOUR, 'Started');
  deployment.ends('RecoveryWorkflowStateMachine', deleted + 2 * HOUR + 12 * MINUTE, 'Succeeded');
  deployment.ends('RecoveryWorkflowStateMachine', deleted + 3 * HOUR, 'Started');
  deployment.ends('RecoveryWorkflowStateMachine', deleted + 4 * HOUR, 'Failed');
  writing(deployment, 'recovery', deleted + 3 * HOUR, deleted + 4 * HOUR);
  deployment.emit(dark, STANDBY_METRIC.OPENED, 1);
  for (let at = dark; at < NOW; at += MINUTE) deployment.called('UserMigration', at, { times: 3 });
  for (let at = dark; at < NOW; at += MINUTE) deployment.called('PreTokenGeneration', at, { times: 5 });
  deployment.ends('RestoreStateMachine', dark + 10 * MINUTE, 'Started');
  deployment.ends('RestoreStateMachine', dark + 30 * MINUTE, 'Failed');
  deployment.emit(dark + 30 * MINUTE, RESTORE_METRIC.USERS_RESTORED, 4_000);
  deployment.emit(dark + 30 * MINUTE, RESTORE_METRIC.USERS_SKIPPED, 31);
  deployment.emit(dark + 30 * MINUTE, RESTORE_METRIC.USERS_FAILED, 812);
  deployment.ends('RestoreStateMachine', dark + 40 * MINUTE, 'Started');
  for (let slice = 1; dark + (40 + slice * 10) * MINUTE < NOW; slice++) {
    deployment.emit(dark + (40 + slice * 10) * MINUTE, RESTORE_METRIC.PROGRESS, Math.min(99, slice * 7));
  }
  writing(deployment, 'standby', dark + 10 * MINUTE, NOW);
  return deployment;
}

/** The alarms that are on at the end, by their names in the runbook. */
function statesOf({ data }: Deployment): Record<string, AlarmState> {
  const states: Record<string, AlarmState> = {};
  for (const { alarm, state } of watchAlarms(world.alarms, data, { from: NOW - 12 * HOUR, to: NOW, ...ASSUMED[0] })) states[alarm] = state;
  return states;
}

interface Day {
  readonly source: Drawn;
  readonly replica: Drawn;
  readonly on: string[];
}

function look(name: string, deployment: Deployment): Day {
  const states = statesOf(deployment);
  const { dr, primary, replica } = world.templates;
  const ids = dr.alarms.map(alarm => [alarm.node.path.split('/').slice(-2).join('/'), alarm.stack.getLogicalId(alarm.node.defaultChild as never)] as const);
  const byId = Object.fromEntries(ids.map(([alarm, id]) => [id, states[alarm] ?? 'OK']));
  const drawn = (template: Template): Drawn => ({ body: bodyOf(template), data: deployment.data, states: byId, now: NOW });
  const day = { source: drawn(primary), replica: drawn(replica), on: Object.keys(states).filter(alarm => states[alarm] === 'ALARM').sort() };
  for (const side of ['source', 'replica'] as const) {
    const picture = dashboardPicture(day[side]);
    expect(picture).not.toMatch(/NaN|undefined/);
    if (PICTURES === undefined) continue;
    mkdirSync(PICTURES, { recursive: true });
    writeFileSync(path.join(PICTURES, `${name}-${side}.html`), picture);
  }
  return day;
}

/** The lines of the widget with a title that begins so, by their labels. */
function shown(drawn: Drawn, title: string): Record<string, DrawnSeries> {
  const widgets = drawn.body.widgets.filter(({ properties }) => properties.title === title || properties.title?.startsWith(`${title}:`));
  if (widgets.length !== 1) throw new Error(`${title} is ${widgets.length} widgets`);
  return Object.fromEntries(drawnSeries(widgets[0], drawn).map(series => [series.label, series]));
}

const most = ({ values }: DrawnSeries) => Math.max(...values.filter(value => value !== undefined));

/** Widgets whose title says that nothing is good, and that show something. */
function notGood(drawn: Drawn): string[] {
  return drawn.body.widgets.filter(({ properties: { title = '' } }) => /\(good: (?:0|none)\)/.test(title))
    .filter(widget => drawnSeries(widget, drawn).some(({ values }) => values.some(value => value !== undefined && value > 0)))
    .map(({ properties: { title } }) => title!);
}

/** Graphs with a limit that a line is above. */
function aboveLimit(drawn: Drawn): string[] {
  return drawn.body.widgets.filter(widget => widget.properties.annotations?.horizontal
    .some(({ value }) => drawnSeries(widget, drawn).some(series => most(series) > value))).map(({ properties: { title } }) => title!);
}

describe('a healthy week', () => {
  const { source, replica, on } = look('healthy-week', healthyWeek());

  test('has nothing on, nothing where nothing is good, and nothing above a limit', () => {
    expect(on).toEqual([]);
    for (const side of [source, replica]) {
      expect(notGood(side)).toEqual([]);
      expect(aboveLimit(side)).toEqual([]);
    }
  });

  test('shows numbers that say that the copy is good', () => {
    const { minutes: age } = shown(source, 'Age of the copy: minutes since the last complete sweep');
    expect(newest(age)).toBeLessThanOrEqual(60);
    expect(most(age)).toBeLessThanOrEqual(60);
    expect(newest(shown(source, 'In the time shown')['complete sweeps'])).toBe(24);
    expect(most(shown(source, 'Seconds from a change to the copy')['to the copy, 99 of 100 changes'])).toBeLessThan(10);
    expect(most(shown(replica, 'Minutes behind the copy (good: under 1)')['the standby'])).toBeLessThan(1);
    expect(shown(replica, 'Signs of life')['calls, by the hour'].values).not.toContain(undefined);
    expect(newest(shown(replica, 'Last drill, in hours')['to restore all (target 12)'])).toBe(7.5);
  });
});

describe('a bad day', () => {
  const { source, replica, on } = look('bad-day', badDay());

  test('has those alarms on whose faults it has', () => {
    expect(on).toEqual([
      'CaptureAlarms/DeadLetters', 'CaptureAlarms/Late', 'DrillAlarms/PoolLeft', 'StandbyAlarms/FollowUps', 'SweepAlarms/Overdue',
    ]);
  });

  test('says where to look', () => {
    expect(notGood(source)).toEqual([
      'In the time shown (good: none)', 'Dead letters (good: 0)', 'Sweeps that failed (good: none)', 'Triggers of the source pool (good: 0)',
    ]);
    expect(aboveLimit(source)).toEqual(['Age of the copy: minutes since the last complete sweep', 'Seconds from a change to the copy']);
    expect(notGood(replica)).toEqual(['Dead letters (good: 0)']);
  });

  test('shows how bad it is', () => {
    expect(newest(shown(source, 'Age of the copy: minutes since the last complete sweep').minutes)).toBeGreaterThan(9 * 60);
    expect(most(shown(source, 'What changed, by the hour')['rows by events'])).toBeGreaterThan(2_000);
    expect(newest(shown(replica, 'The standby').open)).toBe(1);
    expect(newest(shown(replica, 'Users, of those that ended').failed)).toBe(812);
    expect(newest(shown(replica, 'Drills of 61 days').failed)).toBe(1);
    expect(newest(shown(replica, 'Good: 0, and under 24')['hours of a pool left'])).toBe(30);
  });
});
