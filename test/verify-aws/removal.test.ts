import {
  CloudFormationClient, DeleteStackCommand, DescribeStacksCommand, GetTemplateCommand, ListStackResourcesCommand,
  StackStatus as StackStatusName,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DeleteLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CognitoIdentityProviderClient, ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { Names } from './names';
import { Region } from './port';
import { Removal } from './removal';

const names = new Names('01234567');
const cloudFormation = mockClient(CloudFormationClient);
const logs = mockClient(CloudWatchLogsClient);
const cognito = mockClient(CognitoIdentityProviderClient);
const dynamodb = mockClient(DynamoDBClient);
const lambda = mockClient(LambdaClient);
const stepFunctions = mockClient(SFNClient);
const sqs = mockClient(SQSClient);

const gone = Object.assign(new Error('Stack with id x does not exist'), { name: 'ValidationError' });
const stack = (StackName: string, StackStatus: StackStatusName) => ({ Stacks: [{ StackName, StackId: `arn:${StackName}`, StackStatus, CreationTime: new Date(0) }] });
const removal = (patience = { deletion: 0, poll: 1 }) => new Removal({
  names,
  source: new Region('us-east-1'),
  replica: new Region('us-west-2'),
  poolIds: ['us-east-1_A'],
  patience,
});

beforeEach(() => {
  for (const client of [cloudFormation, logs, cognito, dynamodb, lambda, stepFunctions, sqs]) client.reset();
  cloudFormation.on(DescribeStacksCommand).rejects(gone).on(GetTemplateCommand).resolves({ TemplateBody: '{"Resources":{}}' })
    .on(ListStackResourcesCommand).resolves({}).on(DeleteStackCommand).resolves({});
  logs.on(DescribeLogGroupsCommand).resolves({});
  cognito.on(ListUserPoolsCommand).resolves({});
  dynamodb.on(ListTablesCommand).resolves({});
  lambda.on(ListFunctionsCommand).resolves({});
  stepFunctions.on(ListStateMachinesCommand).resolves({ stateMachines: [] });
  sqs.on(ListQueuesCommand).resolves({});
});

test('what others have is not touched', async () => {
  cognito.on(ListUserPoolsCommand).resolves({ UserPools: [{ Id: 'us-east-1_B', Name: 'customers' }] });
  logs.on(DescribeLogGroupsCommand).resolves({ logGroups: [{ logGroupName: '/aws/lambda/customers' }] });
  expect(await removal().remove()).toEqual([]);
  expect(cloudFormation.commandCalls(DeleteStackCommand)).toHaveLength(0);
  expect(logs.commandCalls(DeleteLogGroupCommand)).toHaveLength(0);
});

test('a stack that cannot be deleted is tried twice, and said; the other one is deleted all the same', async () => {
  cloudFormation.on(DescribeStacksCommand, { StackName: names.primaryStack }).resolves(stack(names.primaryStack, 'DELETE_FAILED'));
  cloudFormation.on(DescribeStacksCommand, { StackName: names.replicaStack })
    .resolvesOnce(stack(names.replicaStack, 'CREATE_COMPLETE')).resolvesOnce(stack(names.replicaStack, 'CREATE_COMPLETE')).rejects(gone);
  const left = await removal().remove();
  expect(cloudFormation.commandCalls(DeleteStackCommand).map(({ args: [{ input }] }) => input.StackName)).toEqual([
    `arn:${names.primaryStack}`, `arn:${names.primaryStack}`, `arn:${names.replicaStack}`,
  ]);
  expect(left).toContainEqual({
    what: `stack ${names.primaryStack} (DELETE_FAILED) in us-east-1`, command: `aws cloudformation delete-stack --stack-name ${names.primaryStack} --region us-east-1`,
  });
});

test('logs that Cognito made of an import are deleted, by the pool\'s id', async () => {
  logs.on(DescribeLogGroupsCommand, { logGroupNamePattern: 'us-east-1_A' }).resolves({ logGroups: [{ logGroupName: '/aws/cognito/userpools/us-east-1_A/verify' }] });
  await removal().remove();
  expect(logs.commandCalls(DeleteLogGroupCommand)[0].args[0].input).toEqual({ logGroupName: '/aws/cognito/userpools/us-east-1_A/verify' });
});

test('what is still listed for a while is looked for again', async () => {
  sqs.on(ListQueuesCommand).resolvesOnce({ QueueUrls: [`https://sqs.us-east-1.amazonaws.com/1/${names.eventsQueue}`] }).resolves({});
  expect(await removal({ deletion: 10_000, poll: 1 }).remove()).toEqual([]);
});

test('what stays on purpose and cannot be removed is said', async () => {
  cloudFormation.on(DescribeStacksCommand, { StackName: names.primaryStack })
    .resolvesOnce(stack(names.primaryStack, 'CREATE_COMPLETE')).resolvesOnce(stack(names.primaryStack, 'CREATE_COMPLETE')).rejects(gone);
  cloudFormation.on(GetTemplateCommand).resolves({
    TemplateBody: JSON.stringify({ Resources: { A: { Type: 'AWS::IAM::Role', DeletionPolicy: 'Retain' }, B: { Type: 'AWS::IAM::Role' } } }),
  });
  cloudFormation.on(ListStackResourcesCommand).resolves({
    StackResourceSummaries: ['A', 'B'].map(id => ({
      LogicalResourceId: id, PhysicalResourceId: `role-${id}`, ResourceType: 'AWS::IAM::Role', ResourceStatus: 'CREATE_COMPLETE', LastUpdatedTimestamp: new Date(0),
    })),
  });
  expect(await removal().remove()).toEqual([{ what: 'role role-A', command: 'aws iam delete-role --role-name role-A' }]);
});

test('what may not be looked for may be there', async () => {
  lambda.on(ListFunctionsCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
  expect((await removal().remove()).map(({ what }) => what)).toEqual([
    'perhaps a function: looking for it failed with AccessDeniedException in us-east-1',
    'perhaps a function: looking for it failed with AccessDeniedException in us-west-2',
  ]);
});
