import {
  AdminGetUserCommand, AdminListGroupsForUserCommand, CognitoIdentityProviderClient, DescribeUserPoolCommand, ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { ChangeMessageVisibilityBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { EXAMPLE_CALL, cloudTrailEvent } from './fixtures/cloudtrail-events';

const cognito = mockClient(CognitoIdentityProviderClient);
const sqs = mockClient(SQSClient);
const table = mockClient(DynamoDBDocumentClient);

const sentAt = Date.now();
const event = (...receives: number[]) => eventSentAt(sentAt, ...receives);
const eventSentAt = (sent: number, ...receives: number[]) => ({
  Records: receives.map((count, i) => ({
    messageId: `m${i}`,
    receiptHandle: `r${i}`,
    body: JSON.stringify(cloudTrailEvent('AdminUpdateUserAttributes', { eventTime: Date.now() - 2_000, sub: 'aaaaaaaa-1' })),
    attributes: { SentTimestamp: String(sent), ApproximateReceiveCount: String(count) },
  })),
}) as unknown as SQSEvent;

let handler: (given: SQSEvent) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;
let written: string[];

beforeAll(() => {
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    LEDGER_TABLE: 'ledger',
    USER_POOL_ID: EXAMPLE_CALL.userPoolId,
    HINTS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/111122223333/hints',
    QUOTAS: '{}',
    QUOTA_SHARE: '1',
    SLICE_SECONDS: '40',
    HISTORY_DAYS: '35',
    IGNORED_ATTRIBUTES: '[]',
  });
  // It reads its environment when it is loaded.
  ({ handler } = jest.requireActual<{ handler: typeof handler }>('../../../src/capture/hints/apply-hints.lambda'));
});

beforeEach(() => {
  written = [];
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation(text => {
      written.push(String(text));
      return true;
    });
  }
  for (const method of ['log', 'info', 'error'] as const) {
    jest.spyOn(console, method).mockImplementation((...said: unknown[]) => { written.push(said.join()); });
  }
  for (const client of [cognito, sqs, table]) client.reset();
  sqs.on(ChangeMessageVisibilityBatchCommand).resolves({});
});

afterEach(() => jest.restoreAllMocks());

test('where Cognito does not describe the pool, each message comes again in its own time', async () => {
  cognito.on(DescribeUserPoolCommand).rejects(Object.assign(new Error('jane.doe@example.com'), { name: 'ResourceNotFoundException' }));
  expect(await handler(event(1, 3))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }, { itemIdentifier: 'm1' }] });
  expect(sqs.commandCalls(ChangeMessageVisibilityBatchCommand).flatMap(call => call.args[0].input.Entries)).toEqual([
    { Id: '0', ReceiptHandle: 'r0', VisibilityTimeout: 2 }, { Id: '1', ReceiptHandle: 'r1', VisibilityTimeout: 8 },
  ]);
  expect(written.join()).toContain('ResourceNotFoundException');
  expect(written.join()).not.toContain('jane');
});

test('a message that could not be delayed still comes again, and the log says so', async () => {
  cognito.on(DescribeUserPoolCommand).rejects(Object.assign(new Error('jane.doe@example.com'), { name: 'ResourceNotFoundException' }));
  sqs.on(ChangeMessageVisibilityBatchCommand).rejects(Object.assign(new Error('jane.doe@example.com'), { name: 'QueueDoesNotExist' }));
  expect(await handler(event(1))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  expect(written.join()).toContain('QueueDoesNotExist');
  expect(written.join()).not.toContain('jane');
});

test('the time of the newest event is noted often enough for the shortest of sweep intervals, a minute', async () => {
  cognito.on(DescribeUserPoolCommand).resolves({ UserPool: { UsernameAttributes: ['email'] } });
  cognito.on(ListUsersCommand).resolves({ Users: [] });
  table.on(GetCommand).resolves({});
  table.on(QueryCommand).resolves({ Items: [] });
  table.on(UpdateCommand).resolves({});
  for (const later of [1_000, 2_000, 20_000, 36_000]) await handler(eventSentAt(sentAt - 100_000 + later, 4));
  expect(table.commandCalls(UpdateCommand)).toHaveLength(3);
});

test('hints that were applied do not come again because the time of the event could not be noted', async () => {
  cognito.on(DescribeUserPoolCommand).resolves({ UserPool: { UsernameAttributes: ['email'] } });
  cognito.on(AdminGetUserCommand).resolves({
    Username: 'aaaaaaaa-1',
    UserAttributes: [{ Name: 'sub', Value: 'aaaaaaaa-1' }],
    Enabled: true,
    UserStatus: 'CONFIRMED',
    UserCreateDate: new Date(),
    UserLastModifiedDate: new Date(),
  });
  cognito.on(ListUsersCommand).resolves({ Users: [] });
  cognito.on(AdminListGroupsForUserCommand).resolves({ Groups: [] });
  table.on(GetCommand).resolves({});
  table.on(QueryCommand).resolves({ Items: [] });
  table.on(PutCommand).resolves({});
  table.on(UpdateCommand).rejects(Object.assign(new Error('no'), { name: 'InternalServerError' }));
  expect(await handler(event(1))).toEqual({ batchItemFailures: [] });
  expect(table.commandCalls(UpdateCommand)).toHaveLength(1);
  expect(table.commandCalls(PutCommand)).toHaveLength(1);
  expect(written.join()).toContain('InternalServerError');
});
