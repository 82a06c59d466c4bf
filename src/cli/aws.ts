import { CloudFormationClient, paginateDescribeStacks, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, MetricAlarm, StateValue, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import {
  CognitoIdentityProviderClient, DescribeUserPoolClientCommand, DescribeUserPoolCommand, GetProvisionedLimitCommand, ListUserPoolReplicasCommand,
  paginateListUserPoolClients,
} from '@aws-sdk/client-cognito-identity-provider';
import { DescribeContinuousBackupsCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { GetAccountCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, StopExecutionCommand, paginateListExecutions } from '@aws-sdk/client-sfn';
import { GetSMSSandboxAccountStatusCommand, GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ExaminedAlarm, ExaminedClient, ExaminedPool, ExaminedTable } from './commands/doctor';
import { Execution } from './commands/executions';
import { Queues } from './commands/redrive';
import { AlarmState } from './commands/status';
import { StackOutputs } from './find-deployment';
import { QuotaCategory } from '../cognito/quotas';
import { RunningExecution } from '../operations/deployment';
import { LimitedClient, limitedTo } from '../runtime/call-limits';
import { EpochMilliseconds } from '../runtime/flavor';

/** A Region that is dark must not keep the command waiting: somebody reads the status in an outage. */
const SETTINGS = limitedTo({ attempts: 2, connection: 3_000, answer: 10_000 });

/** As often as throttling wants. */
const PATIENT: LimitedClient = { ...SETTINGS, maxAttempts: 10 };

/** DescribeAlarms takes so many names at once. */
const NAMES_AT_ONCE = 100;

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

  /** ARN of whoever calls. */
  public async caller(region: string): Promise<string> {
    const { Arn } = await this.client(STSClient, region).send(new GetCallerIdentityCommand());
    return Arn!;
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
    const found = await this.describedAlarms(region, await this.alarmNames(region, stackName, logicalIdPrefix), 'ALARM');
    return found.map(({ AlarmName, AlarmDescription = '', StateTransitionedTimestamp, StateUpdatedTimestamp }) => ({
      region,
      name: AlarmName!,
      description: AlarmDescription,
      since: (StateTransitionedTimestamp ?? StateUpdatedTimestamp ?? new Date()).getTime(),
    }));
  }

  /** Where every alarm of a stack goes; those that somebody deleted are still the stack's. */
  public async alarmActions(region: string, stackName: string, logicalIdPrefix: string): Promise<ExaminedAlarm[]> {
    const names = await this.alarmNames(region, stackName, logicalIdPrefix);
    const found = new Map((await this.describedAlarms(region, names)).map(alarm => [alarm.AlarmName, alarm]));
    return names.map(name => {
      const { AlarmActions: actions = [], ActionsEnabled: isEnabled = true } = found.get(name) ?? {};
      return { name, region, actions, isEnabled, isThere: found.has(name) };
    });
  }

  private async alarmNames(region: string, stackName: string, logicalIdPrefix: string): Promise<string[]> {
    return this.resources(region, stackName, 'AWS::CloudWatch::Alarm', logicalIdPrefix);
  }

  private async describedAlarms(region: string, names: readonly string[], state?: StateValue): Promise<MetricAlarm[]> {
    const found: MetricAlarm[] = [];
    for (let i = 0; i < names.length; i += NAMES_AT_ONCE) {
      const asked = { AlarmNames: names.slice(i, i + NAMES_AT_ONCE), StateValue: state };
      for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client: this.client(CloudWatchClient, region) }, asked)) {
        found.push(...MetricAlarms);
      }
    }
    return found;
  }

  /** Physical ids of this library's resources of one type in a stack. */
  public async resources(region: string, stackName: string, type: string, logicalIdPrefix: string): Promise<string[]> {
    const names: string[] = [];
    const client = this.client(CloudFormationClient, region);
    const isOurs = (of: string | undefined, id = '') => of === type && id.startsWith(logicalIdPrefix);
    for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: stackName })) {
      names.push(...StackResourceSummaries.filter(({ ResourceType, LogicalResourceId }) => isOurs(ResourceType, LogicalResourceId))
        .flatMap(({ PhysicalResourceId }) => PhysicalResourceId ?? []));
    }
    return names;
  }

  public async protection(region: string, TableName: string): Promise<Pick<ExaminedTable, 'hasPointInTimeRecovery' | 'isProtected'>> {
    const client = this.client(DynamoDBClient, region);
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    const { ContinuousBackupsDescription: backups } = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
    return {
      isProtected: Table?.DeletionProtectionEnabled ?? false,
      hasPointInTimeRecovery: backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED',
    };
  }

  public async subscriptions(TopicArn: string): Promise<number> {
    const { Attributes = {} } = await this.client(SNSClient, TopicArn.split(':')[3]).send(new GetTopicAttributesCommand({ TopicArn }));
    return Number(Attributes.SubscriptionsConfirmed ?? 0);
  }

  public async describedPool(region: string, UserPoolId: string): Promise<ExaminedPool> {
    const { UserPool } = await this.cognito(region).send(new DescribeUserPoolCommand({ UserPoolId }));
    return UserPool! as ExaminedPool;
  }

  public async describedClients(region: string, UserPoolId: string): Promise<ExaminedClient[]> {
    const client = this.cognito(region);
    const found: ExaminedClient[] = [];
    for await (const { UserPoolClients = [] } of paginateListUserPoolClients({ client }, { UserPoolId })) {
      for (const { ClientId } of UserPoolClients) {
        const { UserPoolClient } = await client.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }));
        found.push(UserPoolClient!);
      }
    }
    return found;
  }

  /** Requests per second of a category that Cognito enforces now. */
  public async provisionedLimit(region: string, category: QuotaCategory): Promise<number> {
    const LimitDefinition = { LimitClass: 'API_CATEGORY', Attributes: { Category: category } } as const;
    const { Limit } = await this.cognito(region).send(new GetProvisionedLimitCommand({ LimitDefinition }));
    return Limit!.ProvisionedLimitValue!;
  }

  /** Regions to which Cognito itself replicates a pool. */
  public async poolReplicas(region: string, UserPoolId: string): Promise<string[]> {
    const { UserPoolReplicas = [] } = await this.cognito(region).send(new ListUserPoolReplicasCommand({ UserPoolId }));
    return UserPoolReplicas.flatMap(({ RegionName }) => RegionName ?? []).filter(name => name !== region);
  }

  public async letters(region: string, QueueUrl: string): ReturnType<Queues['letters']> {
    const client = this.queues(region);
    const AttributeNames = ['QueueArn', 'ApproximateNumberOfMessages', 'RedrivePolicy'] as const;
    const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }));
    const { QueueArn: queueArn = '', ApproximateNumberOfMessages: messages = 0, RedrivePolicy: policy } = Attributes;
    const { deadLetterTargetArn } = JSON.parse(policy ?? '{}') as { readonly deadLetterTargetArn?: string };
    return { queueArn, messages: Number(messages), ...deadLetterTargetArn === undefined ? {} : { deadLetterArn: deadLetterTargetArn } };
  }

  /** Back to the queues that they came from, as fast as SQS likes. */
  public async redrive(SourceArn: string): Promise<void> {
    await this.client(SQSClient, SourceArn.split(':')[3]).send(new StartMessageMoveTaskCommand({ SourceArn }));
  }

  public async isMailSandbox(region: string): Promise<boolean> {
    const { ProductionAccessEnabled } = await this.client(SESv2Client, region).send(new GetAccountCommand());
    return !ProductionAccessEnabled;
  }

  public async isSmsSandbox(region: string): Promise<boolean> {
    const { IsInSandbox } = await this.client(SNSClient, region).send(new GetSMSSandboxAccountStatusCommand());
    return IsInSandbox ?? false;
  }

  public async running(machine: RunningExecution['machine'], stateMachineArn: string): Promise<RunningExecution[]> {
    const found: RunningExecution[] = [];
    const pages = paginateListExecutions({ client: this.machines(stateMachineArn) }, { stateMachineArn, statusFilter: 'RUNNING' });
    for await (const { executions = [] } of pages) {
      found.push(...executions.map(({ executionArn, startDate }) => ({ machine, executionArn: executionArn!, startedAt: startDate!.getTime() })));
    }
    return found;
  }

  /** Executions that began since a moment, whether they run or have ended; the newest first. */
  public async * executionsSince(
    machine: RunningExecution['machine'], stateMachineArn: string, since: EpochMilliseconds,
  ): AsyncGenerator<RunningExecution & { readonly status: string; readonly endedAt?: EpochMilliseconds }> {
    for await (const { executions = [] } of paginateListExecutions({ client: this.machines(stateMachineArn) }, { stateMachineArn })) {
      for (const { executionArn, startDate, stopDate, status } of executions) {
        if (startDate!.getTime() < since) return;
        yield { machine, executionArn: executionArn!, startedAt: startDate!.getTime(), endedAt: stopDate?.getTime(), status: status! };
      }
    }
  }

  public async start(stateMachineArn: string, input: object, name: string): Promise<string> {
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

  public objects(region: string): S3Client {
    return this.client(S3Client, region);
  }

  public queues(region: string): SQSClient {
    return this.client(SQSClient, region);
  }

  /** Listings may be throttled, as sweeps list too. */
  public cognito(region: string): CognitoIdentityProviderClient {
    return this.client(CognitoIdentityProviderClient, region, PATIENT);
  }

  /** Step Functions in the Region of a machine or an execution. */
  private machines(arn: string): SFNClient {
    return this.client(SFNClient, arn.split(':')[3]);
  }

  private client<T>(of: new (settings: { region: string } & LimitedClient) => T, region: string, settings = SETTINGS): T {
    const key = `${of.name} ${region}`;
    const known = this.clients.get(key) as T | undefined;
    if (known) return known;
    const made = new of({ region, ...settings });
    this.clients.set(key, made);
    return made;
  }
}
