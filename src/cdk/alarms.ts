import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, AlarmProps, ComparisonOperator, IMetric, MathExpression, Metric, MetricOptions, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { METRIC_DIMENSION, METRIC_NAMESPACE } from '../runtime/metric-names';

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

export interface PartAlarmsProps {
  readonly ledgerTableName: string;
  /** Topics of the Region of the alarms. */
  readonly topics: readonly ITopic[];
}

/** Metrics that Lambda has of a function. */
export interface TriggerMetrics {
  errors(options: MetricOptions): IMetric;
  throttles(options: MetricOptions): IMetric;
}

/** The function may be made later than the alarms on it. */
export function triggerMetrics(functionName: string, region: string): TriggerMetrics & { invocations(options: MetricOptions): IMetric } {
  const metric = (metricName: string) => (options: MetricOptions) => new Metric({
    namespace: 'AWS/Lambda', metricName, dimensionsMap: { FunctionName: functionName }, statistic: 'Sum', region, ...options,
  });
  return { errors: metric('Errors'), throttles: metric('Throttles'), invocations: metric('Invocations') };
}

/** How often CloudWatch looks, unless an alarm says otherwise. */
export const PERIOD = Duration.minutes(5);

/** What somebody reads who was woken: a chapter for each alarm, under its name. */
const RUNBOOK = 'https://github.com/cognito-dr-replica/cognito-dr-replica/blob/main/docs/runbook.md';

/** CloudWatch looks back at most seven days, in periods of at least one hour if it is more than one day. */
export function periodsOf(intervals: number, interval: Duration): { period: Duration; evaluationPeriods: number } {
  const minutes = interval.toMinutes();
  const period = Math.min(minutes, 60);
  return { period: Duration.minutes(period), evaluationPeriods: Math.ceil(intervals * minutes / period) };
}

/** The alarms on one part of the library, in the Region of what they watch. */
export abstract class PartAlarms extends Construct {
  public readonly alarms: Alarm[] = [];

  constructor(scope: Construct, id: string, private readonly props: PartAlarmsProps) {
    super(scope, id);
  }

  /** Goes off at 1 or more in one period, and not where there is nothing to count, unless `options` say otherwise. */
  protected add(id: string, alarmDescription: string, metric: IMetric, options: Partial<AlarmProps> = {}): void {
    // As GitHub makes it of the heading `<part>/<id>`.
    const anchor = `${this.node.id}${id}`.toLowerCase();
    const alarm = new Alarm(this, id, {
      alarmDescription: `${alarmDescription} Runbook: ${RUNBOOK}#${anchor}`,
      metric,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...options,
    });
    this.props.topics.forEach(topic => alarm.addAlarmAction(new SnsAction(topic)));
    this.alarms.push(alarm);
  }

  /** Goes off while a queue that should be empty holds a message. */
  protected addMessages(id: string, alarmDescription: string, queue: IQueue): void {
    this.add(id, alarmDescription, queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' }));
  }

  /** Three alarms that go off at the first execution that does not succeed. */
  protected addExecutions(alarmDescription: string, stateMachine: IStateMachine): void {
    this.add('Failed', alarmDescription, stateMachine.metricFailed({ period: PERIOD }));
    this.add('TimedOut', alarmDescription, stateMachine.metricTimedOut({ period: PERIOD }));
    this.add('Aborted', alarmDescription, stateMachine.metricAborted({ period: PERIOD }));
  }

  /**
   * Two alarms on a trigger of a user pool: Cognito waits for it, so that somebody's call fails with it. They go off at the first one. `refusals`:
   * what the trigger counts where it refuses on purpose, which to Lambda is an error like any other. It is published
   * only where there is one: FILL puts a zero elsewhere.
   */
  protected addTrigger(name: string, lambda: TriggerMetrics, whatFails: string, refusals?: IMetric): void {
    const errors = lambda.errors({ period: PERIOD });
    this.add(`${name}Errors`,
      `The trigger function ${name} failed: ${whatFails}. See its log: an error by name, or a timeout after five seconds.`,
      refusals ? new MathExpression({ expression: 'errors - FILL(refusals, 0)', usingMetrics: { errors, refusals }, period: PERIOD }) : errors);
    this.add(`${name}Throttles`,
      `Lambda did not run the trigger function ${name}: ${whatFails}. See the concurrency of the functions of this account and Region: ask for a ` +
      'higher quota, or see which function takes all of it.', lambda.throttles({ period: PERIOD }));
  }

  /** A metric that the handlers of this Region emit. */
  protected metric(name: string, options: MetricOptions): Metric {
    return libraryMetric(Stack.of(this).region, this.props.ledgerTableName, name, options);
  }
}
