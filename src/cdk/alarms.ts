import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, AlarmProps, ComparisonOperator, IMetric, MathExpression, Metric, MetricOptions, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { sliceTimeout } from './slice-task';
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
export const RUNBOOK = 'https://github.com/cognito-dr-replica/cognito-dr-replica/blob/main/docs/runbook.md';

const MINUTE = Duration.minutes(1);

/**
 * A metric may be published only where there is something to count. FILL puts a zero elsewhere, and SUM of a list passes over what has no value:
 * either is enough where nobody ever published one of them.
 */
const sumOf = (names: readonly string[]) => `SUM([${names.map(name => `FILL(${name}, 0)`).join(', ')}])`;

/**
 * Errors that were not meant. Lambda counts an error in the minute of the call, the handler a refusal in the minute in which it began, which after a
 * cold start may be the next: the running sum is right again then, and two minutes are looked at.
 */
const UNMEANT = 'SUM([RUNNING_SUM(FILL(errors, 0)), RUNNING_SUM(0 - FILL(refusals, 0))])';

/** CloudWatch looks back at most seven days, in periods of at least one hour if it is more than one day. */
function periodsOf(intervals: number, interval: Duration): { period: Duration; evaluationPeriods: number } {
  const minutes = interval.toMinutes();
  const period = Math.min(minutes, 60);
  return { period: Duration.minutes(period), evaluationPeriods: Math.ceil(intervals * minutes / period) };
}

/**
 * Intervals of the sweep in which nothing is heard, as {@link periodsOf}. However long a sweep takes, each of its slices is heard of: `slice` is the
 * time that one works.
 */
export function silence(intervals: number, interval: Duration, slice: Duration): { period: Duration; evaluationPeriods: number } {
  return periodsOf(intervals, Duration.minutes(Math.max(interval.toMinutes(), Math.ceil(sliceTimeout(slice).toSeconds() / 60))));
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

  /**
   * Goes off where a count was zero for so many periods, and where nothing at all is heard. CloudWatch reads more periods than it needs, and waits
   * until all of them are missing: filled with zeros they are not.
   */
  protected addSilence(
    id: string, alarmDescription: string, count: Readonly<Record<string, IMetric>>, expression: string, evaluationPeriods: number,
  ): void {
    const [{ period }] = Object.values(count) as Metric[];
    this.add(id, alarmDescription, new MathExpression({ expression, usingMetrics: count, period }), {
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods,
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  /** Goes off while a queue that should be empty holds a message. */
  protected addMessages(id: string, alarmDescription: string, queue: IQueue): void {
    this.add(id, alarmDescription, queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' }));
  }

  /** Goes off at the first execution that does not succeed, however it ends. */
  protected addExecutions(alarmDescription: string, stateMachine: IStateMachine): void {
    const options = { period: PERIOD };
    this.addSum('Failed', alarmDescription, {
      failed: stateMachine.metricFailed(options), timedOut: stateMachine.metricTimedOut(options), aborted: stateMachine.metricAborted(options),
    });
  }

  /**
   * On a trigger of a user pool: Cognito waits for it, so that somebody's call fails with it. Goes off at the first one. `refused`: what the trigger
   * counts where it refuses on purpose, which to Lambda is an error like any other. Throttled calls have an alarm of their own there: what is looked
   * at for minutes only would miss a metric that comes late.
   */
  protected addTrigger(name: string, lambda: TriggerMetrics, whatFails: string, refused?: (options: MetricOptions) => IMetric): void {
    const failed = `The trigger function ${name} failed`;
    const log = 'See its log: an error by name, or a timeout after five seconds.';
    const concurrency = 'the concurrency of the functions of this account and Region: ask for a higher quota, or see which function takes all of it.';
    const [errors, throttles] = [lambda.errors({ period: PERIOD }), lambda.throttles({ period: PERIOD })];
    if (!refused) {
      return this.addSum(`${name}Errors`,
        `${failed}, or Lambda did not run it: ${whatFails}. ${log} Where there is neither, calls are throttled: see ${concurrency}`,
        { errors, throttles });
    }
    const usingMetrics = { errors: lambda.errors({ period: MINUTE }), refusals: refused({ period: MINUTE }) };
    this.add(`${name}Errors`, `${failed}: ${whatFails}. ${log}`, new MathExpression({ expression: UNMEANT, usingMetrics, period: MINUTE }), {
      evaluationPeriods: 2,
    });
    this.add(`${name}Throttles`, `Lambda did not run the trigger function ${name}: ${whatFails}. See ${concurrency}`, throttles);
  }

  private addSum(id: string, alarmDescription: string, counts: Readonly<Record<string, IMetric>>): void {
    this.add(id, alarmDescription, new MathExpression({ expression: sumOf(Object.keys(counts)), usingMetrics: { ...counts }, period: PERIOD }));
  }

  /** A metric that the handlers of this Region emit. */
  protected metric(name: string, options: MetricOptions): Metric {
    return libraryMetric(Stack.of(this).region, this.props.ledgerTableName, name, options);
  }
}
