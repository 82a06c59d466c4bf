import { CfnOutput, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { IUserPool } from 'aws-cdk-lib/aws-cognito';
import { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { stateMachineArnIn } from './cdk/grants';
import { Drills } from './drill/drills';
import { Deployment, DEPLOYMENT_OUTPUT, stateTableNameOf } from './operations/deployment';
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
  readonly ledgerTableName: string;
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

  const { primaryRegion } = source;
  const replicaRegion = Stack.of(replica).region;
  const known = {
    cognitoDrReplica: 1 as const,
    path: parts.node.path,
    primaryRegion,
    replicaRegion,
    drillTableName: drills?.tableName,
    scheduledDrill: drills?.scheduled,
    unguarded: Lazy.list({ produce: () => [...source.gaps()] }, { omitEmpty: true }),
    definitionDigest: source.standby?._choice.options.definition?._digest,
    sweepIntervalSeconds: source.sweepInterval.toSeconds(),
    sweepQuotas: source.sweepQuotas && quotasByCategory(parts.node.path, 'sweepQuotas', source.sweepQuotas),
    restoreQuotas: source.restoreQuotas && quotasByCategory(parts.node.path, 'restoreQuotas', source.restoreQuotas),
  };
  const describe = (scope: Construct, more: Partial<Deployment>) => {
    const description: Deployment = {
      ...known,
      ledgerTableName: source.ledgerTableName,
      stateTableName: stateTableNameOf(source.ledgerTableName),
      sweepStateMachineArn: stateMachineArnIn(scope, parts.sweepStateMachine, primaryRegion),
      recoveryStateMachineArn: recovery && stateMachineArnIn(scope, recovery, primaryRegion),
      restoreStateMachineArn: stateMachineArnIn(scope, parts.restoreStateMachine, replicaRegion),
      switchStateMachineArn: parts.standbySwitchStateMachine && stateMachineArnIn(scope, parts.standbySwitchStateMachine, replicaRegion),
      drillStateMachineArn: drills && stateMachineArnIn(scope, drills.stateMachine, replicaRegion),
      logicalIdPrefix: logicalIdPrefix(scope),
      ...more,
    };
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
