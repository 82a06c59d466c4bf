import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import {
  App, Aspects, Aws, CfnResource, CliCredentialsStackSynthesizer, DefaultStackSynthesizer, DefaultStackSynthesizerProps, IAspect,
  IStackSynthesizer, ISynthesisSession, NestedStack, PermissionsBoundary, RemovalPolicies, RemovalPolicy, Stack, StackSynthesizer, Stage, Tags,
  Validations,
} from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { CfnGlobalTable } from 'aws-cdk-lib/aws-dynamodb';
import { ManagedPolicy, PermissionsBoundary as IamBoundary, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnFunction, CfnLayerVersion, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct, IConstruct } from 'constructs';
import { CognitoDrReplica, Standby } from '../src';
import { ACCOUNT, EVERYTHING, Given, Made, make, PRIMARY, REPLICA, synth, Templates, warnings } from './helpers/templates';

const env = (region: string, account = ACCOUNT) => ({ env: { account, region } });

/** Whatever makes a template need another stack. */
function crossings({ replica }: Pick<Templates, 'replica'>): string[] {
  return JSON.stringify(replica.toJSON()).match(/Fn::ImportValue|Fn::GetStackOutput|Custom::CrossRegionExport\w+|\{\{resolve:[^"]*/g) ?? [];
}

/** Its own, and those of its hidden base classes. */
function methodsOf(dr: CognitoDrReplica, beginning: string): string[] {
  const methods: string[] = [];
  for (let each: object = Object.getPrototypeOf(dr); each !== Construct.prototype; each = Object.getPrototypeOf(each)) {
    methods.push(...Object.getOwnPropertyNames(each).filter(name => name.startsWith(beginning)));
  }
  return methods;
}

/** Calls each method that grants something to somebody. */
function grantAll(dr: CognitoDrReplica, role: Role): void {
  const grants = methodsOf(dr, 'grant');
  expect(grants.length).toBeGreaterThan(5);
  for (const name of grants) (dr as unknown as Record<string, (grantee: Role) => void>)[name](role);
}

/** What each method answers that gives a metric. */
function metricsOf(dr: CognitoDrReplica): Metric[] {
  return methodsOf(dr, 'metric').map(name => (dr as unknown as Record<string, () => Metric>)[name]());
}

describe('the stack that the construct makes', () => {
  test('is in the replica Region and the same account, with a readable name that tells Regions and constructs apart', () => {
    const { dr } = make();
    expect(dr.replicaStack).toMatchObject({ region: REPLICA, account: ACCOUNT, stackName: 'Auth-Dr-us-east-1-replica' });
  });

  test('can be named', () => {
    expect(make({ props: { replicaStackName: 'users-dr' } }).dr.replicaStack.stackName).toBe('users-dr');
  });

  test('is deployed before the primary stack, and depends on nothing', () => {
    const templates = synth();
    expect(templates.stack.dependencies).toEqual([templates.dr.replicaStack]);
    expect(templates.dr.replicaStack.dependencies).toEqual([]);
    expect(crossings(templates)).toEqual([]);
    expect(crossings({ replica: templates.primary })).toEqual([]);
  });

  describe('lets no value cross where the CDK may let one, either: A2', () => {
    const flagged = { ...env(PRIMARY), crossRegionReferences: true };
    const far = (app: App) => ({ replicaStack: new Stack(app, 'Far', { ...env(REPLICA), crossRegionReferences: true }) });
    const everything = EVERYTHING.props as (app: App, stack: Stack) => object;
    test.each<[string, Given]>([
      ['the one line', { stack: flagged }],
      ['every feature', { ...EVERYTHING, stack: flagged }],
      ['every feature, and both stacks of the caller\'s', { ...EVERYTHING, stack: flagged, props: (app, stack) => ({ ...everything(app, stack), ...far(app) }) }],
      ['a warm standby that checks passwords, and a stack that leaves its Region open', {
        stack: { env: {}, crossRegionReferences: true },
        props: { primaryRegion: PRIMARY, standby: Standby.warm({ verifyPasswordsAgainstSource: true }) },
      }],
      ['whatever it can grant, and its metrics and dashboards', {
        ...EVERYTHING,
        stack: flagged,
        then: made => {
          EVERYTHING.then!(made);
          const role = new Role(made.stack, 'Operator', { assumedBy: new ServicePrincipal('ec2.amazonaws.com'), roleName: 'operator' });
          grantAll(made.dr, role);
          metricsOf(made.dr).forEach((metric, index) => metric.createAlarm(metric.region === REPLICA ? made.dr.replicaStack : made.stack, `A${index}`, {
            threshold: 1, evaluationPeriods: 1,
          }));
        },
      }],
    ])('%s', (_name, given) => {
      const templates = synth(given);
      expect(crossings(templates)).toEqual([]);
      expect(crossings({ replica: templates.primary })).toEqual([]);
      expect(templates.dr.replicaStack.dependencies).toEqual([]);
    });
  });

  test('has the tags, removal policies and Aspects of the construct', () => {
    const seen = new Set<Stack>();
    const see: IAspect = { visit: (node: IConstruct) => { seen.add(Stack.of(node)); } };
    const { dr, replica } = synth({
      then: made => {
        Tags.of(made.dr).add('cost', 'dr');
        RemovalPolicies.of(made.dr).destroy();
        Aspects.of(made.dr).add(see);
      },
    });
    expect(seen).toContain(dr.replicaStack);
    expect(dr.replicaStack.tags.tagValues()).toMatchObject({ cost: 'dr' });
    for (const type of ['AWS::DynamoDB::GlobalTable', 'AWS::Cognito::UserPool']) {
      replica.allResources(type, { DeletionPolicy: 'Delete' });
    }
  });

  test('inherits tags, termination protection and the bootstrap qualifier of the primary stack', () => {
    const { dr } = make({
      stack: { ...env(PRIMARY), tags: { team: 'id' }, terminationProtection: true, synthesizer: new DefaultStackSynthesizer({ qualifier: 'abc123xyz' }) },
    });
    expect(dr.replicaStack.tags.tagValues()).toEqual({ team: 'id' });
    expect(dr.replicaStack.terminationProtection).toBe(true);
    expect(dr.replicaStack.synthesizer.bootstrapQualifier).toBe('abc123xyz');
  });

  describe('has the synthesizer of the primary stack', () => {
    const ROLE = 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role';
    /** Every setting with a value of its own. */
    const CUSTOM: Required<DefaultStackSynthesizerProps> = {
      qualifier: 'abc123xyz',
      fileAssetsBucketName: 'files-${Qualifier}-${AWS::AccountId}-${AWS::Region}',
      imageAssetsRepositoryName: 'images-${AWS::Region}',
      bucketPrefix: 'auth/${Qualifier}/',
      dockerTagPrefix: 'auth-',
      fileAssetPublishingRoleArn: `${ROLE}/files-\${AWS::Region}`,
      fileAssetPublishingExternalId: 'files',
      imageAssetPublishingRoleArn: `${ROLE}/images`,
      imageAssetPublishingExternalId: 'images',
      lookupRoleArn: `${ROLE}/lookup`,
      lookupRoleExternalId: 'lookup',
      useLookupRoleForStackOperations: false,
      deployRoleArn: `${ROLE}/deploy`,
      deployRoleExternalId: 'deploy',
      cloudFormationExecutionRole: `${ROLE}/execution`,
      generateBootstrapVersionRule: false,
      bootstrapStackVersionSsmParameter: '/own/${Qualifier}/version',
      deployRoleAdditionalOptions: { Tags: [{ Key: 'a', Value: 'deploy' }] },
      lookupRoleAdditionalOptions: { Tags: [{ Key: 'a', Value: 'lookup' }] },
      fileAssetPublishingRoleAdditionalOptions: { Tags: [{ Key: 'a', Value: 'files' }] },
      imageAssetPublishingRoleAdditionalOptions: { Tags: [{ Key: 'a', Value: 'images' }] },
    };
    /** Subclasses with constructors of their own are common. */
    class OfTeam extends DefaultStackSynthesizer {
      constructor(team: string) {
        super({ qualifier: team });
      }
    }
    /** How each stack is deployed and its files are published, without its name, template and Region; files go to no other Region. */
    const deployments = (made: Made) => {
      const { directory, stacks } = made.app.synth();
      return stacks.map(({ manifest: { properties, dependencies = [] }, stackName, environment: { region } }) => {
        const [assets] = dependencies.filter(id => id.endsWith('.assets'));
        const { files } = JSON.parse(readFileSync(path.join(directory, `${assets}.json`), 'utf8')) as { files: Record<string, { destinations: object }> };
        const destinations = Object.values(files).flatMap(file => Object.values(file.destinations)) as { region: string; objectKey: string }[];
        const regions = [...new Set(destinations.map(destination => destination.region))];
        const prefix = destinations[0].objectKey.replace(/[0-9a-f]{64}.*/, '');
        const all = { ...properties } as Record<string, string>;
        const { templateFile: _template, stackName: _name, stackTemplateAssetObjectUrl: url, tags: _tags, ...how } = all;
        const bucket = /s3:\/\/(.*)\/[0-9a-f]{64}/.exec(url)?.[1];
        expect([stackName, regions]).toEqual([stackName, [region]]);
        return JSON.parse(JSON.stringify({ ...how, bucket, prefix }).replaceAll(region, 'REGION').replaceAll(assets, 'ASSETS'));
      });
    };

    test.each<[string, () => Given]>([
      ['every setting of the default one', () => ({ stack: { ...env(PRIMARY), synthesizer: new DefaultStackSynthesizer(CUSTOM) } })],
      ['a subclass', () => ({ stack: { ...env(PRIMARY), synthesizer: new OfTeam('identity') } })],
      ['credentials of the command line', () => ({ stack: { ...env(PRIMARY), synthesizer: new CliCredentialsStackSynthesizer({ qualifier: 'own', bucketPrefix: 'x/' }) } })],
      ['that of the app', () => ({ app: { defaultStackSynthesizer: new DefaultStackSynthesizer(CUSTOM) } })],
      ['a qualifier in the context', () => ({ app: { context: { '@aws-cdk/core:bootstrapQualifier': 'ctx' } } })],
    ])('%s: publishes and deploys alike, and publishes for its own Region only', (_name, given) => {
      const made = make(given());
      const [replica, primary] = deployments(made);
      expect(Object.keys(replica).length).toBeGreaterThan(3);
      expect(replica).toEqual(primary);
      expect(warnings(made)).toEqual([]);
    });

    test.each<[string, IStackSynthesizer, string[]]>([
      ['a role of the other Region', new DefaultStackSynthesizer({ deployRoleArn: `arn:aws:iam::${ACCOUNT}:role/deploy-us-east-1`, qualifier: 'q' }),
        ['stack Auth has a synthesizer whose deployRoleArn names us-east-1, also for the stack in us-west-2: put ${AWS::Region} in its place']],
      ['one for a single stack', new class Own extends StackSynthesizer {
        public addFileAsset() { return { bucketName: 'files', objectKey: 'k', httpUrl: 'h', s3ObjectUrl: 's' }; }
        public addDockerImageAsset() { return { imageUri: 'i', repositoryName: 'r' }; }
        public synthesize(session: ISynthesisSession) {
          this.synthesizeTemplate(session);
          this.emitArtifact(session);
        }
      }(), ['stack Auth has a synthesizer of its own (Own) that cannot be used for a second stack']],
    ])('or says what cannot reach it: %s', (_name, synthesizer, expected) => {
      expect(warnings(make({ stack: { ...env(PRIMARY), synthesizer } }))).toEqual(expected.map(text => expect.stringContaining(text)));
    });

    test('or fails, where the code of functions would be in one Region', () => {
      const synthesizer = new DefaultStackSynthesizer({ fileAssetsBucketName: 'files-of-auth' });
      expect(() => make({ stack: { ...env(PRIMARY), synthesizer } })).toThrow("the synthesizer of stack Auth has fileAssetsBucketName 'files-of-auth', which "
        + 'is in one Region');
    });
  });

  test('has the permissions boundary of the primary stack, by its name', () => {
    const { primary, replica } = synth({ stack: { ...env(PRIMARY), permissionsBoundary: PermissionsBoundary.fromName('developers') } });
    for (const template of [primary, replica]) {
      const boundaries = Object.values(template.findResources('AWS::IAM::Role')).map(role => JSON.stringify(role.Properties.PermissionsBoundary));
      expect(boundaries.filter(boundary => !boundary?.includes(':policy/developers'))).toEqual([]);
      expect(boundaries.length).toBeGreaterThan(3);
    }
  });

  test('a long path ends in a hash, and characters that CloudFormation refuses are replaced', () => {
    const app = new App();
    const name = (id: string) => {
      const stack = new Stack(app, `Auth${id.length}`, env(PRIMARY));
      return new CognitoDrReplica(stack, id, { userPool: new UserPool(stack, 'Users'), replicaRegion: REPLICA }).replicaStack.stackName;
    };
    expect(name('Dr of_users')).toBe('Auth11-Dr-of-users-us-east-1-replica');
    expect(name('D'.repeat(200))).toMatch(/^Auth200-D{103}-[0-9a-f]{8}-replica$/);
  });
});

test('works inside a Stage', () => {
  const app = new App();
  const stage = new Stage(app, 'Prod', env(PRIMARY));
  const stack = new Stack(stage, 'Auth');
  const userPool = new UserPool(stack, 'Users');
  const dr = new CognitoDrReplica(stack, 'Dr', { userPool, replicaRegion: REPLICA });
  userPool.addClient('Web');
  expect(dr.replicaStack.stackName).toBe('Prod-Auth-Dr-us-east-1-replica');
  const replica = Template.fromStack(dr.replicaStack);
  replica.resourceCountIs('AWS::Cognito::UserPoolClient', 1);
  // The Stage is left out of ids, so that the same app in another Stage has the same ones.
  expect(Object.keys(replica.findOutputs('*'))).toContain('StandbyClientIdAuthUsersWeb');
  const assembly = app.synth().getNestedAssembly('assembly-Prod');
  expect(assembly.stacks.map(artifact => artifact.environment.region)).toEqual([REPLICA, PRIMARY]);
});

test('works in GovCloud: no ARN names another partition', () => {
  const { primary, replica } = synth({
    stack: { env: { account: ACCOUNT, region: 'us-gov-west-1' } },
    props: { replicaRegion: 'us-gov-east-1', standby: Standby.warm(), createTrail: true },
  });
  for (const template of [primary, replica]) expect(JSON.stringify(template.toJSON()).match(/"[^"]*arn:aws:[^"]*"/g)).toBeNull();
});

/** The resources as CloudFormation sees them, with the account and the Region of the deployment in their places. */
function filledIn(template: Template, side: 'primary' | 'replica'): unknown {
  const pseudo: Record<string, string> = { 'AWS::AccountId': ACCOUNT, 'AWS::Region': side === 'primary' ? PRIMARY : REPLICA };
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    // A finding of cdk-nag names a reference in brackets.
    if (typeof value === 'string') return value.replace(/<(AWS::\w+)>/g, (all, id: string) => pseudo[id] ?? all);
    if (typeof value !== 'object' || value === null) return value;
    const [[name, argument], ...others] = Object.entries(value).length > 0 ? Object.entries(value) : [['', undefined]];
    if (others.length === 0 && name === 'Ref') return pseudo[argument] ?? `\${${argument}}`;
    if (others.length === 0 && name === 'Fn::Sub') return argument.replace(/\$\{(.*?)\}/g, (all: string, id: string) => pseudo[id] ?? all);
    if (others.length === 0 && name === 'Fn::Join') return (fill(argument[1]) as unknown[]).map(part => typeof part === 'string' ? part : JSON.stringify(part)).join(argument[0]);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]));
  };
  return fill(template.toJSON().Resources);
}

