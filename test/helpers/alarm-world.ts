import { Metrics } from '@aws-lambda-powertools/metrics';
import { Duration } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { AlarmProperties, MetricData } from './alarm-evaluator';
import { NOTHING_NEW } from './sweep-reports';
import { ACCOUNT, REPLICA, synth, Templates } from './templates';
import { Drill, Standby } from '../../src';
import { SWEEP_STATUS } from '../../src/capture/constants';
import { SweepReport } from '../../src/capture/sweep/sweep';
import { emitSweep } from '../../src/capture/sweep/sweep-telemetry.lambda-shared';
import { DRILL_METRIC, INCIDENT_METRIC, METRIC_DIMENSION, METRIC_NAMESPACE, STANDBY_METRIC } from '../../src/runtime/metric-names';

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Every alarm that the construct can make, by its name in the runbook, with the templates that they are in. */
export class AlarmWorld {
  public readonly alarms: Record<string, AlarmProperties> = {};
  public readonly templates: Templates;
  private readonly ids: Record<string, string> = {};

  constructor(private readonly sweepInterval: Duration) {
    this.templates = synth({
      props: (_app, own) => ({
        sweepInterval,
        standby: Standby.warm(),
        drill: Drill.schedule({ targetRto: Duration.hours(12), targetRpo: Duration.hours(2) }),
        changeEvents: EventBus.fromEventBusArn(own, 'Changes', `arn:aws:events:${REPLICA}:${ACCOUNT}:event-bus/changes`),
      }),
    });
    const { dr, primary, replica } = this.templates;
    const resources = { ...primary.toJSON().Resources, ...replica.toJSON().Resources };
    for (const alarm of dr.alarms) {
      const id = alarm.stack.getLogicalId(alarm.node.defaultChild as never);
      this.alarms[alarm.node.path.split('/').slice(-2).join('/')] = resources[id].Properties;
    }
  }

  /** A deployment in which nothing has happened yet. */
  public begin(): Deployment {
    return new Deployment(this, this.sweepInterval.toSeconds());
  }

  /** A week asks for the same few over and over. */
  public idOf(type: string, name: string): string {
    return this.ids[`${type} ${name}`] ??= this.findId(type, name);
  }

  private findId(type: string, name: string): string {
    const both = { ...this.templates.primary.findResources(type), ...this.templates.replica.findResources(type) };
    const found = Object.keys(both).filter(id => new RegExp(`${name}[0-9A-F]{8}$`).test(id));
    if (found.length !== 1) throw new Error(`${name} is ${found.length} resources of ${type}`);
    return found[0];
  }
}

/** Parts of a healthy life that are left to the caller. */
export type Left = 'sweep' | 'deletions' | 'watch';

/** What one deployment's services and handlers tell CloudWatch. Times are seconds from its beginning. */
export class Deployment {
  public readonly data = new MetricData();
  /** The event source mapping of the follower. */
  public isFollowing = true;

  constructor(private readonly world: AlarmWorld, private readonly interval: number) {}

  /** `slices`: ends of those before the last. */
  public sweep(at: number, takes: number, slices: readonly number[] = [], report: Partial<SweepReport> = {}): void {
    this.follows(at);
    for (const end of slices) {
      emitSweep(this.ledger(end), { status: SWEEP_STATUS.CONTINUE } as never);
      this.follows(end);
    }
    emitSweep(this.ledger(at + takes), { status: SWEEP_STATUS.COMPLETE, report: { ...NOTHING_NEW, ...report } });
    this.follows(at + takes);
    this.ends('SweepStateMachine', at + takes, 'Succeeded');
  }

  /** The lease of each slice, and the end, are changes of a row that the follower of a warm standby follows. */
  public follows(at: number, age = 800): void {
    if (this.isFollowing) this.called('ApplyChange', at, { iteratorAge: age });
  }

  public ends(machine: string, at: number, how: 'Started' | 'Succeeded' | 'Failed' | 'TimedOut' | 'Aborted'): void {
    this.data.put('AWS/States', `Executions${how}`, [{ Name: 'StateMachineArn', Value: { Ref: this.world.idOf('AWS::StepFunctions::StateMachine', machine) } }], at, 1);
  }

  /** One or several calls of a function in one minute. Lambda counts a call when it begins. */
  public called(name: string, at: number, { times = 1, errors = 0, throttles = 0, iteratorAge }: Partial<Record<'times' | 'errors' | 'throttles' | 'iteratorAge', number>> = {}): void {
    const dimensions = [{ Name: 'FunctionName', Value: { Ref: this.world.idOf('AWS::Lambda::Function', name) } }];
    if (times > 0) this.data.put('AWS/Lambda', 'Invocations', dimensions, at, times);
    if (times > 0) this.data.put('AWS/Lambda', 'Errors', dimensions, at, errors);
    this.data.put('AWS/Lambda', 'Throttles', dimensions, at, throttles);
    if (iteratorAge !== undefined) this.data.put('AWS/Lambda', 'IteratorAge', dimensions, at, iteratorAge);
  }

