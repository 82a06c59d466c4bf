import { Construct } from 'constructs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { executionAlarms, notify } from '../cdk/alarms';

export interface RestoreAlarmsProps {
  readonly stateMachine: StateMachine;
  readonly topics: ITopic[];
}

/** Alarms on the restore, in the replica Region. */
export class RestoreAlarms extends Construct {
  public readonly alarms: Alarm[];

  constructor(scope: Construct, id: string, props: RestoreAlarmsProps) {
    super(scope, id);
    this.alarms = notify(executionAlarms(this, props.stateMachine,
      'A restore of Cognito users failed, timed out or was aborted. Read the error of the newest failed execution of the state machine. ' +
      'InvalidInput: nothing was written. RestoreIncomplete: some users failed; the index "outcomes" of the state table lists them. ' +
      'Starting the same restore again is safe: it goes on where this one ended.'), props.topics);
  }
}