describe('a stack that leaves its account or Region open', () => {
  const openAccount = { stack: { env: { region: PRIMARY } } };
  const open = { stack: { env: {} }, props: { primaryRegion: PRIMARY } };
  const everything = (given: Given): Given => ({
    ...EVERYTHING,
    stack: given.stack,
    props: (app, stack) => ({ ...(EVERYTHING.props as (app: App, stack: Stack) => object)(app, stack), ...given.props }),
  });

  test.each<[string, Given, Given]>([
    ['no account', openAccount, {}],
    ['no env, with primaryRegion', open, {}],
    ['no account, every feature', everything(openAccount), EVERYTHING],
    ['no env, with primaryRegion, every feature', everything(open), EVERYTHING],
  ])('has the resources, names and environments of one that says them: %s', (_name, given, concrete) => {
    const [templates, expected] = [synth(given), synth(concrete)];
    for (const side of ['replica', 'primary'] as const) {
      expect(filledIn(templates[side], side)).toEqual(filledIn(expected[side], side));
    }
    expect(warnings(templates)).toEqual(warnings(expected));
  });

  test('says nowhere an unresolved Region or account in a name', () => {
    for (const given of [openAccount, open]) {
      const { primary, replica, dr } = synth({ ...everything(given) });
      expect(JSON.stringify([primary.toJSON(), replica.toJSON(), dr.replicaStack.stackName])).not.toMatch(/\$\{Token|-Token-|unknown-(account|region)/);
      expect(dr.replicaStack).toMatchObject({ region: REPLICA, stackName: 'Auth-Dr-us-east-1-replica' });
    }
  });

  test('primaryRegion is asserted when the stack is deployed; a Region that is known needs no rule', () => {
    const rules = (given: Given) => Object.entries(synth(given).primary.toJSON().Rules ?? {}).filter(([id]) => id !== 'CheckBootstrapVersion');
    expect(rules(open)).toEqual([[expect.stringMatching(/^DrPrimaryRegion/), {
      Assertions: [{
        Assert: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, PRIMARY] },
        AssertDescription: 'primaryRegion of Auth/Dr is us-east-1: deploy this stack there, or change primaryRegion',
      }],
    }]]);
    expect(rules(openAccount)).toEqual([]);
    expect(rules({ props: { primaryRegion: PRIMARY } })).toEqual([]);
  });

  test('in a nested stack the rule is in the stack that is deployed by itself', () => {
    const app = new App();
    const stack = new Stack(app, 'Auth');
    const nested = new NestedStack(stack, 'Nested');
    const dr = new CognitoDrReplica(nested, 'Dr', { userPool: new UserPool(nested, 'Users'), primaryRegion: PRIMARY, replicaRegion: REPLICA });
    expect(Object.keys(Template.fromStack(stack).toJSON().Rules)).toEqual(expect.arrayContaining([expect.stringMatching(/PrimaryRegion/)]));
    expect(Object.keys(Template.fromStack(nested).toJSON().Rules ?? {})).toEqual([]);
    expect(crossings({ replica: Template.fromStack(dr.replicaStack) })).toEqual([]);
    expect(stack.dependencies).toEqual([dr.replicaStack]);
  });

  test.each<[string, Given]>([
    ['a replica stack of the caller\'s that says its account', { stack: { env: { region: PRIMARY } }, props: app => ({ replicaStack: new Stack(app, 'Own', env(REPLICA)) }) }],
    ['a replica stack of the caller\'s that says none', { props: app => ({ replicaStack: new Stack(app, 'Own', { env: { region: REPLICA } }) }) }],
    ['an imported source pool', {
      ...open, source: stack => UserPool.fromUserPoolId(stack, 'Users', 'us-east-1_AbCdEfGhI'), props: { primaryRegion: PRIMARY, standby: Standby.none() },
    }],
    ['a source pool of another stack without env', { ...open, source: stack => new UserPool(new Stack(stack.node.root, 'Pools'), 'Users') }],
    ['a source pool of a stack with an account', { ...openAccount, source: stack => new UserPool(new Stack(stack.node.root, 'Pools', { env: { region: PRIMARY } }), 'Users') }],
    ['a restore target in the replica stack', {
      stack: { env: {} },
      props: app => {
        const replicaStack = new Stack(app, 'Own', { env: { region: REPLICA } });
        return { primaryRegion: PRIMARY, replicaStack, restoreTargets: [new UserPool(replicaStack, 'Target'), UserPool.fromUserPoolId(replicaStack, 'T', 'us-east-1_New')] };
      },
    }],
    ['a standby that checks passwords at the source', { ...open, props: { primaryRegion: PRIMARY, standby: Standby.warm({ verifyPasswordsAgainstSource: true }) } }],
    ['a named role for a group', {
      ...open,
      props: (_app, stack) => ({
        primaryRegion: PRIMARY, groupRoles: { admins: new Role(stack, 'Admins', { roleName: 'admins', assumedBy: new ServicePrincipal('ec2.amazonaws.com') }) },
      }),
    }],
  ])('takes %s', (_name, given) => {
    const templates = synth(given);
    expect(crossings(templates)).toEqual([]);
    expect(templates.dr.replicaStack.dependencies).toEqual([]);
  });

  test.each<[string, Given, string]>([
    ['a source pool of another Region', { ...open, source: stack => UserPool.fromUserPoolId(stack, 'Users', 'eu-west-1_AbCdEfGhI') }, 'the user pool is in eu-west-1'],
    ['an alarm topic of a third Region', {
      ...open, props: (_app, stack) => ({ primaryRegion: PRIMARY, alarmTopics: [Topic.fromTopicArn(stack, 'T', 'arn:aws:sns:eu-west-1:111122223333:t')] }),
    }, "is in 'eu-west-1'; an alarm reaches topics of its own Region only, here us-east-1 and us-west-2"],
  ])('refuses %s', (_name, given, message) => {
    expect(() => synth(given)).toThrow(message);
  });

  test('says which Region has no topic by its name', () => {
    const made = make({ ...open, props: (_app, stack) => ({ primaryRegion: PRIMARY, alarmTopics: [Topic.fromTopicArn(stack, 'T', `arn:aws:sns:${REPLICA}:${ACCOUNT}:t`)] }) });
    expect(warnings(made)).toEqual([expect.stringContaining('alarmTopics has no topic in us-east-1')]);
  });

  test('takes a topic of its own, and an alarm on a metric of its own', () => {
    const { primary } = synth({
      stack: { env: {} },
      props: (_app, stack) => ({ primaryRegion: PRIMARY, alarmTopics: [new Topic(stack, 'Topic')] }),
      then: ({ dr, stack }) => dr.metricCaptureLag().createAlarm(stack, 'Slow', { threshold: 1, evaluationPeriods: 1 }),
    });
    primary.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'CaptureLag', Threshold: 1 });
    primary.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: Match.stringLikeRegexp('^Topic') }] });
  });
});

