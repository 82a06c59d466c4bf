import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { WATCH_HOURS } from './constants';
import { PartAlarms, PartAlarmsProps } from '../cdk/alarms';
import { DRILL_METRIC } from '../runtime/metric-names';

export interface DrillAlarmsProps extends PartAlarmsProps {
  readonly stateMachine: StateMachine;
  readonly interval: Duration;
  readonly targetRto?: Duration;
  readonly targetRpo?: Duration;
}

/** Alarms on drills, in the replica Region. */
export class DrillAlarms extends PartAlarms {
  constructor(scope: Construct, id: string, props: DrillAlarmsProps) {
    super(scope, id, props);
    this.addExecutions(
      'A drill of the restore failed, timed out or was aborted. Read the error of the newest execution that did not succeed, and the report '
      + 'of the drill. DrillFailed: what came back is not what the copy has, somebody could not sign in, or what the drill had made is not proven to '
      + 'be gone. After a time-out or an abort the next drill removes what this one left.', props.stateMachine);
    const targets = [['Rto', DRILL_METRIC.RTO, props.targetRto], ['Rpo', DRILL_METRIC.RPO, props.targetRpo]] as const;
    for (const [name, metric, target] of targets) {
      if (!target) continue;
      this.add(`Target${name}`,
        `A drill missed its target (target${name}, ${target.toHumanString()}): ` + (name === 'Rto'
          ? 'bringing everybody back takes longer. See measured in the report; ask AWS for higher quotas, or raise the target.'
          : 'the copy was older at the moment of the drill. Shorten sweepInterval, see how sweeps end, or raise the target.'),
        this.metric(metric, { period: Duration.hours(1), statistic: 'Maximum' }), {
          comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD, threshold: target.toSeconds(),
        });
    }
    const watched = { period: Duration.hours(WATCH_HOURS), statistic: 'Maximum' };
    // One look may be late, so that a period has none. Where two have none, nobody looks: filled with a one, it is said at once.
    this.add('Overdue',
      `No drill has passed for two intervals (one is ${props.interval.toHumanString()}), or nobody looks after drills: nobody knows whether `
      + 'the copy can be restored. See whether both schedules are enabled, how executions of the state machine of drills end, and the log of the '
      + 'function Watch.',
      new MathExpression({
        expression: 'FILL(overdue, 1)', usingMetrics: { overdue: this.metric(DRILL_METRIC.OVERDUE, watched) }, period: watched.period,
      }), { evaluationPeriods: 2, treatMissingData: TreatMissingData.BREACHING });
    // The watch says it again each time: one more period lets none that is late end the alarm.
    this.add('PoolLeft',
      'A user pool that a drill made is older than a day: a drill was stopped, or could not remove it, and its users count as active. Start a drill, '
      + 'which removes it first; or delete the pool whose name begins with that of the state machine and whose tag cognito-dr-replica:drill has that '
      + 'name, too.',
      this.metric(DRILL_METRIC.POOL_AGE, watched), {
        threshold: Duration.days(1).toSeconds(), evaluationPeriods: 2, datapointsToAlarm: 1,
      });
  }
}
