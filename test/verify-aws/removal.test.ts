import {
  CloudFormationClient, DeleteStackCommand, DescribeStacksCommand, GetTemplateCommand, ListStackResourcesCommand,
  StackStatus as StackStatusName,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DeleteLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CognitoIdentityProviderClient, ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import {
  DeleteBucketCommand, DeleteObjectCommand, ListBucketsCommand, ListObjectVersionsCommand, S3Client,
} from '@aws-sdk/client-s3';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { Names } from './names';
import { Region } from './port';
import { Removal, RemovalPatience } from './removal';

const names = new Names('01234567');
const cloudFormation = mockClient(CloudFormationClient);
const logs = mockClient(CloudWatchLogsClient);
const cognito = mockClient(CognitoIdentityProviderClient);
const dynamodb = mockClient(DynamoDBClient);
const lambda = mockClient(LambdaClient);
const stepFunctions = mockClient(SFNClient);
const sqs = mockClient(SQSClient);
const s3 = mockClient(S3Client);

const gone = Object.assign(new Error('Stack with id x does not exist'), { name: 'ValidationError' });
const stack = (StackName: string, StackStatus: StackStatusName) => ({ Stacks: [{ StackName, StackId: `arn:${StackName}`, StackStatus, CreationTime: new Date(0) }] });
const named = (name: string, more: object = {}) => Object.assign(new Error('no'), { name, ...more });
const POOL = 'us-east-1_AbCdEfGhI';
const BUCKET = 'cognitodrverify-01234567-drtrailbucket1234abcd-1a2b3c4d5e6f';
const PATIENCE: RemovalPatience = { stack: 10_000, stackPoll: 1, left: 0, leftPoll: 1 };
const removal = (patience: Partial<RemovalPatience> = {}, poolIds = [POOL]) => new Removal({
  names,
  source: new Region('us-east-1'),
  replica: new Region('us-west-2'),
  poolIds,
  patience: { ...PATIENCE, ...patience },
});
const kept = (type: string, id: string) => {
  cloudFormation.on(GetTemplateCommand, { StackName: names.primaryStack }).resolves({
    TemplateBody: JSON.stringify({ Resources: { A: { Type: type, DeletionPolicy: 'Retain' }, B: { Type: type } } }),
  });
  cloudFormation.on(ListStackResourcesCommand, { StackName: names.primaryStack }).resolves({
    StackResourceSummaries: [['A', id], ['B', 'other']].map(([LogicalResourceId, PhysicalResourceId]) => ({
      LogicalResourceId, PhysicalResourceId, ResourceType: type, ResourceStatus: 'CREATE_COMPLETE', LastUpdatedTimestamp: new Date(0),
    })),
  });
};
const deleted = () => cloudFormation.commandCalls(DeleteStackCommand).map(({ args: [{ input }] }) => input.StackName);

beforeEach(() => {
  for (const client of [cloudFormation, logs, cognito, dynamodb, lambda, stepFunctions, sqs, s3]) client.reset();
  cloudFormation.on(DescribeStacksCommand).rejects(gone).on(GetTemplateCommand).resolves({ TemplateBody: '{"Resources":{}}' })
    .on(ListStackResourcesCommand).resolves({}).on(DeleteStackCommand).resolves({});
  logs.on(DescribeLogGroupsCommand).resolves({});
  cognito.on(ListUserPoolsCommand).resolves({});
  dynamodb.on(ListTablesCommand).resolves({});
  lambda.on(ListFunctionsCommand).resolves({});
  stepFunctions.on(ListStateMachinesCommand).resolves({ stateMachines: [] });
  sqs.on(ListQueuesCommand).resolves({});
  s3.on(ListBucketsCommand).resolves({});
});

test('what others have is not touched, and not said', async () => {
  cognito.on(ListUserPoolsCommand).resolves({ UserPools: [{ Id: 'us-east-1_B', Name: 'customers' }, { Id: 'us-east-1_C', Name: `customers-${names.run}` }] });
  logs.on(DescribeLogGroupsCommand).resolves({
    logGroups: [
      '/aws/lambda/customers', `/aws/lambda/customers-${names.run}`, `/cognito-dr-verify/${names.run}9/recorder`, `/customers/${POOL}`,
      `/aws/cognito/userpools/${POOL}x/verify`, `/aws/cognito/userpools/x${POOL}/verify`,
    ].map(logGroupName => ({ logGroupName })),
  });
  s3.on(ListBucketsCommand).resolves({ Buckets: [{ Name: 'customers' }, { Name: `cdk-assets-${names.run}` }] });
  expect(await removal().remove()).toEqual([]);
  expect(deleted()).toEqual([]);
  expect(logs.commandCalls(DeleteLogGroupCommand)).toHaveLength(0);
  expect(s3.commandCalls(DeleteBucketCommand)).toHaveLength(0);
});

test.each(['', 'us-east-1', '_', 'us-east-1_', 'customers', 'us-east-1_abc/', `x ${POOL}`])('what is no id of a pool is refused, as it would be part of many names: %p', poolId => {
  expect(() => removal({}, [POOL, poolId])).toThrow(`'${poolId}' is no id of a user pool`);
});

test('log groups of the run are deleted, by its suffix; those that Cognito made of an import, by the pool\'s id', async () => {
  const imported = `/aws/cognito/userpools/${POOL}/verify`;
  const ours = [names.recorderLogs, `/aws/lambda/${names.primaryStack}-Dr1234-Ab`, `/aws/vendedlogs/states/${names.replicaStack}-sweep`];
  logs.on(DescribeLogGroupsCommand, { logGroupNamePattern: names.run }).resolves({ logGroups: ours.map(logGroupName => ({ logGroupName })) })
    .on(DescribeLogGroupsCommand, { logGroupNamePattern: POOL }).resolves({ logGroups: [{ logGroupName: imported }] });
  await removal().remove();
  const names_ = logs.commandCalls(DeleteLogGroupCommand).map(({ args: [{ input }] }) => input.logGroupName);
  expect([...new Set(names_)]).toEqual([...ours, imported]);
});

describe('stacks', () => {
  const primary = (...statuses: (StackStatusName | Error)[]) => {
    const last = statuses.pop()!;
    const behaviour = cloudFormation.on(DescribeStacksCommand, { StackName: names.primaryStack });
    // The first look asks what the stack keeps.
    for (const status of ['CREATE_COMPLETE' as const, ...statuses]) {
      if (status instanceof Error) behaviour.rejectsOnce(status);
      else behaviour.resolvesOnce(stack(names.primaryStack, status));
    }
    if (last instanceof Error) behaviour.rejects(last);
    else behaviour.resolves(stack(names.primaryStack, last));
  };
  const replica = () => cloudFormation.on(DescribeStacksCommand, { StackName: names.replicaStack })
    .resolvesOnce(stack(names.replicaStack, 'CREATE_COMPLETE')).resolvesOnce(stack(names.replicaStack, 'CREATE_COMPLETE')).rejects(gone);
  const both = [`arn:${names.primaryStack}`, `arn:${names.replicaStack}`];

  test('one that cannot be deleted is tried twice, and said; the other one is deleted all the same', async () => {
    primary('DELETE_FAILED');
    replica();
    const left = await removal().remove();
    expect(deleted()).toEqual([both[0], ...both]);
    expect(left).toContainEqual({
      what: `stack ${names.primaryStack} (DELETE_FAILED) in us-east-1`, command: `aws cloudformation delete-stack --stack-name ${names.primaryStack} --region us-east-1`,
    });
  });

  test.each([
    ['throttle', named('Throttling', { $metadata: { httpStatusCode: 400 } })],
    ['broken connection', named('TimeoutError')],
    ['failure of the service', named('InternalFailure', { $metadata: { httpStatusCode: 500 } })],
  ])('the second one waits for the first to be gone, in spite of a %s', async (_, error) => {
    primary('CREATE_COMPLETE', 'DELETE_IN_PROGRESS', error, 'DELETE_IN_PROGRESS', error, gone);
    replica();
    const sent: string[] = [];
    cloudFormation.on(DeleteStackCommand).callsFake(({ StackName }) => {
      sent.push(`${StackName} after ${cloudFormation.commandCalls(DescribeStacksCommand, { StackName: names.primaryStack }).length}`);
      return {};
    });
    expect(await removal().remove()).toEqual([]);
    // Seven looks at the first: all that it is answered with above.
    expect(sent).toEqual([`${both[0]} after 2`, `${both[1]} after 7`]);
  });

  test('a deletion that is throttled is asked for again', async () => {
    primary('CREATE_COMPLETE', 'CREATE_COMPLETE', gone);
    cloudFormation.on(DeleteStackCommand).rejectsOnce(named('Throttling')).resolves({});
    expect(await removal().remove()).toEqual([]);
    expect(deleted()).toEqual([both[0], both[0]]);
  });

  test('it is not waited for longer than the patience is', async () => {
    primary('DELETE_IN_PROGRESS');
    expect((await removal({ stack: 20 }).remove()).map(({ what }) => what)).toContain(`stack ${names.primaryStack} (DELETE_IN_PROGRESS) in us-east-1`);
  });

  test.each(['ExpiredToken', 'AccessDenied', 'CredentialsProviderError'])('nor where nothing can come of it: %s', async name => {
    primary(named(name));
    expect((await removal({ stack: 60_000 }).remove()).map(({ what }) => what)).toContain(`perhaps a stack: looking for it failed with ${name} in us-east-1`);
  });
});

test('what is still listed for a while is looked for again', async () => {
  sqs.on(ListQueuesCommand).resolvesOnce({ QueueUrls: [`https://sqs.us-east-1.amazonaws.com/1/${names.eventsQueue}`] }).resolves({});
  expect(await removal({ left: 10_000 }).remove()).toEqual([]);
});

describe('what stays on purpose', () => {
  beforeEach(() => {
    cloudFormation.on(DescribeStacksCommand, { StackName: names.primaryStack })
      .resolvesOnce(stack(names.primaryStack, 'CREATE_COMPLETE')).resolvesOnce(stack(names.primaryStack, 'CREATE_COMPLETE')).rejects(gone);
  });

  test('a role, which cannot be removed, is said', async () => {
    kept('AWS::IAM::Role', 'role-A');
    expect(await removal().remove()).toEqual([{ what: 'role role-A', command: 'aws iam delete-role --role-name role-A' }]);
  });

  test('a bucket is emptied, of every version, and deleted', async () => {
    kept('AWS::S3::Bucket', BUCKET);
    s3.on(ListObjectVersionsCommand).resolvesOnce({ Versions: [{ Key: 'a', VersionId: '1' }], DeleteMarkers: [{ Key: 'a', VersionId: '2' }] }).resolves({});
    expect(await removal().remove()).toEqual([]);
    expect(s3.commandCalls(DeleteObjectCommand).map(({ args: [{ input }] }) => input.VersionId)).toEqual(['1', '2']);
    expect(s3.commandCalls(DeleteBucketCommand).map(({ args: [{ input }] }) => input)).toEqual([{ Bucket: BUCKET }]);
  });

  test('a bucket that cannot be deleted is said, whatever CloudFormation called it, with a command that empties it', async () => {
    kept('AWS::S3::Bucket', 'short-name');
    s3.on(ListObjectVersionsCommand).rejects(named('SlowDown', { $metadata: { httpStatusCode: 503 } }));
    s3.on(ListBucketsCommand).resolves({ Buckets: [{ Name: 'short-name' }, { Name: 'other' }] });
    const [{ what, command }, ...others] = await removal().remove();
    expect(others).toEqual([]);
    expect(what).toBe('bucket short-name in us-east-1');
    expect(command).toMatch(/^aws s3api list-object-versions --bucket short-name .*aws s3api delete-object .*aws s3api delete-bucket --bucket short-name --region us-east-1$/);
  });

  test('a bucket is found by its name where CloudFormation does not tell what it kept', async () => {
    cloudFormation.on(GetTemplateCommand).rejects(named('Throttling'));
    s3.on(ListBucketsCommand).resolves({ Buckets: [{ Name: BUCKET }] });
    expect((await removal().remove()).map(({ what }) => what)).toEqual([`bucket ${BUCKET} in us-east-1`]);
  });
});

test('before anything is removed, what is there can be listed, the trail\'s bucket too', async () => {
  cloudFormation.on(DescribeStacksCommand, { StackName: names.primaryStack }).resolves(stack(names.primaryStack, 'CREATE_COMPLETE'));
  kept('AWS::S3::Bucket', 'short-name');
  s3.on(ListBucketsCommand).resolves({ Buckets: [{ Name: 'short-name' }] });
  expect((await removal().left()).map(({ what }) => what)).toEqual([`stack ${names.primaryStack} (CREATE_COMPLETE) in us-east-1`, 'bucket short-name in us-east-1']);
});

test('what may not be looked for may be there', async () => {
  lambda.on(ListFunctionsCommand).rejects(named('AccessDeniedException'));
  s3.on(ListBucketsCommand).rejects(named('SlowDown', { $metadata: { httpStatusCode: 503 } }));
  expect((await removal().remove()).map(({ what }) => what)).toEqual([
    'perhaps a function: looking for it failed with AccessDeniedException in us-east-1',
    'perhaps a bucket: looking for it failed with SlowDown in us-east-1',
    'perhaps a function: looking for it failed with AccessDeniedException in us-west-2',
  ]);
});
