import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  App, Aspects, CfnCondition, CfnParameter, CfnResource, DefaultStackSynthesizer, Duration, Fn, IAspect, NestedStack, PermissionsBoundary,
  RemovalPolicies, Stack, Stage, Tags,
} from 'aws-cdk-lib';
import { CfnUserPool, CfnUserPoolClient, IUserPool, StringAttribute, UserPool, UserPoolOperation } from 'aws-cdk-lib/aws-cognito';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { CfnRole, ManagedPolicy, PermissionsBoundary as IamBoundary, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Alias, Code, Function as LambdaFunction, FunctionProps, LayerVersion, Runtime, RuntimeFamily } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { CodePipeline, CodePipelineSource, ShellStep } from 'aws-cdk-lib/pipelines';
import { Construct, IConstruct } from 'constructs';
import { CognitoDrReplica, CognitoDrReplicaProps, Standby } from '../src';
import { ACCOUNT, PRIMARY, REPLICA } from './helpers/templates';

type Line = (scope: Construct, userPool: IUserPool, props?: Partial<CognitoDrReplicaProps>) => CognitoDrReplica | undefined;
interface Shape {
  /** Defines an app as its owner wrote it, and calls `line` where the one line goes. */
  readonly define: (app: App, line: Line) => void;
  readonly context?: Record<string, unknown>;
  /** Where the pool and the construct are in two stacks, the CDK exports the pool's id and ARN. */
  readonly exports?: boolean;
  /** Where something of the app waits for a construct that the line is in, it waits for what the line made there as well. */
  readonly waits?: boolean;
}

interface Resource { readonly Type: string; Properties?: Record<string, unknown>; DependsOn?: string | string[]; Metadata?: Record<string, unknown> }
type AppTemplate = Record<string, Record<string, unknown>> & { readonly Resources: Record<string, Resource> };

const HOME = { account: ACCOUNT, region: PRIMARY };
const TRIGGERS = ['PostAuthentication', 'PostConfirmation'];
/** Paths tell whose a resource is. */
const CONTEXT = { 'aws:cdk:enable-path-metadata': true, '@aws-cdk/aws-lambda:recognizeLayerVersion': true };
const RECOMMENDED_FLAGS = JSON.parse(
  readFileSync(path.join(path.dirname(require.resolve('aws-cdk-lib/package.json')), 'recommended-feature-flags.json'), 'utf8'));

/** A construct of the line, in whatever stack. */
const OURS = /(^|\/)([\w-]+-)?Dr(-Capture-Triggers)?(\/|$)/;

function ownFunction(scope: Construct, id = 'Own', props: Partial<FunctionProps> = {}): LambdaFunction {
  return new LambdaFunction(scope, id, {
    code: Code.fromInline('exports.handler = async event => event'), handler: 'index.handler', runtime: Runtime.NODEJS_22_X, ...props,
  });
}

/**
 * Functions of runtimes that the library might touch, each with a version and an alias: a version's name is a hash of the function and its layers,
 * and of every runtime that the CDK knows, where the layer is imported.
 */
function ownVersions(scope: Construct): void {
  const layers = [LayerVersion.fromLayerVersionArn(scope, 'Layer', `arn:aws:lambda:${PRIMARY}:${ACCOUNT}:layer:theirs:1`)];
  for (const runtime of [Runtime.NODEJS_20_X, Runtime.NODEJS_22_X, Runtime.NODEJS_24_X, Runtime.PYTHON_3_13]) {
    const own = ownFunction(scope, `Own-${runtime.name}`, { runtime, layers, environment: { REGION: PRIMARY } });
    new Alias(scope, `Live-${runtime.name}`, { aliasName: 'live', version: own.currentVersion });
  }
}

function homeStack(app: App, more: ConstructorParameters<typeof Stack>[2] = {}): Stack {
  return new Stack(app, 'Auth', { env: HOME, ...more });
}

