import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { PartAlarms, PartAlarmsProps, PERIOD } from '../../cdk/alarms';
import { STANDBY_METRIC } from '../../runtime/metric-names';

export interface StandbyAlarmsProps extends PartAlarmsProps {
  readonly deadLetterQueue: Queue;
}

/** Alarms on the standby, in the replica Region. */
export class StandbyAlarms extends PartAlarms {
  constructor(scope: Construct, id: string, props: StandbyAlarmsProps) {
    super(scope, id, props);
    this.add('Opened',
      'Somebody opened the standby pool, or began a rehearsal: users of the source pool can come in there. See the ' +
      'executions of the state machine of the switch, and CloudTrail for who started them. If nobody should have, close it with ' +
      '{"mode": "closed", "signOut": true}.',
      this.metric(STANDBY_METRIC.OPENED, { period: PERIOD }));
    this.addMessages('FollowUps',
      'Users that came to the standby pool are there without their groups, MFA preference or linked identities, after an hour of tries. ' +
      'See the log of the function FollowUp for the name of the error. When the cause is gone, redrive the dead-letter queue, which is safe ' +
      'at any time; a restore with these users in subs does the same.', props.deadLetterQueue);
  }
}
