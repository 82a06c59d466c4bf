import { CfnOutput } from 'aws-cdk-lib';
import { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

interface Parts extends Construct {
  readonly ledgerTable: ITableV2;
  readonly stateTable: ITableV2;
  readonly restoreStateMachine: IStateMachine;
  readonly sweepStateMachine: IStateMachine;
  readonly recoveryStateMachine?: IStateMachine;
}

/** What an operator needs to type, where the stack says it. */
export function addOutputs(parts: Parts, replica: Construct): void {
  const output = (scope: Construct, id: string, description: string, value: string) => new CfnOutput(scope, id, { description, value });
  output(replica, 'LedgerTableName', 'Copy of the user pool', parts.ledgerTable.tableName);
  output(replica, 'StateTableName', 'Outcomes of restores', parts.stateTable.tableName);
  output(replica, 'RestoreStateMachineArn', 'Restores the copy into a user pool', parts.restoreStateMachine.stateMachineArn);
  output(parts, 'SweepStateMachineArn', 'Sweeps the user pool into its copy', parts.sweepStateMachine.stateMachineArn);
  const recovery = parts.recoveryStateMachine;
  if (recovery) output(parts, 'RecoveryStateMachineArn', 'Recovers users in the user pool itself', recovery.stateMachineArn);
}
