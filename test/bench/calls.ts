import { ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { marshall } from '@aws-sdk/util-dynamodb';
import { cognitoClient } from '../../src/cognito/cognito-client.lambda-shared';
import { CognitoSourcePool } from '../../src/cognito/cognito-source-pool.lambda-shared';
import { CognitoTargetPool } from '../../src/cognito/cognito-target-pool.lambda-shared';
import { DynamoDbLedgerStore } from '../../src/ledger/dynamodb-ledger-store.lambda-shared';
import { UserRow, digestOfUser, items } from '../../src/ledger/schema';
import { forEachConcurrently } from '../../src/runtime/concurrency';
import { documentClient } from '../../src/runtime/document-client.lambda-shared';
import { linkItems } from '../../src/state/link';
import { StateItems } from '../../src/state/state-items.lambda-shared';
import { CallCosts } from '../helpers/call-costs';

/** Answers each operation with the same words, in a process of its own: its processor time is not ours. Without TLS. */
const SERVICE = `
  const answers = new Map();
  const server = require('node:http').createServer((request, response) => {
    request.on('data', () => undefined).on('end', () => {
      const body = answers.get(String(request.headers['x-amz-target']).split('.').pop()) ?? '{}';
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'content-length': Buffer.byteLength(body) }).end(body);
    });
  }).listen(0, '127.0.0.1', () => process.send(server.address().port));
  process.on('message', entries => { entries.forEach(([operation, body]) => answers.set(operation, body)); process.send('known'); });
`;

const POOL = 'us-east-1_AbCdEfGhI';
const IN_FLIGHT = 16;
const CALLS = 400;
const ROUNDS = 5;
const USERS_PER_PAGE = 60;
/** What DynamoDB puts into one page of the index, of the 1 MB that it reads. */
const DIGESTS_PER_PAGE = 5_000;

const sub = (i: number) => `${i.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
const attributesOf = (i: number) => ({
  'sub': sub(i), 'email': `user-${i}@example.com`, 'email_verified': 'true', 'name': `User Number ${i}`, 'phone_number': '+12065550100', 'custom:tenant': 'acme',
});
const rowOf = (i: number): UserRow => {
  const image = { sub: sub(i), username: sub(i), attributes: attributesOf(i), enabled: true, status: 'CONFIRMED' as const, createdAt: 1, modifiedAt: 2 };
  const email = image.attributes.email;
  return { ...image, poolId: POOL, digest: digestOfUser(image), observedAt: 3, signInName: email, lookUp: { name: email } };
};
const cognitoUser = (i: number) => ({
  Username: sub(i),
  Enabled: true,
  UserStatus: 'CONFIRMED',
  UserCreateDate: 1.5,
  UserLastModifiedDate: 2.5,
  Attributes: Object.entries(attributesOf(i)).map(([Name, Value]) => ({ Name, Value })),
});
const page = <T>(length: number, one: (i: number) => T) => Array.from({ length }, (_, i) => one(i));
const toMarshalled = (item: object) => marshall(item, { removeUndefinedValues: true });

const ANSWERS: Readonly<Record<string, unknown>> = {
  AdminCreateUser: { User: cognitoUser(1) },
  ListUsers: { Users: page(USERS_PER_PAGE, cognitoUser), PaginationToken: 'x'.repeat(200) },
  Query: { Items: page(DIGESTS_PER_PAGE, i => toMarshalled({ pk: `${POOL}#U#00`, sk: sub(i), shard: `${POOL}#U#00`, digest: rowOf(i).digest })) },
  BatchGetItem: { Responses: { state: page(100, i => toMarshalled({ pk: 'RUN#x', sk: sub(i), outcome: 'restored', targetSub: sub(i) })) } },
};

/** Measures them with the real adapters and the real SDK, on whatever processor this is. */
export async function measureCalls(): Promise<CallCosts> {
  const service = fork('-', [], { execArgv: ['-e', SERVICE], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    const [port] = await once(service, 'message') as [number];
    await tell(service);
    return await measure(`http://127.0.0.1:${port}`);
  } finally {
    service.kill();
  }
}

async function tell(service: ChildProcess): Promise<void> {
  service.send(Object.entries(ANSWERS).map(([operation, answer]) => [operation, JSON.stringify(answer)]));
  await once(service, 'message');
}

async function measure(endpoint: string): Promise<CallCosts> {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', NODE_ENV: 'production',
  });
  const cognito = cognitoClient(POOL);
  const target = new CognitoTargetPool(cognito, POOL);
  const source = new CognitoSourcePool(cognito, POOL, { run: async (_category, call) => call() });
  const ledger = new DynamoDbLedgerStore(documentClient(), 'ledger');
  const state = new StateItems(documentClient(), 'state', { sleep: async () => undefined });
  const listing = await perCall(CALLS, async () => { await source.listUsers('0a', 'token'); });
  return {
    call: await perCall(CALLS, async i => { await target.createUser({ username: sub(i), attributes: attributesOf(i), temporaryPassword: 'Aa1!xxxxxxxxxxxx' }); }),
    listing,
    comparison: await perCall(CALLS, async i => { digestOfUser(rowOf(i % 100)); }),
    row: await perCall(CALLS, async i => { await ledger.write({ put: items.user(rowOf(i)) }); }),
    digest: await perCall(10, async () => { for await (const _one of ledger.digestsOfShard(POOL, '00')) continue; }) / DIGESTS_PER_PAGE,
    stateWrite: await perCall(80, async i => {
      await state.putAll(page(25, k => linkItems(POOL, POOL, {
        sourceSub: sub(i * 25 + k),
        targetSub: sub(i * 25 + k),
        firstSub: sub(k),
        execution: 'bench',
        restored: true,
        at: 1,
        image: { attributes: attributesOf(k), enabled: true, groups: [] },
      })[1]));
    }) / 25,
    itemRead: await perCall(80, async () => { await state.getAll(page(100, i => ({ pk: 'RUN#x', sk: sub(i) }))); }) / 100,
  };
}

/** The least of some rounds: what else the machine does only adds, by cold caches and shared cores. */
async function perCall(calls: number, call: (i: number) => Promise<void>): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const before = process.cpuUsage();
    await forEachConcurrently(page(calls, i => i), IN_FLIGHT, call);
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / 1_000 / calls);
  }
  // The first round warms up.
  return Math.min(...rounds.slice(1));
}
