import { Construct } from 'constructs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Duration, Stack } from 'aws-cdk-lib';
import { STANDBY_METRIC } from '../../runtime/metric-names';
import { libraryMetric, notify } from '../../cdk/alarms';

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
    this.alarms = notify([setAside, held, behind, failed], props.topics);
  }
}
