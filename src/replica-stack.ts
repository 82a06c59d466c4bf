import {
  AspectPriority, Aspects, AssetManifestBuilder, Aws, CfnDeletionPolicy, CfnResource, CfnRule, Fn, IAspect, IReusableStackSynthesizer,
  IStackSynthesizer, Stack, Stage, Token, Validations,
} from 'aws-cdk-lib';
import { CfnGlobalTable } from 'aws-cdk-lib/aws-dynamodb';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct, IConstruct } from 'constructs';
import { foreignValues } from './cdk/foreign-values';
import { describe, differ, topLevelStackOf, uniqueName } from './cdk/names';
import { templateSettings, USER_POOL } from './cdk/pool-definition';

/** What this library makes that can be protected from deletion. */
const PROTECTABLE = [USER_POOL, CfnGlobalTable.CFN_RESOURCE_TYPE_NAME];
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d+$/;

/** Where the source pool is: the stack that is deployed by itself, and its Region by name, which the stack may leave open until then. */
export interface Primary {
  readonly stack: Stack;
  readonly region: string;
}

export interface ReplicaStackProps {
  readonly primaryRegion?: string;
  readonly replicaRegion: string;
  readonly replicaStack?: Stack;
  readonly replicaStackName?: string;
}

/**
 * The Region has to be known by name: names, the replica of the table and permissions of the other Region are made of it. The account need not
 * be, CloudFormation fills it in.
 */
export function primaryOf(scope: Construct, { primaryRegion: given }: ReplicaStackProps): Primary {
  const stack = topLevelStackOf(scope);
  const { node: { path } } = scope;
  if (given !== undefined && (Token.isUnresolved(given) || !REGION.test(given))) {
    throw new Error(`${path}: primaryRegion is ${describe(given)}; give the name of a Region, such as 'us-east-1'`);
  }
  if (!Token.isUnresolved(stack.region)) {
    if (given !== undefined && given !== stack.region) {
      throw new Error(`${path}: primaryRegion is ${given}, but stack ${stack.node.path} is in ${stack.region}: leave primaryRegion out, it is for a `
        + 'stack that does not say its Region');
    }
    return { stack, region: stack.region };
  }
  if (given === undefined) {
    throw new Error(`${path}: the Region of stack ${stack.node.path} is not known at synthesis, but two Regions need concrete names: set env: { `
      + "region: '...' } on that stack, or, where it must stay open (AWS Amplify, a stack without env), say where it will be deployed with "
      + "primaryRegion: '...'");
  }
  assertRegion(scope, stack, given);
  return { stack, region: given };
}

