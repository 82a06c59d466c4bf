import { Aws } from './aws';
import { CliError, EXIT } from './cli-error';
import { FoundDeployment, chooseDeployment, describedStacks, isConstructPath } from './find-deployment';
import { DeployedStack, Deployment, SilentStack } from '../operations/deployment';
import { errorName } from '../runtime/error-name';

/** Which deployment is meant. */
export interface Where {
  readonly region?: string;
  /** Name of one of its stacks, or path of the construct. */
  readonly stack?: string;
}

/** A deployment, and where it was found. */
export interface Session extends Omit<FoundDeployment, 'stackNames'> {
  readonly aws: Aws;
  readonly account: string;
  /** The Region in which the stacks were looked for. */
  readonly region: string;
  /** Its stacks that answered. */
  readonly stacks: readonly DeployedStack[];
  /** Name of the error with which the other Region answered; absent where it said what stacks it has. */
  readonly whySilent?: string;
}

/**
 * Finds the deployment in one Region, and asks the other one's stack for what only that one knows. The other Region may be dark.
 * @throws CliError where none, or more than one, is found
 */
export async function findSession(aws: Aws, where: Where): Promise<Session> {
  const region = where.region ?? await aws.configuredRegion();
  if (region === undefined) {
    throw new CliError(EXIT.USAGE, 'no-region', 'no Region: give --region, or set AWS_REGION, to that of the source pool or of its copy');
  }
  const account = await aws.account(region);
  const stackName = where.stack === undefined || isConstructPath(where.stack) ? undefined : where.stack;
  const described = describedStacks(region, await aws.stacks(region, stackName));
  const found = chooseDeployment(described, { region, stack: where.stack });
  const { primaryRegion, replicaRegion, ledgerTableName } = found.deployment;
  const other = region === primaryRegion ? replicaRegion : primaryRegion;
  const { stacks, whySilent } = await stacksElsewhere(aws, other);
  // A stack may have several.
  const isMeant = ({ deployment }: DeployedStack) => deployment.ledgerTableName === ledgerTableName;
  const [here, same] = [described.filter(isMeant), stacks.filter(isMeant)];
  const deployment: Deployment = Object.assign({}, ...same.map(stack => stack.deployment), found.deployment);
  return { aws, account, region, deployment, stacks: [...here, ...same], whySilent };
}

/** What is not known without them is said by the command that needs it; dark, denied and throttled each want something else done. */
async function stacksElsewhere(aws: Aws, region: string): Promise<{ readonly stacks: readonly DeployedStack[]; readonly whySilent?: string }> {
  try {
    return { stacks: describedStacks(region, await aws.stacks(region)) };
  } catch (error) {
    return { stacks: [], whySilent: whyNot(error) };
  }
}

/** Regions whose stack did not answer: what only that one says, such as its pool and its queues, is not known. */
export function silentRegions({ deployment: { primaryRegion, replicaRegion }, stacks }: Pick<Session, 'deployment' | 'stacks'>): string[] {
  return [primaryRegion, replicaRegion].filter(region => !stacks.some(stack => stack.region === region));
}

/** The same, with a sentence that says why. */
export function silentStacks(session: Pick<Session, 'deployment' | 'stacks' | 'whySilent'>): SilentStack[] {
  const { whySilent } = session;
  return silentRegions(session).map(region => ({
    region,
    sentence: `${region} ${whySilent === undefined ? 'has no stack of this deployment' : `did not answer (${whySilent})`}`,
  }));
}

/** Why a call did not answer, without what its message may quote. */
export function whyNot(error: unknown): string {
  return error instanceof CliError ? error.code : errorName(error);
}