describe('Aspects of the application', () => {
  /** Does something to each function of the app. */
  const toFunctions = (act: (lambdaFunction: LambdaFunction) => void): IAspect =>
    ({ visit: node => { if (node instanceof LambdaFunction) act(node); } });

  test.each<[string, (made: Made) => void, string]>([
    ['a topic of the primary Region in every environment', ({ app, stack }) => {
      const topic = new Topic(stack, 'Errors');
      Aspects.of(app).add(toFunctions(each => each.addEnvironment('ERRORS', topic.topicArn)));
    }, 'refers to Auth/Errors'],
    ['a layer of the primary Region, by its Ref', ({ app, stack }) => {
      const layer = new CfnLayerVersion(stack, 'Layer', { content: { s3Bucket: 'files', s3Key: 'layer' } });
      Aspects.of(app).add(toFunctions(each => (each.node.defaultChild as CfnFunction).addPropertyOverride('Layers', [layer.ref])));
    }, 'refers to Auth/Layer'],
    ['a permissions boundary without a name', ({ app, stack }) => {
      const statements = [new PolicyStatement({ actions: ['*'], resources: ['*'] })];
      IamBoundary.of(app).apply(new ManagedPolicy(stack, 'Boundary', { statements }));
    }, 'refers to Auth/Boundary'],
    ['a permissions boundary of a stack that does not say its Region', ({ app }) => {
      IamBoundary.of(app).apply(new ManagedPolicy(new Stack(app, 'Shared'), 'Boundary', { statements: [new PolicyStatement({ actions: ['*'], resources: ['*'] })] }));
    }, 'refers to Shared/Boundary'],
  ])('that hand out %s fail in our words', (_name, then, message) => {
    const synthesis = () => synth({ then });
    expect(synthesis).toThrow(/^Auth\/Dr: Auth\/Dr\/Replica\/\S+ refers to .*which is in another Region than us-west-2/);
    expect(synthesis).toThrow(message);
    for (const way of ['Stack.of(node) === dr.replicaStack', 'give replicaStack', 'a physical name']) expect(synthesis).toThrow(way);
  });

  test.each<[string, (made: Made) => void]>([
    ['a permissions boundary with a name', ({ app, stack }) => {
      const policy = new ManagedPolicy(stack, 'Boundary', { managedPolicyName: 'boundary', statements: [new PolicyStatement({ actions: ['*'], resources: ['*'] })] });
      IamBoundary.of(app).apply(policy);
    }],
    ['a value of the primary Region, with the replica stack left out', ({ app, stack, dr }) => {
      const topic = new Topic(stack, 'Topic');
      Aspects.of(app).add(toFunctions(each => { if (Stack.of(each) !== dr.replicaStack) each.addEnvironment('TOPIC', topic.topicArn); }));
    }],
    ['a value of another stack of the replica Region', ({ app, dr }) => {
      const topic = new Topic(new Stack(app, 'West', env(REPLICA)), 'Topic');
      Aspects.of(app).add(toFunctions(each => { if (Stack.of(each) === dr.replicaStack) each.addEnvironment('TOPIC', topic.topicArn); }));
    }],
  ])('may hand out %s', (_name, then) => {
    const { dr } = synth({ then });
    expect(dr.replicaStack.dependencies.map(stack => stack.region)).toEqual(dr.replicaStack.dependencies.map(() => REPLICA));
  });

  const protectedFromDeletion = 'cognito-dr-replica:deletionProtection';
  test.each<[string, Given]>([
    ['RemovalPolicies.of(app).destroy()', { then: ({ app }) => RemovalPolicies.of(app).destroy() }],
    ['RemovalPolicies.of(dr).destroy()', { then: ({ dr }) => RemovalPolicies.of(dr).destroy() }],
    ['an Aspect as a sandbox of Amplify has it', {
      then: ({ stack }) => Aspects.of(stack).add({
        visit: node => { if (CfnResource.isCfnResource(node)) node.applyRemovalPolicy(RemovalPolicy.DESTROY); },
      }),
    }],
    ['removalPolicy: DESTROY', { props: { removalPolicy: RemovalPolicy.DESTROY } }],
    ['removalPolicy: DESTROY, of tables alone', {
      props: { removalPolicy: RemovalPolicy.DESTROY, standby: Standby.none() },
      then: ({ dr }) => Validations.of(dr).acknowledge({ id: 'cognito-dr-replica:noRestoreTarget', reason: 'is no matter here' }),
    }],
    ['removalPolicy: DESTROY, of the mirror alone', {
      props: { removalPolicy: RemovalPolicy.DESTROY },
      then: ({ dr }) => dr.replicaStack.node.findAll().forEach(node => {
        if (node instanceof CfnGlobalTable) {
          node.addPropertyOverride('Replicas.0.DeletionProtectionEnabled', false);
          node.addPropertyOverride('Replicas.1.DeletionProtectionEnabled', false);
        }
      }),
    }],
  ])('that destroy what is protected from deletion are told of: %s', (_name, given) => {
    const found = warnings(make(given));
    expect(found).toEqual([expect.stringContaining(protectedFromDeletion)]);
    expect(found[0]).toContain('give deletionProtection: false');
  });

  test.each<[string, Given]>([
    ['nothing is destroyed', {}],
    ['nothing is protected', { props: { deletionProtection: false }, then: ({ app }) => RemovalPolicies.of(app).destroy() }],
    ['the Aspect protects as well', { props: { deletionProtection: false }, then: ({ app }) => RemovalPolicies.of(app).retain() }],
  ])('are not where %s', (_name, given) => {
    expect(warnings(make(given))).toEqual([]);
  });
});

