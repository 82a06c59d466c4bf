import { Construct } from 'constructs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { Alarm, ComparisonOperator, MetricOptions, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Duration, Stack } from 'aws-cdk-lib';
import { CAPTURE_METRIC, SWEEP_METRIC } from '../../runtime/metric-names';
import { libraryMetric, notify } from '../../cdk/alarms';

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
    this.alarms = notify([deadLetters, eventDeadLetters, late, misses, missing], props.topics);
  }
}
