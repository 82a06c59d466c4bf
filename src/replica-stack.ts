import { DefaultStackSynthesizer, IStackSynthesizer, Stack, Stage, Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct } from 'constructs';
import { describe, topLevelStackOf, uniqueName } from './cdk/names';

export interface ReplicaStackProps {
  readonly replicaRegion: string;
  readonly replicaStack?: Stack;
  readonly replicaStackName?: string;
}

/** The stack that holds everything in the replica Region: the caller's own, or one made under `scope`. */
export function replicaStackOf(scope: Construct, props: ReplicaStackProps): Stack {
  const primary = topLevelStackOf(scope);
  const path = scope.node.path;
  for (const [what, value] of [['Region', primary.region], ['account', primary.account]] as const) {
    if (Token.isUnresolved(value)) {
      throw new Error(`${path}: the ${what} of stack ${primary.node.path} is not known at synthesis, but two Regions need concrete names: set env: `
        + "{ account: '...', region: '...' } on that stack");
    }
  }
  if (Token.isUnresolved(props.replicaRegion) || !/^[a-z]{2,4}(-[a-z]+)+-\d+$/.test(props.replicaRegion)) {
    throw new Error(`${path}: replicaRegion is ${describe(props.replicaRegion)}; give the name of a Region, such as 'us-west-2'`);
  }
  if (props.replicaRegion === primary.region) {
    throw new Error(`${path}: replicaRegion is ${props.replicaRegion}, the Region of stack ${primary.node.path} itself: name another Region, a `
      + 'copy in the same one is lost with it');
  }
  const [here, there] = [primary.region, props.replicaRegion].map(region => RegionInfo.get(region).partition);
  if (here && there && here !== there) {
    throw new Error(`${path}: ${primary.region} is in partition ${here} and replicaRegion ${props.replicaRegion} in ${there}; a global table stays `
      + `inside one partition: choose a replicaRegion in ${here}`);
  }
  return props.replicaStack ? ownStack(primary, path, props, props.replicaStack) : newStack(scope, primary, props);
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
  if (stack.account !== primary.account) {
    throw new Error(`${path}: replicaStack ${stack.node.path} is in account ${describe(stack.account)}, the source pool in ${primary.account}: set `
      + `env.account of that stack to ${primary.account}`);
  }
  return stack;
}

function newStack(scope: Construct, primary: Stack, props: ReplicaStackProps): Stack {
  return new Stack(scope, 'Replica', {
    env: { account: primary.account, region: props.replicaRegion },
    stackName: props.replicaStackName ?? uniqueName(scope, 'replica', 128),
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
