import { Duration } from 'aws-cdk-lib';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { PartAlarms, PartAlarmsProps, PERIOD, silence } from '../../cdk/alarms';
import { STANDBY_METRIC } from '../../runtime/metric-names';

export interface FollowerAlarmsProps extends PartAlarmsProps {
  readonly sweepInterval: Duration;
  /** Time that a slice of a sweep works, at whose beginning it gives a sign. */
  readonly sliceDuration: Duration;
  readonly follower: { readonly setAsideQueue: Queue; readonly changes: IFunction; readonly deletions: IFunction };
}

/** One sweep or run may fail, and one may be a long one. */
const SILENT_INTERVALS = 3;

/** Alarms on a warm standby, in the replica Region. */
export class FollowerAlarms extends PartAlarms {
  constructor(scope: Construct, id: string, props: FollowerAlarmsProps) {
    super(scope, id, props);
    const { setAsideQueue, changes, deletions } = props.follower;
    this.addMessages('SetAside',
      'Changes could not be applied to the standby pool. See the messages of the queue SetAside: each names a user and the reason, or ' +
      'a batch of the stream that Lambda gave up after four hours. When the cause is gone, a restore brings these users into line; then purge ' +
      'the queue.', setAsideQueue);
    this.add('DeletionsHeld',
      'More than a few users were deleted from the source pool at about the same time, and their grace period is over: none of them is ' +
      'deleted from the standby. See whether they were meant to go. If so, invoke the function ApplyDeletions with ' +
      '{"allowDeletions": <number>}, and where its answer names incidents, confirm them by the switch, as {"mode": "closed", "confirmIncidents": ' +
      '["<id>"]}, or with the mode that it has; if not, restore them into the source pool.',
      this.metric(STANDBY_METRIC.DELETIONS_HELD, { period: Duration.hours(1), statistic: 'Maximum' }));
    this.add('Behind',
      'The standby pool is 15 minutes behind the copy. See the log of the function ApplyChange for the name of the error: mostly Cognito ' +
      'throttles, which passes. What is not applied after four hours goes to the queue SetAside; a restore brings it in.',
      changes.metric('IteratorAge', { period: PERIOD, statistic: 'Maximum' }), { threshold: Duration.minutes(15).toMilliseconds() });
    const { period, evaluationPeriods } = silence(SILENT_INTERVALS, props.sweepInterval, props.sliceDuration);
    this.addSilence('Stopped',
      `Nothing of the copy reached the standby pool for ${SILENT_INTERVALS} intervals of the sweep, each of which gives a sign. See whether the ` +
      'event source mapping of the function ApplyChange is enabled, whether its reserved concurrency is zero, and whether sweeps are complete and ' +
      'the table replicates. What a stream forgot after a day the daily restore brings. After the first deployment this alarm is on until the ' +
      'first sweep is complete.',
      { changes: changes.metricInvocations({ period }) }, 'FILL(changes, 0)', evaluationPeriods);
    const hour = { period: Duration.hours(1) };
    this.addSilence('DeletionsFailed',
      'For three hours users whose grace period is over were not deleted from the standby pool: the function ApplyDeletions failed, or was not ' +
      'called. See its log for the name of the error; where there is none, see whether the rule that calls it every hour is enabled. It tries ' +
      'again every hour, and they stay until it succeeds. After the first deployment this alarm is on until it has run.',
      { calls: deletions.metricInvocations(hour), errors: deletions.metricErrors(hour) }, 'FILL(calls, 0) - FILL(errors, 0)', SILENT_INTERVALS);
  }
}
