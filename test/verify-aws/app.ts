import { App, CfnOutput, CfnResource, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { IUserPool, Mfa, SignInAliases, StringAttribute, UserPool, UserPoolOperation } from 'aws-cdk-lib/aws-cognito';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Deployed, DEPLOYED_KINDS, Names, RUN_TAG, SOURCE_POOL, TENANT } from './names';
import { RECORDER_CODE } from './recorder';
import { CognitoDrReplica, Drill } from '../../src';
import { poolProperties } from '../contract/pool-properties';

export interface VerifyAppProps {
  readonly account: string;
  readonly region: string;
  readonly replicaRegion: string;
  readonly names: Names;
  readonly createTrail: boolean;
  /** Directory for the cloud assembly. */
  readonly outdir: string;
}

/** Slots of the probe pools that the recorder fills: all whose order or occurrence something is assumed of. */
const RECORDED = [
  UserPoolOperation.PRE_SIGN_UP, UserPoolOperation.POST_CONFIRMATION, UserPoolOperation.PRE_AUTHENTICATION, UserPoolOperation.POST_AUTHENTICATION,
  UserPoolOperation.PRE_TOKEN_GENERATION, UserPoolOperation.USER_MIGRATION,
];

/**
 * What a run deploys: a source pool with the product as a user of it has it, and beside it pools that only the checks use, because the product
 * takes two of the source pool's trigger slots and because some rules hold in pools of another kind. Answers the cloud assembly's directory.
 */
export function verifyApp(props: VerifyAppProps): string {
  const { names } = props;
  // aws-cdk-lib calls what it deprecates itself.
  process.env.JSII_DEPRECATED ??= 'quiet';
  const app = new App({ analyticsReporting: false, outdir: props.outdir });
  const stack = new Stack(app, 'Primary', {
    stackName: names.primaryStack, env: { account: props.account, region: props.region }, description: 'Verification of cognito-dr-replica, to be deleted',
  });
  Tags.of(app).add(RUN_TAG, names.run);

  const users = pool(stack, SOURCE_POOL, names.pool('source'), { email: true });
  const usersClient = client(users);
  const dr = new CognitoDrReplica(stack, 'Dr', {
    userPool: users,
    replicaRegion: props.replicaRegion,
    replicaStackName: names.replicaStack,
    ledgerTableName: names.ledgerTable,
    removalPolicy: RemovalPolicy.DESTROY,
    deletionProtection: false,
    createTrail: props.createTrail,
    // Long enough that only the first sweep, and those that the checks start, run.
    sweepInterval: Duration.days(1),
    logRetention: RetentionDays.ONE_DAY,
    drill: Drill.schedule(),
  });

  const probe = pool(stack, 'Probe', names.pool('probe'), { email: true }, { mfa: Mfa.OPTIONAL, mfaSecondFactor: { otp: true, sms: false } });
  const aliases = pool(stack, 'Aliases', names.pool('aliases'), { username: true, email: true });
  const either = pool(stack, 'Either', names.pool('either'), { email: true, phone: true });
  const mfa = pool(stack, 'MfaRequired', names.pool('mfa'), { email: true }, { mfa: Mfa.REQUIRED, mfaSecondFactor: { otp: true, sms: false } });
  const contract = DEPLOYED_KINDS.map(kind => new CfnResource(stack, `Contract-${kind}`, {
    type: 'AWS::Cognito::UserPool', properties: { UserPoolName: names.pool(`contract-${kind}`), ...poolProperties(kind) },
  }));
  const { recorder, logGroup } = recorderOf(stack, names);
  for (const operation of RECORDED) probe.addTrigger(operation, recorder);
  aliases.addTrigger(UserPoolOperation.USER_MIGRATION, recorder);

  const outputs: Omit<Deployed, 'restore' | 'drill' | 'evidenceBucket' | 'switch' | 'standbyPool' | 'standbyClient'> = {
    sourcePool: users.userPoolId,
    sourceClient: usersClient.userPoolClientId,
    sweep: dr.sweepStateMachine.stateMachineArn,
    probePool: probe.userPoolId,
    probeClient: client(probe).userPoolClientId,
    aliasesPool: aliases.userPoolId,
    aliasesClient: client(aliases).userPoolClientId,
    eitherPool: either.userPoolId,
    eitherClient: client(either).userPoolClientId,
    mfaPool: mfa.userPoolId,
    mfaClient: client(mfa).userPoolClientId,
    contractPools: contract.map(({ ref }) => ref).join(','),
    // Users sign up in the first one only.
    contractClient: client(UserPool.fromUserPoolId(stack, 'ContractPool', contract[0].ref)).userPoolClientId,
    eventsQueue: eventsQueue(stack, names).queueUrl,
    recorder: recorder.functionName,
    recorderLogs: logGroup.logGroupName,
    importRole: importRole(stack).roleArn,
  };
  output(stack, outputs);
  output(dr.replicaStack, {
    restore: dr.restoreStateMachine.stateMachineArn,
    drill: dr.drillStateMachine!.stateMachineArn,
    evidenceBucket: dr.evidenceBucket!.bucketName,
    switch: dr.standbySwitchStateMachine!.stateMachineArn,
    standbyPool: dr.standbyUserPool!.userPoolId,
    standbyClient: dr.standbyClient(usersClient).userPoolClientId,
  });
  return app.synth().directory;
}