  public queue(name: string, at: number, waiting: number, oldest = 0): void {
    const dimensions = [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [this.world.idOf('AWS::SQS::Queue', name), 'QueueName'] } }];
    this.data.put('AWS/SQS', 'ApproximateNumberOfMessagesVisible', dimensions, at, waiting);
    this.data.put('AWS/SQS', 'ApproximateAgeOfOldestMessage', dimensions, at, oldest);
  }

  /** What handlers emit. */
  public ledger(at: number): Metrics {
    const { ledgerTableName } = this.world.templates.dr['_metricSource' as never] as { ledgerTableName: string };
    const dimensions = [{ Name: METRIC_DIMENSION, Value: ledgerTableName }];
    const addMetric = (name: string, _unit: string, value: number) => this.data.put(METRIC_NAMESPACE, name, dimensions, at, value);
    return { addMetric, publishStoredMetrics: () => undefined } as unknown as Metrics;
  }

  public emit(at: number, name: string, value = 1): void {
    this.ledger(at).addMetric(name, 'Count', value);
  }

  /** A drill that came to its end, and what its report shows; seconds. */
  public drills(at: number, { passes = true, rto = 4 * HOUR, rpo = HOUR } = {}): void {
    this.emit(at, DRILL_METRIC.SUCCEEDED, passes ? 1 : 0);
    this.emit(at, DRILL_METRIC.RTO, rto);
    this.emit(at, DRILL_METRIC.RPO, rpo);
    this.ends('DrillWorkflowStateMachine', at + 2, passes ? 'Succeeded' : 'Failed');
  }

  /** Somebody looks after drills, every six hours. */
  public watchesDrills(at: number, { poolAge = 0, overdue = 0 } = {}): void {
    this.called('Watch', at);
    this.emit(at, DRILL_METRIC.POOL_AGE, poolAge);
    this.emit(at, DRILL_METRIC.OVERDUE, overdue);
  }

  /** A stranger's sign-up or token that the standby refuses: an error to Lambda, and counted as meant when the handler was called. `starts`: cold. */
  public refuses(trigger: 'PreSignUp' | 'PreTokenGeneration', at: number, starts = 0): void {
    this.called(trigger, at, { errors: 1 });
    this.emit(at + starts, trigger === 'PreSignUp' ? STANDBY_METRIC.SIGN_UPS_REFUSED : STANDBY_METRIC.TOKENS_REFUSED);
  }

  /**
   * What is told between two moments where nothing is wrong. `without`: parts that are left to the caller. Sign-ins of a minute: a quiet pool has a
   * few a day.
   */
  public live(from: number, to: number, { signIns = 0, sweepTakes = 90, without = [] as readonly Left[] } = {}): void {
    for (let at = from; at < to; at += MINUTE) {
      const minute = Math.round(at / MINUTE);
      if (signIns > 0) {
        this.called('CaptureTrigger', at, { times: signIns });
        this.follows(at + 3);
        this.called('PutChanges', at + 3, { iteratorAge: 900 });
      } else if (minute % 700 === 550) {
        this.called('CaptureTrigger', at);
        this.follows(at + 3);
        this.called('PutChanges', at + 3, { iteratorAge: 900 });
      }
      if (minute % 5 === 0) {
        // Cognito's answers are older than some events: those hints wait for their next try.
        this.queue('CaptureHints', at, signIns, signIns > 0 && minute % 60 === 0 ? 240 : 0);
        for (const name of [...DEAD_LETTERS, 'StandbyTriggersFollowUps']) this.queue(name, at, 0);
      }
      if (minute % 60 === 7 && !without.includes('deletions')) {
        this.called('ApplyDeletions', at);
        this.emit(at + 4, STANDBY_METRIC.DELETIONS_HELD, 0);
      }
      // Robots try the sign-up page of the standby pool, too; here the handler's end is in the next minute each time.
      if (minute % 90 === 11) this.refuses('PreSignUp', at + 59.9, 0.3);
      if (minute % 90 === 12) this.refuses('PreTokenGeneration', at + 59.9, 0.3);
      if (minute % 90 === 13) this.refuses('PreSignUp', at + 20, 0.3);
      // A schedule of six hours, up to two minutes late.
      if (minute % 360 === 5 + Math.floor(minute / 360) % 3 && !without.includes('watch')) this.watchesDrills(at);
      // Once a day the fill of a warm standby.
      if (minute % 1440 === 33) {
        this.ends('RestoreStateMachine', at, 'Succeeded');
        for (const name of ['UsersRestored', 'UsersSkipped', 'UsersFailed']) this.emit(at, name, 0);
      }
    }
    if (without.includes('sweep')) return;
    let busyUntil = from;
    for (let at = from + 60; at < to; at += this.interval) {
      // One that finds the last one still running does nothing.
      if (at < busyUntil) {
        this.ends('SweepStateMachine', at + 1, 'Succeeded');
        continue;
      }
      const slices: number[] = [];
      for (let end = at + SLICE; end < at + sweepTakes; end += SLICE) slices.push(end);
      this.sweep(at, sweepTakes, slices);
      busyUntil = at + sweepTakes;
    }
  }
}

/** A slice of the default length, with what it needs beyond. */
const SLICE = 15 * MINUTE;

export const DEAD_LETTERS = [
  'CaptureDeadLetters', 'CaptureEventDeadLetters', 'StandbyTriggersDeadLetters', 'FollowerSetAside', 'ChangeEventsDeadLetterQueue',
] as const;

export const INCIDENTS = INCIDENT_METRIC.INCIDENTS;
