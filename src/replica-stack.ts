import { Aws, CfnRule, DefaultStackSynthesizer, Fn, IStackSynthesizer, Stack, Stage, Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct } from 'constructs';
import { describe, differ, topLevelStackOf, uniqueName } from './cdk/names';

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
  return new Stack(scope, 'Replica', {
    env: { account: primary.account, region: props.replicaRegion },
    stackName: props.replicaStackName ?? uniqueName(scope, 'replica', 128, region),
    description: `Second Region of ${scope.node.path}: the copy of its Cognito user pool, and the way back`,
    terminationProtection: primary.terminationProtection,
    tags: primary.tags.tagValues(),
    synthesizer: sameBootstrap(primary.synthesizer),
  });
}

/** Where constructs of `scope` go in its replica stack: a stack of the caller's may hold other things, even another CognitoDrReplica's. */
export function replicaScopeOf(scope: Construct, replicaStack: Stack): Construct {
  return replicaStack.node.scope === scope ? replicaStack : new Construct(replicaStack, scope.node.path.replace(/\//g, '-'));
}

/** A stack with a bootstrap qualifier of its own has one in the other Region too: nothing inherits it by itself. */
function sameBootstrap(synthesizer: IStackSynthesizer): IStackSynthesizer | undefined {
  const qualifier = synthesizer.bootstrapQualifier;
  return qualifier && synthesizer instanceof DefaultStackSynthesizer ? new DefaultStackSynthesizer({ qualifier }) : undefined;
}
