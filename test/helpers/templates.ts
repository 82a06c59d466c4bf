import { App, AppProps, Duration, Stack, StackProps, Stage } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  ClientAttributes, FeaturePlan, IUserPool, Mfa, OAuthScope, ResourceServerScope, StringAttribute, UserPool, UserPoolProps,
} from 'aws-cdk-lib/aws-cognito';
import { TableEncryptionV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CognitoDrReplica, CognitoDrReplicaProps, Drill } from '../../src';

export const ACCOUNT = '111122223333';
export const PRIMARY = 'us-east-1';
export const REPLICA = 'us-west-2';

export interface Given {
  readonly app?: AppProps;
  readonly stack?: StackProps;
  /** Settings of the source pool. */
  readonly pool?: UserPoolProps;
  /** Makes the source pool instead. */
  readonly source?: (stack: Stack) => IUserPool;
  readonly props?: Partial<CognitoDrReplicaProps> | ((app: App, stack: Stack) => Partial<CognitoDrReplicaProps>);
  /** Runs after the construct was made. */
  readonly then?: (made: Made) => void;
}

export interface Made {
  readonly app: App;
  readonly stack: Stack;
  readonly userPool: IUserPool;
  readonly dr: CognitoDrReplica;
}

export interface Templates extends Made {
  readonly primary: Template;
  readonly replica: Template;
}

/** Every feature of the construct at once. */
export const EVERYTHING: Given = {
  pool: {
    signInAliases: { username: true, email: true, phone: true },
    mfa: Mfa.OPTIONAL,
    mfaSecondFactor: { sms: true, otp: true },
    customAttributes: { team: new StringAttribute({ mutable: false }) },
  },
  props: (_app, stack) => ({
    encryption: TableEncryptionV2.customerManagedKey(
      Key.fromKeyArn(stack, 'Key', `arn:aws:kms:${REPLICA}:${ACCOUNT}:key/mrk-11111111111111111111111111111111`),
      { [PRIMARY]: `arn:aws:kms:${PRIMARY}:${ACCOUNT}:key/mrk-11111111111111111111111111111111` },
    ),
    createTrail: true,
    drill: Drill.schedule({
      targetRto: Duration.hours(12), targetRpo: Duration.hours(2), evidenceLockYears: 7, subsRetention: Duration.days(90),
    }),
    regionSwitch: true,
    changeEvents: EventBus.fromEventBusArn(stack, 'Changes', `arn:aws:events:${REPLICA}:${ACCOUNT}:event-bus/changes`),
    incidentIgnoredAttributes: ['custom:team'],
    restoreTargets: [UserPool.fromUserPoolId(stack, 'Scratch', `${REPLICA}_Scratch`)],
    groupRoles: { admins: Role.fromRoleArn(stack, 'Admins', `arn:aws:iam::${ACCOUNT}:role/admins`) },
    alarmTopics: [PRIMARY, REPLICA].map(region => Topic.fromTopicArn(stack, `Topic${region}`, `arn:aws:sns:${region}:${ACCOUNT}:alarms`)),
  }),
  then: ({ userPool }) => {
    const scope = new ResourceServerScope({ scopeName: 'read', scopeDescription: 'Read orders' });
    const server = userPool.addResourceServer('Orders', { identifier: 'orders', scopes: [scope] });
    userPool.addClient('Web', { authFlows: { userSrp: true }, writeAttributes: new ClientAttributes().withCustomAttributes('team') });
    userPool.addClient('Job', { generateSecret: true, oAuth: { flows: { clientCredentials: true }, scopes: [OAuthScope.resourceServer(server, scope)] } });
  },
};

