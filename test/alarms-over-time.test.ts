import { Duration } from 'aws-cdk-lib';
import { AlarmChange, watchUnderEach } from './helpers/alarm-evaluator';
import { AlarmWorld, DAY, Deployment, HOUR, INCIDENTS, Left, MINUTE } from './helpers/alarm-world';
import { CAPTURE_METRIC, DRILL_METRIC, STANDBY_METRIC } from '../src/runtime/metric-names';

const worlds = new Map<number, AlarmWorld>();
function worldOf(minutes: number): AlarmWorld {
  if (!worlds.has(minutes)) worlds.set(minutes, new AlarmWorld(Duration.minutes(minutes)));
  return worlds.get(minutes)!;
}

/** What changes under each thing that AWS may do. */
function watch(world: AlarmWorld, { data }: Deployment, from: number, to: number): AlarmChange[][] {
  return watchUnderEach(world.alarms, data, { from, to });
}

describe('a healthy week goes by without one alarm', () => {
  test.each([
    ['a quiet pool', 60, {}],
    ['a busy pool', 60, { signIns: 30 }],
    ['a quiet pool whose sweep takes ten times its interval', 5, { sweepTakes: 50 * MINUTE }],
    ['a pool of 11 million users, whose sweep takes more than three hours', 60, { signIns: 200, sweepTakes: 3.5 * HOUR }],
  ])('%s, swept every %d minutes', (_what, minutes, life) => {
    const world = worldOf(minutes);
    const deployment = world.begin();
    deployment.live(0, 8 * DAY, life);
    // A single change right before a sweep, whose event came after it.
    deployment.sweep(3 * DAY, 90, [], { eventsMissing: true });
    // A deployment: functions start cold, streams wait for a minute, and one trigger in a hundred is late.
    deployment.follows(4 * DAY, 90_000);
    if ('signIns' in life) deployment.emit(4 * DAY + 5, CAPTURE_METRIC.TRIGGER_MISSES);
    for (const changes of watch(world, deployment, DAY, 8 * DAY)) expect(changes).toEqual([]);
  });
});

test('a healthy month with drills, one of which makes way for a restore, goes by without one alarm of theirs', () => {
  const world = worldOf(60);
  const deployment = world.begin();
  for (let i = 0; i < 34 * 4; i++) deployment.watchesDrills(i * 6 * HOUR + (5 + i % 3) * MINUTE, { poolAge: i % 2 * 600 });
  const [first, yielded, last] = [3 * DAY, 20 * DAY, 33 * DAY];
  for (const at of [first, last]) deployment.drills(at);
  // It emits what it measured before, and counts as neither passed nor failed.
  deployment.emit(yielded, DRILL_METRIC.RTO, 4 * HOUR);
  deployment.ends('DrillWorkflowStateMachine', yielded, 'Succeeded');
  const ofDrills = Object.fromEntries(Object.entries(world.alarms).filter(([name]) => name.startsWith('DrillAlarms')));
  expect(Object.keys(ofDrills)).toHaveLength(5);
  for (const at of [first, yielded, last]) {
    for (const changes of watchUnderEach(ofDrills, deployment.data, { from: at - DAY, to: at + DAY })) expect(changes).toEqual([]);
  }
});

test('after the first deployment only those are on that wait for the first sweep, and they end with it', () => {
  const world = worldOf(60);
  const deployment = world.begin();
  deployment.isFollowing = false;
  deployment.live(0, 20 * MINUTE, { without: ['sweep'] });
  deployment.isFollowing = true;
  deployment.sweep(MINUTE, 19 * MINUTE);
  deployment.live(20 * MINUTE, 8 * HOUR);
  for (const changes of watch(world, deployment, MINUTE, 8 * HOUR)) {
    const on = changes.filter(({ state }) => state === 'ALARM').map(({ alarm }) => alarm);
    expect(on.sort()).toEqual(WAITING.filter(name => name in world.alarms).sort());
    expect(changes.filter(({ state }) => state === 'OK').map(({ alarm }) => alarm).sort()).toEqual(on);
  }
});

/** They go off where nothing is heard, which is so before the first sweep, the first run, or the first look after drills. */
const WAITING = ['DrillAlarms/Overdue', 'SweepAlarms/Overdue', 'FollowerAlarms/Stopped', 'FollowerAlarms/DeletionsFailed'];

interface Fault {
  readonly what: string;
  readonly alarms: readonly string[];
  /** What CloudWatch hears of between `at` and `over`, besides or in place of what it hears otherwise. */
  readonly happens: (deployment: Deployment, at: number, over: number) => void;
  readonly lasts?: number;
  /** In which the first alarm is on; for one event, at most the two minutes until it is seen. */
  readonly within?: number;
  readonly without?: readonly Left[];
  readonly signIns?: number;
  readonly isNotFollowed?: true;
}