function pool(stack: Stack, id: string, userPoolName: string, signInAliases: SignInAliases, more: object = {}): UserPool {
  return new UserPool(stack, id, {
    userPoolName,
    signInAliases,
    signInCaseSensitive: false,
    selfSignUpEnabled: true,
    // No phone, and no role for messages: nothing may be sent to one.
    autoVerify: { email: true },
    enableSmsRole: false,
    customAttributes: { [TENANT]: new StringAttribute({ mutable: false }), note: new StringAttribute({ mutable: true }) },
    removalPolicy: RemovalPolicy.DESTROY,
    ...more,
  });
}

function client(userPool: IUserPool) {
  return userPool.addClient('App', {
    authFlows: { userPassword: true, adminUserPassword: true },
    // Checks read from a refusal whether a user exists.
    preventUserExistenceErrors: false,
    disableOAuth: true,
  });
}

/** Says in its log what it was called for. A log needs no SDK and no permission that could fail a trigger. */
function recorderOf(stack: Stack, names: Names): { recorder: Function; logGroup: LogGroup } {
  const logGroup = new LogGroup(stack, 'RecorderLogs', {
    logGroupName: names.recorderLogs, retention: RetentionDays.ONE_DAY, removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(stack, 'RecorderRole', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: {
      Logs: new PolicyDocument({
        statements: [new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] })],
      }),
    },
  });
  const recorder = new Function(stack, 'Recorder', {
    functionName: names.recorder, runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromInline(RECORDER_CODE), logGroup, role,
  });
  return { recorder, logGroup };
}

/**
 * Every event about Cognito in the Region, as CloudTrail made it: those of users' own calls name no pool, so that a rule cannot leave out those of
 * other pools. They are kept for an hour at most, whatever becomes of the run; the run itself takes them out at once (event-log.ts).
 */
function eventsQueue(stack: Stack, names: Names): Queue {
  const queue = new Queue(stack, 'Events', {
    queueName: names.eventsQueue, enforceSSL: true, visibilityTimeout: Duration.minutes(1), retentionPeriod: Duration.hours(1),
  });
  new Rule(stack, 'AllEvents', {
    eventPattern: { source: ['aws.cognito-idp'], detailType: ['AWS API Call via CloudTrail', 'AWS Service Event via CloudTrail'] },
    targets: [new SqsQueue(queue)],
  });
  return queue;
}

/** What Cognito needs to say how an import of users went. */
function importRole(stack: Stack): Role {
  const resources = [stack.formatArn({ service: 'logs', resource: 'log-group:/aws/cognito/*' })];
  return new Role(stack, 'ImportRole', {
    assumedBy: new ServicePrincipal('cognito-idp.amazonaws.com'),
    inlinePolicies: {
      Logs: new PolicyDocument({
        statements: [new PolicyStatement({ actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], resources })],
      }),
    },
  });
}

function output(stack: Stack, values: object): void {
  for (const [name, value] of Object.entries(values)) new CfnOutput(stack, `Verify${name}`, { value: value as string });
}
