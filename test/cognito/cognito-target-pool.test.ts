import * as cognito from '@aws-sdk/client-cognito-identity-provider';
import { mockClient } from 'aws-sdk-client-mock';
import { CognitoClientReader } from '../../src/cognito/cognito-client-reader.lambda-shared';
import { cognitoClient } from '../../src/cognito/cognito-client.lambda-shared';
import { CognitoStandbyPool } from '../../src/cognito/cognito-standby-pool.lambda-shared';
import { CATEGORY_OF, StandbyPool } from '../../src/cognito/target-pool';
import { REMOVAL_COGNITO_ACTIONS, RESTORE_COGNITO_ACTIONS, VALIDATE_COGNITO_ACTIONS } from '../../src/restore/constants';
import { DELETION_COGNITO_ACTIONS } from '../../src/standby/constants';

const POOL = 'us-west-2_Target';
const CREATED = new Date('2026-01-01T00:00:00.500Z');
const USER = {
  Username: 'ann',
  Enabled: true,
  UserStatus: 'CONFIRMED' as const,
  UserCreateDate: CREATED,
  UserLastModifiedDate: CREATED,
  Attributes: [{ Name: 'sub', Value: 's1' }, { Name: 'email', Value: 'a@example.com' }],
};
const IMAGE = { sub: 's1', username: 'ann', attributes: { email: 'a@example.com' }, enabled: true, status: 'CONFIRMED', createdAt: CREATED.getTime(), modifiedAt: CREATED.getTime() };

const client = mockClient(cognito.CognitoIdentityProviderClient);
const pool = new CognitoStandbyPool(new cognito.CognitoIdentityProviderClient({ region: 'us-west-2' }), POOL);

beforeEach(() => {
  client.reset();
  client.rejects(new Error('the test did not plan this call'));
});

/** One call of each of the port's methods, and the request that it has to make. */
interface PlannedCall {
  readonly call: () => Promise<unknown>;
  readonly command: string;
  readonly input: object;
  readonly answer?: object;
  readonly result?: unknown;
}

