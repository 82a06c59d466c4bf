import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';

const STANDBY = 'us-west-2_Target';
const SUB = 'aaaa0000-1';
const event = (triggerSource: string, attributes: object) => ({
  version: '2',
  triggerSource,
  userPoolId: STANDBY,
  userName: 'x',
  request: {
    userAttributes: { sub: 't', email: 'ann@example.com', ...attributes },
  },
  response: {},
});

const dynamodb = mockClient(DynamoDBClient);
const cognito = mockClient(CognitoIdentityProviderClient);
const sqs = mockClient(SQSClient);
let written: string[];

beforeAll(() => {
  // Read when the handlers are loaded.
  Object.assign(process.env, { AWS_REGION: 'us-west-2', LEDGER_TABLE: 'ledger', STANDBY_TABLE: 'ledger-standby', FOLLOW_UP_QUEUE_URL: 'https://sqs.us-west-2.amazonaws.com/1/q', VERIFY_CLIENT_NAME: 'client' });
});

beforeEach(() => {
  written = [];
  jest.spyOn(process.stdout, 'write').mockImplementation(text => {
    written.push(String(text));
    return true;
  });
  for (const client of [dynamodb, cognito, sqs]) client.reset();
});

afterEach(() => jest.restoreAllMocks());

/** Metrics of this library that were counted, by name, under the ledger's. */
const counted = () => written.map(line => JSON.parse(line) as Record<string, any>).flatMap(line => {
  const { Namespace, Dimensions, Metrics } = line._aws?.CloudWatchMetrics[0] ?? { Metrics: [] };
  expect([undefined, 'CognitoDrReplica']).toContain(Namespace);
  if (Namespace) expect([Dimensions, line.Ledger]).toEqual([[['Ledger']], 'ledger']);
  return Metrics.map(({ Name }: { Name: string }) => `${Name}: ${line[Name]}`) as string[];
});

const run = async (handler: string, source: string, attributes: object) => {
  const { handler: trigger } = jest.requireActual<{ handler: (given: unknown) => Promise<unknown> }>(`../../../src/standby/on-demand/${handler}.lambda`);
  return trigger(event(source, attributes)).then(() => 'answered', (error: Error) => error.constructor.name);
};

const fails = () => {
  for (const client of [dynamodb, cognito, sqs]) (client as typeof dynamodb).onAnyCommand().callsFake(() => { throw Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: {} }); });
};

test.each([
  ['user-migration', 'UserMigration_Authentication', 'answered'],
  ['pre-sign-up', 'PreSignUp_SignUp', 'PublicError'],
  ['post-confirmation', 'PostConfirmation_ConfirmForgotPassword', 'answered'],
  ['pre-token-generation', 'TokenGeneration_Authentication', 'PublicError'],
])('what %s could not do is counted, whatever it answers', async (handler, source, answer) => {
  fails();
  expect(await run(handler, source, handler === 'pre-sign-up' ? {} : { 'custom:source_sub': SUB })).toBe(answer);
  expect(counted()).toEqual(['StandbyTriggerFailures: 1']);
});

test('a sign-up that is refused, because it says itself who it is, is counted as that: Lambda counts an error', async () => {
  expect(await run('pre-sign-up', 'PreSignUp_SignUp', { 'custom:source_sub': SUB })).toBe('SignUpRefused');
  expect(counted()).toEqual(['StandbySignUpsRefused: 1']);
});
