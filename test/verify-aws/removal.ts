import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudFormationClient, DeleteStackCommand, DescribeStacksCommand, ListStackResourcesCommand, Stack,
} from '@aws-sdk/client-cloudformation';
import { DeleteLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import {
  DeleteBucketCommand, DeleteObjectCommand, HeadBucketCommand, ListObjectVersionsCommand, NoSuchBucket, NotFound, S3Client,
} from '@aws-sdk/client-s3';
import { ListStateMachinesCommand } from '@aws-sdk/client-sfn';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { templateOf } from './deployed-template';
import { Names } from './names';
import { Patience, Region } from './port';

/** Something of the run that is still there, and the command that removes it. */
export interface Left {
  readonly what: string;
  readonly command: string;
}

export interface RemovalProps {
  readonly names: Names;
  readonly source: Region;
  readonly replica: Region;
  /** Those whose logs Cognito made, outside of any stack. */
  readonly poolIds: readonly string[];
  readonly patience: Pick<Patience, 'deletion' | 'poll'>;
}

interface Kept {
  readonly region: Region;
  readonly type: string;
  readonly id: string;
}

/** A stack whose deletion failed is tried once more: what another service still held is mostly free by then. */
const ATTEMPTS = 2;
const MOST_MS = 40 * 60_000;

/** Removes everything that a run made. Nothing stops it on its way: what cannot be removed is answered. */
export class Removal {
  constructor(private readonly props: RemovalProps) {}

  public async remove(): Promise<Left[]> {
    const { names, source, replica } = this.props;
    const stacks = [[source, names.primaryStack], [replica, names.replicaStack]] as const;
    // A stack that is not further than its first change set has no template.
    const kept = (await Promise.all(stacks.map(async ([region, name]) => keptOnPurpose(region, name).catch(() => [])))).flat();
    // In this order: the first refers to what the second made.
    for (const [region, name] of stacks) await this.ignoring(() => this.deleteStack(region, name));
    for (const one of kept) await this.ignoring(() => this.deleteKept(one));
    for (const region of [source, replica]) await this.ignoring(() => this.deleteLogs(region));
    // SQS lists a queue for up to a minute after it was deleted.
    for (const end = Date.now() + this.props.patience.deletion; ; await sleep(this.props.patience.poll)) {
      const left = await this.left(kept);
      if (left.length === 0 || Date.now() >= end) return left;
    }
  }

  /** Whatever carries the run's suffix. */
  public async left(kept: readonly Kept[] = []): Promise<Left[]> {
    const { source, replica } = this.props;
    const found = await Promise.all([source, replica].map(async region => this.leftIn(region)));
    const roles = kept.filter(({ type }) => type === 'AWS::IAM::Role').map(({ id }) => ({ what: `role ${id}`, command: `aws iam delete-role --role-name ${id}` }));
    const buckets = kept.filter(({ type }) => type === 'AWS::S3::Bucket');
    const there = await Promise.all(buckets.map(async ({ id, region }) => (await exists(region.s3, id) ? [
      { what: `bucket ${id}`, command: `aws s3 rb s3://${id} --force --region ${region.name}` },
    ] : [])));
    return [...found.flat(), ...there.flat(), ...roles];
  }

  private async deleteStack(region: Region, name: string): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const stack = await describe(region.cloudFormation, name);
      if (!stack) return;
      await region.cloudFormation.send(new DeleteStackCommand({ StackName: stack.StackId }));
      for (const end = Date.now() + MOST_MS; Date.now() < end; await sleep(this.props.patience.poll)) {
        const now = await describe(region.cloudFormation, name);
        if (!now) return;
        if (now.StackStatus === 'DELETE_FAILED') break;
      }
    }
  }

  private async deleteKept({ region, type, id }: Kept): Promise<void> {
    if (type === 'AWS::S3::Bucket') await deleteBucket(region.s3, id);
    if (type === 'AWS::Logs::LogGroup') await region.logs.send(new DeleteLogGroupCommand({ logGroupName: id }));
  }

  private async deleteLogs(region: Region): Promise<void> {
    for (const logGroupName of await this.logGroups(region)) await region.logs.send(new DeleteLogGroupCommand({ logGroupName }));
  }

  private async logGroups({ logs }: Region): Promise<string[]> {
    const found: string[] = [];
    for (const pattern of [this.props.names.run, ...this.props.poolIds]) {
      let nextToken: string | undefined;
      do {
        const page = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePattern: pattern, nextToken }));
        found.push(...(page.logGroups ?? []).map(({ logGroupName }) => logGroupName!).filter(name => name.includes(pattern)));
        ({ nextToken } = page);
      } while (nextToken);
    }
    return [...new Set(found)];
  }

  private async leftIn(region: Region): Promise<Left[]> {
    const { names: { run, primaryStack, replicaStack } } = this.props;
    const { name: regionName } = region;
    const left: Left[] = [];
    const add = (what: string, command: string) => left.push({ what: `${what} in ${regionName}`, command: `aws ${command} --region ${regionName}` });
    const looks: [string, string, () => Promise<void>][] = [
      ['stack', 'cloudformation list-stacks', async () => {
        for (const stack of [primaryStack, replicaStack]) {
          const there = await describe(region.cloudFormation, stack);
          if (there) add(`stack ${stack} (${there.StackStatus}${there.StackStatusReason ? `: ${there.StackStatusReason}` : ''})`, `cloudformation delete-stack --stack-name ${stack}`);
        }
      }],
      ...listingsOf(region).map(({ kind, listing, names, command }): [string, string, () => Promise<void>] => [kind, listing, async () => {
        for (const [id, name] of await names()) if (name.includes(run)) add(`${kind} ${name}`, `${command} ${id}`);
      }]),
      ['log group', 'logs describe-log-groups', async () => {
        for (const name of await this.logGroups(region)) add(`log group ${name}`, `logs delete-log-group --log-group-name ${name}`);
      }],
    ];
    for (const [kind, listing, look] of looks) {
      // What cannot be looked for may be there.
      await look().catch((error: Error) => add(`perhaps a ${kind}: looking for it failed with ${error.name}`, listing));
    }
    return left;
  }

  private async ignoring(work: () => Promise<void>): Promise<void> {
    // What is still there afterwards is found and said.
    await work().catch(() => undefined);
  }
}