/** An app of one stack, with functions of its owner's. */
const inOneStack = (inStack: (stack: Stack, line: Line) => void, more: ConstructorParameters<typeof Stack>[2] = {}): Shape => ({
  define: (app, line) => {
    const stack = homeStack(app, more);
    ownVersions(stack);
    inStack(stack, line);
  },
});
const users = (scope: Construct, id = 'Users') => new UserPool(scope, id, { signInAliases: { email: true } });

class Boundary implements IAspect {
  public visit(node: IConstruct): void {
    if (node instanceof CfnRole) node.permissionsBoundary = `arn:aws:iam::${ACCOUNT}:policy/boundary`;
  }
}

const ONE_LINE = inOneStack((stack, line) => line(stack, users(stack)));

const SHAPES: Record<string, Shape> = {
  'own functions with versions': ONE_LINE,
  'own functions with versions and the recommended feature flags': { ...ONE_LINE, context: RECOMMENDED_FLAGS },
  'own functions in the pool\'s other slots': inOneStack((stack, line) => {
    const pool = users(stack);
    pool.addTrigger(UserPoolOperation.PRE_SIGN_UP, ownFunction(stack, 'Before'));
    line(stack, pool);
    pool.addTrigger(UserPoolOperation.CUSTOM_MESSAGE, ownFunction(stack, 'After'));
  }),
  'an own function in a slot of the line\'s': inOneStack((stack, line) => {
    const pool = users(stack);
    const own = ownFunction(stack, 'After');
    line(stack, pool);
    pool.addTrigger(UserPoolOperation.POST_CONFIRMATION, own);
    new Alias(stack, 'AfterLive', { aliasName: 'live', version: own.currentVersion });
  }),
  'functions in a VPC': inOneStack((stack, line) => {
    const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
    ownFunction(stack, 'Inside', { vpc, securityGroups: [new SecurityGroup(stack, 'Group', { vpc })] }).currentVersion;
    line(stack, users(stack));
  }),
  'clients, a domain, groups and an API\'s parameter': inOneStack((stack, line) => {
    const pool = users(stack);
    const client = pool.addClient('Web', { generateSecret: true });
    pool.addDomain('Domain', { cognitoDomain: { domainPrefix: 'acme' } });
    pool.addGroup('Admins', { groupName: 'admins' });
    line(stack, pool);
    new StringParameter(stack, 'Id', { stringValue: client.userPoolClientId });
  }),
  'everything that the line may be given': inOneStack((stack, line) => {
    const far = new Stack(stack.node.root, 'Far', { env: { account: ACCOUNT, region: REPLICA } });
    const own = ownFunction(stack, 'Mail');
    const role = new Role(stack, 'Admins', { roleName: 'admins', assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    const near = new Topic(stack, 'Alarms', { masterKey: new Key(stack, 'Key') });
    line(stack, users(stack), {
      replicaStack: far,
      standby: Standby.warm({ verifyPasswordsAgainstSource: true }),
      createTrail: true,
      groupRoles: { admins: role },
      alarmTopics: [near, new Topic(far, 'Alarms')],
      restoreTargets: [users(far, 'Scratch')],
    });
    own.currentVersion;
  }),
  'an L1 pool': inOneStack((stack, line) => {
    const pool = new CfnUserPool(stack, 'Users', { usernameAttributes: ['email'], lambdaConfig: { preSignUp: ownFunction(stack, 'Before').functionArn } });
    line(stack, UserPool.fromUserPoolId(stack, 'Imported', pool.ref));
  }),
  'an imported pool': inOneStack((stack, line) => {
    line(stack, UserPool.fromUserPoolId(stack, 'Users', `${PRIMARY}_AbCdEfGhI`), { standby: Standby.none() });
  }),
  'several pools': inOneStack((stack, line) => {
    users(stack, 'Others').addTrigger(UserPoolOperation.POST_CONFIRMATION, ownFunction(stack, 'ForOthers'));
    line(stack, users(stack));
    new UserPool(stack, 'Third', { customAttributes: { team: new StringAttribute() } });
  }),
  'a pool that is copied already': inOneStack((stack, line) => {
    const pool = users(stack);
    new CognitoDrReplica(stack, 'First', { userPool: pool, replicaRegion: 'eu-west-1' });
    line(stack, pool);
  }),
  'another copied pool': inOneStack((stack, line) => {
    new CognitoDrReplica(stack, 'First', { userPool: users(stack, 'Others'), replicaRegion: REPLICA });
    line(stack, users(stack));
  }),
  'tags, termination protection and a custom synthesizer': inOneStack((stack, line) => {
    Tags.of(stack).add('cost', 'auth');
    line(stack, users(stack));
  }, { terminationProtection: true, tags: { team: 'id' }, synthesizer: new DefaultStackSynthesizer({ qualifier: 'abc123xyz', fileAssetsBucketName: 'ours-${AWS::Region}' }) }),
  'a permissions boundary of the stack': inOneStack((stack, line) => line(stack, users(stack)), { permissionsBoundary: PermissionsBoundary.fromName('boundary') }),
  'a permissions boundary by an Aspect': inOneStack((stack, line) => {
    Aspects.of(stack).add(new Boundary());
    line(stack, users(stack));
  }),
  'an account that its stack leaves open': {
    define: (app, line) => {
      const stack = new Stack(app, 'Auth', { env: { region: PRIMARY } });
      ownVersions(stack);
      line(stack, users(stack));
    },
  },
  'an account and a Region that its stack leaves open': {
    define: (app, line) => {
      const stack = new Stack(app, 'Auth');
      ownVersions(stack);
      line(stack, users(stack), { primaryRegion: PRIMARY });
    },
  },
  'suppressions of cdk-nag, on the pool and on the stack': inOneStack((stack, line) => {
    const suppressed = (id: string) => ({ rules_to_suppress: [{ id, reason: 'Tried and found to be right' }] });
    const pool = users(stack);
    (pool.node.defaultChild as CfnUserPool).addMetadata('cdk_nag', suppressed('AwsSolutions-COG1'));
    stack.templateOptions.metadata = { cdk_nag: suppressed('AwsSolutions-COG2') };
    line(stack, pool);
  }),
  'a permissions boundary of its own, with a name': inOneStack((stack, line) => {
    const statements = [new PolicyStatement({ actions: ['*'], resources: ['*'] })];
    IamBoundary.of(stack.node.root).apply(new ManagedPolicy(stack, 'Boundary', { managedPolicyName: 'boundary', statements }));
    line(stack, users(stack));
  }),
  'an Aspect that hands a value of its stack to every function, and leaves the replica out': inOneStack((stack, line) => {
    const topic = new Topic(stack, 'Errors');
    const dr = line(stack, users(stack));
    Aspects.of(stack.node.root).add({
      visit: node => { if (node instanceof LambdaFunction && Stack.of(node) !== dr?.replicaStack) node.addEnvironment('ERRORS', topic.topicArn); },
    });
  }),
  'an Aspect that destroys everything': inOneStack((stack, line) => {
    line(stack, users(stack), { deletionProtection: false });
    RemovalPolicies.of(stack.node.root).destroy();
  }),
  'a trigger that an Aspect adds, in a slot of the line\'s': inOneStack((stack, line) => {
    const own = ownFunction(stack, 'Late');
    line(stack, users(stack));
    Aspects.of(stack).add({
      visit: node => { if (node instanceof CfnUserPool && Stack.of(node) === stack) node.lambdaConfig = { postConfirmation: own.functionArn }; },
    });
  }),
  'clients that name the pool by its ARN, by a part of it, under a condition, and with an address of a parameter': inOneStack((stack, line) => {
    const pool = users(stack);
    const l1 = pool.node.defaultChild as CfnUserPool;
    const isWanted = new CfnCondition(stack, 'IsWanted', { expression: Fn.conditionEquals(Fn.ref('AWS::StackName'), 'Auth') });
    UserPool.fromUserPoolArn(stack, 'ByArn', pool.userPoolArn).addClient('Web', {
      oAuth: { callbackUrls: [`https://${new CfnParameter(stack, 'Host').valueAsString}/`, 'https://example.com/'] },
    });
    new CfnUserPoolClient(stack, 'ByPart', { userPoolId: Fn.select(1, Fn.split('/', l1.attrArn)) });
    new CfnUserPoolClient(stack, 'ByCondition', { userPoolId: Fn.conditionIf(isWanted.logicalId, l1.ref, users(stack, 'Others').userPoolId).toString() });
    line(stack, pool);
  }),
  'something that waits for a construct with the pool and the line': {
    ...inOneStack((stack, line) => {
      const identity = new Construct(stack, 'Identity');
      line(identity, users(identity));
      new Topic(stack, 'Topic').node.addDependency(identity);
      ownFunction(stack, 'Later').node.addDependency(identity);
    }),
    waits: true,
  },
  'a construct with the pool and the line that waits for something': inOneStack((stack, line) => {
    const identity = new Construct(stack, 'Identity');
    line(identity, users(identity));
    identity.node.addDependency(new Topic(stack, 'Topic'), ownFunction(stack, 'First'));
  }),
  'the line that waits for something, and something for it': {
    ...inOneStack((stack, line) => {
      const dr = line(stack, users(stack));
      const first = new Topic(stack, 'First');
      dr?.node.addDependency(first);
      const last = new Topic(stack, 'Last');
      if (dr) last.node.addDependency(dr, dr.ledgerTable, dr.replicaStack);
    }),
    waits: true,
  },
  'the line that waits for its pool, and for what is made after the pool': inOneStack((stack, line) => {
    const pool = users(stack);
    const client = pool.addClient('Web');
    const own = ownFunction(stack, 'Reads', { environment: { CLIENT: client.userPoolClientId } });
    line(stack, pool)?.node.addDependency(pool, own);
  }),
  'the pool that waits for the line, and a function in one of its slots as well': {
    ...inOneStack((stack, line) => {
      const pool = users(stack);
      const own = ownFunction(stack, 'Before');
      pool.addTrigger(UserPoolOperation.PRE_SIGN_UP, own);
      const dr = line(stack, pool);
      if (dr) pool.node.addDependency(dr);
      if (dr) own.node.addDependency(dr);
    }),
    waits: true,
  },
  'a nested stack with the pool and the line, in a construct for which something waits': {
    define: (app, line) => {
      const stack = homeStack(app);
      const identity = new Construct(stack, 'Identity');
      const nested = new NestedStack(identity, 'Nested');
      line(nested, users(nested));
      nested.node.addDependency(new Topic(stack, 'First'));
      new Topic(stack, 'Last').node.addDependency(nested);
    },
  },
  'stacks that wait for each other': {
    define: (app, line) => {
      const before = new Topic(new Stack(app, 'Before', { env: HOME }), 'Topic');
      const stack = homeStack(app);
      const identity = new Construct(stack, 'Identity');
      line(identity, users(identity));
      identity.node.addDependency(before);
      new Topic(new Stack(app, 'After', { env: HOME }), 'Topic').node.addDependency(identity);
    },
  },
  'nested stacks, the line in one': {
    define: (app, line) => {
      const nested = new NestedStack(homeStack(app), 'Nested');
      ownVersions(nested);
      line(nested, users(nested));
    },
  },
  'nested stacks, the line in their parent': {
    exports: true,
    define: (app, line) => {
      const stack = homeStack(app);
      const nested = new NestedStack(stack, 'Nested');
      ownVersions(nested);
      ownVersions(stack);
      line(stack, users(nested));
    },
  },
  'a pool of another stack': {
    exports: true,
    define: (app, line) => {
      const pools = new Stack(app, 'Pools', { env: HOME });
      ownVersions(pools);
      const stack = homeStack(app);
      ownVersions(stack);
      line(stack, users(pools));
    },
  },
  'a Stage for each environment': {
    define: (app, line) => {
      for (const id of ['Beta', 'Prod']) {
        const stack = new Stack(new Stage(app, id, { env: HOME }), 'Auth');
        ownVersions(stack);
        const pool = users(stack);
        if (id === 'Prod') line(stack, pool);
      }
    },
  },
  'a pipeline': {
    define: (app, line) => {
      const delivery = new Stack(app, 'Delivery', { env: HOME });
      const source = CodePipelineSource.s3(Bucket.fromBucketName(delivery, 'Source', 'source'), 'app.zip');
      const pipeline = new CodePipeline(delivery, 'Pipeline', { synth: new ShellStep('Synth', { input: source, commands: ['npx cdk synth'] }), crossAccountKeys: true });
      ownVersions(delivery);
      const stage = new Stage(app, 'Prod', { env: HOME });
      const stack = new Stack(stage, 'Auth');
      ownVersions(stack);
      line(stack, users(stack));
      pipeline.addStage(stage);
    },
  },
  'other stacks that use the pool, before and after': {
    define: (app, line) => {
      const stack = homeStack(app);
      const pool = users(stack);
      const before = new Stack(app, 'Before', { env: HOME });
      ownFunction(before, 'Own', { environment: { POOL: pool.userPoolId } }).currentVersion;
      line(stack, pool);
      const after = new Stack(app, 'After', { env: HOME });
      pool.grant(ownFunction(after, 'Own', { timeout: Duration.seconds(7) }), 'cognito-idp:ListUsers');
    },
  },
};

/** Every template of an assembly by its path, those of Stages and of nested stacks included. */
function templatesOf(assembly: CloudAssembly, at = ''): Record<string, AppTemplate> {
  const stacks = assembly.stacks.map(({ hierarchicalId, template, stackName, tags, environment, terminationProtection }) => {
    // Tags of a stack are on every resource of it, and in no template.
    const deployed = { stackName, tags, environment, terminationProtection };
    return [`${at}${hierarchicalId}`, { ...template, Deployed: deployed } as unknown as AppTemplate] as const;
  });
  const nested = readNested(assembly.directory).map(([file, template]) => [`${at}${file}`, template] as const);
  const inner = assembly.nestedAssemblies.flatMap(({ nestedAssembly, id }) => Object.entries(templatesOf(nestedAssembly, `${at}${id}/`)));
  return Object.fromEntries([...stacks, ...nested, ...inner]);
}

function readNested(directory: string): [string, AppTemplate][] {
  const assets = readdirSync(directory).filter(file => file.endsWith('.assets.json'));
  const files = [...new Set(assets)].flatMap(file => Object.values<{ source: { path?: string } }>(
    JSON.parse(readFileSync(path.join(directory, file), 'utf8')).files ?? {}).map(({ source }) => source.path ?? ''));
  return [...new Set(files)].filter(file => file.endsWith('.nested.template.json'))
    .map(file => [file, JSON.parse(readFileSync(path.join(directory, file), 'utf8'))]);
}

/** Whether a resource that the line brought is of the line. */
function isOurs({ Metadata: metadata = {} }: Resource): boolean {
  return OURS.test(String(metadata['aws:cdk:path']));
}

/** A pipeline has steps for each stack and asset of the app, which are its own. */
function isOfPipeline({ Metadata: metadata = {} }: Resource): boolean {
  return String(metadata['aws:cdk:path']).startsWith('Delivery/Pipeline/');
}

/** What CloudFormation refuses: a name of nothing that is in the template, and resources that need each other. */
function refused(template: AppTemplate): string[] {
  const { Resources: resources, Parameters: parameters = {} } = template;
  const found: string[] = [];
  const namesIn = (value: unknown): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    if (Array.isArray(value)) return value.flatMap(namesIn);
    return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
      if (key === 'Ref') return [String(inner)];
      if (key === 'Fn::GetAtt') return [Array.isArray(inner) ? String(inner[0]) : String(inner).split('.')[0]];
      if (key !== 'Fn::Sub') return namesIn(inner);
      const [text, own] = [inner, {}].flat() as [string, object];
      return [...text.matchAll(/\$\{([^!}.]+)[^}]*\}/g)].map(([, name]) => name).filter(name => !(name in own)).concat(namesIn(own));
    }).filter(name => !name.startsWith('AWS::'));
  };
  const needs = new Map(Object.entries(resources).map(([id, { Properties: properties, DependsOn: dependsOn }]) => {
    const needed = [...namesIn(properties), ...[dependsOn ?? []].flat()];
    found.push(...needed.filter(name => !(name in resources || name in parameters)).map(name => `${id} needs ${name}, which is nowhere`));
    return [id, needed.filter(name => name in resources)] as const;
  }));
  found.push(...namesIn(template.Outputs).filter(name => !(name in resources || name in parameters)).map(name => `an output names ${name}, which is nowhere`));
  for (let before = -1; before !== needs.size;) {
    before = needs.size;
    needs.forEach((needed, id) => { if (!needed.some(name => needs.has(name))) needs.delete(id); });
  }
  return needs.size > 0 ? [...found, `a circle among ${[...needs.keys()].join(', ')}`] : found;
}

