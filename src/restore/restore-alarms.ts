import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { PartAlarms, PartAlarmsProps } from '../cdk/alarms';

export interface RestoreAlarmsProps extends PartAlarmsProps {
  readonly stateMachine: StateMachine;
}

/** Alarms on the restore, in the replica Region. */
export class RestoreAlarms extends PartAlarms {
  constructor(scope: Construct, id: string, props: RestoreAlarmsProps) {
    super(scope, id, props);
    this.addExecutions(
      'A restore of Cognito users failed, timed out or was aborted. Read the error of the newest failed execution of the state machine. ' +
      'InvalidInput: nothing was written. RestoreIncomplete: some users failed; the index "outcomes" of the state table lists them. ' +
      'Starting the same restore again is safe: it goes on where this one ended.', props.stateMachine);
  }
}
