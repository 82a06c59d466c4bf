import { EpochMilliseconds } from '../runtime/flavor';

/**
 * What a stack says of its deployment in an output, as JSON: where the command line finds tables and state machines. Either stack says all of it that
 * is known at synthesis, as the Region of the other one may be dark. Fields are only ever added.
 */
export interface Deployment {
  /** Version of this description, and the sign by which it is known. */
  readonly cognitoDrReplica: 1;
  /** Path of the construct in its app. */
  readonly path: string;
  readonly primaryRegion: string;
  readonly replicaRegion: string;
  /** Name of the copy's table, the same in both Regions: it is unique to a deployment. */
  readonly ledgerTableName: string;
  readonly stateTableName: string;
  readonly sweepStateMachineArn: string;
  readonly recoveryStateMachineArn?: string;
  readonly restoreStateMachineArn: string;
  readonly switchStateMachineArn?: string;
  /** Absent without drills, as everything of them. */
  readonly drillStateMachineArn?: string;
  readonly drillTableName?: string;
  readonly scheduledDrill?: ScheduledDrill;
  readonly sweepIntervalSeconds: number;
  /** Requests per second by category that were typed, where AWS raised them: in the source pool's Region, and in the replica Region. */
  readonly sweepQuotas?: Readonly<Record<string, number>>;
  readonly restoreQuotas?: Readonly<Record<string, number>>;
  /** What the switch cannot close of a standby that was accepted as such: slots of triggers, or a flow. Absent where it closes all. */
  readonly unguarded?: readonly string[];
  /** Fingerprint of the definition that the standby was made from, where a file has it. */
  readonly definitionDigest?: string;
  /** Logical ids of what this library made in the stack begin with it: its alarms are told from those of the app by it. */
  readonly logicalIdPrefix: string;
  /** Said by the source pool's stack alone. */
  readonly sourceUserPoolId?: string;
  /** Said by the replica stack alone. */
  readonly standbyUserPoolId?: string;
  readonly evidenceBucketName?: string;
}

/** What the schedule of drills asks of each one: what somebody who starts one by hand asks, too, unless they say otherwise. */
export interface ScheduledDrill {
  readonly moment: 'latest' | 'random';
  readonly windowDays?: number;
  readonly users: number | 'everybody';
  readonly quotaShare: number;
  /** Seconds. */
  readonly targetRto?: number;
  readonly targetRpo?: number;
}

const RECOVERY_SUFFIX = '-recovery';

/** The most characters of the ledger's name: DynamoDB takes 255, and the tables beside it have longer ones. */
export const LEDGER_NAME_LENGTH = 255 - RECOVERY_SUFFIX.length;

/** The table of what the replica Region learns by itself, beside the ledger there. */
export function stateTableNameOf(ledgerTableName: string): string {
  return `${ledgerTableName}-standby`;
}

/** The table of a recovery's plans, beside the ledger in the source pool's Region. */
export function recoveryTableName(ledgerTableName: string): string {
  return `${ledgerTableName}${RECOVERY_SUFFIX}`;
}

/** Key of the output in a template, without what the CDK adds to make it unique. */
export const DEPLOYMENT_OUTPUT = 'Deployment';

/** A stack with a description of a deployment. */
export interface DeployedStack {
  readonly stackName: string;
  readonly region: string;
  readonly deployment: Deployment;
}

/** A stack of a deployment that says nothing: what only that one knows is not known. */
export interface SilentStack {
  readonly region: string;
  /** Such as `us-west-2 did not answer (AccessDenied)`. */
  readonly sentence: string;
}

/** Whether an execution of each machine is under way, and since when. */
export interface RunningExecution {
  readonly machine: 'sweep' | 'restore' | 'recovery' | 'switch' | 'drill';
  readonly executionArn: string;
  readonly startedAt: EpochMilliseconds;
}

/** The state machines that there are, by what they do. */
export function machinesOf(deployment: Deployment): (readonly [machine: RunningExecution['machine'], arn: string])[] {
  const { sweepStateMachineArn, recoveryStateMachineArn, restoreStateMachineArn, switchStateMachineArn, drillStateMachineArn } = deployment;
  const all = [
    ['sweep', sweepStateMachineArn], ['recovery', recoveryStateMachineArn], ['restore', restoreStateMachineArn], ['switch', switchStateMachineArn],
    ['drill', drillStateMachineArn],
  ] as const;
  return all.flatMap(([machine, arn]) => (arn === undefined ? [] : [[machine, arn] as const]));
}

/** The description in an output's value; undefined for any other output. */
export function readDeployment(value: string): Deployment | undefined {
  if (!value.startsWith('{')) return undefined;
  try {
    const read = JSON.parse(value) as Partial<Deployment>;
    return typeof read.cognitoDrReplica === 'number' && typeof read.ledgerTableName === 'string' ? read as Deployment : undefined;
  } catch {
    // Anybody's output may begin with a brace.
    return undefined;
  }
}

/** What both stacks of one deployment say, put together; deployments in the order in which their tables are named. */
export function joinStacks(stacks: readonly DeployedStack[]): { readonly deployment: Deployment; readonly stackNames: readonly string[] }[] {
  const byTable = new Map<string, DeployedStack[]>();
  for (const stack of stacks) byTable.set(stack.deployment.ledgerTableName, [...byTable.get(stack.deployment.ledgerTableName) ?? [], stack]);
  return [...byTable].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, of]) => ({
    deployment: Object.assign({}, ...of.map(({ deployment }) => deployment)) as Deployment,
    stackNames: of.map(({ stackName }) => stackName),
  }));
}