/** A resource without what the line may change in it: the source pool's two triggers, and that it waits for the permission to call them. */
function comparable({ DependsOn: all, ...others }: Resource, isLeftOut: (id: string) => boolean): unknown {
  const left = [all ?? []].flat().filter(id => !isLeftOut(id));
  const resource: Resource = { ...others, ...left.length > 0 && { DependsOn: left } };
  const { Type: type, Properties: properties = {}, DependsOn: dependsOn, ...rest } = resource;
  if (type === 'AWS::CloudFormation::Stack') return { type, rest, properties: { ...properties, TemplateURL: 'of the nested template, which is compared itself' } };
  if (type !== 'AWS::Cognito::UserPool') return resource;
  const config = Object.entries((properties.LambdaConfig ?? {}) as Record<string, unknown>)
    .filter(([slot, trigger]) => !(TRIGGERS.includes(slot) && /Dr.*Trigger/.test(JSON.stringify(trigger))));
  const waitsFor = [dependsOn ?? []].flat().filter(id => !/Dr.*Permission/.test(id));
  return { type, rest, waitsFor, properties: { ...properties, LambdaConfig: Object.fromEntries(config) } };
}

/** A template without the rule that the line brings, where a stack does not say its Region. */
function withoutRule({ Rules: rules = {}, ...others }: Record<string, Record<string, unknown>>): unknown {
  return { ...others, rules: Object.fromEntries(Object.entries(rules).filter(([id]) => !/^Dr.*PrimaryRegion/.test(id))) };
}

