import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { items, keys, UserRow } from '../../../src/ledger/schema';

const SOURCE = 'us-east-1_Source';
const STANDBY = 'us-west-2_Target';
const row: UserRow = {
  poolId: SOURCE, sub: 'aaaa0000-1', username: 'ann', signInName: 'ann@example.com', lookUp: { name: 'ann@example.com' },
  attributes: { email: 'ann@example.com', email_verified: 'true' }, enabled: true, status: 'CONFIRMED', createdAt: 1, modifiedAt: 2, digest: 'd', observedAt: 3,
};
const event = (triggerSource: string) => ({
  version: '2', triggerSource, userPoolId: STANDBY, userName: 'x',
  request: {
    userAttributes: { sub: 't', email: 'ann@example.com', ...(triggerSource.startsWith('PreSignUp_') ? {} : { 'custom:source_sub': row.sub }) },
  },
  response: {},
});

const dynamodb = mockClient(DynamoDBClient);
const cognito = mockClient(CognitoIdentityProviderClient);
const sqs = mockClient(SQSClient);
let written: string[];

beforeEach(() => {
  Object.assign(process.env, { AWS_REGION: 'us-west-2', LEDGER_TABLE: 'ledger', STANDBY_TABLE: 'ledger-standby', FOLLOW_UP_QUEUE_URL: 'https://sqs.us-west-2.amazonaws.com/1/q' });
  jest.resetModules();
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

const run = async (handler: string, source: string) => {
  const { handler: trigger } = jest.requireActual<{ handler: (given: unknown) => Promise<unknown> }>(`../../../src/standby/on-demand/${handler}.lambda`);
  return trigger(event(source)).then(() => 'answered', (error: Error) => error.constructor.name);
};

const fails = () => {
  for (const client of [dynamodb, cognito, sqs]) (client as typeof dynamodb).onAnyCommand().callsFake(() => { throw Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: {} }); });
};

const ledger = () => {
  const source = items.source({ poolId: SOURCE, sweptAt: 1 });
  const pool = items.poolPart({ poolId: SOURCE, part: 'pool', value: { UsernameAttributes: ['email'] }, digest: 'd', observedAt: 1 });
  dynamodb.onAnyCommand().callsFake((input: Record<string, any>) => {
    const asked = JSON.stringify(input);
    if (asked.includes(`"${keys.sources()}"`)) return { Items: [marshall(source)] };
    if (asked.includes(`${SOURCE}#C`)) return { Item: marshall(pool) };
    if (input.IndexName) return { Items: [marshall({ pk: `${SOURCE}#U#aa`, sk: row.sub })] };
    return { Item: marshall(items.user(row), { removeUndefinedValues: true }) };
  });
};

test.each([
  ['user-migration', 'UserMigration_Authentication', 'answered'],
  ['pre-sign-up', 'PreSignUp_SignUp', 'PublicError'],
  ['post-confirmation', 'PostConfirmation_ConfirmForgotPassword', 'answered'],
  ['pre-token-generation', 'TokenGeneration_Authentication', 'PublicError'],
])('what %s could not do is counted, whatever it answers', async (handler, source, answer) => {
  process.env.VERIFY_CLIENT_NAME = 'client';
  fails();
  expect(await run(handler, source)).toBe(answer);
  delete process.env.VERIFY_CLIENT_NAME;
  expect(counted()).toEqual(['StandbyTriggerFailures: 1']);
});

test('a sign-up that is refused, because somebody of the source pool has the name, is counted as that: Lambda counts an error', async () => {
  ledger();
  expect(await run('pre-sign-up', 'PreSignUp_SignUp')).toBe('SignUpRefused');
  expect(counted()).toEqual(['StandbySignUpsRefused: 1']);
});