const CALLS: Record<keyof StandbyPool, PlannedCall> = {
  removeUserFromGroup: { call: () => pool.removeUserFromGroup('ann', 'g'), command: 'AdminRemoveUserFromGroup', input: { Username: 'ann', GroupName: 'g' } },
  deleteAttributes: {
    call: () => pool.deleteAttributes('ann', ['name']), command: 'AdminDeleteUserAttributes', input: { Username: 'ann', UserAttributeNames: ['name'] },
  },
  linkProvider: {
    call: () => pool.linkProvider('ann', { provider: 'Corp', subject: '7@corp', attribute: 'email' }),
    command: 'AdminLinkProviderForUser',
    input: {
      DestinationUser: { ProviderName: 'Cognito', ProviderAttributeValue: 'ann' },
      SourceUser: { ProviderName: 'Corp', ProviderAttributeName: 'email', ProviderAttributeValue: '7@corp' },
    },
  },
  deleteUser: { call: () => pool.deleteUser('ann'), command: 'AdminDeleteUser', input: { Username: 'ann' } },
  deleteGroup: { call: () => pool.deleteGroup('g'), command: 'DeleteGroup', input: { GroupName: 'g' } },
  signOutUser: { call: () => pool.signOutUser('ann'), command: 'AdminUserGlobalSignOut', input: { Username: 'ann' } },
  describeUserPool: { call: () => pool.describeUserPool(), command: 'DescribeUserPool', input: {}, answer: { UserPool: { Id: POOL } }, result: { Id: POOL } },
  listUsers: {
    call: () => pool.listUsers('token', { attribute: 'email', value: 'a"b\\c@example.com' }),
    command: 'ListUsers',
    input: { Limit: 60, PaginationToken: 'token', Filter: 'email = "a\\"b\\\\c@example.com"' },
    answer: { Users: [USER], PaginationToken: 'next' },
    result: { items: [IMAGE], next: 'next' },
  },
  getUser: {
    call: () => pool.getUser('ann'),
    command: 'AdminGetUser',
    input: { Username: 'ann' },
    answer: { ...USER, Attributes: undefined, UserAttributes: USER.Attributes, UserMFASettingList: ['SMS_MFA'], PreferredMfaSetting: 'SMS_MFA' },
    result: { user: IMAGE, mfa: { enabled: ['SMS_MFA'], preferred: 'SMS_MFA' } },
  },
  createUser: {
    call: () => pool.createUser({ username: 'ann', attributes: { email: 'a@example.com' }, temporaryPassword: 'p' }),
    command: 'AdminCreateUser',
    input: { Username: 'ann', UserAttributes: [{ Name: 'email', Value: 'a@example.com' }], TemporaryPassword: 'p', MessageAction: 'SUPPRESS' },
    answer: { User: USER },
    result: IMAGE,
  },
  setPermanentPassword: { call: () => pool.setPermanentPassword('ann', 'p'), command: 'AdminSetUserPassword', input: { Username: 'ann', Password: 'p', Permanent: true } },
  updateAttributes: { call: () => pool.updateAttributes('ann', { name: 'A' }), command: 'AdminUpdateUserAttributes', input: { Username: 'ann', UserAttributes: [{ Name: 'name', Value: 'A' }] } },
  enableUser: { call: () => pool.enableUser('ann'), command: 'AdminEnableUser', input: { Username: 'ann' } },
  disableUser: { call: () => pool.disableUser('ann'), command: 'AdminDisableUser', input: { Username: 'ann' } },
  addUserToGroup: { call: () => pool.addUserToGroup('ann', 'g'), command: 'AdminAddUserToGroup', input: { Username: 'ann', GroupName: 'g' } },
  groupsOfUser: {
    call: () => pool.groupsOfUser('ann', 'token'),
    command: 'AdminListGroupsForUser',
    input: { Username: 'ann', Limit: 60, NextToken: 'token' },
    answer: { Groups: [{ GroupName: 'g' }], NextToken: 'next' },
    result: { items: ['g'], next: 'next' },
  },
  setMfaPreference: {
    call: () => pool.setMfaPreference('ann', { enabled: ['SMS_MFA', 'EMAIL_OTP'], preferred: 'EMAIL_OTP' }, ['SOFTWARE_TOKEN_MFA', 'WEB_AUTHN']),
    command: 'AdminSetUserMFAPreference',
    input: {
      Username: 'ann',
      SMSMfaSettings: { Enabled: true, PreferredMfa: false },
      EmailMfaSettings: { Enabled: true, PreferredMfa: true },
      SoftwareTokenMfaSettings: { Enabled: false, PreferredMfa: false },
      WebAuthnMfaSettings: { Enabled: false },
    },
  },
  listGroups: {
    call: () => pool.listGroups('token'),
    command: 'ListGroups',
    input: { Limit: 60, NextToken: 'token' },
    answer: { Groups: [{ GroupName: 'g', Description: 'd', Precedence: 0, RoleArn: 'r' }] },
    result: { items: [{ name: 'g', description: 'd', precedence: 0, roleArn: 'r' }], next: undefined },
  },
  createGroup: { call: () => pool.createGroup({ name: 'g', precedence: 0 }), command: 'CreateGroup', input: { GroupName: 'g', Precedence: 0 } },
  updateGroup: { call: () => pool.updateGroup({ name: 'g', description: 'd' }), command: 'UpdateGroup', input: { GroupName: 'g', Description: 'd' } },
  listUsersInGroup: {
    call: () => pool.listUsersInGroup('g', 'token'),
    command: 'ListUsersInGroup',
    input: { GroupName: 'g', Limit: 60, NextToken: 'token' },
    answer: { Users: [USER], NextToken: 'next' },
    result: { items: ['s1'], next: 'next' },
  },
};