function changes({ define, context, exports, waits }: Shape): string[] {
  const synthesised = [() => undefined, (scope: Construct, userPool: IUserPool, props: Partial<CognitoDrReplicaProps> = {}) =>
    new CognitoDrReplica(scope, 'Dr', { userPool, replicaRegion: REPLICA, ...props })].map((line: Line) => {
    const app = new App({ analyticsReporting: false, treeMetadata: false, context: { ...CONTEXT, ...context } });
    define(app, line);
    return templatesOf(app.synth());
  });
  const [before, after] = synthesised;
  const found: string[] = [];
  const differ = (where: string, one: unknown, other: unknown) => {
    if (!isDeepStrictEqual(one, other)) found.push(`${where}: ${JSON.stringify(one)} -> ${JSON.stringify(other)}`);
  };
  for (const [name, template] of Object.entries(after)) found.push(...refused(template).map(problem => `${name}: ${problem}`));
  for (const [name, template] of Object.entries(before)) {
    const { Resources: resources, Outputs: outputs = {}, ...others } = template;
    const { Resources: newResources, Outputs: newOutputs = {}, ...newOthers } = after[name] ?? { Resources: {} };
    differ(name, withoutRule(others), withoutRule(newOthers));
    const isLeftOut = (id: string) => waits === true && newResources[id] !== undefined && isOurs(newResources[id]);
    for (const id of new Set([...Object.keys(resources), ...Object.keys(newResources)])) {
      if (isOfPipeline(resources[id] ?? newResources[id])) continue;
      if (resources[id] || !isOurs(newResources[id])) {
        differ(`${name}/${id}`, resources[id] && comparable(resources[id], isLeftOut), newResources[id] && comparable(newResources[id], isLeftOut));
      }
    }
    for (const id of new Set([...Object.keys(outputs), ...Object.keys(newOutputs)])) {
      // A nested stack tells its parent the name of the trigger, for the alarm.
      const named = newResources[(newOutputs[id] as { Value?: { Ref?: string } } | undefined)?.Value?.Ref ?? ''];
      const ours = /^(Auth|Nested|Identity)?Dr/.test(id) || (named !== undefined && isOurs(named)) || (exports && /^ExportsOutput|Users/.test(id));
      if (outputs[id] || !ours) differ(`${name}/Outputs/${id}`, outputs[id], newOutputs[id]);
    }
  }
  return found;
}

