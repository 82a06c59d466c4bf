import { App, Duration, Environment, Stack } from 'aws-cdk-lib';
import { Mfa, StringAttribute, UserPool, UserPoolEmail } from 'aws-cdk-lib/aws-cognito';
import { TableEncryptionV2 } from 'aws-cdk-lib/aws-dynamodb';
import { AccountPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { CognitoDrReplica, Standby } from 'cognito-dr-replica';

const REPLICA_REGION = 'us-west-2';

/** A pool that another app made: no settings to mirror, no trigger slots to fill. */
export function importedPool(app: App, env: Environment): void {
  const stack = new Stack(app, 'ImportedPool', { env });
  new CognitoDrReplica(stack, 'Dr', {
    userPool: UserPool.fromUserPoolId(stack, 'Users', 'us-east-1_AbCdEfGhI'),
    replicaRegion: REPLICA_REGION,
    standby: Standby.none(),
    restoreTargets: [UserPool.fromUserPoolId(stack, 'Target', 'us-west-2_JkLmNoPqR')],
    sweepInterval: Duration.minutes(30),
    createTrail: true,
  });
}

/** A team that owns the stack in the replica Region, with alarms in both. */
export function ownReplicaStack(app: App, env: Environment): void {
  const replicaStack = new Stack(app, 'DirectoryReplica', { env: { account: env.account, region: REPLICA_REGION } });
  const stack = new Stack(app, 'Directory', { env });
  const userPool = new UserPool(stack, 'Users', {
    signInAliases: { username: true, email: true },
    mfa: Mfa.OPTIONAL,
    mfaSecondFactor: { sms: true, otp: true },
    customAttributes: { tenant: new StringAttribute({ mutable: false }) },
  });
  const dr = new CognitoDrReplica(stack, 'Dr', {
    userPool,
    replicaRegion: REPLICA_REGION,
    replicaStack,
    alarmTopics: [new Topic(stack, 'Alarms'), new Topic(replicaStack, 'Alarms')],
    restoreQuotas: { userCreation: 100, userRead: 240 },
    historyRetention: Duration.days(90),
    logRetention: RetentionDays.ONE_YEAR,
  });
  dr.metricCaptureLag().createAlarm(stack, 'SlowCapture', { threshold: 60_000, evaluationPeriods: 3 });
  const operator = new Role(replicaStack, 'Operator', { assumedBy: new AccountPrincipal(replicaStack.account) });
  dr.grantStartRestore(operator);
}

/** A standby pool that follows every change, with groups that have roles. */
export function warmStandby(app: App, env: Environment): void {
  const stack = new Stack(app, 'WarmStandby', { env });
  const userPool = new UserPool(stack, 'Users', { signInAliases: { email: true, phone: true } });
  const web = userPool.addClient('Web');
  const dr = new CognitoDrReplica(stack, 'Dr', {
    userPool,
    replicaRegion: REPLICA_REGION,
    standby: Standby.warm({
      deletionGracePeriod: Duration.hours(48),
      quotaShare: 0.3,
      sourceSubClaim: 'app_user_id',
      email: UserPoolEmail.withSES({ fromEmail: 'no-reply@example.com', sesRegion: REPLICA_REGION }),
    }),
    groupRoles: { admins: Role.fromRoleArn(stack, 'Admins', `arn:aws:iam::${env.account}:role/admins`) },
    captureTriggers: false,
  });
  new StringParameter(dr.replicaStack, 'WebClientId', { stringValue: dr.standbyClient(web).userPoolClientId });
}

/** Tables under customer managed keys, one in each Region. */
export function encrypted(app: App, env: Environment): void {
  const stack = new Stack(app, 'Encrypted', { env });
  const key = (region: string) => `arn:aws:kms:${region}:${env.account}:key/mrk-1234abcd12ab34cd56ef1234567890ab`;
  new CognitoDrReplica(stack, 'Dr', {
    userPool: new UserPool(stack, 'Users'),
    replicaRegion: REPLICA_REGION,
    encryption: TableEncryptionV2.customerManagedKey(Key.fromKeyArn(stack, 'Key', key(REPLICA_REGION)), { [env.region!]: key(env.region!) }),
  });
}
