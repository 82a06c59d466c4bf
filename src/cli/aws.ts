import { CloudFormationClient, paginateDescribeStacks, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, StopExecutionCommand, paginateListExecutions } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { AlarmState } from './commands/status';
import { StackOutputs } from './find-deployment';
import { RunningExecution } from '../operations/deployment';
import { EpochMilliseconds } from '../runtime/flavor';

interface Settings {
  readonly maxAttempts: number;
  readonly requestHandler: { readonly connectionTimeout: number; readonly requestTimeout: number };
}

/** A Region that is dark must not keep the command waiting: somebody reads the status in an outage. */
const SETTINGS: Settings = { maxAttempts: 2, requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000 } };

/** As often as throttling wants. */
const PATIENT: Settings = { ...SETTINGS, maxAttempts: 10 };

/** DescribeAlarms takes so many names at once. */
const NAMES_AT_ONCE = 100;

export interface Execution {
  readonly executionArn: string;
  readonly status: string;
  readonly startedAt: EpochMilliseconds;
  readonly endedAt?: EpochMilliseconds;
  readonly input: unknown;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

/** All of AWS that the command line calls, besides the tables. Credentials and Region come from where the AWS CLI has them. */
export class Aws {
  private readonly clients = new Map<string, unknown>();

  /** The Region of the environment or of the profile; undefined where neither says one. */
  public async configuredRegion(): Promise<string | undefined> {
    try {
      return await new STSClient(SETTINGS).config.region();
    } catch {
      return undefined;
    }
  }

  public async account(region: string): Promise<string> {
    const { Account } = await this.client(STSClient, region).send(new GetCallerIdentityCommand());
    return Account!;
  }

  public async stacks(region: string, stackName?: string): Promise<StackOutputs[]> {
    const found: StackOutputs[] = [];
    const client = this.client(CloudFormationClient, region);
    for await (const { Stacks = [] } of paginateDescribeStacks({ client }, { StackName: stackName })) {
      found.push(...Stacks.map(({ StackName, Outputs = [] }) => ({
        stackName: StackName!,
        outputs: Outputs.map(({ OutputValue = '' }) => OutputValue),
      })));
    }
    return found;
  }

  /** Alarms of a stack that are in the state ALARM. */
  public async alarms(region: string, stackName: string, logicalIdPrefix: string): Promise<AlarmState[]> {
    const names: string[] = [];
    const client = this.client(CloudFormationClient, region);
    const isOurs = (type: string | undefined, id = '') => type === 'AWS::CloudWatch::Alarm' && id.startsWith(logicalIdPrefix);
    for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: stackName })) {
      names.push(...StackResourceSummaries.filter(({ ResourceType, LogicalResourceId }) => isOurs(ResourceType, LogicalResourceId))
        .flatMap(({ PhysicalResourceId }) => PhysicalResourceId ?? []));
    }
    const found: AlarmState[] = [];
    for (let i = 0; i < names.length; i += NAMES_AT_ONCE) {
      const asked = { AlarmNames: names.slice(i, i + NAMES_AT_ONCE), StateValue: 'ALARM' as const };
      for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client: this.client(CloudWatchClient, region) }, asked)) {
        found.push(...MetricAlarms.map(({ AlarmName, AlarmDescription = '', StateTransitionedTimestamp, StateUpdatedTimestamp }) => ({
          region,
          name: AlarmName!,
          description: AlarmDescription,
          since: (StateTransitionedTimestamp ?? StateUpdatedTimestamp ?? new Date()).getTime(),
        })));
      }
    }
    return found;
  }

  public async running(machine: RunningExecution['machine'], stateMachineArn: string): Promise<RunningExecution[]> {
    const found: RunningExecution[] = [];
    const pages = paginateListExecutions({ client: this.machines(stateMachineArn) }, { stateMachineArn, statusFilter: 'RUNNING' });
    for await (const { executions = [] } of pages) {
      found.push(...executions.map(({ executionArn, startDate }) => ({ machine, executionArn: executionArn!, startedAt: startDate!.getTime() })));
    }
    return found;
  }

  public async start(stateMachineArn: string, input: object, name?: string): Promise<string> {
    const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
    const { executionArn } = await this.machines(stateMachineArn).send(command);
    return executionArn!;
  }

  public async stop(executionArn: string, cause: string): Promise<void> {
    await this.machines(executionArn).send(new StopExecutionCommand({ executionArn, cause }));
  }

  public async execution(executionArn: string): Promise<Execution> {
    const found = await this.machines(executionArn).send(new DescribeExecutionCommand({ executionArn }));
    return {
      executionArn,
      status: found.status!,
      startedAt: found.startDate!.getTime(),
      endedAt: found.stopDate?.getTime(),
      input: JSON.parse(found.input ?? '{}'),
      output: found.output === undefined ? undefined : JSON.parse(found.output),
      error: found.error,
      cause: found.cause,
    };
  }

  public table(region: string): DynamoDBDocumentClient {
    return DynamoDBDocumentClient.from(this.client(DynamoDBClient, region), { marshallOptions: { removeUndefinedValues: true } });
  }

  /** Listings may be throttled, as sweeps list too. */
  public cognito(region: string): CognitoIdentityProviderClient {
    return this.client(CognitoIdentityProviderClient, region, PATIENT);
  }

  /** Step Functions in the Region of a machine or an execution. */
  private machines(arn: string): SFNClient {
    return this.client(SFNClient, arn.split(':')[3]);
  }

  private client<T>(of: new (settings: { region: string } & Settings) => T, region: string, settings: Settings = SETTINGS): T {
    const key = `${of.name} ${region}`;
    const known = this.clients.get(key) as T | undefined;
    if (known) return known;
    const made = new of({ region, ...settings });
    this.clients.set(key, made);
    return made;
  }
}
