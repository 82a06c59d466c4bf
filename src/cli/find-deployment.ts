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

/** Whether `--stack` names a construct, by its path in the app, and not a stack: the name of a stack has no slash, and its ARN begins as any. */
export function isConstructPath(given: string): boolean {
  return given.includes('/') && !given.startsWith('arn:');
}

/**
 * The one deployment that is meant.
 * @throws CliError where there is none, or more than one: the sentence names them, and the option that chooses
 */
export function chooseDeployment(stacks: readonly DeployedStack[], where: { readonly region: string; readonly stack?: string }): FoundDeployment {
  const path = where.stack !== undefined && isConstructPath(where.stack) ? where.stack : undefined;
  const found = joinStacks(path === undefined ? stacks : stacks.filter(({ deployment }) => deployment.path === path));
  if (found.length === 1) return found[0];
  if (path !== undefined && found.length === 0) {
    const paths = [...new Set(stacks.map(({ deployment }) => deployment.path))].sort();
    throw new CliError(EXIT.NOT_FOUND, 'no-deployment', `no CognitoDrReplica in ${where.region} has the path ${path}; ${paths.length === 0
      ? 'name the Region of the source pool or of its copy with --region' : `give another one with --stack: ${paths.join(', ')}`}`);
  }
  const place = where.stack === undefined ? `no stack in ${where.region}` : `the stack ${where.stack} in ${where.region}`;
  if (found.length === 0) {
    throw new CliError(EXIT.NOT_FOUND, 'no-deployment', where.stack === undefined
      ? `${place} has a CognitoDrReplica: name the Region of the source pool or of its copy with --region, or a stack with --stack`
      : `${place} has no CognitoDrReplica: name another one with --stack, or its Region with --region`);
  }
  const list = found.map(({ deployment, stackNames }) =>
    `  ${deployment.path}, in the stack ${stackNames[0]}: ${deployment.primaryRegion} to ${deployment.replicaRegion}`);
  throw new CliError(EXIT.USAGE, 'several-deployments',
    `there are ${found.length} deployments in ${where.region}${where.stack === undefined ? '' : ` that --stack ${where.stack} may mean`}; name one `
      + `with --stack, by its path, or by its stack, where that has one only:\n${list.join('\n')}`);
}
