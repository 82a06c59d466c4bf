import { readdirSync, readFileSync } from 'fs';
import * as path from 'path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { RECOVERY_MACHINE } from '../../src/recovery/constants';
import { publicError, PublicError, withPublicErrors } from '../../src/runtime/public-error';
import { wholeDrill } from '../drill/evidence/whole-drill';

const SRC = path.join(__dirname, '../../src');
const HANDLERS = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.lambda.ts')).sort();
/** Its bundle is what every sign-in waits for; it catches everything itself, as the tests below see. */
const UNWRAPPED = ['capture/hints/on-user-event.lambda.ts'];

const SEED = 'jane.doe@example.com';
const POOL = 'us-east-1_AbCdEfGhI';

const ENVIRONMENT = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
  LEDGER_TABLE: 'ledger',
  STANDBY_TABLE: 'ledger-standby',
  USER_POOL_ID: POOL,
  STANDBY_USER_POOL_ID: POOL,
  TARGET_USER_POOL_IDS: JSON.stringify([POOL]),
  HINTS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/111122223333/hints',
  FOLLOW_UP_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/111122223333/follow-up',
  SET_ASIDE_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/111122223333/set-aside',
  QUOTAS: '{}',
  LINK_ATTRIBUTES: '{}',
  STANDBY_ATTRIBUTES: 'null',
  STANDBY_GAPS: '[]',
  QUOTA_SHARE: '1',
  SLICE_SECONDS: '1',
  EVENT_BUS_NAME: 'bus',
  RECOVERY_TABLE: 'ledger-recovery',
  HISTORY_DAYS: '35',
  IGNORED_ATTRIBUTES: '[]',
  GROUP_ROLES: '{}',
  SOURCE_SUB_PROVES: 'true',
  VERIFY_CLIENT_NAME: 'client',
  DELETION_GRACE_SECONDS: '60',
  DRILL_TABLE: 'ledger-drill',
  DRILL_NAME: 'drill',
  DRILL_STACKS: JSON.stringify({ primary: { stack: 'Auth', region: 'us-east-1' }, replica: { stack: 'Replica', region: 'us-west-2' } }),
  DRILL_INTERVAL_DAYS: '30',
  LIBRARY_VERSION: '0.0.0',
  EVIDENCE_BUCKET: 'evidence',
  EVIDENCE_SUBS: 'true',
  STATE_MACHINES: JSON.stringify({ restore: 'arn:aws:states:us-west-2:111122223333:stateMachine:restore' }),
};

const isTrigger = (file: string) => !/follow-up|apply-|put-|sweep|restore|recovery|drill/.test(file);

/** Everything that any handler reads of its event: a handler that is new is given the same. */
const trigger = (file: string, triggerSource: string) => ({
  version: '2',
  triggerSource,
  userPoolId: POOL,
  userName: SEED,
  request: { userAttributes: { 'sub': 'aaaaaaaa-1', 'email': SEED, 'custom:source_sub': 'aaaaaaaa-1' }, password: SEED },
  response: {},
  // State machines.
  execution: 'arn:aws:states:us-east-1:111122223333:execution:machine:run',
  startedAt: '2026-01-01T00:00:00Z',
  machine: RECOVERY_MACHINE,
  input: file.startsWith('recovery/') ? { plan: 'plan-1' } : {},
  checkpoint: null,
  run: file.includes('region-switch') ? 'restore'
    : { execution: 'run', startedAt: 1, sourceUserPoolId: POOL, targetUserPoolId: POOL, dryRun: false, quotaShare: 1, task: { do: 'execute', plan: 'plan-1' } },
  // Drills, and the plans that start one.
  beginning: { order: { seed: 's', moment: 'latest', users: 10, quotaShare: 1 }, facts: wholeDrill() },
  facts: wholeDrill(),
  PlanArn: 'arn:plan',
  ExecutionId: 'execution',
  StepName: 'step',
  // Queues and streams.
  Records: [{
    messageId: 'm',
    receiptHandle: 'r',
    body: JSON.stringify({ version: 1, userPoolId: POOL, sub: 'aaaaaaaa-1', sourceSub: 'aaaaaaaa-1' }),
    attributes: { SentTimestamp: '1', ApproximateReceiveCount: '1' },
    dynamodb: {
      SequenceNumber: '1',
      Keys: { pk: { S: `${POOL}#U#aa` }, sk: { S: 'aaaaaaaa-1' } },
      NewImage: { poolId: { S: POOL }, shard: { S: 's' }, username: { S: SEED } },
    },
  }],
});
const EVENTS = ['UserMigration_Authentication', 'UserMigration_ForgotPassword', 'PreSignUp_SignUp', 'PostConfirmation_ConfirmSignUp',
  'PostConfirmation_ConfirmForgotPassword', 'TokenGeneration_Authentication', 'PostAuthentication_Authentication'];

interface Mock {
  reset(): unknown;
  restore(): unknown;
  onAnyCommand(): { callsFake(fake: () => never): unknown; resolves(answer: object): unknown };
}
const clients: Record<string, Mock> = {
  cognito: mockClient(CognitoIdentityProviderClient) as unknown as Mock,
  dynamodb: mockClient(DynamoDBClient) as unknown as Mock,
  documents: mockClient(DynamoDBDocumentClient) as unknown as Mock,
  sqs: mockClient(SQSClient) as unknown as Mock,
  lambda: mockClient(LambdaClient) as unknown as Mock,
  events: mockClient(EventBridgeClient) as unknown as Mock,
  s3: mockClient(S3Client) as unknown as Mock,
  states: mockClient(SFNClient) as unknown as Mock,
  cloudFormation: mockClient(CloudFormationClient) as unknown as Mock,
};

