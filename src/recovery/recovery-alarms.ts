import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { PartAlarms, PartAlarmsProps, PERIOD } from '../cdk/alarms';

export interface RecoveryAlarmsProps extends PartAlarmsProps {
  readonly stateMachine: StateMachine;
}

/**
 * The alarm on the recovery, in the source pool's Region. An execution takes days at most and ends long before its timeout, and somebody who stops
 * one knows: neither is worth an alarm, of which each costs 0.10 USD a month.
 */
export class RecoveryAlarms extends PartAlarms {
  constructor(scope: Construct, id: string, props: RecoveryAlarmsProps) {
    super(scope, id, props);
    this.add('Failed',
      'A recovery of Cognito users in place failed. Read the error of the newest failed execution of the state machine. ' +
      'InvalidInput, PlanRefused and RecoveryRunning: nothing was written. RecoveryIncomplete: more of the plan failed than was executed; the ' +
      'index "outcomes" of the table of recoveries lists the users. Executing the same plan again is safe: it goes on where this execution ended. ' +
      '{"undo": "<name of the execution>"} takes back what it wrote.', props.stateMachine.metricFailed({ period: PERIOD }));
  }
}
