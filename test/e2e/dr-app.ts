import { CreateIdentityProviderCommand, CreateUserPoolClientCommand, CreateUserPoolCommand } from '@aws-sdk/client-cognito-identity-provider';
import { App, Aspects, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { BooleanAttribute, DateTimeAttribute, Mfa, NumberAttribute, StringAttribute, UserPool, UserPoolProps } from 'aws-cdk-lib/aws-cognito';
import { CfnPolicy, CfnRole } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { CognitoDrReplica, CognitoDrReplicaProps } from '../../src';
import { SWITCH_KEPT } from '../../src/standby/switch/switch-reader';
import { SwitchInput } from '../../src/standby/switch/turn-switch';
import { TurnReport } from '../../src/state/switch';
import { LocalAws } from '../local-aws/local-aws';
import { CALLBACK_URL, IDENTITY_PROVIDER, poolSettings } from '../local-aws/seed/pools';

export const PRIMARY = 'us-east-1';
export const REPLICA = 'us-west-2';
/** How many times faster than AWS the gateway's quotas and the functions' pace are in these tests; the ratios are AWS's. */
export const QUOTA_SCALE = 20;
/** CloudFormation takes 500 resources a stack; a replica has between 80 and 90. */
const POOLS_A_STACK = 5;

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
  /** An action that is taken out of every policy. */
  readonly without?: string;
  /** Ids of further pools that a restore may write to. */
  readonly targets?: readonly string[];
  /** Beginning of the ids of the pools' constructs: with another one a deployment makes new pools, and deletes the old ones. */
  readonly construct?: string;
}

/** What a test needs to know of one pool and its replica. */
export interface DeployedDr {
  readonly userPoolId: string;
  readonly sweep: string;
  readonly restore: string;
  /** The state machine of drills, and what drills keep; empty without `drill`. */
  readonly drills: string;
  readonly drillTable: string;
  readonly evidenceBucket: string;
  /** The state machine that recovers in place. */
  readonly recovery: string;
  readonly hintsQueue: string;
  /** The state machine that opens and closes the standby. */
  readonly switch: string;
  readonly ledgerTable: string;
  readonly stateTable: string;
  readonly standbyUserPoolId: string;
  readonly standbyClientId: string;
}