/** As AWS throws it, as a parser or the SDK's own code does, and with the value where nobody expects it. */
const ERRORS: [string, () => Error][] = [
  ['of AWS', () => Object.assign(new Error(`${SEED} is no value`), { name: 'ValidationException', $metadata: {}, $fault: 'client', Item: SEED })],
  ['of the SDK itself', () => new TypeError(`Unsupported type passed: ${SEED}`)],
  ['with a cause and a name', () => Object.assign(new Error('x', { cause: new Error(SEED) }), { name: SEED, stack: `Error: ${SEED}` })],
];

let written: string[];
/** What a function keeps for a while is too old at its next call. */
let later = 0;

beforeAll(() => { Object.assign(process.env, ENVIRONMENT); });

beforeEach(() => {
  written = [];
  const now = Date.now.bind(Date);
  jest.spyOn(Date, 'now').mockImplementation(() => now() + later);
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation(text => {
      written.push(String(text));
      return true;
    });
  }
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    jest.spyOn(console, method).mockImplementation((...said: unknown[]) => { written.push(said.map(shown).join(' ')); });
  }
});

afterEach(() => jest.restoreAllMocks());

/** Whatever could be shown of a value: by Lambda, which logs all properties of an error, or by anybody who prints it. */
function shown(value: unknown): string {
  if (!(value instanceof Error)) return typeof value === 'string' ? value : JSON.stringify(value) ?? '';
  return [value.name, value.message, value.stack, JSON.stringify({ ...value }), shown(value.cause)].join(' ');
}

test('there are handlers, and each is wrapped', () => {
  expect(HANDLERS.length).toBeGreaterThanOrEqual(12);
  const unwrapped = HANDLERS.filter(file => !/^export const handler = withPublicErrors\(/m.test(readFileSync(path.join(SRC, file), 'utf8')));
  expect(unwrapped).toEqual(UNWRAPPED);
});

describe.each(HANDLERS)('what goes wrong in %s shows no value of a user', file => {
  const failing = [Object.keys(clients), ...Object.keys(clients).map(name => [name])];

  test.each(ERRORS)('errors %s', async (_which, error) => {
    const { handler } = jest.requireActual<{ handler: (event: unknown) => Promise<unknown> }>(path.join(SRC, file));
    let reactions = 0;
    for (const some of failing) {
      for (const [name, client] of Object.entries(clients)) {
        client.reset();
        if (some.includes(name)) client.onAnyCommand().callsFake(() => { throw error(); });
        else client.onAnyCommand().resolves({ UserPool: { UsernameAttributes: ['email'], SchemaAttributes: [] }, Users: [], Items: [], Responses: {} });
      }
      for (const source of isTrigger(file) ? EVENTS : EVENTS.slice(0, 1)) {
        const event = trigger(file, source);
        const before = JSON.stringify(event);
        const said = written.length;
        later += 3_600_000;
        // The answer goes back to Cognito, whose event it is; everything else is for logs and histories.
        const answer = await handler(event).then(given => (given === event ? undefined : given), (thrown: unknown) => thrown);
        if (answer !== undefined || written.length > said || JSON.stringify(event) !== before) reactions += 1;
        expect(shown(answer)).not.toContain(SEED);
      }
    }
    expect(written.filter(line => line.includes(SEED))).toEqual([]);
    // Otherwise nothing was provoked.
    expect(reactions).toBeGreaterThan(0);
  });
});

describe('an error that may be shown', () => {
  test('of this library stays as it is', () => {
    const error = new PublicError('says nothing about users');
    expect(publicError(error)).toBe(error);
  });

  test('of others keeps its name where that is a code, and the operation', async () => {
    const named = Object.assign(new Error(SEED), { name: 'ThrottlingException', operation: 'GetItem' });
    const thrown = await withPublicErrors(async () => { throw named; })(undefined).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ name: 'ThrottlingException', message: 'GetItem failed with ThrottlingException; the message is left out, as it may quote values' });
    expect(shown(thrown)).not.toContain(SEED);
    expect(publicError(SEED)).toMatchObject({ message: 'a value that is not an Error was thrown' });
  });

  test('an error of a client of AWS tells the operation', async () => {
    const { documentClient } = jest.requireActual<typeof import('../../src/runtime/document-client.lambda-shared')>('../../src/runtime/document-client.lambda-shared');
    const { GetCommand } = jest.requireActual<typeof import('@aws-sdk/lib-dynamodb')>('@aws-sdk/lib-dynamodb');
    clients.dynamodb.restore();
    clients.documents.restore();
    const document = documentClient();
    document.middlewareStack.add(() => async () => { throw new Error(SEED); }, { step: 'build', name: 'fails' });
    const thrown = await document.send(new GetCommand({ TableName: 'ledger', Key: { pk: 'a', sk: 'b' } })).catch((error: unknown) => error);
    expect(publicError(thrown).message).toMatch(/^GetItem failed with Error/);
  });
});
