import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, MetricOptions, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { CAPTURE_METRIC, METRIC as SWEEP_METRIC, METRIC_DIMENSION, METRIC_NAMESPACE } from '../capture/constants';
import { STANDBY_METRIC } from '../standby/constants';

/** Intervals without a complete sweep after which somebody should look: one may fail, two may be a long one. */
const OVERDUE_INTERVALS = 3;

/** A metric that the handlers emit, in the Region where they run. */
export function libraryMetric(region: string, ledgerTableName: string, metricName: string, options?: MetricOptions): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { [METRIC_DIMENSION]: ledgerTableName },
    statistic: 'Sum',
    region,
    ...options,
  });
}

export interface SweepAlarmsProps {
  readonly stateMachine: StateMachine;
  readonly ledgerTableName: string;
  readonly interval: Duration;
  readonly topics: ITopic[];
}

/** Alarms on the sweep, in the source pool's Region. */
export class SweepAlarms extends Construct {
  public readonly alarms: Alarm[];

  constructor(scope: Construct, id: string, props: SweepAlarmsProps) {
    super(scope, id);
    const unsuccessful = executionAlarms(this, props.stateMachine,
      'A sweep of the user pool into its copy failed, timed out or was aborted: changes since the last complete sweep are not copied. ' +
      'Read the error of the newest failed execution of the state machine. DeletionsHeld: many users are gone at once; find out why before ' +
      'you start a sweep with allowDeletions. Otherwise the next scheduled sweep tries again.');
    const { period, periods } = overdueAfter(props.interval);
    const overdue = new Alarm(this, 'Overdue', {
      alarmDescription: `No sweep of the user pool into its copy was complete for ${OVERDUE_INTERVALS} intervals (one is ${props.interval.toHumanString()}): the copy ` +
        'is older than you asked for. See whether the schedule is enabled, and how executions of the sweep state machine end. ' +
        'After the first deployment this alarm is on until the first sweep is complete.',
      metric: libraryMetric(Stack.of(this).region, props.ledgerTableName, SWEEP_METRIC.SWEEP_COMPLETED, { period }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: periods,
      treatMissingData: TreatMissingData.BREACHING,
    });
    this.alarms = tell([...unsuccessful, overdue], props.topics);
  }
}

export interface CaptureAlarmsProps {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  /** Of the EventBridge rules. */
  readonly eventDeadLetterQueue: Queue;
  readonly ledgerTableName: string;
  readonly interval: Duration;
  readonly topics: ITopic[];
}

/** Alarms on the way from an event to the copy, in the source pool's Region. What goes wrong here, a sweep repairs. */
export class CaptureAlarms extends Construct {
  public readonly alarms: Alarm[];

  constructor(scope: Construct, id: string, props: CaptureAlarmsProps) {
    super(scope, id);
    const metric = (name: string, options: MetricOptions) => libraryMetric(Stack.of(this).region, props.ledgerTableName, name, options);
    const quiet = { comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD, treatMissingData: TreatMissingData.NOT_BREACHING };
    const period = Duration.minutes(5);
    const deadLetters = new Alarm(this, 'DeadLetters', {
      ...quiet,
      alarmDescription: 'Hints about changed users could not be applied after ten tries, or are no hints. See the log of the consumer for the name of the error; ' +
        'the next sweep copies what they were about. When the cause is gone, redrive the dead-letter queue, which is safe at any time, or purge it.',
      metric: props.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
      threshold: 1,
      evaluationPeriods: 1,
    });
    const eventDeadLetters = new Alarm(this, 'EventDeadLetters', {
      ...quiet,
      alarmDescription: 'EventBridge could not put events of Cognito into the hints queue; the next sweep copies what they were about. See the attribute ' +
        'ERROR_CODE of the messages: mostly somebody changed the policy of the queue. When the cause is gone, send the messages to the hints queue, as the README ' +
        'of cognito-dr-replica says, which is safe at any time, or purge this queue.',
      metric: props.eventDeadLetterQueue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
      threshold: 1,
      evaluationPeriods: 1,
    });
    const late = new Alarm(this, 'Late', {
      ...quiet,
      alarmDescription: 'Hints about changed users have waited for 15 minutes: the copy is behind by as much. See whether the consumer is ' +
        'throttled by Cognito (metric HintsRetried), or whether somebody changes very many users at once, which passes.',
      metric: props.queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum' }),
      threshold: Duration.minutes(15).toSeconds(),
      evaluationPeriods: 1,
    });
    const misses = new Alarm(this, 'TriggerMisses', {
      ...quiet,
      alarmDescription: 'For a quarter of an hour, the trigger could not reach the copy or the queue in time at some sign-ins. Nobody was kept from ' +
        'signing in; the next sweep copies what changed. See the log of the trigger for the name of the error.',
      metric: metric(CAPTURE_METRIC.TRIGGER_MISSES, { period }),
      threshold: 1,
      evaluationPeriods: 3,
    });
    const hours = Duration.hours(Math.max(1, Math.ceil(props.interval.toHours({ integral: false }))));
    const missing = new Alarm(this, 'EventsMissing', {
      ...quiet,
      alarmDescription: 'Sweeps found changes, but CloudTrail delivers no events of Cognito: probably no trail logs management events in this Region. ' +
        'Changes that no trigger sees are copied by sweeps only. See the trails of this account: let one log write management events here ' +
        '(createTrail makes one), or live with it and disable this alarm.',
      metric: metric(SWEEP_METRIC.EVENTS_MISSING, { period: hours }),
      threshold: 1,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
    });
    this.alarms = tell([deadLetters, eventDeadLetters, late, misses, missing], props.topics);
  }
}

export interface StandbyAlarmsProps {
  readonly deadLetterQueue: Queue;
  readonly topics: ITopic[];
}

/** Alarms on the standby, in the replica Region. */
export class StandbyAlarms extends Construct {
  public readonly alarms: Alarm[];

