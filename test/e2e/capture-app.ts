import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CognitoDrReplica, Standby } from '../../src';
import { LocalAws } from '../local-aws/local-aws';

export const PRIMARY = 'us-east-1';
export const REPLICA = 'us-west-2';

/** As the README's chapters call them, whose commands are typed here. */
const [STACK, DR] = ['AuthStack', 'Dr'];
const LEDGER_TABLE = `${STACK}-${DR}-${PRIMARY}-ledger`;
const ECHO_LEDGER_TABLE = 'echo-ledger';

export interface DeployedCapture {
  readonly userPoolId: string;
  readonly clientId: string;
  readonly queue: string;
  /** What rules on the default buses got: of incidents in the first Region, of changes in the second. */
  readonly incidentQueue: string;
  readonly changeQueue: string;
  readonly sweep: string;
  readonly ledgerTable: string;
  readonly restore: string;
  readonly standbyUserPoolId: string;
  readonly echoQueue: string;
  readonly echoLedgerTable: string;
}

/** A pool with its replica, and the standby pool of that as the source of another replica, back in the first Region. */
export async function deployCapture(aws: LocalAws): Promise<DeployedCapture> {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, STACK, { env: { account: LocalAws.ACCOUNT, region: PRIMARY } });
  const userPool = new UserPool(stack, 'Users', {
    signInAliases: { email: true },
    signInCaseSensitive: false,
    selfSignUpEnabled: true,
    autoVerify: { email: true },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const client = userPool.addClient('App', { authFlows: { userPassword: true, adminUserPassword: true } });
  // The local AWS has no quotas here; the consumer's own pace is not what is tested.
  const fast = {
    userRead: 10_000, userList: 10_000, userResourceRead: 10_000, userCreation: 10_000, userAccountRecovery: 10_000, userUpdate: 10_000,
  };
  const common = {
    removalPolicy: RemovalPolicy.DESTROY, deletionProtection: false, sweepInterval: Duration.days(1), sweepQuotas: fast, restoreQuotas: fast,
  };
  const dr = new CognitoDrReplica(stack, DR, {
    userPool,
    replicaRegion: REPLICA,
    changeEvents: EventBus.fromEventBusArn(stack, 'Changes', `arn:aws:events:${REPLICA}:${LocalAws.ACCOUNT}:event-bus/default`),
    ...common,
  });
  const echoStack = new Stack(app, 'Echo', { env: { account: LocalAws.ACCOUNT, region: REPLICA } });
  const echo = new CognitoDrReplica(echoStack, 'Dr', {
    userPool: dr.standbyUserPool!, replicaRegion: PRIMARY, standby: Standby.none(), ledgerTableName: ECHO_LEDGER_TABLE, ...common,
  });
  const told = (of: Stack, id: string, detailType: string) => {
    const queue = new Queue(of, id, { removalPolicy: RemovalPolicy.DESTROY });
    new Rule(of, `${id}Rule`, { eventPattern: { source: ['cognito-dr-replica'], detailType: [detailType] }, targets: [new SqsQueue(queue)] });
    return queue.queueName;
  };
  const values = {
    incidentQueue: told(stack, 'Incidents', 'Incident'),
    UserPoolId: userPool.userPoolId,
    clientId: client.userPoolClientId,
    queue: dr.captureHintsQueue.queueName,
    sweep: dr.sweepStateMachine.stateMachineArn,
  };
  for (const [id, value] of Object.entries(values)) new CfnOutput(stack, id, { value });
  const echoValues = { changeQueue: told(echoStack, 'ChangeQueue', 'Directory Changed'), echoQueue: echo.captureHintsQueue.queueName, standbyUserPoolId: dr.standbyUserPool!.userPoolId };
  for (const [id, value] of Object.entries(echoValues)) new CfnOutput(echoStack, id, { value });
  const outputs = await aws.deploy(app.synth().directory);
  const replica = Object.entries(outputs).find(([, values_]) => 'RestoreStateMachineArn' in values_ && 'StandbyUserPoolId' in values_)![1];
  return {
    ...outputs[STACK],
    userPoolId: outputs[STACK].UserPoolId,
    ...outputs.Echo,
    ledgerTable: LEDGER_TABLE,
    echoLedgerTable: ECHO_LEDGER_TABLE,
    restore: replica.RestoreStateMachineArn,
  } as unknown as DeployedCapture;
}
