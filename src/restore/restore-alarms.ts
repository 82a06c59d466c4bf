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
      'A restore of Cognito users failed, timed out or was aborted. Read the error of the newest execution that did not succeed. ' +
      'InvalidInput: nothing was written. RestoreIncomplete: more users failed than are in the target now, or not all of what was written was read ' +
      'back; the cause says which, and the index "outcomes" of the state table lists the users. Fewer failed users do not fail a restore, and set ' +
      'off no alarm: its output counts them as "failed". ' +
      'Starting the same restore again is safe: it goes on where this one ended.', props.stateMachine);
  }
}
