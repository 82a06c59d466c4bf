import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, MetricOptions, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
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

/** Alarms that go off at the first execution that does not succeed. */
export function executionAlarms(scope: Construct, stateMachine: StateMachine, alarmDescription: string): Alarm[] {
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

/** Has every alarm notify every topic. */
export function notify(alarms: Alarm[], topics: ITopic[]): Alarm[] {
  alarms.forEach(alarm => topics.forEach(topic => alarm.addAlarmAction(new SnsAction(topic))));
  return alarms;
}
