import { QUOTAS, Quotas } from './quotas';
import { AwsRequest, Caller } from './request';

let now: number;

beforeEach(() => {
  now = 0;
});

const request = (operation: string, region = 'us-east-1', kind: Caller['kind'] = 'other', input: object = {}): AwsRequest => ({
  service: 'cognito-idp',
  operation,
  region,
  account: '000000000000',
  caller: { kind },
  method: 'POST',
  url: '/',
  headers: {},
  body: Buffer.alloc(0),
  input: input as Record<string, unknown>,
});
/** How many of many calls at once are let through, each for a pool of its own. */
const passed = (quotas: Quotas, made: AwsRequest) =>
  Array.from({ length: 1_000 }, (_, i) => quotas.before({ ...made, input: { UserPoolId: `pool-${i}`, ...made.input } })).filter(answer => answer === undefined).length;

test.each(Object.entries(QUOTAS))('%s: a second full, then its rate, for all its operations together', (_category, { perSecond, operations }) => {
  const quotas = new Quotas({ scale: 1 }, () => now);
  expect(passed(quotas, request(operations[0]))).toBe(perSecond);
  expect(passed(quotas, request(operations[operations.length - 1]))).toBe(0);
  now += 1_000;
  expect(passed(quotas, request(operations[0]))).toBe(perSecond);
  now += 500;
  expect(passed(quotas, request(operations[0]))).toBe(Math.floor(perSecond / 2));
});

test('one operation of a pool\'s parts passes five times a second for one pool, and takes nothing from other operations and pools', () => {
  const quotas = new Quotas({ scale: 1 }, () => now);
  const of = (operation: string, UserPoolId: string) => passed(quotas, request(operation, 'us-east-1', 'other', { UserPoolId }));
  expect(of('DescribeUserPoolClient', 'a')).toBe(5);
  expect(of('ListUserPoolClients', 'a')).toBe(5);
  expect(of('DescribeUserPoolClient', 'b')).toBe(5);
  expect(of('DescribeUserPoolClient', 'c')).toBe(0);
  expect(of('CreateGroup', 'a')).toBe(5);
  expect(of('ListUsers', 'a')).toBe(30);
});

test('each Region has its own', () => {
  const quotas = new Quotas({ scale: 1 }, () => now);
  expect(passed(quotas, request('ListUsers'))).toBe(30);
  expect(passed(quotas, request('ListUsers', 'us-west-2'))).toBe(30);
  expect(quotas.refused).toEqual({ 'UserList us-east-1': 970, 'UserList us-west-2': 970 });
});

test('a scale keeps the ratios', () => {
  const quotas = new Quotas({ scale: 10 }, () => now);
  expect(passed(quotas, request('AdminCreateUser'))).toBe(500);
  expect(passed(quotas, request('AdminSetUserPassword'))).toBe(300);
});

test('Cognito says so in its own way', () => {
  const quotas = new Quotas({ scale: 1 }, () => now);
  passed(quotas, request('ListUsers'));
  const answer = quotas.before(request('ListUsers'));
  expect(answer).toMatchObject({ status: 400, headers: { 'x-amzn-errortype': 'TooManyRequestsException' } });
  expect(JSON.parse(answer!.body.toString())).toEqual({ __type: 'TooManyRequestsException', message: 'Rate exceeded' });
});

test('seeding and other services are free; a new password at the first sign-in counts as recovery', () => {
  const quotas = new Quotas({ scale: 1 }, () => now);
  expect(passed(quotas, request('AdminCreateUser', 'us-east-1', 'seed'))).toBe(1_000);
  expect(passed(quotas, { ...request('ListUsers'), service: 'dynamodb' })).toBe(1_000);
  expect(passed(quotas, request('RespondToAuthChallenge', 'us-east-1', 'other', { ChallengeName: 'NEW_PASSWORD_REQUIRED' }))).toBe(30);
});