/** The one bucket that a run may make, the trail's: it stays when its stack goes, because CloudFormation cannot delete one that has files. */
async function deleteBucket(s3: S3Client, Bucket: string): Promise<void> {
  // It is versioned; the first page is a new one as long as something is there.
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const found = [...Versions, ...DeleteMarkers];
    if (found.length === 0) break;
    for (const { Key, VersionId } of found) await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  }
  await s3.send(new DeleteBucketCommand({ Bucket }));
}

async function exists(s3: S3Client, Bucket: string): Promise<boolean> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket }));
    return true;
  } catch (error) {
    if (error instanceof NotFound || error instanceof NoSuchBucket) return false;
    throw error;
  }
}

/** What the templates let stay when the stacks go. Asked before: a stack that is gone has no resources. */
async function keptOnPurpose(region: Region, StackName: string): Promise<Kept[]> {
  if (!await describe(region.cloudFormation, StackName)) return [];
  const { Resources } = await templateOf(region, StackName);
  const resources = await all(async token => {
    const page = await region.cloudFormation.send(new ListStackResourcesCommand({ StackName, NextToken: token }));
    return [page.StackResourceSummaries ?? [], page.NextToken];
  });
  return resources.flatMap(({ LogicalResourceId, PhysicalResourceId: id, ResourceType: type }) =>
    (/^Retain/.test(Resources[LogicalResourceId!]?.DeletionPolicy ?? '') && id ? [{ region, type: type!, id }] : []));
}

async function describe(cloudFormation: CloudFormationClient, StackName: string): Promise<Stack | undefined> {
  try {
    const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    return stack?.StackStatus === 'DELETE_COMPLETE' ? undefined : stack;
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return undefined;
    throw error;
  }
}

interface Listing {
  readonly kind: string;
  readonly listing: string;
  /** Pairs of what the command takes and the name. */
  readonly names: () => Promise<[string, string][]>;
  readonly command: string;
}

/** What can be left of a run: all that costs or holds data. */
function listingsOf({ cognito, dynamodb, lambda, stepFunctions, sqs }: Region): Listing[] {
  return [
    {
      kind: 'user pool',
      listing: 'cognito-idp list-user-pools --max-results 60',
      command: 'cognito-idp delete-user-pool --user-pool-id',
      names: async () => all(async token => {
        const { UserPools = [], NextToken } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 60, NextToken: token }));
        return [UserPools.map(({ Id, Name }) => [Id!, Name!]), NextToken];
      }),
    },
    {
      kind: 'table',
      listing: 'dynamodb list-tables',
      command: 'dynamodb delete-table --table-name',
      names: async () => all(async token => {
        const { TableNames = [], LastEvaluatedTableName } = await dynamodb.send(new ListTablesCommand({ ExclusiveStartTableName: token }));
        return [TableNames.map(name => [name, name]), LastEvaluatedTableName];
      }),
    },
    {
      kind: 'function',
      listing: 'lambda list-functions',
      command: 'lambda delete-function --function-name',
      names: async () => all(async token => {
        const { Functions = [], NextMarker } = await lambda.send(new ListFunctionsCommand({ Marker: token }));
        return [Functions.map(({ FunctionName: name }) => [name!, name!]), NextMarker];
      }),
    },
    {
      kind: 'state machine',
      listing: 'stepfunctions list-state-machines',
      command: 'stepfunctions delete-state-machine --state-machine-arn',
      names: async () => all(async token => {
        const { stateMachines = [], nextToken } = await stepFunctions.send(new ListStateMachinesCommand({ nextToken: token }));
        return [stateMachines.map(({ stateMachineArn, name }) => [stateMachineArn!, name!]), nextToken];
      }),
    },
    {
      kind: 'queue',
      listing: 'sqs list-queues',
      command: 'sqs delete-queue --queue-url',
      names: async () => all(async token => {
        const { QueueUrls = [], NextToken } = await sqs.send(new ListQueuesCommand({ MaxResults: 1_000, NextToken: token }));
        return [QueueUrls.map(url => [url, url.split('/').pop()!]), NextToken];
      }),
    },
  ];
}

/** Every page of a listing. */
async function all<E>(page: (token: string | undefined) => Promise<[E[], string | undefined]>): Promise<E[]> {
  const found: E[] = [];
  let token: string | undefined;
  do {
    const [entries, next] = await page(token);
    found.push(...entries);
    token = next;
  } while (token);
  return found;
}
