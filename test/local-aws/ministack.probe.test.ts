import { AddressInfo, createServer } from 'node:net';
import { inlineFunction } from './fixtures/stack';
import { Backend, BackendError } from './gateway/backend';
import { claimsOf } from './gateway/request';
import { Ministack } from './ministack';

interface ProbedUser {
  readonly Username: string;
  readonly Attributes: { Name: string; Value: string }[];
}

/**
 * What ministack itself does, without the gateway: right and wrong. A test that fails after an upgrade says what changed; where a
 * wrong became right, the part of the gateway that stands in for it can go.
 */
describe('ministack 1.5.33', () => {
  const region = 'us-east-1';
  let ministack: Ministack;
  let backend: Backend;
  let poolId: string;
  let clientId: string;

  const cognito = <T = Record<string, unknown>>(operation: string, input: object = {}) =>
    backend.json<T>('cognito-idp', operation, region, { UserPoolId: poolId, ...input });
  const refusal = async (call: Promise<unknown>): Promise<string> => {
    try {
      await call;
      return 'accepted';
    } catch (error) {
      return (error as BackendError).type;
    }
  };
  const create = (username: string, attributes: Record<string, string> = {}) => cognito<{ User: ProbedUser }>('AdminCreateUser', {
    Username: username, MessageAction: 'SUPPRESS', UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
  });
  const listed = async (filter: string) => {
    const { Users } = await cognito<{ Users: ProbedUser[] }>('ListUsers', { Filter: filter });
    return Users.map(user => user.Attributes.find(({ Name }) => Name === 'email')?.Value).sort();
  };

  const signIn = async (USERNAME = 'ann@example.com') => {
    const { AuthenticationResult } = await cognito<{ AuthenticationResult: { IdToken: string; AccessToken: string } }>('AdminInitiateAuth', {
      ClientId: clientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters: { USERNAME, PASSWORD: 'Correct-1-password' },
    });
    return AuthenticationResult;
  };

  beforeAll(async () => {
    const port = await new Promise<number>(resolve => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const { port: free } = server.address() as AddressInfo;
        server.close(() => resolve(free));
      });
    });
    backend = new Backend(port, '000000000000');
    ministack = await Ministack.start({ port, endpoint: `http://127.0.0.1:${port}`, waitScale: 1 });
    const { UserPool } = await backend.json<{ UserPool: { Id: string } }>('cognito-idp', 'CreateUserPool', region, {
      PoolName: 'probe', UsernameAttributes: ['email'], Schema: [{ Name: 'tenant', AttributeDataType: 'String', Mutable: false }],
    });
    poolId = UserPool.Id;
    const { UserPoolClient } = await cognito<{ UserPoolClient: { ClientId: string } }>('CreateUserPoolClient', {
      ClientName: 'probe', ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    });
    clientId = UserPoolClient.ClientId;
    await create('ann@example.com', { 'email_verified': 'true', 'custom:tenant': 'a' });
    await create('bob@example.com');
    await cognito('AdminDisableUser', { Username: 'bob@example.com' });
    await cognito('AdminSetUserPassword', { Username: 'ann@example.com', Password: 'Correct-1-password', Permanent: true });
  });

  afterAll(async () => {
    backend?.close();
    await ministack?.stop();
  });

  describe('right', () => {
    test('the user name of an e-mail pool is its sub', async () => {
      const { User: user } = await create('carl@example.com');
      expect(user.Username).toBe(user.Attributes.find(({ Name }) => Name === 'sub')?.Value);
    });

    test('a sub in AdminCreateUser is refused', async () => {
      expect(await refusal(create('dan@example.com', { sub: '00000000-0000-0000-0000-000000000000' }))).toBe('InvalidParameterException');
    });

    test('a second user of that name is refused', async () => {
      expect(await refusal(create('ann@example.com'))).toBe('UsernameExistsException');
    });

    test('sign-in: the right password gets tokens, a wrong one does not', async () => {
      const attempt = (PASSWORD: string) => cognito<{ AuthenticationResult: object }>('AdminInitiateAuth', {
        ClientId: clientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters: { USERNAME: 'ann@example.com', PASSWORD },
      });
      expect(await attempt('Correct-1-password')).toHaveProperty('AuthenticationResult.IdToken');
      expect(await refusal(attempt('Wrong-1-password'))).toBe('NotAuthorizedException');
    });

    test('event patterns, $or and exists among them', async () => {
      const EventPattern = JSON.stringify({
        detail: {
          errorCode: [{ exists: false }, ''],
          $or: [{ requestParameters: { userPoolId: ['p'] } }, { requestParameters: { userPoolId: [{ exists: false }] }, additionalEventData: { userPoolId: ['p'] } }],
        },
      });
      const matches = async (detail: object) => {
        const Event = JSON.stringify({ 'id': '1', 'account': '0', 'source': 's', 'detail-type': 't', 'region': region, 'time': '2026-01-01T00:00:00Z', detail, 'resources': [] });
        return (await backend.json<{ Result: boolean }>('events', 'TestEventPattern', region, { EventPattern, Event })).Result;
      };
      expect(await matches({ requestParameters: { userPoolId: 'p' } })).toBe(true);
      expect(await matches({ requestParameters: { userPoolId: 'q' } })).toBe(false);
      expect(await matches({ requestParameters: null, errorCode: '', additionalEventData: { userPoolId: 'p' } })).toBe(true);
      expect(await matches({ requestParameters: { userPoolId: 'p' }, errorCode: 'X' })).toBe(false);
    });

    test('filters on e-mail, sub, status and user name', async () => {
      const { UserAttributes } = await cognito<{ UserAttributes: { Name: string; Value: string }[] }>('AdminGetUser', { Username: 'ann@example.com' });
      const sub = UserAttributes.find(({ Name }) => Name === 'sub')!.Value;
      expect(await listed('email = "ann@example.com"')).toEqual(['ann@example.com']);
      expect(await listed('email ^= "an"')).toEqual(['ann@example.com']);
      expect(await listed(`sub = "${sub}"`)).toEqual(['ann@example.com']);
      expect(await listed(`sub ^= "${sub.slice(0, 8)}"`)).toEqual(['ann@example.com']);
      expect(await listed('status = "Disabled"')).toEqual(['bob@example.com']);
      expect(await listed(`username = "${sub}"`)).toEqual(['ann@example.com']);
    });

    test('groups with precedence and role, and who is in them', async () => {
      const RoleArn = 'arn:aws:iam::000000000000:role/admins';
      await cognito('CreateGroup', { GroupName: 'admins', Precedence: 1, RoleArn });
      await cognito('AdminAddUserToGroup', { GroupName: 'admins', Username: 'ann@example.com' });
      expect(await cognito('GetGroup', { GroupName: 'admins' })).toMatchObject({ Group: { Precedence: 1, RoleArn } });
      expect(await cognito('ListUsersInGroup', { GroupName: 'admins' })).toMatchObject({ Users: [{ UserStatus: 'CONFIRMED' }] });
    });
  });

  describe('wrong, and what stands in for it', () => {
    test('rules/listings: accepts a Limit of 61', async () => {
      expect(await refusal(cognito('ListUsers', { Limit: 61 }))).toBe('accepted');
    });

    test('rules/listings: a filter on an unknown attribute finds nobody, on a custom one or cognito:user_status everybody', async () => {
      expect(await listed('no_such_thing = "x"')).toEqual([]);
      expect(await listed('custom:tenant = "nobody"')).toContain('bob@example.com');
      expect(await listed('cognito:user_status = "CONFIRMED"')).toContain('bob@example.com');
    });

    test('rules/attributes: stores attributes that are not in the schema, and changes immutable ones', async () => {
      const update = (Name: string) => cognito('AdminUpdateUserAttributes', { Username: 'ann@example.com', UserAttributes: [{ Name, Value: 'x' }] });
      expect(await refusal(update('custom:unknown'))).toBe('accepted');
      expect(await refusal(update('custom:tenant'))).toBe('accepted');
    });

    test('rules/attributes: AdminDeleteUserAttributes is unknown', async () => {
      expect(await refusal(cognito('AdminDeleteUserAttributes', { Username: 'ann@example.com', UserAttributeNames: ['name'] }))).toBe('InvalidAction');
    });

    test('rules/attributes: a new address keeps the flag of the old one, a phone number needs no plus sign', async () => {
      await create('gil@example.com', { email_verified: 'true' });
      const update = (Name: string, Value: string, Username = 'gil@example.com') =>
        cognito('AdminUpdateUserAttributes', { Username, UserAttributes: [{ Name, Value }] });
      expect(await refusal(update('phone_number', '2065550100'))).toBe('accepted');
      expect(await refusal(update('email', 'gil@example.org'))).toBe('accepted');
      const { UserAttributes } = await cognito<{ UserAttributes: object[] }>('AdminGetUser', { Username: 'gil@example.org' });
      expect(UserAttributes).toContainEqual({ Name: 'email_verified', Value: 'true' });
    });

    test('rules/groups: somebody leaves a group that is not there', async () => {
      expect(await refusal(cognito('AdminRemoveUserFromGroup', { Username: 'ann@example.com', GroupName: 'nowhere' }))).toBe('accepted');
    });

    test('rules/groups: UpdateGroup is unknown, and a group without precedence has 0', async () => {
      await cognito('CreateGroup', { GroupName: 'plain' });
      expect(await refusal(cognito('UpdateGroup', { GroupName: 'plain', Precedence: 3 }))).toBe('InvalidAction');
      expect(await cognito('GetGroup', { GroupName: 'plain' })).toMatchObject({ Group: { Precedence: 0 } });
    });

    test('rules/mfa: a TOTP preference without an authenticator is accepted, the one for e-mail forgotten', async () => {
      const enable = { Enabled: true, PreferredMfa: false };
      const prefer = cognito('AdminSetUserMFAPreference', { Username: 'bob@example.com', SoftwareTokenMfaSettings: enable, EmailMfaSettings: enable });
      expect(await refusal(prefer)).toBe('accepted');
      expect(await cognito('AdminGetUser', { Username: 'bob@example.com' })).toMatchObject({ UserMFASettingList: ['SOFTWARE_TOKEN_MFA'] });
    });

    test('rules/recovery: a password is reset in any state and with any code', async () => {
      await create('eve@example.com');
      const one = { ClientId: clientId, Username: 'eve@example.com' };
      expect(await refusal(cognito('ForgotPassword', one))).toBe('accepted');
      expect(await refusal(cognito('ConfirmForgotPassword', { ...one, ConfirmationCode: 'no', Password: 'New-1-password' }))).toBe('accepted');
    });

    test('rules/aliases: two users may hold one verified e-mail address', async () => {
      const { UserPool } = await backend.json<{ UserPool: { Id: string } }>('cognito-idp', 'CreateUserPool', region, { PoolName: 'aliases', AliasAttributes: ['email'] });
      const attributes = [{ Name: 'email', Value: 'one@example.com' }, { Name: 'email_verified', Value: 'true' }];
      const twin = (Username: string) => cognito('AdminCreateUser', { UserPoolId: UserPool.Id, Username, MessageAction: 'SUPPRESS', UserAttributes: attributes });
      await twin('first');
      expect(await refusal(twin('second'))).toBe('accepted');
    });

    test('rules/aliases: somebody who is not confirmed may have a preferred user name that is an alias', async () => {
      const { UserPool } = await backend.json<{ UserPool: { Id: string } }>(
        'cognito-idp', 'CreateUserPool', region, { PoolName: 'preferred', AliasAttributes: ['preferred_username'] });
      expect(await refusal(cognito('AdminCreateUser', {
        UserPoolId: UserPool.Id, Username: 'first', MessageAction: 'SUPPRESS', UserAttributes: [{ Name: 'preferred_username', Value: 'preferred' }],
      }))).toBe('accepted');
    });

    test('rules/passwordless: nobody is created without a password', async () => {
      const { UserPool } = await backend.json<{ UserPool: { Id: string } }>('cognito-idp', 'CreateUserPool', region, {
        PoolName: 'otp', UsernameAttributes: ['email'], UserPoolTier: 'ESSENTIALS', Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
      });
      expect(await cognito('AdminCreateUser', { UserPoolId: UserPool.Id, Username: 'otp@example.com', MessageAction: 'SUPPRESS' }))
        .toMatchObject({ User: { UserStatus: 'FORCE_CHANGE_PASSWORD' } });
    });

    test('rules/recovery: whoever is confirmed can be confirmed again, and the code verifies no address', async () => {
      await cognito('SignUp', { ClientId: clientId, Username: 'fay@example.com', Password: 'Correct-1-password', UserAttributes: [] });
      expect(await refusal(cognito('ConfirmSignUp', { ClientId: clientId, Username: 'fay@example.com', ConfirmationCode: '123456' }))).toBe('accepted');
      const { UserAttributes } = await cognito<{ UserAttributes: { Name: string }[] }>('AdminGetUser', { Username: 'fay@example.com' });
      expect(UserAttributes.map(({ Name }) => Name)).not.toContain('email_verified');
      expect(await refusal(cognito('AdminConfirmSignUp', { Username: 'fay@example.com' }))).toBe('accepted');
    });

    test('triggers: PostConfirmation, PostAuthentication and UserMigration never run', async () => {
      await cognito('UpdateUserPool', { LambdaConfig: { PostConfirmation: 'no-such', PostAuthentication: 'no-such', UserMigration: 'no-such' } });
      const forgot = cognito('ForgotPassword', { ClientId: clientId, Username: 'nobody@example.com' });
      expect(await refusal(forgot)).toBe('UserNotFoundException');
      expect(await signIn()).toHaveProperty('IdToken');
      await cognito('UpdateUserPool', { LambdaConfig: {} });
    });

    test('triggers: PreTokenGeneration V2 runs once for each token, may forge the sub, its groups and its errors are ignored', async () => {
      await backend.cloudFormation('CreateStack', region, {
        StackName: 'claims',
        TemplateBody: JSON.stringify({
          Resources: {
            Claims: inlineFunction('claims', `
              global.runs = (global.runs ?? 0) + 1;
              if (event.request.userAttributes.email.startsWith('eve')) throw new Error('no');
              const claims = { claimsToAddOrOverride: { run: String(global.runs), sub: 'forged' } };
              event.response.claimsAndScopeOverrideDetails = {
                idTokenGeneration: claims, accessTokenGeneration: claims, groupOverrideDetails: { groupsToOverride: ['other'] } };
              return event;`),
          },
        }),
      });
      const LambdaArn = `arn:aws:lambda:${region}:000000000000:function:claims`;
      while (!(await backend.cloudFormation('DescribeStacks', region, { StackName: 'claims' })).includes('CREATE_COMPLETE')) {
        await new Promise(resolve => setTimeout(resolve, 50));
      }
      await cognito('UpdateUserPool', { LambdaConfig: { PreTokenGenerationConfig: { LambdaArn, LambdaVersion: 'V2_0' } } });
      const { IdToken, AccessToken } = await signIn();
      expect(claimsOf(AccessToken)).toMatchObject({ run: '1', sub: 'forged' });
      expect(claimsOf(IdToken)).toMatchObject({ run: '2', sub: 'forged' });
      expect(claimsOf(IdToken)?.['cognito:groups']).not.toEqual(['other']);
      await cognito('AdminSetUserPassword', { Username: 'eve@example.com', Password: 'Correct-1-password', Permanent: true });
      expect(await signIn('eve@example.com')).toHaveProperty('IdToken');
      await cognito('UpdateUserPool', { LambdaConfig: {} });
    });

    test('events: no event of a call, and nobody else may put one', async () => {
      const entry = { Source: 'aws.cognito-idp', DetailType: 'AWS API Call via CloudTrail', Detail: '{}' };
      expect(await backend.json('events', 'PutEvents', region, { Entries: [entry] }))
        .toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'NotAuthorizedForSourceException' }] });
    });

    test('quotas: there are none', async () => {
      const answers = await Promise.all(Array.from({ length: 200 }, () => refusal(cognito('DescribeUserPool'))));
      expect(new Set(answers)).toEqual(new Set(['accepted']));
    });

    test('missing: user import and provisioned limits', async () => {
      expect(await refusal(cognito('GetCSVHeader'))).toBe('InvalidAction');
      expect(await refusal(cognito('CreateUserImportJob'))).toBe('InvalidAction');
      expect(await refusal(cognito('GetProvisionedLimit'))).toBe('InvalidAction');
    });
  });
});