describe('the line changes nothing but the two triggers of the pool in an app with', () => {
  test.each(Object.entries(SHAPES))('%s', (_name, shape) => {
    expect(changes(shape)).toEqual([]);
  });

  test('and a change would be found', () => {
    const planted = (plant: (stack: Stack) => void) => changes(inOneStack((stack, line) => {
      const pool = users(stack);
      ownFunction(stack);
      if (line(stack, pool)) plant(stack);
    }));
    expect(planted(() => undefined)).toEqual([]);
    expect(planted(stack => { new CfnResource(stack, 'More', { type: 'AWS::SNS::Topic' }); })).toHaveLength(1);
    expect(planted(stack => { (stack.node.findChild('Own') as LambdaFunction).addEnvironment('MORE', '1'); })).toHaveLength(1);
    expect(planted(stack => { (stack.node.findChild('Users').node.defaultChild as CfnUserPool).mfaConfiguration = 'ON'; })).toHaveLength(1);
    expect(planted(stack => { stack.templateOptions.metadata = { more: 1 }; })).toHaveLength(1);
    expect(planted(stack => { stack.tags.setTag('more', '1'); })).toHaveLength(1);
    expect(planted(stack => {
      const own = (stack.node.findChild('Own') as LambdaFunction).functionArn;
      (stack.node.findChild('Users').node.defaultChild as CfnUserPool).addPropertyOverride('LambdaConfig.PostConfirmation', own);
    })).toHaveLength(1);
    const circle = ['One', 'Two'].map((type, index, both) => [type, { Type: 'A::B::C', DependsOn: both[1 - index] }]);
    expect(refused({ Resources: Object.fromEntries(circle) } as AppTemplate)).toEqual(['a circle among One, Two']);
    expect(refused({ Resources: { One: { Type: 'A::B::C', DependsOn: 'Gone', Properties: { text: { 'Fn::Sub': '${Away.Arn} ${AWS::Region}' } } } } } as unknown as AppTemplate))
      .toEqual(['One needs Away, which is nowhere', 'One needs Gone, which is nowhere']);
    // Last, because it stays: the CDK hashes into versions every runtime that was ever made.
    expect(planted(() => { new Runtime('nodejs24.x', RuntimeFamily.NODEJS); }).join()).toContain('CurrentVersion');
  });
});