  constructor(scope: Construct, id: string, props: StandbyAlarmsProps) {
    super(scope, id);
    const followUps = new Alarm(this, 'FollowUps', {
      alarmDescription: 'Users who came to the standby pool are there without their groups, MFA preference or linked identities, after an hour of tries. ' +
        'See the log of the function FollowUp for the name of the error. When the cause is gone, redrive the dead-letter queue, which is safe at any time; a restore ' +
        'with these users in subs does the same.',
      metric: props.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: 'Maximum' }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.alarms = tell([followUps], props.topics);
  }
}

export interface FollowerAlarmsProps {
  readonly follower: { readonly setAsideQueue: Queue; readonly changes: IFunction; readonly deletions: IFunction };
  readonly ledgerTableName: string;
  readonly topics: ITopic[];
}

/** Alarms on a warm standby, in the replica Region. */
export class FollowerAlarms extends Construct {
  public readonly alarms: Alarm[];

  constructor(scope: Construct, id: string, props: FollowerAlarmsProps) {
    super(scope, id);
    const { follower } = props;
    const quiet = {
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      threshold: 1,
      evaluationPeriods: 1,
    };
    const behind = new Alarm(this, 'Behind', {
      ...quiet,
      alarmDescription: 'The standby pool is 15 minutes behind the copy. See the log of the function ApplyChange for the name of the error: mostly Cognito throttles, ' +
        'which passes. What is not applied after four hours goes to the queue SetAside; a restore brings it in.',
      metric: follower.changes.metric('IteratorAge', { period: Duration.minutes(5), statistic: 'Maximum' }),
      threshold: Duration.minutes(15).toMilliseconds(),
    });
    const failed = new Alarm(this, 'DeletionsFailed', {
      ...quiet,
      alarmDescription: 'Users whose grace period is over were not deleted from the standby pool. See the log of the function ApplyDeletions for the name of the ' +
        'error. It tries again every hour, and they stay until it succeeds.',
      metric: follower.deletions.metricErrors({ period: Duration.hours(1) }),
    });
    const setAside = new Alarm(this, 'SetAside', {
      ...quiet,
      alarmDescription: 'Changes could not be applied to the standby pool. See the messages of the queue SetAside: each names a user or group and the reason, or ' +
        'a batch of the stream that Lambda gave up after four hours. When the cause is gone, a restore brings these users into line; then purge the queue.',
      metric: follower.setAsideQueue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: 'Maximum' }),
    });
    const held = new Alarm(this, 'DeletionsHeld', {
      ...quiet,
      alarmDescription: 'More than a few users were deleted from the source pool at about the same time, and their grace period is over: none of them is ' +
        'deleted from the standby. See whether they were meant to go. If so, invoke the function ApplyDeletions with {"allowDeletions": <number>}; if not, ' +
        'restore them into the source pool.',
      metric: libraryMetric(Stack.of(this).region, props.ledgerTableName, STANDBY_METRIC.DELETIONS_HELD, { period: Duration.hours(1), statistic: 'Maximum' }),
    });
    this.alarms = tell([setAside, held, behind, failed], props.topics);
  }
}

export interface RestoreAlarmsProps {
  readonly stateMachine: StateMachine;
  readonly topics: ITopic[];
}

/** Alarms on the restore, in the replica Region. */
export class RestoreAlarms extends Construct {
  public readonly alarms: Alarm[];

  constructor(scope: Construct, id: string, props: RestoreAlarmsProps) {
    super(scope, id);
    this.alarms = tell(executionAlarms(this, props.stateMachine,
      'A restore of Cognito users failed, timed out or was aborted. Read the error of the newest failed execution of the state machine. ' +
      'InvalidInput: nothing was written. RestoreIncomplete: some users failed; the index "outcomes" of the standby table lists them. ' +
      'Starting the same restore again is safe: it goes on where this one ended.'), props.topics);
  }
}

/** Go off at the first execution that does not succeed. */
function executionAlarms(scope: Construct, stateMachine: StateMachine, alarmDescription: string): Alarm[] {
  const period = Duration.minutes(5);
  const metrics = {
    Failed: stateMachine.metricFailed({ period }),
    TimedOut: stateMachine.metricTimedOut({ period }),
    Aborted: stateMachine.metricAborted({ period }),
  };
  return Object.entries(metrics).map(([id, metric]) => new Alarm(scope, id, {
    alarmDescription,
    metric,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 1,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  }));
}

/** CloudWatch looks back at most seven days, in periods of at least one hour if it is more than one day. */
function overdueAfter(interval: Duration): { period: Duration; periods: number } {
  const minutes = interval.toMinutes();
  const period = Math.min(minutes, 60);
  return { period: Duration.minutes(period), periods: Math.ceil(OVERDUE_INTERVALS * minutes / period) };
}

function tell(alarms: Alarm[], topics: ITopic[]): Alarm[] {
  alarms.forEach(alarm => topics.forEach(topic => alarm.addAlarmAction(new SnsAction(topic))));
  return alarms;
}
