import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { EventLog } from './event-log';
import { Deployed, Names } from './names';
import { People } from './people';
import { TriggerLog } from './trigger-log';

/** The clients of one Region. Credentials, profile and endpoint are those that any SDK finds. */
export class Region {
  public readonly cloudFormation: CloudFormationClient;
  public readonly cloudWatch: CloudWatchClient;
  public readonly cognito: CognitoIdentityProviderClient;
  public readonly dynamodb: DynamoDBClient;
  public readonly lambda: LambdaClient;
  public readonly logs: CloudWatchLogsClient;
  public readonly s3: S3Client;
  public readonly serviceQuotas: ServiceQuotasClient;
  public readonly sqs: SQSClient;
  public readonly stepFunctions: SFNClient;

  constructor(public readonly name: string) {
    const region = { region: name };
    this.cloudFormation = new CloudFormationClient(region);
    this.cloudWatch = new CloudWatchClient(region);
    this.cognito = new CognitoIdentityProviderClient(region);
    this.dynamodb = new DynamoDBClient(region);
    this.lambda = new LambdaClient(region);
    this.logs = new CloudWatchLogsClient(region);
    this.s3 = new S3Client(region);
    this.serviceQuotas = new ServiceQuotasClient(region);
    this.sqs = new SQSClient({ ...region, useQueueUrlAsEndpoint: false });
    this.stepFunctions = new SFNClient(region);
  }

  public close(): void {
    const { cloudFormation, cloudWatch, cognito, dynamodb, lambda, logs, s3, serviceQuotas, sqs, stepFunctions } = this;
    for (const client of [cloudFormation, cloudWatch, cognito, dynamodb, lambda, logs, s3, serviceQuotas, sqs, stepFunctions]) client.destroy();
  }
}

/** How long to wait for what comes late, in milliseconds. */
export interface Patience {
  /** For CloudTrail's event of a call. */
  readonly event: number;
  /** After this long without any event at all there is no trail. */
  readonly firstEvent: number;
  readonly trigger: number;
  readonly listing: number;
  readonly ledger: number;
  /** For the schedule to start the first sweep. */
  readonly schedule: number;
  readonly execution: number;
  readonly userImport: number;
  /** For a stack to be deleted. */
  readonly stack: number;
  /** Between two looks at a stack that is being deleted. */
  readonly stackPoll: number;
  /** For what was deleted to be listed no more. */
  readonly left: number;
  /** Between two looks for what is left, each of which lists everything in both Regions. */
  readonly leftPoll: number;
  /** Between any other two looks. */
  readonly poll: number;
}

const MINUTE = 60_000;
export const PATIENCE: Patience = {
  event: 15 * MINUTE,
  firstEvent: 6 * MINUTE,
  trigger: MINUTE,
  listing: MINUTE,
  ledger: 10 * MINUTE,
  schedule: 5 * MINUTE,
  execution: 20 * MINUTE,
  userImport: 15 * MINUTE,
  stack: 40 * MINUTE,
  stackPoll: 5_000,
  left: 2 * MINUTE,
  leftPoll: 10_000,
  poll: 1_000,
};

/** What checks may use. */
export interface Port {
  readonly names: Names;
  readonly deployed: Deployed;
  readonly source: Region;
  readonly replica: Region;
  readonly people: People;
  readonly events: EventLog;
  readonly triggers: TriggerLog;
  readonly patience: Patience;
  /** The user asked to stop. */
  readonly signal: AbortSignal;
}

/** Looks until there is something to see or the time is over; then undefined. */
export async function until<T>(
  port: Pick<Port, 'patience' | 'signal'>, milliseconds: number, look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const seen = await look();
    if (seen !== undefined || Date.now() >= end) return seen;
    await sleep(Math.min(port.patience.poll, Math.max(1, end - Date.now())), undefined, { signal: port.signal });
  }
}

/** The work of several checks, done once, by whichever comes first. */
export function once<T>(work: (port: Port) => Promise<T>): (port: Port) => Promise<T> {
  const done = new WeakMap<Port, Promise<T>>();
  return port => {
    const known = done.get(port) ?? work(port);
    done.set(port, known);
    return known;
  };
}