/** An app with one user pool and its CognitoDrReplica, not synthesised yet. */
export function make(given: Given = {}): Made {
  const app = new App({ analyticsReporting: false, treeMetadata: false, ...given.app });
  const stack = new Stack(app, 'Auth', { env: { account: ACCOUNT, region: PRIMARY }, ...given.stack });
  const userPool = given.source?.(stack) ?? new UserPool(stack, 'Users', { featurePlan: FeaturePlan.ESSENTIALS, ...given.pool });
  const props = typeof given.props === 'function' ? given.props(app, stack) : given.props;
  const dr = new CognitoDrReplica(stack, 'Dr', { userPool, replicaRegion: REPLICA, ...props });
  const made = { app, stack, userPool, dr };
  given.then?.(made);
  return made;
}

export function synth(given: Given = {}): Templates {
  const made = make(given);
  return { ...made, primary: Template.fromStack(made.stack), replica: Template.fromStack(made.dr.replicaStack) };
}

/** Warnings of the construct, as ids with their text. */
export function warnings(made: Made): string[] {
  const assembly = Stage.of(made.stack)!.synth();
  // Annotations.fromStack would synthesise once more for each stack.
  return [made.stack, made.dr.replicaStack]
    .flatMap(stack => assembly.getStackArtifact(stack.artifactId).messages)
    .filter(({ level }) => level === 'warning')
    .map(({ entry }) => String(entry.data))
    .filter((warning, index, all) => warning.includes('cognito-dr-replica:') && all.indexOf(warning) === index);
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Condition?: unknown;
}

/** Statements of every policy of the template, inline ones included, by the logical id of the policy, or of the role that it is a part of. */
export function statementsById(template: Template): [string, Statement[]][] {
  const documents = (properties: { PolicyDocument?: unknown; Policies?: { PolicyDocument: unknown }[] }) =>
    [properties.PolicyDocument ?? [], ...(properties.Policies ?? []).map(policy => policy.PolicyDocument)].flat() as { Statement: Statement[] }[];
  return ['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap(type => Object.entries(template.findResources(type)))
    .map(([id, { Properties }]) => [id, documents(Properties).flatMap(document => document.Statement)]);
}

/** Statements of every policy attached to the roles whose logical id begins with `prefix`, inline ones included. */
export function statementsOf(template: Template, prefix: string): Statement[] {
  const roles = Object.entries(template.findResources('AWS::IAM::Role')).filter(([id]) => id.startsWith(prefix));
  const inline = roles.flatMap(([, role]) => role.Properties.Policies ?? []);
  // What one policy has no room for, the CDK puts into managed ones.
  const attached = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap(type => Object.values(template.findResources(type)))
    .filter(policy => policy.Properties.Roles?.some((role: { Ref: string }) => roles.some(([id]) => id === role.Ref)))
    .map(policy => policy.Properties);
  return [...inline, ...attached].flatMap(policy => policy.PolicyDocument.Statement);
}

/** What each function's role allows first, in a template's own words. */
export const OWN_LOGS = {
  Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('Logs[0-9A-F]{8}$'), 'Arn'] },
};

/** A template value as a string, with `${…}` for what CloudFormation fills in; logical ids without their hash. */
export function text(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map(text).join(',');
  }
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  const [[name, argument]] = Object.entries(value);
  const plain = (id: string) => id.replace(/[0-9A-F]{8}$/, '');
  switch (name) {
    case 'Ref': return `\${${plain(String(argument))}}`;
    case 'Fn::GetAtt': return `\${${plain(argument[0])}.${argument[1]}}`;
    case 'Fn::ImportValue': return `\${import ${argument}}`;
    case 'Fn::Join': return argument[1].map(text).join(argument[0]);
    default: throw new Error(`no text for ${JSON.stringify(value)}`);
  }
}

/** `action on resource` of each statement, one line per action and resource. */
export function permissions(statements: Statement[]): string[] {
  return statements.flatMap(statement => [statement.Action].flat().flatMap(action =>
    (Array.isArray(statement.Resource) ? statement.Resource : [statement.Resource ?? statement.NotResource])
      .map(resource => `${action} on ${statement.NotResource ? 'all but ' : ''}${text(resource)}`))).sort();
}