/** In the stack that is deployed by itself: AWS does not say that CloudFormation looks at the rules of a nested one. */
function assertRegion(scope: Construct, stack: Stack, region: string): void {
  const place = Stack.of(scope) === stack ? scope : new Construct(stack, scope.node.path.replace(/\//g, '-'));
  new CfnRule(place, 'PrimaryRegion', {
    assertions: [{
      assert: Fn.conditionEquals(Aws.REGION, region),
      assertDescription: `primaryRegion of ${scope.node.path} is ${region}: deploy this stack there, or change primaryRegion`,
    }],
  });
}

/** The stack that holds everything in the replica Region: the caller's own, or one made under `scope`. */
export function replicaStackOf(scope: Construct, primary: Primary, props: ReplicaStackProps): Stack {
  const path = scope.node.path;
  if (Token.isUnresolved(props.replicaRegion) || !REGION.test(props.replicaRegion)) {
    throw new Error(`${path}: replicaRegion is ${describe(props.replicaRegion)}; give the name of a Region, such as 'us-west-2'`);
  }
  if (props.replicaRegion === primary.region) {
    throw new Error(`${path}: replicaRegion is ${props.replicaRegion}, the Region of stack ${primary.stack.node.path} itself: name another Region, a `
      + 'copy in the same one is lost with it');
  }
  const [here, there] = [primary.region, props.replicaRegion].map(region => RegionInfo.get(region).partition);
  if (here && there && here !== there) {
    throw new Error(`${path}: ${primary.region} is in partition ${here} and replicaRegion ${props.replicaRegion} in ${there}; a global table stays `
      + `inside one partition: choose a replicaRegion in ${here}`);
  }
  return props.replicaStack ? ownStack(primary.stack, path, props, props.replicaStack) : newStack(scope, primary, props);
}

function ownStack(primary: Stack, path: string, props: ReplicaStackProps, stack: Stack): Stack {
  if (props.replicaStackName) {
    throw new Error(`${path}: both replicaStack and replicaStackName are given; replicaStackName ('${props.replicaStackName}') names the stack `
      + 'that the construct makes: remove it');
  }
  if (Stage.of(stack) !== Stage.of(primary)) {
    throw new Error(`${path}: replicaStack ${stack.node.path} and stack ${primary.node.path} are in different Stages, and one cannot be deployed `
      + 'after the other: define both in the same Stage');
  }
  if (stack.nestedStackParent) {
    throw new Error(`${path}: replicaStack ${stack.node.path} is a nested stack; give the stack that is deployed by itself`);
  }
  if (stack.region !== props.replicaRegion) {
    throw new Error(`${path}: replicaStack ${stack.node.path} is in ${describe(stack.region)}, but replicaRegion is ${props.replicaRegion}: set `
      + `env.region of that stack to ${props.replicaRegion}`);
  }
  if (differ(stack.account, primary.account)) {
    throw new Error(`${path}: replicaStack ${stack.node.path} is in account ${describe(stack.account)}, the source pool in ${primary.account}: set `
      + `env.account of that stack to ${primary.account}`);
  }
  return stack;
}

function newStack(scope: Construct, { stack: primary, region }: Primary, props: ReplicaStackProps): Stack {
  const synthesizer = unboundSynthesizer(primary.synthesizer);
  const problem = synthesizer && bucketProblem(synthesizer);
  if (problem) {
    throw new Error(`${scope.node.path}: the synthesizer of stack ${primary.node.path} has ${problem}, which is in one Region, and Lambda takes code `
      + `from its own Region only: put \${AWS::Region} into the name and have such a bucket in ${props.replicaRegion}, or give replicaStack, with a `
      + 'synthesizer of its own');
  }
  const stack = new Stack(scope, 'Replica', {
    env: { account: primary.account, region: props.replicaRegion },
    stackName: props.replicaStackName ?? uniqueName(scope, 'replica', 128, region),
    description: `Second Region of ${scope.node.path}: the copy of its Cognito user pool, and the way back`,
    terminationProtection: primary.terminationProtection,
    tags: primary.tags.tagValues(),
    synthesizer,
  });
  const settings = synthesizer ? settingsOf(synthesizer).filter(([, value]) => value.includes(region)).map(([name]) => name) : [];
  const other = !synthesizer && stack.synthesizer.constructor !== primary.synthesizer.constructor;
  if (settings.length > 0 || other) {
    const what = other
      ? `a synthesizer of its own (${primary.synthesizer.constructor.name}) that cannot be used for a second stack: the one in `
        + `${props.replicaRegion} is deployed with the CDK's defaults`
      : `a synthesizer whose ${settings.join(', ')} name${settings.length > 1 ? '' : 's'} ${region}, also for the stack in ${props.replicaRegion}: `
        + 'put ${AWS::Region} in its place';
    Validations.of(scope).addWarning('cognito-dr-replica:synthesizer', `stack ${primary.node.path} has ${what}, give replicaStack with a synthesizer `
      + 'of its own, or acknowledge this');
  }
  return stack;
}

/**
 * Looks at what is in the replica stack after the application's Aspects: values of the other Region that they gave to everything, which CDK would
 * refuse in words that say nothing of this construct, and a removal that protection would refuse.
 */
export function checkAfterAspects(owner: Construct, replica: Construct, replicaStack: Stack): void {
  Aspects.of(replica).add(new ReplicaChecks(owner, replicaStack), { priority: AspectPriority.READONLY });
}

class ReplicaChecks implements IAspect {
  private isSaid = false;
  /** The CDK asks only what is above a construct whether a warning was acknowledged before it was given, and not the construct itself. */
  private readonly warnings: Construct;

  constructor(private readonly owner: Construct, private readonly replicaStack: Stack) {
    this.warnings = new Construct(owner, 'Checks');
  }

  public visit(node: IConstruct): void {
    if (!CfnResource.isCfnResource(node) || topLevelStackOf(node) !== this.replicaStack) return;
    const [foreign] = foreignValues(node);
    if (foreign) {
      const { region } = this.replicaStack;
      throw new Error(`${this.owner.node.path}: ${node.node.path} refers to ${foreign.node.path}, which is in another Region than ${region}. The `
        + `stack in ${region} is deployed first, and while the other Region is dark, so it cannot know it. If an Aspect or a boundary of permissions `
        + `of yours gave it to everything: give ${foreign.node.path} a physical name, if it is of IAM; let the Aspect leave out what is in `
        + `${this.replicaStack.node.path} (Stack.of(node) === dr.replicaStack), or hand out a value of that Region; or give `
        + 'replicaStack, a stack of yours outside of its scope');
    }
    if (!this.isSaid && isRemoved(node) && isProtected(node)) {
      this.isSaid = true;
      Validations.of(this.warnings).addWarning('cognito-dr-replica:deletionProtection', `${node.node.path} is to be deleted with its stack (removal `
        + 'policy DESTROY) and is protected from deletion, so that CloudFormation fails to remove the stack, or what leaves it: give '
        + 'deletionProtection: false in a deployment before, let the Aspect that set the policy leave this construct out, or acknowledge this');
    }
  }
}

function isRemoved({ cfnOptions: { deletionPolicy, updateReplacePolicy } }: CfnResource): boolean {
  return [deletionPolicy, updateReplacePolicy].includes(CfnDeletionPolicy.DELETE);
}

/** Tables and user pools have it under names of their own. Nothing else is rendered to be asked. */
function isProtected(resource: CfnResource): boolean {
  if (!PROTECTABLE.includes(resource.cfnResourceType)) return false;
  const { DeletionProtection, Replicas = [] } = templateSettings(resource).properties as {
    DeletionProtection?: string;
    Replicas?: { DeletionProtectionEnabled?: boolean }[];
  };
  return DeletionProtection === 'ACTIVE' || Replicas.some(replica => replica.DeletionProtectionEnabled === true);
}

/** Where constructs of `scope` go in its replica stack: a stack of the caller's may hold other things, even another CognitoDrReplica's. */
export function replicaScopeOf(scope: Construct, replicaStack: Stack): Construct {
  return replicaStack.node.scope === scope ? replicaStack : new Construct(replicaStack, scope.node.path.replace(/\//g, '-'));
}

/**
 * A synthesizer as it was before a stack was bound to it: binding makes a descendant of it. Undefined for one that does so in another way, or
 * that is for one stack only. The list of files to publish is a new one: sharing it, the stack in the replica Region could not be deployed
 * without the bucket of the other Region.
 */
function unboundSynthesizer(bound: IStackSynthesizer): IReusableStackSynthesizer | undefined {
  const original: object = Object.getPrototypeOf(bound);
  if (!('reusableBind' in original) || Object.hasOwn(original, 'constructor')) return undefined;
  const files = 'assetManifest' in original ? { assetManifest: new AssetManifestBuilder() } : {};
  return Object.assign(Object.create(Object.getPrototypeOf(original)), original, files) as IReusableStackSynthesizer;
}

/** What its owner gave a synthesizer of the CDK, as names with texts. */
function settingsOf(synthesizer: object): [string, string][] {
  const { props = {} } = synthesizer as { props?: object };
  return Object.entries(props).filter((setting): setting is [string, string] => typeof setting[1] === 'string');
}

function bucketProblem(synthesizer: object): string | undefined {
  const [, bucket] = settingsOf(synthesizer).find(([name]) => name === 'fileAssetsBucketName') ?? [];
  return bucket === undefined || bucket.includes('${AWS::Region}') ? undefined : `fileAssetsBucketName '${bucket}'`;
}
