import { Duration, Stack } from 'aws-cdk-lib';
import { MetricOptions, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { PartAlarms, PartAlarmsProps, PERIOD, triggerMetrics } from '../../cdk/alarms';
import { STANDBY_METRIC } from '../../runtime/metric-names';

export interface StandbyAlarmsProps extends PartAlarmsProps {
  readonly followUps: Queue;
  readonly deadLetterQueue: Queue;
  readonly functions: Readonly<Record<'UserMigration' | 'PreSignUp' | 'PostConfirmation' | 'PreTokenGeneration', IFunction>>;
}

/** What fails with each trigger, and what it counts where it refuses on purpose. */
const TRIGGERS = [
  ['UserMigration', 'somebody of the source pool could not come into the standby pool', undefined],
  ['PreSignUp', 'somebody could not sign up to the standby pool', STANDBY_METRIC.SIGN_UPS_REFUSED],
  ['PostConfirmation', 'somebody saw an error after a confirmation or a new password on the standby pool', undefined],
  ['PreTokenGeneration', 'somebody got no token of the standby pool', STANDBY_METRIC.TOKENS_REFUSED],
] as const;

/** Alarms on the standby, in the replica Region. */
export class StandbyAlarms extends PartAlarms {
  constructor(scope: Construct, id: string, props: StandbyAlarmsProps) {
    super(scope, id, props);
    this.add('Opened',
      'Somebody opened the standby pool, or began a rehearsal: users of the source pool can come in there. See the ' +
      'executions of the state machine of the switch, and CloudTrail for who started them. If nobody should have, close it with ' +
      '{"mode": "closed", "signOut": true}.',
      this.metric(STANDBY_METRIC.OPENED, { period: PERIOD }));
    this.add('Held',
      'A restore holds the standby pool at an earlier moment: tokens, sign-ins, a warm standby and every later restore read the copy as it was ' +
      'then, and nothing newer comes in. See the item MOMENT of the state table: at which moment (heldAt), since when, and by which execution. ' +
      'Let go by a restore with {"asOf": "now"} once the source pool is in order, and before historyRetention is over; until then this alarm ' +
      'stays on.',
      // Of two restores that end within a minute, the one that holds counts: a false alarm is the smaller harm. Nothing is heard in between.
      this.metric(STANDBY_METRIC.HELD, { period: Duration.minutes(1), statistic: Stats.MAXIMUM }), { treatMissingData: TreatMissingData.IGNORE });
    this.addMessages('FollowUps',
      'Users that came to the standby pool are there without their groups, MFA preference or linked identities, after an hour of tries. ' +
      'See the log of the function FollowUp for the name of the error. When the cause is gone, redrive the dead-letter queue, which is safe ' +
      'at any time; a restore with these users in subs does the same.', props.deadLetterQueue);
    this.add('FollowUpsLate',
      'Users that came to the standby pool have waited for 15 minutes for their groups, MFA preference or linked identities. See whether the event ' +
      'source mapping of the function FollowUp is enabled and whether the function is throttled. What waits is lost after four days.',
      // One that is tried again and again does not count: SQS leaves out what was received more than three times. The dead letters tell of it.
      props.followUps.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: 'Maximum' }), { threshold: Duration.minutes(15).toSeconds() });
    this.add('TriggerFailures',
      'A trigger of the standby pool could not do its work: somebody could not sign in, sign up or come into the pool, or came without groups. See ' +
      'the logs of the functions UserMigration, PreSignUp, PostConfirmation and PreTokenGeneration for the name of the error; mostly a permission ' +
      'of yours on the key or the tables, or DynamoDB.',
      this.metric(STANDBY_METRIC.TRIGGER_FAILURES, { period: PERIOD }));
    const { region } = Stack.of(this);
    for (const [name, whatFails, refused] of TRIGGERS) {
      const refusals = refused && ((options: MetricOptions) => this.metric(refused, options));
      this.addTrigger(name, triggerMetrics(props.functions[name].functionName, region), whatFails, refusals);
    }
  }
}
