import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { Item, items, keys } from '../../../src/ledger/schema';
import { METRIC_DIMENSION, METRIC_NAMESPACE, STANDBY_METRIC } from '../../../src/runtime/metric-names';
import { handler as confirm } from '../../../src/standby/on-demand/post-confirmation.lambda';
import { handler as signUp } from '../../../src/standby/on-demand/pre-sign-up.lambda';
import { handler as tokens } from '../../../src/standby/on-demand/pre-token-generation.lambda';
import { handler as migrate } from '../../../src/standby/on-demand/user-migration.lambda';
import { linkItems } from '../../../src/state/link';
import { NEVER_TURNED, switchItem } from '../../../src/state/switch';

/** What no log and no answer may say. AWS's messages quote what a call was about. */
const SECRET = 'jane@example.com';
const FAILURES = [
  ['refused', 'AccessDeniedException'],
  ['throttled', 'ProvisionedThroughputExceededException'],
  ['cut off', 'TimeoutError'],
].map(([how, name]) => [how, Object.assign(new Error(`no access to ${SECRET}`), { name })] as const);

const dynamodb = mockClient(DynamoDBDocumentClient);
const sqs = mockClient(SQSClient);
let logged: string[];

beforeEach(() => {
  logged = [];
  for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, 'write').mockImplementation(text => logged.push(String(text)) > 0);
  dynamodb.reset();
  sqs.reset();
  sqs.on(SendMessageCommand).resolves({});
});

afterEach(() => jest.restoreAllMocks());

const userAttributes = { 'sub': 'there-1', 'email': SECRET, 'custom:source_sub': 'here-1', 'cognito:user_status': 'CONFIRMED' };
const pool = { version: '2', userPoolId: 'us-west-2_Standby', userName: SECRET, callerContext: { clientId: 'client' }, response: {} };
const asEvent = <T>(event: object) => event as T;

/** What a handler answers, or the message that it fails with. */
async function outcome(run: () => Promise<object>): Promise<{ readonly answer?: object; readonly message?: string }> {
  return run().then(answer => ({ answer }), (error: Error) => ({ message: error.message }));
}

describe.each(FAILURES)('where the copy cannot be read, %s', (_how, failure) => {
  beforeEach(() => dynamodb.onAnyCommand().rejects(failure));

  afterEach(() => {
    const all = logged.join('');
    expect(all).not.toContain(SECRET);
    expect(all).toContain(failure.name);
  });

  test.each(['TokenGeneration_Authentication', 'TokenGeneration_RefreshTokens'])('no token is issued: %s', async triggerSource => {
    const identities = JSON.stringify([{ userId: SECRET, providerName: 'Corp', providerType: 'SAML', primary: 'true' }]);
    const attributes = { 'sub': 'there-1', 'email': SECRET, 'cognito:user_status': 'EXTERNAL_PROVIDER', identities };
    const event = { ...pool, userName: `Corp_${SECRET}`, triggerSource, request: { userAttributes: attributes, groupConfiguration: {} } };
    const { answer, message } = await outcome(async () => tokens(asEvent(event)));
    expect([answer, event.response]).toEqual([undefined, {}]);
    expect(message).not.toContain(SECRET);
  });

  test.each([
    ['PreSignUp_SignUp', { email: SECRET }],
    ['PreSignUp_SignUp', {}],
    ['PreSignUp_ExternalProvider', { email: SECRET }],
  ])('no sign-up goes on: %s with %o', async (triggerSource, attributes) => {
    const event = { ...pool, userName: triggerSource.endsWith('Provider') ? 'Corp_jane' : SECRET, triggerSource, request: { userAttributes: attributes } };
    const { answer, message } = await outcome(async () => signUp(asEvent(event)));
    expect(answer).toBeUndefined();
    expect(message).not.toContain(SECRET);
  });

  test('nobody is made: the answer is that for an unknown user', async () => {
    const event = { ...pool, triggerSource: 'UserMigration_ForgotPassword', request: {} };
    const { answer, message } = await outcome(async () => migrate(asEvent(event)));
    expect([(answer as typeof pool | undefined)?.response ?? {}, message ?? '']).toEqual([{}, expect.not.stringContaining(SECRET)]);
  });
});

/** Cognito's event has every member, and null. That the event as it came means "nobody" is not documented, as it is of an empty response. */
test.each<[string, () => unknown]>([
  ['where the copy cannot be read', () => dynamodb.onAnyCommand().rejects(FAILURES[0][1])],
  ['where nobody has the name', () => dynamodb.on(GetCommand).resolves({}).on(QueryCommand).resolves({})],
])('UserMigration that makes nobody empties the answer: %s', async (_where, prepare) => {
  prepare();
  // An instance keeps what it read of one pool.
  const userPoolId = 'us-west-2_Nobody';
  const response = {
    userAttributes: null, forceAliasCreation: null, enableSMSMFA: null, finalUserStatus: null, messageAction: null, desiredDeliveryMediums: null,
  };
  const { answer } = await outcome(async () => migrate(asEvent({ ...pool, userPoolId, triggerSource: 'UserMigration_ForgotPassword', request: {}, response })));
  expect(answer).toMatchObject({ userName: SECRET });
  expect((answer as typeof pool).response).toStrictEqual({});
});

