import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { BooleanAttribute, DateTimeAttribute, Mfa, NumberAttribute, StringAttribute, UserPool, UserPoolProps } from 'aws-cdk-lib/aws-cognito';
import { CognitoDrReplica, CognitoDrReplicaProps } from '../../src';
import { LocalAws } from '../local-aws/local-aws';

export const PRIMARY = 'us-east-1';
export const REPLICA = 'us-west-2';
/** How many times faster than AWS the gateway's quotas and the functions' pace are in these tests; the ratios are AWS's. */
export const QUOTA_SCALE = 20;

/** The pools that differ in how users sign in, and so in what a restore has to do. */
export const POOLS = {
  'email': { signInAliases: { email: true }, signInCaseSensitive: false },
  'phone': { signInAliases: { phone: true } },
  'email-or-phone': { signInAliases: { email: true, phone: true }, signInCaseSensitive: false },
  'aliases': { signInAliases: { username: true, email: true, phone: true, preferredUsername: true }, signInCaseSensitive: false },
  'username': { signInAliases: { username: true }, signInCaseSensitive: true },
  'mfa-required': { signInAliases: { email: true }, mfa: Mfa.REQUIRED, mfaSecondFactor: { sms: true, otp: true } },
  'passwordless': { signInAliases: { email: true }, signInPolicy: { allowedFirstAuthFactors: { password: true, emailOtp: true } } },
} as const satisfies Record<string, UserPoolProps>;

export type PoolName = keyof typeof POOLS;

export interface DrAppProps extends Partial<Omit<CognitoDrReplicaProps, 'userPool' | 'replicaRegion'>> {
  /** Name of the primary stack, unique within one local AWS. */
  readonly stackName: string;
  readonly pools: readonly PoolName[];
  /** Called with the source pool's construct before its replica is added. */
  readonly customize?: (userPool: UserPool) => void;
}

/** What a test needs to know of one pool and its replica. */
export interface DeployedDr {
  readonly userPoolId: string;
  readonly sweep: string;
  readonly restore: string;
  readonly ledgerTable: string;
  readonly standbyTable: string;
  readonly standbyUserPoolId: string;
  readonly standbyClientId: string;
}

/** The app of a user of the library: some pools, each with the one line. Answers the directory of its cloud assembly. */
export function drApp({ stackName, pools, customize, ...props }: DrAppProps): string {
  const app = new App({ analyticsReporting: false });
  const primary = new Stack(app, stackName, { env: { account: LocalAws.ACCOUNT, region: PRIMARY } });
  const replicaStack = new Stack(app, `${stackName}Replica`, { env: { account: LocalAws.ACCOUNT, region: REPLICA } });
  const fast = (quotas: Record<string, number>) => Object.fromEntries(Object.entries(quotas).map(([name, rate]) => [name, rate * QUOTA_SCALE]));
  const quotas = fast({
    userCreation: 50, userAccountRecovery: 30, userRead: 120, userUpdate: 25, userResourceRead: 50, userResourceUpdate: 25, userList: 30,
  });
  for (const name of pools) {
    const userPool = new UserPool(primary, name, {
      ...POOLS[name],
      autoVerify: { email: name !== 'phone', phone: name === 'phone' },
      customAttributes: {
        tenant: new StringAttribute({ mutable: false, minLen: 1, maxLen: 64 }),
        note: new StringAttribute({ mutable: true, maxLen: 2048 }),
        score: new NumberAttribute({ mutable: true, min: 0, max: 1_000_000 }),
        vip: new BooleanAttribute({ mutable: true }),
        since: new DateTimeAttribute({ mutable: true }),
      },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const client = userPool.addClient('App', { authFlows: { userPassword: true, adminUserPassword: true } });
    customize?.(userPool);
    const dr = new CognitoDrReplica(primary, `${name}-dr`, {
      userPool,
      replicaRegion: REPLICA,
      replicaStack,
      removalPolicy: RemovalPolicy.DESTROY,
      deletionProtection: false,
      restoreQuotas: quotas,
      sweepQuotas: quotas,
      sweepInterval: Duration.days(1), // tests start sweeps themselves
      ...props,
    });
    const standby = dr.standbyUserPool!;
    const output = (stack: Stack, id: string, value: string) => new CfnOutput(stack, `${name.replace(/-/g, '')}${id}`, { value });
    output(primary, 'UserPoolId', userPool.userPoolId);
    output(primary, 'Sweep', dr.sweepStateMachine.stateMachineArn);
    output(replicaStack, 'Restore', dr.restoreStateMachine.stateMachineArn);
    output(replicaStack, 'LedgerTable', dr.ledgerTable.tableName);
    output(replicaStack, 'StandbyTable', dr.standbyTable.tableName);
    output(replicaStack, 'StandbyUserPoolId', standby.userPoolId);
    output(replicaStack, 'StandbyClientId', dr.standbyClient(client).userPoolClientId);
  }
  return app.synth().directory;
}

/** Deploys such an app and answers its pools by name. */
export async function deployDr(aws: LocalAws, props: DrAppProps): Promise<Record<string, DeployedDr>> {
  const outputs = await aws.deploy(drApp(props));
  const all = { ...outputs[props.stackName], ...outputs[`${props.stackName}Replica`] };
  return Object.fromEntries(props.pools.map(name => {
    const value = (id: string) => all[`${name.replace(/-/g, '')}${id}`];
    return [name, {
      userPoolId: value('UserPoolId'),
      sweep: value('Sweep'),
      restore: value('Restore'),
      ledgerTable: value('LedgerTable'),
      standbyTable: value('StandbyTable'),
      standbyUserPoolId: value('StandbyUserPoolId'),
      standbyClientId: value('StandbyClientId'),
    }];
  }));
}

