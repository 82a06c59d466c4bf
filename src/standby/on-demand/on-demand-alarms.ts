import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { PartAlarms, PartAlarmsProps } from '../../cdk/alarms';

export interface StandbyAlarmsProps extends PartAlarmsProps {
  readonly deadLetterQueue: Queue;
}

/** Alarms on the standby, in the replica Region. */
export class StandbyAlarms extends PartAlarms {
  constructor(scope: Construct, id: string, props: StandbyAlarmsProps) {
    super(scope, id, props);
    this.addMessages('FollowUps',
      'Users that came to the standby pool are there without their groups, MFA preference or linked identities, after an hour of tries. ' +
      'See the log of the function FollowUp for the name of the error. When the cause is gone, redrive the dead-letter queue, which is safe ' +
      'at any time; a restore with these users in subs does the same.', props.deadLetterQueue);
  }
}