/** The app of a user of the library: some pools, each with the one line. Answers the directory of its cloud assembly. */
export function drApp({ stackName, pools, targets = [], without, construct = '', ...props }: DrAppProps): string {
  const app = new App({ analyticsReporting: false });
  if (without) Aspects.of(app).add({ visit: node => takeOut(without, node) });
  const primary = new Stack(app, stackName, { env: { account: LocalAws.ACCOUNT, region: PRIMARY } });
  const replicaStacks = replicaStackNames({ stackName, pools })
    .map(name => new Stack(app, name, { env: { account: LocalAws.ACCOUNT, region: REPLICA } }));
  const fast = (quotas: Record<string, number>) => Object.fromEntries(Object.entries(quotas).map(([name, rate]) => [name, rate * QUOTA_SCALE]));
  const quotas = fast({
    userCreation: 50, userAccountRecovery: 30, userRead: 120, userUpdate: 25, userResourceRead: 50, userResourceUpdate: 25, userList: 30,
  });
  pools.forEach((name, index) => {
    const replicaStack = replicaStacks[Math.floor(index / POOLS_A_STACK)];
    const userPool = new UserPool(primary, `${construct}${name}`, {
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
    const client = userPool.addClient('App', { authFlows: { userPassword: true, adminUserPassword: true }, preventUserExistenceErrors: true });
    const dr = new CognitoDrReplica(primary, `${name}-dr`, {
      userPool,
      replicaRegion: REPLICA,
      replicaStack,
      removalPolicy: RemovalPolicy.DESTROY,
      deletionProtection: false,
      restoreQuotas: quotas,
      sweepQuotas: quotas,
      sweepInterval: Duration.days(1), // tests start sweeps themselves
      captureTriggers: false, // capture.e2e.test.ts has its own app
      restoreTargets: targets.map(id => UserPool.fromUserPoolId(replicaStack, `${name}-${id}`, id)),
      ...props,
    });
    const standby = dr.standbyUserPool!;
    const output = (stack: Stack, id: string, value: string) => new CfnOutput(stack, `${name.replace(/-/g, '')}${id}`, { value });
    output(primary, 'UserPoolId', userPool.userPoolId);
    output(primary, 'Sweep', dr.sweepStateMachine.stateMachineArn);
    output(primary, 'Recovery', dr.recoveryStateMachine!.stateMachineArn);
    output(primary, 'HintsQueue', dr.captureHintsQueue.queueName);
    output(replicaStack, 'Restore', dr.restoreStateMachine.stateMachineArn);
    if (dr.drillStateMachine) output(replicaStack, 'Drills', dr.drillStateMachine.stateMachineArn);
    if (dr.evidenceBucket) output(replicaStack, 'EvidenceBucket', dr.evidenceBucket.bucketName);
    output(replicaStack, 'Switch', dr.standbySwitchStateMachine!.stateMachineArn);
    output(replicaStack, 'LedgerTable', dr.ledgerTable.tableName);
    output(replicaStack, 'StateTable', dr.stateTable.tableName);
    output(replicaStack, 'StandbyUserPoolId', standby.userPoolId);
    output(replicaStack, 'StandbyClientId', dr.standbyClient(client).userPoolClientId);
  });
  return app.synth().directory;
}

/** `TestReplica`, `TestReplica2`, … */
function replicaStackNames({ stackName, pools }: Pick<DrAppProps, 'stackName' | 'pools'>): string[] {
  return Array.from({ length: Math.ceil(pools.length / POOLS_A_STACK) }, (_, index) => `${stackName}Replica${index === 0 ? '' : index + 1}`);
}

function takeOut(action: string, node: IConstruct): void {
  type Document = { readonly Statement: readonly { readonly Action: string | string[] }[] };
  const without = ({ Statement, ...document }: Document) => {
    const left = Statement.map(statement => ({ ...statement, Action: [statement.Action].flat().filter(each => each !== action) }));
    return { ...document, Statement: left.filter(({ Action }) => Action.length > 0) };
  };
  if (node instanceof CfnPolicy) {
    node.addPropertyOverride('PolicyDocument', without(Stack.of(node).resolve(node.policyDocument) as Document));
  }
  if (node instanceof CfnRole) {
    const policies = (Stack.of(node).resolve(node.policies) ?? []) as { readonly policyName: string; readonly policyDocument: Document }[];
    const left = policies.map(({ policyName, policyDocument }) => ({ PolicyName: policyName, PolicyDocument: without(policyDocument) }));
    node.addPropertyOverride('Policies', left.filter(({ PolicyDocument }) => PolicyDocument.Statement.length > 0));
  }
}

/** An empty pool in the replica Region that a restore can fill, made without the CDK. */
export async function emptyTarget(aws: LocalAws): Promise<string> {
  const settings = poolSettings('email');
  const { UserPool: pool } = await aws.client(REPLICA, { seed: true }).cognito.send(new CreateUserPoolCommand({
    ...settings, Schema: [...settings.Schema!, { Name: 'source_sub', AttributeDataType: 'String', Mutable: false }],
  }));
  return pool!.Id!;
}

/** Deploys such an app and answers its pools by name. */
export async function deployDr(aws: LocalAws, props: DrAppProps): Promise<Record<string, DeployedDr>> {
  const outputs = await aws.deploy(drApp(props));
  const all: Record<string, string> = Object.assign({}, ...[props.stackName, ...replicaStackNames(props)].map(name => outputs[name]));
  return Object.fromEntries(props.pools.map(name => {
    const value = (id: string) => all[`${name.replace(/-/g, '')}${id}`];
    return [name, {
      userPoolId: value('UserPoolId'),
      sweep: value('Sweep'),
      restore: value('Restore'),
      drills: value('Drills'),
      drillTable: `${value('LedgerTable')}-drill`,
      evidenceBucket: value('EvidenceBucket'),
      recovery: value('Recovery'),
      hintsQueue: value('HintsQueue'),
      switch: value('Switch'),
      ledgerTable: value('LedgerTable'),
      stateTable: value('StateTable'),
      standbyUserPoolId: value('StandbyUserPoolId'),
      standbyClientId: value('StandbyClientId'),
    }];
  }));
}


/** Turns the switch of a standby, as an operator does it, and waits until every function knows. Answers the report. */
export async function turnSwitchOf(aws: LocalAws, { switch: stateMachine }: Pick<DeployedDr, 'switch'>, input: SwitchInput): Promise<TurnReport> {
  const { status, output, error, cause } = await aws.runStateMachine(REPLICA, stateMachine, input);
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED' });
  await new Promise(resolve => setTimeout(resolve, SWITCH_KEPT));
  return output as TurnReport;
}

/** Adds a SAML provider and a client that uses it to a pool, as seeding wants them for federated users. Answers the client's id. */
export async function federate(aws: LocalAws, userPoolId: string): Promise<string> {
  const { cognito } = aws.client(userPoolId.split('_')[0], { seed: true });
  await cognito.send(new CreateIdentityProviderCommand({
    UserPoolId: userPoolId,
    ProviderName: IDENTITY_PROVIDER,
    ProviderType: 'SAML',
    ProviderDetails: { MetadataURL: 'https://idp.example.com/metadata' },
    AttributeMapping: { email: 'email', name: 'name' },
  }));
  const { UserPoolClient: client } = await cognito.send(new CreateUserPoolClientCommand({
    UserPoolId: userPoolId,
    ClientName: 'seed',
    SupportedIdentityProviders: ['COGNITO', IDENTITY_PROVIDER],
    CallbackURLs: [CALLBACK_URL],
    AllowedOAuthFlows: ['code'],
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthScopes: ['openid'],
  }));
  return client!.ClientId!;
}
