import { Duration, Stack } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { IUserPool } from 'aws-cdk-lib/aws-cognito';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { PartAlarms, PartAlarmsProps, PERIOD, triggerMetrics } from '../../cdk/alarms';
import { INCIDENT_EVENT, incidentPartition } from '../../ledger/incident';
import { CAPTURE_METRIC, INCIDENT_METRIC, SWEEP_METRIC } from '../../runtime/metric-names';

export interface CaptureAlarmsProps extends PartAlarmsProps {
  readonly capture: { readonly queue: Queue; readonly deadLetterQueue: Queue; readonly eventDeadLetterQueue: Queue };
  readonly userPool: IUserPool;
  readonly interval: Duration;
  /** Name of the function in the pool's trigger slots, where there is one. */
  readonly triggerName?: string;
}

/** Misses of this share of the calls of an hour, in percent: at a busy pool a hiccup is none, at a quiet one a single miss is all there is. */
const MISSED = 10;

/** Alarms on the way from an event to the copy, in the source pool's Region. What goes wrong here, a sweep repairs. */
export class CaptureAlarms extends PartAlarms {
  constructor(scope: Construct, id: string, props: CaptureAlarmsProps) {
    super(scope, id, props);
    const { queue, deadLetterQueue, eventDeadLetterQueue } = props.capture;
    this.addMessages('DeadLetters',
      'Hints about changed users could not be applied after ten tries, or are no hints. See the log of the consumer for the name of the ' +
      'error; the next sweep copies what they were about. When the cause is gone, redrive the dead-letter queue, which is safe at any time, ' +
      'or purge it.', deadLetterQueue);
    this.addMessages('EventDeadLetters',
      'EventBridge could not put events of Cognito into the hints queue; the next sweep copies what they were about. See the attribute ' +
      'ERROR_CODE of the messages: mostly somebody changed the policy of the queue. When the cause is gone, send the messages to the hints ' +
      'queue, as the runbook of cognito-dr-replica says, which is safe at any time, or purge this queue.', eventDeadLetterQueue);
    this.add('Late',
      'Hints about changed users have waited for 15 minutes: the copy is behind by as much. See whether the consumer is ' +
      'throttled by Cognito (metric HintsRetried), or whether somebody changes very many users at once, which passes.',
      queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: 'Maximum' }), { threshold: Duration.minutes(15).toSeconds() });
    this.add('Incident',
      'Within ten minutes very many users were deleted or disabled, or had one attribute changed by administrators, or a group went with very many ' +
      'members. See the incident: it says since when, how many, by whose calls, and what to start a recovery with; an event (source ' +
      `${INCIDENT_EVENT.SOURCE}, detail type ${INCIDENT_EVENT.DETAIL_TYPE}) carries its id, and this lists it, the newest last: aws dynamodb query ` +
      `--region ${Stack.of(this).region} --table-name ${props.ledgerTableName} --key-condition-expression "pk = :p" ` +
      `--expression-attribute-values '{":p":{"S":"${incidentPartition(props.userPool.userPoolId)}"}}'`,
      this.metric(INCIDENT_METRIC.INCIDENTS, { period: PERIOD }));
    if (props.triggerName !== undefined) this.addTriggers(props.triggerName);
    const hours = Duration.hours(Math.max(1, Math.ceil(props.interval.toHours({ integral: false }))));
    this.add('EventsMissing',
      'Sweeps found changes, but CloudTrail delivers no events of Cognito: probably no trail logs management events in this Region. ' +
      'Changes that no trigger sees are copied by sweeps only. See the trails of this account: let one log write management events here ' +
      '(createTrail makes one), or live with it and disable this alarm.',
      this.metric(SWEEP_METRIC.EVENTS_MISSING, { period: hours }), { evaluationPeriods: 3, datapointsToAlarm: 2 });
  }

  private addTriggers(functionName: string): void {
    const lambda = triggerMetrics(functionName, Stack.of(this).region);
    this.addTrigger('Trigger', lambda, 'somebody saw an error after a sign-in or a confirmation at the source pool');
    const period = Duration.hours(1);
    const usingMetrics = { misses: this.metric(CAPTURE_METRIC.TRIGGER_MISSES, { period }), calls: lambda.invocations({ period }) };
    this.add('TriggerMisses',
      `At ${MISSED} % or more of the sign-ins and confirmations of an hour the trigger could not reach the copy or the queue in time. Nobody was ` +
      'kept from signing in; the next sweep copies what changed. See the log of the trigger for the name of the error.',
      new MathExpression({ expression: '100 * misses / calls', usingMetrics, period }), { threshold: MISSED });
  }
}
