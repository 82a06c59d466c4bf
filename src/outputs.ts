import { CfnOutput, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { IUserPool } from 'aws-cdk-lib/aws-cognito';
import { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { Drills } from './drill/drills';
import { Deployment, DEPLOYMENT_OUTPUT } from './operations/deployment';
import { RequestQuotas, Standby } from './options';
import { quotasByCategory } from './validate';

interface Parts extends Construct {
  readonly ledgerTable: ITableV2;
  readonly stateTable: ITableV2;
  readonly restoreStateMachine: IStateMachine;
  readonly sweepStateMachine: IStateMachine;
  readonly recoveryStateMachine?: IStateMachine;
  readonly standbySwitchStateMachine?: IStateMachine;
  readonly standbyUserPool?: IUserPool;
}

interface Source {
  readonly userPool: IUserPool;
  readonly sweepQuotas?: RequestQuotas;
  readonly restoreQuotas?: RequestQuotas;
  readonly standby?: Standby;
  readonly primaryRegion: string;
  readonly sweepInterval: Duration;
  readonly drills?: Drills;
  /** What the switch of the standby cannot close, known at the end of synthesis. */
  readonly gaps: () => readonly string[];
}

/** What an operator needs to type, where the stack says it. */
export function addOutputs(parts: Parts, replica: Construct, { drills, ...source }: Source): void {
  const output = (scope: Construct, id: string, description: string, value: string) => new CfnOutput(scope, id, { description, value });
  output(replica, 'LedgerTableName', 'Copy of the user pool', parts.ledgerTable.tableName);
  output(replica, 'StateTableName', 'Outcomes of restores', parts.stateTable.tableName);
  output(replica, 'RestoreStateMachineArn', 'Restores the copy into a user pool', parts.restoreStateMachine.stateMachineArn);
  output(parts, 'SweepStateMachineArn', 'Sweeps the user pool into its copy', parts.sweepStateMachine.stateMachineArn);
  const recovery = parts.recoveryStateMachine;
  if (recovery) output(parts, 'RecoveryStateMachineArn', 'Recovers users in the user pool itself', recovery.stateMachineArn);
  if (drills) {
    output(replica, 'DrillStateMachineArn', 'Rehearses the restore', drills.stateMachine.stateMachineArn);
    output(replica, 'DrillTableName', 'What drills keep while they run', drills.tableName);
    output(replica, 'EvidenceBucketName', 'Reports of drills', drills.evidenceBucket.bucketName);
  }

  const known: Omit<Deployment, 'logicalIdPrefix'> = {
    cognitoDrReplica: 1,
    path: parts.node.path,
    primaryRegion: source.primaryRegion,
    replicaRegion: Stack.of(replica).region,
    ledgerTableName: parts.ledgerTable.tableName,
    stateTableName: parts.stateTable.tableName,
    sweepStateMachineArn: parts.sweepStateMachine.stateMachineArn,
    recoveryStateMachineArn: recovery?.stateMachineArn,
    restoreStateMachineArn: parts.restoreStateMachine.stateMachineArn,
    switchStateMachineArn: parts.standbySwitchStateMachine?.stateMachineArn,
    drillStateMachineArn: drills?.stateMachine.stateMachineArn,
    drillTableName: drills?.tableName,
    scheduledDrill: drills?.scheduled,
    unguarded: Lazy.list({ produce: () => [...source.gaps()] }, { omitEmpty: true }),
    definitionDigest: source.standby?._choice.options.definition?._digest,
    sweepIntervalSeconds: source.sweepInterval.toSeconds(),
    sweepQuotas: source.sweepQuotas && quotasByCategory(parts.node.path, 'sweepQuotas', source.sweepQuotas),
    restoreQuotas: source.restoreQuotas && quotasByCategory(parts.node.path, 'restoreQuotas', source.restoreQuotas),
  };
  const describe = (scope: Construct, more: Partial<Deployment>) => {
    const description = { ...known, logicalIdPrefix: logicalIdPrefix(scope), ...more };
    output(scope, DEPLOYMENT_OUTPUT, 'Read by the command line of cognito-dr-replica', Stack.of(scope).toJsonString(description));
  };
  describe(parts, { sourceUserPoolId: source.userPool.userPoolId });
  describe(replica, { standbyUserPoolId: parts.standbyUserPool?.userPoolId, evidenceBucketName: drills?.evidenceBucket.bucketName });
}

/** What the CDK makes of the path within the stack, at the beginning of every logical id below it. */
function logicalIdPrefix(scope: Construct): string {
  const within = scope.node.scopes.slice(Stack.of(scope).node.scopes.length);
  return within.map(({ node }) => node.id.replace(/[^A-Za-z0-9]/g, '')).join('');
}
