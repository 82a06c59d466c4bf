import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { PartAlarms, PartAlarmsProps, silence } from '../../cdk/alarms';
import { SWEEP_METRIC } from '../../runtime/metric-names';

/** Intervals without a complete sweep after which somebody should look: one may fail, two may be a long one. */
export const OVERDUE_INTERVALS = 3;

export interface SweepAlarmsProps extends PartAlarmsProps {
  readonly stateMachine: StateMachine;
  readonly interval: Duration;
  /** Time that a slice works, during which nothing is heard of it. */
  readonly slice: Duration;
}

/** Alarms on the sweep, in the source pool's Region. */
export class SweepAlarms extends PartAlarms {
  constructor(scope: Construct, id: string, props: SweepAlarmsProps) {
    super(scope, id, props);
    this.addExecutions(
      'A sweep of the user pool into its copy failed, timed out or was aborted: changes since the last complete sweep are not copied. ' +
      'Read the error of the newest execution that did not succeed. DeletionsHeld: many users are gone at once; find out why before ' +
      'you start a sweep with allowDeletions. Otherwise the next scheduled sweep tries again.', props.stateMachine);
    const { period, evaluationPeriods } = silence(OVERDUE_INTERVALS, props.interval, props.slice);
    this.addSilence('Overdue',
      `No sweep of the user pool into its copy was complete for ${OVERDUE_INTERVALS} intervals (one is ${props.interval.toHumanString()}), ` +
      'and none that takes longer came further: the copy is older than you asked for. See whether the schedule is enabled, and how executions ' +
      'of the sweep state machine end. After the first deployment this alarm is on until a first sweep, or a part of it, is complete.',
      // However long a sweep of this pool takes, each of its slices leaves a sample.
      { heard: this.metric(SWEEP_METRIC.SWEEP_COMPLETED, { period, statistic: Stats.SAMPLE_COUNT }) }, 'FILL(heard, 0)', evaluationPeriods);
    const hours = Duration.hours(Math.max(1, Math.ceil(props.interval.toHours({ integral: false }))));
    this.add('SchemaDrift',
      'The user pool has attributes that the standby pool has not: somebody added them outside of the template, or to this pool only. Users who ' +
      'have one cannot be restored there. See schemaDrift in the output of the last execution of the sweep state machine for their names: where ' +
      'the user pool in the app lacks them, add them to it, in the same order, and a mirror gets them as well; a standby pool of your own gets ' +
      'them from you. Then deploy.',
      // Every sweep says it again: one more period lets none that is late end the alarm.
      this.metric(SWEEP_METRIC.SCHEMA_DRIFT, { period: hours, statistic: 'Maximum' }), { evaluationPeriods: 2, datapointsToAlarm: 1 });
  }
}