const once = (what: string, alarm: string, happens: Fault['happens']): Fault => ({ what, alarms: [alarm], happens });
const perMinute = (what: string, alarm: string, happens: (deployment: Deployment, at: number) => void, rest: Partial<Fault> = {}): Fault => ({
  what,
  alarms: [alarm],
  lasts: HOUR,
  happens: (deployment, at, over) => { for (let minute = at; minute < over; minute += MINUTE) happens(deployment, minute); },
  ...rest,
});

const FAULTS: readonly Fault[] = [
  ...(['Failed', 'TimedOut', 'Aborted'] as const).flatMap(how => [
    once(`a sweep: ${how}`, 'SweepAlarms/Failed', (d, at) => d.ends('SweepStateMachine', at, how)),
    once(`a drill: ${how}`, 'DrillAlarms/Failed', (d, at) => d.ends('DrillWorkflowStateMachine', at, how)),
    once(`a restore: ${how}`, 'RestoreAlarms/Failed', (d, at) => d.ends('RestoreStateMachine', at, how)),
  ]),
  {
    what: 'the schedule of the sweep is disabled, or the state machine cannot start',
    alarms: ['SweepAlarms/Overdue', 'FollowerAlarms/Stopped'],
    lasts: 8 * HOUR,
    // The last sweep began up to an interval before. A quiet pool: nothing else reaches the standby.
    within: 3 * HOUR + 2 * MINUTE,
    without: ['sweep'],
    happens: () => undefined,
  },
  {
    what: 'the same at a pool that is not quiet, of which the standby hears',
    alarms: ['SweepAlarms/Overdue'],
    lasts: 8 * HOUR,
    within: 3 * HOUR + 2 * MINUTE,
    without: ['sweep'],
    signIns: 20,
    happens: () => undefined,
  },
  {
    what: 'an attribute is added outside of the template',
    alarms: ['SweepAlarms/SchemaDrift'],
    lasts: 6 * HOUR,
    within: HOUR + 4 * MINUTE,
    without: ['sweep'],
    happens: (d, at, over) => { for (let sweep = at + MINUTE; sweep < over; sweep += HOUR) d.sweep(sweep, 90, [], { schemaDrift: ['custom:tier'] }); },
  },
  {
    what: 'no trail logs management events',
    alarms: ['CaptureAlarms/EventsMissing'],
    lasts: 6 * HOUR,
    within: 2 * HOUR + 4 * MINUTE,
    without: ['sweep'],
    happens: (d, at, over) => { for (let sweep = at + MINUTE; sweep < over; sweep += HOUR) d.sweep(sweep, 90, [], { eventsMissing: true }); },
  },
  perMinute('a hint that cannot be applied', 'CaptureAlarms/DeadLetters', (d, at) => d.queue('CaptureDeadLetters', at, 1)),
  perMinute('EventBridge may not put events into the queue', 'CaptureAlarms/EventDeadLetters', (d, at) => d.queue('CaptureEventDeadLetters', at, 3)),
  perMinute('the consumer is throttled, or its mapping is disabled', 'CaptureAlarms/Late', (d, at) => d.queue('CaptureHints', at, 500, 1000)),
  once('very many users are deleted', 'CaptureAlarms/Incident', (d, at) => d.emit(at, INCIDENTS)),
  once('the trigger of a quiet pool times out', 'CaptureAlarms/TriggerErrors', (d, at) => d.called('CaptureTrigger', at, { errors: 1 })),
  once('the trigger has no concurrency left', 'CaptureAlarms/TriggerErrors', (d, at) => d.called('CaptureTrigger', at, { times: 0, throttles: 1 })),
  once('the single sign-in of a quiet pool misses the queue', 'CaptureAlarms/TriggerMisses', (d, at) => {
    d.called('CaptureTrigger', at);
    d.emit(at + 2, CAPTURE_METRIC.TRIGGER_MISSES);
  }),
  perMinute('a tenth of the sign-ins of a busy pool miss the queue', 'CaptureAlarms/TriggerMisses', (d, at) => d.emit(at, CAPTURE_METRIC.TRIGGER_MISSES, 4), {
    signIns: 20, within: HOUR,
  }),
  once('a recovery fails', 'RecoveryAlarms/Failed', (d, at) => d.ends('RecoveryWorkflowStateMachine', at, 'Failed')),
  once('a drill finds a difference', 'DrillAlarms/Failed', (d, at) => d.drills(at, { passes: false })),
  once('a drill shows that everybody would take a day', 'DrillAlarms/TargetRto', (d, at) => d.drills(at, { rto: DAY })),
  once('a drill finds a copy that is three hours old', 'DrillAlarms/TargetRpo', (d, at) => d.drills(at, { rpo: 3 * HOUR })),
  {
    what: 'no drill has passed for two intervals',
    alarms: ['DrillAlarms/Overdue'],
    lasts: DAY,
    within: 12 * HOUR + 2 * MINUTE,
    without: ['watch'],
    happens: (d, at, over) => { for (let look = at + 5 * MINUTE; look < over; look += 6 * HOUR) d.watchesDrills(look, { overdue: 1 }); },
  },
  {
    what: 'nobody looks after drills: the schedule is disabled, or the function fails',
    alarms: ['DrillAlarms/Overdue'],
    lasts: DAY,
    within: 12 * HOUR + 2 * MINUTE,
    without: ['watch'],
    happens: () => undefined,
  },
  {
    what: 'a drill was stopped, and left its pool',
    alarms: ['DrillAlarms/PoolLeft'],
    lasts: 2 * DAY,
    within: DAY + 6 * HOUR + 2 * MINUTE,
    without: ['watch'],
    happens: (d, at, over) => { for (let look = at + 5 * MINUTE; look < over; look += 6 * HOUR) d.watchesDrills(look, { poolAge: look - at }); },
  },
  once('somebody opens the standby', 'StandbyAlarms/Opened', (d, at) => d.emit(at, STANDBY_METRIC.OPENED)),
  {
    what: 'a restore holds the standby at a moment, until another lets it go',
    alarms: ['StandbyAlarms/Held'],
    lasts: 5 * HOUR,
    within: 2 * MINUTE,
    happens: (d, at, over) => {
      d.emit(at, STANDBY_METRIC.HELD, 1);
      d.emit(over, STANDBY_METRIC.HELD, 0);
    },
  },
  perMinute('a follow-up fails for an hour', 'StandbyAlarms/FollowUps', (d, at) => d.queue('StandbyTriggersDeadLetters', at, 1)),
  perMinute('the mapping of the follow-ups is disabled, or their function is throttled', 'StandbyAlarms/FollowUpsLate',
    (d, at) => d.queue('StandbyTriggersFollowUps', at, 5, 1000)),
  once('a trigger of the standby may not read the ledger', 'StandbyAlarms/TriggerFailures', (d, at) => d.emit(at, STANDBY_METRIC.TRIGGER_FAILURES)),
  ...['UserMigration', 'PreSignUp', 'PostConfirmation', 'PreTokenGeneration'].flatMap(trigger => [
    once(`${trigger} times out, once`, `StandbyAlarms/${trigger}Errors`, (d, at) => d.called(trigger, at, { errors: 1 })),
    once(`${trigger} is throttled, once`, `StandbyAlarms/${trigger}${trigger.startsWith('Pre') ? 'Throttles' : 'Errors'}`, (d, at) => d.called(trigger, at, { times: 0, throttles: 1 })),
  ]),
  perMinute('events cannot be put to the bus', 'ChangeEvents/DeadLetters', (d, at) => d.queue('ChangeEventsDeadLetterQueue', at, 2)),
  perMinute('the bus is gone', 'ChangeEvents/Behind', (d, at) => d.called('PutChanges', at, { errors: 1, iteratorAge: 1_000_000 })),
  perMinute('a change cannot be applied to the standby', 'FollowerAlarms/SetAside', (d, at) => d.queue('FollowerSetAside', at, 1)),
  perMinute('the standby pool throttles the follower', 'FollowerAlarms/Behind', (d, at) => d.follows(at, 1_000_000)),
  {
    what: 'the event source mapping of the follower is disabled',
    alarms: ['FollowerAlarms/Stopped'],
    lasts: 8 * HOUR,
    within: 3 * HOUR + 2 * MINUTE,
    isNotFollowed: true,
    signIns: 20,
    happens: () => undefined,
  },
  {
    what: 'very many deletions are due on the standby',
    alarms: ['FollowerAlarms/DeletionsHeld'],
    lasts: 3 * HOUR,
    within: HOUR,
    without: ['deletions'],
    happens: (d, at, over) => {
      for (let run = at + 10 * MINUTE; run < over; run += HOUR) {
        d.called('ApplyDeletions', run);
        d.emit(run, STANDBY_METRIC.DELETIONS_HELD, 70);
      }
    },
  },
  {
    what: 'deletions fail, each with its two retries',
    alarms: ['FollowerAlarms/DeletionsFailed'],
    lasts: 6 * HOUR,
    within: 4 * HOUR,
    without: ['deletions'],
    happens: (d, at, over) => {
      for (let run = at + 10 * MINUTE; run < over; run += HOUR) for (const retry of [0, 60, 180]) d.called('ApplyDeletions', run + retry, { errors: 1 });
    },
  },
  {
    what: 'deletions are not even tried: their rule is disabled',
    alarms: ['FollowerAlarms/DeletionsFailed'],
    lasts: 6 * HOUR,
    within: 4 * HOUR,
    without: ['deletions'],
    happens: () => undefined,
  },
];