test('works inside a nested stack', () => {
  const app = new App();
  const stack = new Stack(app, 'Auth', env(PRIMARY));
  const nested = new NestedStack(stack, 'Nested');
  const userPool = new UserPool(nested, 'Users');
  const dr = new CognitoDrReplica(nested, 'Dr', { userPool, replicaRegion: REPLICA });
  expect(dr.replicaStack.stackName).toBe('Auth-Nested-Dr-us-east-1-replica');
  const replica = Template.fromStack(dr.replicaStack);
  expect(crossings({ replica })).toEqual([]);
  expect(stack.dependencies).toEqual([dr.replicaStack]);
  Template.fromStack(nested).resourceCountIs('AWS::StepFunctions::StateMachine', 2);
});

test('several constructs in one stack, and one app in two Regions, share no name', () => {
  const app = new App();
  const names: string[] = [];
  for (const [id, region, other] of [['Auth', PRIMARY, REPLICA], ['AuthWest', REPLICA, PRIMARY], ['AuthEurope', 'eu-west-1', REPLICA]]) {
    const stack = new Stack(app, id, { ...env(region), stackName: 'auth' });
    for (const dr of ['A', 'B']) {
      new CognitoDrReplica(stack, dr, { userPool: new UserPool(stack, `Users${dr}`), replicaRegion: other });
    }
  }
  for (const artifact of app.synth().stacks) {
    names.push(`stack ${artifact.stackName} ${artifact.environment.region}`);
    for (const { Type, Properties } of Object.values<{ Type: string; Properties: Record<string, string> }>(artifact.template.Resources)) {
      const name = Properties.TableName ?? Properties.StateMachineName;
      if (name) {
        names.push(`${Type} ${name}`);
      }
    }
  }
  expect(names).toHaveLength(9 + 6 * 7);
  expect(new Set(names).size).toBe(names.length);
});

