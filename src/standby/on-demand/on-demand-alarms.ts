import { Construct } from 'constructs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib';
import { notify } from '../../cdk/alarms';

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
    this.alarms = notify([followUps], props.topics);
  }
}
