import {
  AdminGetUserCommand, AdminListGroupsForUserCommand, CognitoIdentityProviderClient, DescribeIdentityProviderCommand,
  DescribeUserPoolClientCommand, DescribeUserPoolCommand, GetGroupCommand, GetUserPoolMfaConfigCommand,
  ListGroupsCommand, ListIdentityProvidersCommand, ListResourceServersCommand, ListUserPoolClientsCommand, ListUsersCommand, ListUsersInGroupCommand,
  ResourceNotFoundException, UserNotFoundException, UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import { mockClient } from 'aws-sdk-client-mock';
import { APPLY_COGNITO_ACTIONS, SWEEP_COGNITO_ACTIONS } from '../../src/capture/constants';
import { CognitoHintedPool } from '../../src/cognito/cognito-hinted-pool.lambda-shared';
import { CognitoSourcePool } from '../../src/cognito/cognito-source-pool.lambda-shared';
import { Page } from '../../src/cognito/page';
import { PoolPart } from '../../src/cognito/source-pool';

const POOL = 'us-east-1_AbCdEfGhI';
const cognito = mockClient(CognitoIdentityProviderClient);
const client = new CognitoIdentityProviderClient({ region: 'us-east-1' });
const pool = new CognitoSourcePool(client, POOL, { run: async (_category, call) => call() });
const hinted = new CognitoHintedPool(client, POOL, { run: async (_category, call) => call() });

const user = (sub: string, more: Partial<UserType> = {}): UserType => ({
  Username: `name-${sub}`,
  Attributes: [{ Name: 'sub', Value: sub }, { Name: 'email', Value: 'a@example.com' }, { Name: 'custom:empty' }],
  Enabled: false,
  UserStatus: 'CONFIRMED',
  UserCreateDate: new Date(1_000),
  UserLastModifiedDate: new Date(2_000),
  ...more,
});

beforeEach(() => {
  cognito.reset();
  cognito.rejects(new Error('a call that nobody planned'));
});

function planEverything(): void {
  cognito.on(DescribeUserPoolCommand).resolves({
    UserPool: { Id: POOL, EstimatedNumberOfUsers: 5, UsernameAttributes: ['email'], LastModifiedDate: new Date(1), CreationDate: new Date(0) },
  });
  cognito.on(GetUserPoolMfaConfigCommand).resolves({ $metadata: {}, MfaConfiguration: 'OFF' });
  cognito.on(ListUserPoolClientsCommand).resolves({ UserPoolClients: [{ ClientId: 'c1' }] });
  cognito.on(ListUserPoolClientsCommand, { NextToken: undefined }).resolves({ UserPoolClients: [], NextToken: 'more' });
  cognito.on(DescribeUserPoolClientCommand).resolves({ UserPoolClient: { ClientId: 'c1', ClientSecret: 'hush', LastModifiedDate: new Date(9) } });
  cognito.on(ListIdentityProvidersCommand).resolves({ Providers: [{ ProviderName: 'Google' }] });
  cognito.on(DescribeIdentityProviderCommand).resolves({
    IdentityProvider: { ProviderName: 'Google', ProviderDetails: { client_id: 'id', client_secret: 'hush', private_key: 'hush' } },
  });
  cognito.on(ListResourceServersCommand).resolves({ ResourceServers: [{ Identifier: 'api', Name: 'API' }] });
  cognito.on(ListUsersCommand).resolves({ Users: [user('11')] });
  cognito.on(ListGroupsCommand).resolves({ Groups: [{ GroupName: 'g', Precedence: 0, RoleArn: 'arn', Description: 'd', LastModifiedDate: new Date() }] });
  cognito.on(AdminListGroupsForUserCommand).resolves({ Groups: [] });
  cognito.on(GetGroupCommand).resolves({ Group: { GroupName: 'g' } });
  cognito.on(ListUsersInGroupCommand).resolves({ Users: [user('11'), user('22')], NextToken: 't' });
}

async function wholeConfiguration(): Promise<PoolPart[]> {
  const parts: PoolPart[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<PoolPart> = await pool.configuration(cursor);
    parts.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return parts;
}

const actionsCalled = () =>
  [...new Set(cognito.calls().map(call => `cognito-idp:${call.args[0].constructor.name.replace(/Command$/, '')}`))].sort();

test('calls exactly what the policy allows', async () => {
  planEverything();
  await pool.describe();
  await wholeConfiguration();
  await pool.listUsers('');
  await pool.userBySub('11');
  await pool.listGroups();
  await pool.listUsersInGroup('g');
  await pool.group('g');
  await pool.groupsOfUser('name-11');
  expect(actionsCalled()).toEqual([...SWEEP_COGNITO_ACTIONS].sort());
});

test('the consumer of hints calls exactly what its policy allows', async () => {
  planEverything();
  cognito.on(AdminGetUserCommand).rejects(new UserNotFoundException({ message: 'x', $metadata: {} }));
  await hinted.describe();
  await hinted.userBySub('11');
  await hinted.userByName('name');
  await hinted.groupsOfUser('name');
  await hinted.group('g');
  await hinted.listUsersInGroup('g');
  expect(actionsCalled()).toEqual([...APPLY_COGNITO_ACTIONS].sort());
});

test('reads users as they are', async () => {
  planEverything();
  expect(await pool.listUsers('0a', 'token')).toEqual({
    items: [{
      sub: '11',
      username: 'name-11',
      attributes: { 'email': 'a@example.com', 'custom:empty': '' },
      enabled: false,
      status: 'CONFIRMED',
      createdAt: 1_000,
      modifiedAt: 2_000,
    }],
    token: undefined,
  });
  expect(cognito.commandCalls(ListUsersCommand)[0].args[0].input).toEqual({
    UserPoolId: POOL, Limit: 60, PaginationToken: 'token', Filter: 'sub ^= "0a"',
  });
});

test('fails on a user without sub rather than guessing', async () => {
  cognito.on(ListUsersCommand).resolves({ Users: [user('11', { Attributes: [] })] });
  await expect(pool.listUsers('')).rejects.toThrow('Cognito answered without sub');
});

test('keeps no secret and nothing that changes by itself in the configuration', async () => {
  planEverything();
  const parts = await wholeConfiguration();
  expect(parts.map(({ part }) => part)).toEqual(['pool', 'mfa', 'client#c1', 'identity-provider#Google', 'resource-server#api']);
  expect(JSON.stringify(parts)).not.toMatch(/hush|EstimatedNumberOfUsers|LastModifiedDate|metadata/);
  expect(parts[3].value).toEqual({ ProviderName: 'Google', ProviderDetails: { client_id: 'id' } });
});

test('the configuration comes in pages, each as short as a slice can wait for, and goes on where it stopped', async () => {
  planEverything();
  cognito.on(ListUserPoolClientsCommand).resolves({ UserPoolClients: [{ ClientId: 'c1' }], NextToken: 'more' });
  cognito.on(ListUserPoolClientsCommand, { NextToken: 'more' }).resolves({ UserPoolClients: [{ ClientId: 'c2' }] });
  expect((await wholeConfiguration()).map(({ part }) => part))
    .toEqual(['pool', 'mfa', 'client#c1', 'client#c2', 'identity-provider#Google', 'resource-server#api']);
  const pages: (readonly [number, readonly string[]])[] = [];
  let cursor: string | undefined;
  do {
    cognito.resetHistory();
    const { items, next }: Page<PoolPart> = await pool.configuration(cursor);
    pages.push([cognito.calls().length, items.map(({ part }) => part)]);
    cursor = next;
  } while (cursor !== undefined);
  // However few calls a second there are, a slice that is over waits for one of them, or for the two of the settings.
  expect(pages).toEqual([
    [2, ['pool', 'mfa']], [1, []], [1, ['client#c1']], [1, []], [1, ['client#c2']], [1, []], [1, ['identity-provider#Google']],
    [1, ['resource-server#api']],
  ]);
});

test('a client or a provider that goes while it is read is left out; a pool that is gone is an error', async () => {
  planEverything();
  const gone = (message: string) => new ResourceNotFoundException({ message, $metadata: {} });
  cognito.on(DescribeUserPoolClientCommand).rejects(gone('User pool client c1 does not exist.'));
  cognito.on(DescribeIdentityProviderCommand).rejects(gone('Identity provider Google does not exist.'));
  expect((await wholeConfiguration()).map(({ part }) => part)).toEqual(['pool', 'mfa', 'resource-server#api']);
  cognito.on(DescribeUserPoolClientCommand).rejects(gone(`User pool ${POOL} does not exist.`));
  await expect(wholeConfiguration()).rejects.toThrow('does not exist');
});

test('a look-up goes on past an empty page and takes only the very sub', async () => {
  cognito.on(ListUsersCommand, { PaginationToken: undefined }).resolves({ Users: [], PaginationToken: 'next' });
  cognito.on(ListUsersCommand, { PaginationToken: 'next' }).resolves({ Users: [user('AA'), user('a"a')] });
  expect(await pool.userBySub('a"a')).toMatchObject({ sub: 'a"a' });
  expect(cognito.commandCalls(ListUsersCommand)[0].args[0].input.Filter).toBe('sub = "a\\"a"');
  expect(await pool.userBySub('aa')).toBeUndefined();
});

test('a group that is gone has no members to list; any other error is one', async () => {
  const gone = (message: string) => new ResourceNotFoundException({ message, $metadata: {} });
  cognito.on(ListUsersInGroupCommand).rejects(gone('Group not found.'));
  expect(await pool.listUsersInGroup('g')).toBeUndefined();
  cognito.on(ListUsersInGroupCommand).rejects(gone(`User pool ${POOL} does not exist.`));
  await expect(pool.listUsersInGroup('g')).rejects.toThrow('does not exist');
  cognito.on(ListUsersInGroupCommand).rejects(new UserNotFoundException({ message: 'x', $metadata: {} }));
  await expect(pool.listUsersInGroup('g')).rejects.toThrow();
});

describe('of one user or group', () => {
  test('reads a user with MFA preference, in an order of its own', async () => {
    const { Attributes: UserAttributes, ...more } = user('11');
    cognito.on(AdminGetUserCommand).resolves({
      ...more, Username: 'n', UserAttributes, UserMFASettingList: ['SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'], PreferredMfaSetting: 'EMAIL_OTP',
    });
    expect(await hinted.userByName('n')).toMatchObject({
      image: { sub: '11', username: 'n', enabled: false, attributes: { email: 'a@example.com' } },
      mfa: { enabled: ['EMAIL_OTP', 'SOFTWARE_TOKEN_MFA'], preferred: 'EMAIL_OTP' },
    });
  });

  test('reads all pages of the groups', async () => {
    cognito.on(AdminListGroupsForUserCommand).resolves({ Groups: [{ GroupName: 'b', Precedence: 1 }] });
    cognito.on(AdminListGroupsForUserCommand, { NextToken: undefined }).resolves({ Groups: [], NextToken: 't' });
    expect(await hinted.groupsOfUser('n')).toEqual([{ name: 'b', precedence: 1, description: undefined, roleArn: undefined }]);
  });

  test('tells who is not there from a pool that is not there', async () => {
    const gone = (message: string) => new ResourceNotFoundException({ message, $metadata: {} });
    const noUser = new UserNotFoundException({ message: 'User does not exist.', $metadata: {} });
    cognito.on(AdminGetUserCommand).rejects(noUser);
    cognito.on(AdminListGroupsForUserCommand).rejects(noUser);
    cognito.on(GetGroupCommand).rejects(gone('Group not found.'));
    expect(await hinted.userByName('n')).toBeUndefined();
    expect(await hinted.groupsOfUser('n')).toBeUndefined();
    expect(await hinted.group('g')).toBeUndefined();
    const noPool = gone(`User pool ${POOL} does not exist.`);
    cognito.on(AdminGetUserCommand).rejects(noPool);
    cognito.on(GetGroupCommand).rejects(noPool);
    await expect(hinted.userByName('n')).rejects.toThrow('does not exist');
    await expect(hinted.group('g')).rejects.toThrow('does not exist');
  });
});
