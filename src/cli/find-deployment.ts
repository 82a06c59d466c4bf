import { CliError, EXIT } from './cli-error';
import { DeployedStack, Deployment, joinStacks, readDeployment } from '../operations/deployment';

/** A stack of CloudFormation, as far as it matters here. */
export interface StackOutputs {
  readonly stackName: string;
  readonly outputs: readonly string[];
}

export interface FoundDeployment {
  readonly deployment: Deployment;
  readonly stackNames: readonly string[];
}

export function describedStacks(region: string, stacks: readonly StackOutputs[]): DeployedStack[] {
  return stacks.flatMap(({ stackName, outputs }) => outputs.flatMap(value => {
    const deployment = readDeployment(value);
    return deployment ? [{ stackName, region, deployment }] : [];
  }));
}

/**
 * The one deployment that is meant.
 * @throws CliError where there is none, or more than one: the sentence names them, and the option that chooses
 */
export function chooseDeployment(stacks: readonly DeployedStack[], where: { readonly region: string; readonly stack?: string }): FoundDeployment {
  const found = joinStacks(stacks);
  if (found.length === 1) return found[0];
  const place = where.stack === undefined ? `no stack in ${where.region}` : `the stack ${where.stack} in ${where.region}`;
  if (found.length === 0) {
    throw new CliError(EXIT.NOT_FOUND, 'no-deployment', where.stack === undefined
      ? `${place} has a CognitoDrReplica: name the Region of the source pool or of its copy with --region, or a stack with --stack`
      : `${place} has no CognitoDrReplica: name another one with --stack, or its Region with --region`);
  }
  const list = found.map(({ deployment: { path, primaryRegion, replicaRegion }, stackNames }) =>
    `  ${stackNames[0]}: ${path}, ${primaryRegion} to ${replicaRegion}`);
  throw new CliError(EXIT.USAGE, 'several-deployments',
    `there are ${found.length} deployments in ${where.region}; name one of their stacks with --stack:\n${list.join('\n')}`);
}