describe('a stack of the caller\'s', () => {
  test('holds the replica\'s resources, of several constructs', () => {
    const app = new App();
    const stack = new Stack(app, 'Auth', env(PRIMARY));
    const replicaStack = new Stack(app, 'AuthWest', env(REPLICA));
    for (const id of ['A', 'B']) {
      expect(new CognitoDrReplica(stack, id, { userPool: new UserPool(stack, `Users${id}`), replicaRegion: REPLICA, replicaStack }).replicaStack)
        .toBe(replicaStack);
    }
    Template.fromStack(replicaStack).resourceCountIs('AWS::DynamoDB::GlobalTable', 4);
    expect(app.synth().stacks).toHaveLength(2);
    expect(stack.dependencies).toEqual([replicaStack]);
  });

  const given = (own: (app: App) => Stack, more = {}) => () => make({ props: app => ({ replicaStack: own(app), ...more }) });

  test.each<[string, () => unknown, string]>([
    ['in another Region', given(app => new Stack(app, 'Own', env('eu-west-1'))), "replicaStack Own is in 'eu-west-1', but replicaRegion is us-west-2: set env.region"],
    ['without a Region', given(app => new Stack(app, 'Own')), 'replicaStack Own is in not known at synthesis'],
    ['in another account', given(app => new Stack(app, 'Own', env(REPLICA, '999999999999'))), "is in account '999999999999', the source pool in 111122223333"],
    ['in another Stage', given(app => new Stack(new Stage(app, 'Prod'), 'Own', env(REPLICA))), 'are in different Stages'],
    ['nested', given(app => new NestedStack(new Stack(app, 'Own', env(REPLICA)), 'In')), 'is a nested stack'],
    ['with a name for the one not made', given(app => new Stack(app, 'Own', env(REPLICA)), { replicaStackName: 'x' }), 'remove it'],
  ])('fails %s', (_name, act, message) => {
    expect(act).toThrow(message);
  });

  test('fails when it comes to depend on the primary Region', () => {
    expect(() => synth({
      then: ({ app, dr }) => dr.replicaStack.addStackDependency(new Stack(app, 'Network', env(PRIMARY))),
    })).toThrow('stack Auth/Dr/Replica came to depend on stack Network');
  });
});