test('where the copy cannot be read, somebody who confirmed goes on, and no name is logged', async () => {
  dynamodb.onAnyCommand().rejects(FAILURES[0][1]);
  const event = { ...pool, triggerSource: 'PostConfirmation_ConfirmForgotPassword', request: { userAttributes } };
  expect(await outcome(async () => confirm(asEvent(event)))).toEqual({ answer: event });
  expect(logged.join('')).not.toContain(SECRET);
});

/** As Cognito sends it: it is not documented whether this, given back, is the answer for an unknown user. An empty one is. */
const SENT = Object.fromEntries([
  'userAttributes', 'forceAliasCreation', 'enableSMSMFA', 'finalUserStatus', 'messageAction', 'desiredDeliveryMediums',
].map(name => [name, null]));

test.each<[string, string, () => unknown]>([
  ['whom the copy does not have', 'UserMigration_ForgotPassword', () => dynamodb.on(GetCommand).resolves({}).on(QueryCommand).resolves({})],
  ['whose password cannot be checked', 'UserMigration_Authentication', () => dynamodb.on(GetCommand).resolves({}).on(QueryCommand).resolves({})],
  ['while the copy cannot be read', 'UserMigration_ForgotPassword', () => dynamodb.onAnyCommand().rejects(FAILURES[0][1])],
])('nobody is made %s, and the answer says nothing at all: %s', async (_who, triggerSource, given) => {
  given();
  const event = { ...pool, userPoolId: 'us-west-2_Empty', triggerSource, request: { password: 'x' }, response: { ...SENT } };
  expect((await outcome(async () => migrate(asEvent(event)))).answer).toEqual({ ...event, response: {} });
});

test('somebody who came in an earlier opening is compared by the queue, once, and where it takes no message, at the next token', async () => {
  const [source, standby] = ['us-east-1_Source', 'us-west-2_Opened'];
  const row = {
    poolId: source,
    sub: 'here-1',
    username: 'jane',
    attributes: { email: SECRET },
    enabled: true,
    status: 'CONFIRMED',
    createdAt: 1,
    modifiedAt: 1,
    digest: 'd',
    observedAt: 1,
    signInName: SECRET,
    lookUp: { name: SECRET },
  } as const;
  const image = { attributes: {}, enabled: true, groups: [] };
  const there: Item[] = [
    switchItem(standby, { ...NEVER_TURNED, mode: 'open', at: 9 }),
    items.source({ poolId: source, sweptAt: 1 }),
    items.poolPart({ poolId: source, part: 'pool', value: { UsernameAttributes: ['email'] }, digest: 'd', observedAt: 1 }),
    items.user(row),
    ...linkItems(source, standby, { sourceSub: 'here-1', targetSub: 'there-1', firstSub: 'here-1', image, execution: 'x', restored: true, at: 5 }),
  ];
  dynamodb.on(GetCommand).callsFake(({ Key: { pk, sk } }) => ({ Item: there.find(item => item.pk === pk && item.sk === sk) }));
  dynamodb.on(QueryCommand).callsFake(({ IndexName, ExpressionAttributeValues: { ':key': key } }) => (
    { Items: IndexName === undefined && key === keys.sources() ? [there[1]] : [] }));
  sqs.on(SendMessageCommand).rejectsOnce(FAILURES[1][1]).resolves({});
  for (const messages of [1, 2, 2]) {
    const event = { ...pool, userPoolId: standby, triggerSource: 'TokenGeneration_RefreshTokens', response: {}, request: { userAttributes } };
    expect(JSON.stringify((await outcome(async () => tokens(asEvent(event)))).answer)).toContain('"source_sub":"here-1"');
    expect(sqs.commandCalls(SendMessageCommand)).toHaveLength(messages);
  }
  const [{ MessageBody: body }] = sqs.commandCalls(SendMessageCommand).map(call => call.args[0].input).slice(-1);
  expect(JSON.parse(body!)).toEqual({ sourceSub: 'here-1', username: SECRET, since: 9 });
  // And its switch was read once for all of them.
  expect(dynamodb.commandCalls(GetCommand).filter(call => call.args[0].input.Key!.pk === there[0].pk)).toHaveLength(1);
  expect(logged.join('')).not.toContain(SECRET);
});