const BEGIN = 10 * HOUR;

test.each(FAULTS.map(fault => [fault.what, fault.alarms.join(), fault] as const))('%s: %s goes off, no other does, and it ends', (_what, _alarms, fault) => {
  const { lasts = MINUTE, without = [], signIns = 0, within = 3 * MINUTE } = fault;
  const world = worldOf(60);
  const deployment = world.begin();
  const over = BEGIN + lasts;
  deployment.live(0, BEGIN, { signIns });
  deployment.isFollowing = !fault.isNotFollowed;
  deployment.live(BEGIN, over, { signIns, without });
  fault.happens(deployment, BEGIN, over);
  deployment.isFollowing = true;
  const end = over + 14 * HOUR;
  deployment.live(over, end, { signIns });
  for (const changes of watch(world, deployment, 6 * HOUR, end)) {
    const states = (state: string) => changes.filter(change => change.state === state).map(({ alarm }) => alarm);
    expect([...new Set(states('ALARM'))].sort()).toEqual([...fault.alarms].sort());
    // As often as each went off it came back.
    expect(states('OK').sort()).toEqual(states('ALARM').sort());
    for (const alarm of fault.alarms) expect(changes.find(change => change.alarm === alarm)!.at - BEGIN).toBeLessThanOrEqual(within);
  }
});