test.each(Object.entries(CALLS))('%s', async (_name, { call, command, input, answer = {}, result }) => {
  client.onAnyCommand().resolves(answer);
  expect(await call()).toEqual(result);
  expect(client.calls()).toHaveLength(1);
  const [sent] = client.calls()[0].args;
  expect(sent.constructor.name).toBe(`${command}Command`);
  expect(JSON.parse(JSON.stringify(sent.input))).toEqual({ UserPoolId: POOL, ...input });
});

test('a user without a password is created without one', async () => {
  client.on(cognito.AdminCreateUserCommand).resolves({ User: USER });
  await pool.createUser({ username: 'ann', attributes: {} });
  expect(client.commandCalls(cognito.AdminCreateUserCommand)[0].args[0].input).toMatchObject({ MessageAction: 'SUPPRESS', TemporaryPassword: undefined });
});

/** What a restore's policy leaves out: it deletes no user and no group, links nobody and ends no session. */
const NOT_A_RESTORES = ['AdminDeleteUser', 'AdminLinkProviderForUser', 'AdminUserGlobalSignOut', 'DeleteGroup'];

test('the policy allows exactly what a restore calls, and what follows the ledger may call all', () => {
  const called = Object.values(CALLS).map(({ command }) => command).sort();
  expect([...RESTORE_COGNITO_ACTIONS, ...REMOVAL_COGNITO_ACTIONS].sort()).toEqual(called.filter(command => !NOT_A_RESTORES.includes(command)).map(command => `cognito-idp:${command}`));
  const neverOfAWarmStandby = ['AdminUserGlobalSignOut', 'ListGroups', 'ListUsersInGroup'];
  expect([...DELETION_COGNITO_ACTIONS]).toEqual(called.filter(command => !neverOfAWarmStandby.includes(command)).map(command => `cognito-idp:${command}`));
  expect(Object.keys(CALLS).sort()).toEqual(Object.keys(CATEGORY_OF).sort());
});

test('validating may read the pool and its clients, page by page', async () => {
  const clients = new CognitoClientReader(new cognito.CognitoIdentityProviderClient({ region: 'us-west-2' }), { run: (_category, call) => call() }, POOL);
  client.on(cognito.ListUserPoolClientsCommand).resolves({ UserPoolClients: [{ ClientId: 'c1' }], NextToken: 'next' });
  client.on(cognito.DescribeUserPoolClientCommand).resolves({ UserPoolClient: { WriteAttributes: ['email'], ClientSecret: 's' } });
  expect(await clients.listClients('token')).toEqual({ items: ['c1'], next: 'next' });
  expect(await clients.writeAttributesOf('c1')).toEqual(['email']);
  expect(client.calls().map(call => call.args[0].input)).toEqual([{ UserPoolId: POOL, MaxResults: 60, NextToken: 'token' }, { UserPoolId: POOL, ClientId: 'c1' }]);
  const called = client.calls().map(call => `cognito-idp:${call.args[0].constructor.name.replace('Command', '')}`);
  expect([...VALIDATE_COGNITO_ACTIONS]).toEqual(['cognito-idp:DescribeUserPool', ...called].sort());
});

test.each<[string, object, number]>([
  ['nothing said', {}, 3_600],
  ['hours by default', { AccessTokenValidity: 2, IdTokenValidity: 1 }, 7_200],
  ['each in its unit', { AccessTokenValidity: 5, IdTokenValidity: 1, TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'days' } }, 86_400],
  ['the shortest', { AccessTokenValidity: 300, IdTokenValidity: 5, TokenValidityUnits: { AccessToken: 'seconds', IdToken: 'minutes' } }, 300],
])('how long the tokens of a client live: %s', async (_what, settings, seconds) => {
  const clients = new CognitoClientReader(new cognito.CognitoIdentityProviderClient({ region: 'us-west-2' }), { run: (_category, call) => call() }, POOL);
  client.on(cognito.DescribeUserPoolClientCommand).resolves({ UserPoolClient: settings });
  expect(await clients.tokenSecondsOf('c1')).toBe(seconds);
});

test('the client works in the Region of the pool', async () => {
  expect(await cognitoClient('eu-central-1_AbC').config.region()).toBe('eu-central-1');
});
