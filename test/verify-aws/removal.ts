import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudFormationClient, DeleteStackCommand, DescribeStacksCommand, ListStackResourcesCommand, Stack,
} from '@aws-sdk/client-cloudformation';
import { DeleteLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import {
  DeleteBucketCommand, DeleteObjectCommand, ListBucketsCommand, ListObjectVersionsCommand, S3Client,
} from '@aws-sdk/client-s3';
import { ListStateMachinesCommand } from '@aws-sdk/client-sfn';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { templateOf } from './deployed-template';
import { Names, poolId } from './names';
import { Patience, Region } from './port';

/** Something of the run that is still there, and the command that removes it. */
export interface Left {
  readonly what: string;
  readonly command: string;
}

export type RemovalPatience = Pick<Patience, 'stack' | 'stackPoll' | 'left' | 'leftPoll'>;

export interface RemovalProps {
  readonly names: Names;
  readonly source: Region;
  readonly replica: Region;
  /** Those whose logs Cognito made, outside of any stack. */
  readonly poolIds: readonly string[];
  readonly patience: RemovalPatience;
}

interface Kept {
  readonly region: Region;
  readonly type: string;
  readonly id: string;
}

/** What is looked for, the command that lists it, and the look. */
type Look = [string, string, () => Promise<void>];

/** A stack whose deletion failed is tried once more: what another service still held is mostly free by then. */
const ATTEMPTS = 2;

/** Removes everything that a run made. Nothing stops it on its way: what cannot be removed is answered. */
export class Removal {
  constructor(private readonly props: RemovalProps) {
    props.poolIds.forEach(poolId);
  }

  public async remove(): Promise<Left[]> {
    const { source, replica, patience } = this.props;
    const kept = await this.kept();
    // In this order: the first refers to what the second made.
    for (const [region, name] of this.stacks()) await this.ignoring(() => this.deleteStack(region, name));
    for (const one of kept) await this.ignoring(() => this.deleteKept(one));
    for (const region of [source, replica]) await this.ignoring(() => this.deleteLogs(region));
    // SQS lists a queue for up to a minute after it was deleted.
    for (const end = Date.now() + patience.left; ; await sleep(patience.leftPoll)) {
      const left = await this.leftOf(kept);
      if (left.length === 0 || Date.now() >= end) return left;
    }
  }

  /** Whatever of the run is there, in the order in which to remove it. */
  public async left(): Promise<Left[]> {
    return this.leftOf(await this.kept());
  }

  private stacks(): [Region, string][] {
    const { names, source, replica } = this.props;
    return [[source, names.primaryStack], [replica, names.replicaStack]];
  }

  private async kept(): Promise<Kept[]> {
    // A stack that is not further than its first change set has no template. A bucket is found by its name too.
    return (await Promise.all(this.stacks().map(async ([region, name]) => keptOnPurpose(region, name).catch(() => [])))).flat();
  }

  private async leftOf(kept: readonly Kept[]): Promise<Left[]> {
    const { source, replica } = this.props;
    const found = await Promise.all([source, replica].map(async region => this.leftIn(region, kept)));
    const roles = kept.filter(({ type }) => type === 'AWS::IAM::Role').map(({ id }) => ({ what: `role ${id}`, command: `aws iam delete-role --role-name ${id}` }));
    return [...found.flat(), ...roles];
  }

  private async deleteStack({ cloudFormation }: Region, name: string): Promise<void> {
    const { stack: patience, stackPoll } = this.props.patience;
    let attempts = 0;
    for (const end = Date.now() + patience; Date.now() < end; await sleep(stackPoll)) {
      try {
        const stack = await describe(cloudFormation, name);
        if (!stack) return;
        if (attempts > 0 && stack.StackStatus !== 'DELETE_FAILED') continue;
        if (attempts === ATTEMPTS) return;
        await cloudFormation.send(new DeleteStackCommand({ StackName: stack.StackId }));
        attempts++;
      } catch (error) {
        // A throttle or a broken connection says nothing about the stack; who may not ask will not be told later either.
        if (/AccessDenied|Credentials|Token/.test((error as Error).name)) throw error;
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

  /** Those of the run, and those that Cognito made of an import into one of its pools. The service's own search also finds names that only contain the text. */
  private async logGroups({ logs }: Region): Promise<string[]> {
    const { names, poolIds } = this.props;
    const isOurs = (name: string) => names.owns(name) || (name.startsWith('/aws/cognito/') && name.split('/').some(part => poolIds.includes(part)));
    const found = await Promise.all([names.run, ...poolIds].map(async logGroupNamePattern => all(async nextToken => {
      const page = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePattern, nextToken }));
      return [(page.logGroups ?? []).map(({ logGroupName }) => logGroupName!), page.nextToken];
    })));
    return [...new Set(found.flat())].filter(isOurs);
  }

  private async leftIn(region: Region, kept: readonly Kept[]): Promise<Left[]> {
    const { names: ours, source } = this.props;
    const { name: regionName } = region;
    const left: Left[] = [];
    const add = (what: string, command: string) => left.push({ what: `${what} in ${regionName}`, command: `aws ${command} --region ${regionName}` });
    const isOurs = (name: string) => ours.owns(name) || kept.some(({ id }) => id === name);
    // Buckets are listed for all Regions at once; the run has one in the first only.
    const listings = [...listingsOf(region), ...region === source ? [bucketsOf(region)] : []];
    const looks: Look[] = [
      ['stack', 'cloudformation list-stacks', async () => {
        for (const [, stack] of this.stacks().filter(([where]) => where === region)) {
          const there = await describe(region.cloudFormation, stack);
          if (there) add(`stack ${stack} (${there.StackStatus}${there.StackStatusReason ? `: ${there.StackStatusReason}` : ''})`, `cloudformation delete-stack --stack-name ${stack}`);
        }
      }],
      ...listings.map(({ kind, listing, names, command }): Look => [kind, listing, async () => {
        for (const [id, name] of await names()) if (isOurs(name)) add(`${kind} ${name}`, command(id));
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
  readonly command: (id: string) => string;
}

/**
 * What holds data or runs, and can be there without its stack: by hand, or where CloudFormation gave it up. All else (the trail, schedules, rules,
 * alarms, roles) is there only as long as its stack, which is looked for.
 */
function listingsOf({ cognito, dynamodb, lambda, stepFunctions, sqs }: Region): Listing[] {
  return [
    {
      kind: 'user pool',
      listing: 'cognito-idp list-user-pools --max-results 60',
      command: id => `cognito-idp delete-user-pool --user-pool-id ${id}`,
      names: async () => all(async token => {
        const { UserPools = [], NextToken } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 60, NextToken: token }));
        return [UserPools.map(({ Id, Name }) => [Id!, Name!]), NextToken];
      }),
    },
    {
      kind: 'table',
      listing: 'dynamodb list-tables',
      command: id => `dynamodb delete-table --table-name ${id}`,
      names: async () => all(async token => {
        const { TableNames = [], LastEvaluatedTableName } = await dynamodb.send(new ListTablesCommand({ ExclusiveStartTableName: token }));
        return [TableNames.map(name => [name, name]), LastEvaluatedTableName];
      }),
    },
    {
      kind: 'function',
      listing: 'lambda list-functions',
      command: id => `lambda delete-function --function-name ${id}`,
      names: async () => all(async token => {
        const { Functions = [], NextMarker } = await lambda.send(new ListFunctionsCommand({ Marker: token }));
        return [Functions.map(({ FunctionName: name }) => [name!, name!]), NextMarker];
      }),
    },
    {
      kind: 'state machine',
      listing: 'stepfunctions list-state-machines',
      command: id => `stepfunctions delete-state-machine --state-machine-arn ${id}`,
      names: async () => all(async token => {
        const { stateMachines = [], nextToken } = await stepFunctions.send(new ListStateMachinesCommand({ nextToken: token }));
        return [stateMachines.map(({ stateMachineArn, name }) => [stateMachineArn!, name!]), nextToken];
      }),
    },
    {
      kind: 'queue',
      listing: 'sqs list-queues',
      command: id => `sqs delete-queue --queue-url ${id}`,
      names: async () => all(async token => {
        const { QueueUrls = [], NextToken } = await sqs.send(new ListQueuesCommand({ MaxResults: 1_000, NextToken: token }));
        return [QueueUrls.map(url => [url, url.split('/').pop()!]), NextToken];
      }),
    },
  ];
}

function bucketsOf({ name: regionName, s3 }: Region): Listing {
  return {
    kind: 'bucket',
    listing: 's3api list-buckets',
    // It is versioned, and has to be empty: `aws s3 rb --force` leaves the versions.
    command: bucket => [
      `s3api list-object-versions --bucket ${bucket} --query '[Versions, DeleteMarkers][].[VersionId, Key]' --output text --region ${regionName}`,
      ` | while read -r version key; do aws s3api delete-object --bucket ${bucket} --key "$key" --version-id "$version" --region ${regionName}; done`,
      `; aws s3api delete-bucket --bucket ${bucket}`,
    ].join(''),
    names: async () => all(async ContinuationToken => {
      const { Buckets = [], ContinuationToken: next } = await s3.send(new ListBucketsCommand({ ContinuationToken }));
      return [Buckets.map(({ Name: name }) => [name!, name!]), next];
    }),
  };
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