test.each(['PreSignUp', 'PreTokenGeneration'] as const)('%s: an hour in which very many are refused on purpose goes by without an alarm', trigger => {
  const world = worldOf(60);
  const deployment = world.begin();
  deployment.live(0, BEGIN + 2 * HOUR);
  // Five a second, and a new instance every seven minutes, which takes a second to start.
  for (let at = BEGIN; at < BEGIN + HOUR; at += 0.2) deployment.refuses(trigger, at, (at + 300) % 420 > 419 ? 1 : 0);
  for (const changes of watch(world, deployment, BEGIN, BEGIN + 2 * HOUR)) expect(changes).toEqual([]);
});

test.each(['PreSignUp', 'PreTokenGeneration'] as const)('%s: a throttled call goes off, however many refusals are counted in the minutes about it', trigger => {
  const world = worldOf(60);
  const deployment = world.begin();
  // Fewer and fewer are under way while a minute ends: each minute has more refusals than errors.
  for (let ends = 2; ends <= 14; ends++) {
    for (let n = ends; n < 16; n++) deployment.refuses(trigger, BEGIN + ends * MINUTE - 1, 2);
  }
  deployment.called(trigger, BEGIN + 10 * MINUTE, { times: 0, throttles: 1 });
  for (const changes of watch(world, deployment, BEGIN, BEGIN + 12 * MINUTE)) {
    expect(changes.filter(({ alarm }) => alarm === `StandbyAlarms/${trigger}Throttles`).pop()).toMatchObject({ state: 'ALARM' });
  }
});

test('a failure or a throttled call goes off, of which CloudWatch hears four minutes late', () => {
  const world = worldOf(60);
  const deployment = world.begin();
  deployment.live(0, BEGIN);
  for (const machine of ['Sweep', 'Restore', 'DrillWorkflow']) deployment.ends(`${machine}StateMachine`, BEGIN, 'TimedOut');
  const triggers = ['CaptureTrigger', 'UserMigration', 'PreSignUp', 'PostConfirmation', 'PreTokenGeneration'];
  for (const trigger of triggers) deployment.called(trigger, BEGIN, { times: 0, throttles: 1 });
  const known = BEGIN + 5 * MINUTE;
  for (const changes of watch(world, deployment, known, known)) {
    expect(changes.filter(({ state }) => state === 'ALARM').map(({ alarm }) => alarm)).toEqual(expect.arrayContaining([
      'SweepAlarms/Failed', 'RestoreAlarms/Failed', 'DrillAlarms/Failed', 'CaptureAlarms/TriggerErrors', 'StandbyAlarms/UserMigrationErrors',
      'StandbyAlarms/PreSignUpThrottles', 'StandbyAlarms/PostConfirmationErrors', 'StandbyAlarms/PreTokenGenerationThrottles',
    ]));
  }
});

test('every alarm has a fault that it goes off at', () => {
  expect([...new Set(FAULTS.flatMap(({ alarms }) => alarms))].sort()).toEqual(Object.keys(worldOf(60).alarms).sort());
});