describe('fails at synthesis', () => {
  test.each<[string, () => unknown, string]>([
    ['without a Region', () => make({ stack: { env: { account: ACCOUNT } } }),
      "Auth/Dr: the Region of stack Auth is not known at synthesis, but two Regions need concrete names: set env: { region: '...' } on that stack, or, "
      + "where it must stay open (AWS Amplify, a stack without env), say where it will be deployed with primaryRegion: '...'"],
    ['with a primaryRegion that the stack contradicts', () => make({ props: { primaryRegion: 'eu-west-1' } }),
      'primaryRegion is eu-west-1, but stack Auth is in us-east-1: leave primaryRegion out'],
    ['with a primaryRegion that is no Region', () => make({ props: { primaryRegion: 'Virginia' } }), "primaryRegion is 'Virginia'; give the name of a Region"],
    ['with a primaryRegion that is a token', () => make({ stack: { env: {} }, props: { primaryRegion: Aws.REGION } }), 'primaryRegion is not known at synthesis'],
    ['with a primaryRegion that is the replica\'s', () => make({ stack: { env: {} }, props: { primaryRegion: REPLICA } }), 'replicaRegion is us-west-2, the Region of'],
    ['with a primaryRegion of another partition', () => make({ stack: { env: {} }, props: { primaryRegion: 'cn-north-1' } }), 'cn-north-1 is in partition aws-cn'],
    ['with equal Regions', () => make({ props: { replicaRegion: PRIMARY } }), 'replicaRegion is us-east-1, the Region of stack Auth itself'],
    ['across partitions', () => make({ props: { replicaRegion: 'cn-north-1' } }), 'us-east-1 is in partition aws and replicaRegion cn-north-1 in aws-cn'],
    ['with something that is no Region', () => make({ props: { replicaRegion: 'Oregon' } }), "replicaRegion is 'Oregon'; give the name of a Region, such as 'us-west-2'"],
    ['with a Region that is a token', () => make({ props: app => ({ replicaRegion: new Stack(app, 'X').region }) }), 'replicaRegion is not known at synthesis'],
  ])('%s', (_name, act, message) => {
    expect(act).toThrow(message);
  });
});