/** Metrics of this library that were counted, by name. */
const counted = () => logged.flatMap(text => text.split('\n')).filter(line => line.includes('CloudWatchMetrics')).flatMap(line => {
  const { _aws: { CloudWatchMetrics: [{ Namespace, Dimensions, Metrics }] }, ...values } = JSON.parse(line) as Emitted;
  expect([Namespace, Dimensions]).toEqual([METRIC_NAMESPACE, [[METRIC_DIMENSION]]]);
  return Metrics.map(({ Name }) => `${Name}: ${String(values[Name])}`);
});

interface Emitted {
  readonly _aws: { readonly Timestamp: number; readonly CloudWatchMetrics: readonly MetricDirective[] };
  readonly [metric: string]: unknown;
}

interface MetricDirective {
  readonly Namespace: string;
  readonly Dimensions: unknown;
  readonly Metrics: readonly { readonly Name: string }[];
}

type Handler = (event: never) => Promise<object>;

describe('an alarm sees', () => {
  const sent = { userAttributes: { ...userAttributes, sub: 'there-1' }, groupConfiguration: { groupsToOverride: ['admins'] } };
  const run = async (handler: Handler, triggerSource: string, version = '2') =>
    outcome(async () => handler(asEvent({ ...pool, version, response: {}, triggerSource, request: sent })));

  test.each<[string, Handler, string, boolean]>([
    ['UserMigration', migrate, 'UserMigration_ForgotPassword', true],
    ['PreSignUp', signUp, 'PreSignUp_SignUp', false],
    ['PostConfirmation', confirm, 'PostConfirmation_ConfirmForgotPassword', true],
    ['PreTokenGeneration', tokens, 'TokenGeneration_Authentication', false],
  ])('what %s could not do, whatever it answers', async (_slot, handler, triggerSource, answers) => {
    dynamodb.onAnyCommand().rejects(FAILURES[0][1]);
    sqs.on(SendMessageCommand).rejects(FAILURES[0][1]);
    expect((await run(handler, triggerSource)).answer !== undefined).toBe(answers);
    expect(counted()).toEqual([`${STANDBY_METRIC.TRIGGER_FAILURES}: 1`]);
  });

  // A closed standby asks the state table for its switch, and nobody else anything.
  test.each<[string, Handler, string, string]>([
    ['a sign-up', signUp, 'PreSignUp_SignUp', STANDBY_METRIC.SIGN_UPS_REFUSED],
    ['a sign-up through a provider', signUp, 'PreSignUp_ExternalProvider', STANDBY_METRIC.SIGN_UPS_REFUSED],
    ['a token', tokens, 'TokenGeneration_Authentication', STANDBY_METRIC.TOKENS_REFUSED],
    ['a token of an app client that signs in for itself', tokens, 'TokenGeneration_ClientCredentials', STANDBY_METRIC.TOKENS_REFUSED],
  ])('%s that was refused as what it is, since Lambda counts an error', async (_what, handler, triggerSource, metric) => {
    for (const version of ['1', '2', '3']) {
      // An instance keeps what it read of one pool.
      const userPoolId = `us-west-2_${triggerSource}${version}`;
      dynamodb.on(GetCommand).resolves({}).on(QueryCommand).resolves({});
      const event = { ...pool, userPoolId, version, response: {}, triggerSource, request: sent };
      const { answer, message } = await outcome(async () => handler(asEvent(event)));
      expect([answer, message]).toEqual([undefined, expect.stringContaining('not possible here')]);
    }
    expect(counted()).toEqual([`${metric}: 1`, `${metric}: 1`, `${metric}: 1`]);
    expect(logged.join('')).not.toContain(SECRET);
  });

  test.each<[string, Handler, string]>([
    ['a sign-up', signUp, 'PreSignUp_SignUp'],
    ['a token', tokens, 'TokenGeneration_Authentication'],
  ])('%s that was refused in the minute in which the trigger was called, as Lambda counts its error, however long it took', async (_what, handler, triggerSource) => {
    const calledAt = Date.UTC(2026, 0, 1, 0, 0, 59, 900);
    const clock = jest.spyOn(Date, 'now').mockReturnValue(calledAt);
    dynamodb.on(GetCommand).callsFake(() => {
      clock.mockReturnValue(calledAt + 300);
      return {};
    }).on(QueryCommand).resolves({});
    const event = { ...pool, userPoolId: `us-west-2_Slow${triggerSource}`, response: {}, triggerSource, request: sent };
    expect((await outcome(async () => handler(asEvent(event)))).message).toContain('not possible here');
    expect(Date.now()).toBe(calledAt + 300);
    const emitted = logged.flatMap(text => text.split('\n')).filter(line => line.includes('CloudWatchMetrics')).map(line => JSON.parse(line) as Emitted);
    expect(emitted.map(({ _aws: { Timestamp } }) => Timestamp)).toEqual([calledAt]);
  });
});
