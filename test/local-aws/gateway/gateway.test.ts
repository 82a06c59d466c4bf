import {
  AdminAddUserToGroupCommand, AdminCreateUserCommand, AdminDeleteUserAttributesCommand, AdminDeleteUserCommand, AdminDisableUserCommand,
  AdminGetUserCommand, AdminLinkProviderForUserCommand, AdminSetUserMFAPreferenceCommand, AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  CognitoIdentityProviderClient, ConfirmForgotPasswordCommand, ConfirmSignUpCommand, CreateGroupCommand, CreateUserPoolClientCommand,
  CreateUserPoolCommand, ForgotPasswordCommand, GetGroupCommand, InitiateAuthCommand, ListUsersCommand, ListUsersInGroupCommand,
  RespondToAuthChallengeCommand, SignUpCommand, UpdateGroupCommand, UpdateUserAttributesCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  BatchWriteItemCommand, CreateTableCommand, GetItemCommand, PutItemCommand, QueryCommand, TransactWriteItemsCommand, TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { Backend } from './backend';
import { throttled } from './faults';
import { LocalAws } from '../local-aws';
import { SMS_CODE } from './rules/mfa';
import { CONFIRMATION_CODE, RESET_CODE } from './rules/recovery';
import { signInFederated } from '../seed/federated-sign-in';
import { createPool, IDENTITY_PROVIDER, MadePool, PoolKind } from '../seed/pools';

const HERE = 'us-east-1';
const THERE = 'us-west-2';
const PASSWORD = 'Correct-1-password';

let aws: LocalAws;
let cognito: CognitoIdentityProviderClient;
const pools = {} as Record<PoolKind, MadePool>;
let email: MadePool;

const refusal = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'accepted';
  } catch (error) {
    return (error as Error).name;
  }
};
const attributes = (values: Record<string, string>) => Object.entries(values).map(([Name, Value]) => ({ Name, Value }));
const create = (pool: MadePool, username: string, values: Record<string, string> = {}, more: object = {}) => cognito.send(new AdminCreateUserCommand({
  UserPoolId: pool.userPoolId, Username: username, MessageAction: 'SUPPRESS', UserAttributes: attributes({ 'custom:tenant': 't', ...values }), ...more,
}));
const one = (pool: MadePool, username: string) => ({ UserPoolId: pool.userPoolId, Username: username });
const confirm = (pool: MadePool, username: string) => cognito.send(new AdminSetUserPasswordCommand({
  ...one(pool, username), Password: PASSWORD, Permanent: true,
}));

beforeAll(async () => {
  aws = await LocalAws.start({ quotas: 20 });
  // Each rule is tested by a call that breaks it, which the seeding's own exemption would hide.
  ({ cognito } = aws.client(HERE));
  for (const kind of ['email', 'aliases', 'passwordless', 'mfa-optional'] as const) {
    pools[kind] = await createPool(aws, HERE, kind);
  }
  ({ email } = pools);
});

afterEach(() => {
  aws.faults.clear();
  aws.switchOn(HERE);
});

afterAll(async () => {
  aws.violations.found.length = 0;
  await aws.stop();
});

describe('rules', () => {
  test('listings: no page above 60, no filter on what cannot be searched', async () => {
    const list = (input: object) => cognito.send(new ListUsersCommand({ UserPoolId: email.userPoolId, ...input }));
    expect(await refusal(list({ Limit: 61 }))).toBe('InvalidParameterException');
    expect(await refusal(list({ Filter: 'custom:tenant = "t"' }))).toBe('InvalidParameterException');
    expect(await refusal(list({ Filter: 'nickname = "t"' }))).toBe('InvalidParameterException');
    expect(await refusal(list({ Filter: 'sub ^= "0"' }))).toBe('accepted');
  });

  test('listings: a filter on the status finds the right users', async () => {
    await create(email, 'status@example.com');
    const page = await cognito.send(new ListUsersCommand({ UserPoolId: email.userPoolId, Filter: 'cognito:user_status = "CONFIRMED"' }));
    expect(page.Users?.every(user => user.UserStatus === 'CONFIRMED')).toBe(true);
  });

  test('attributes: the schema decides', async () => {
    expect(await refusal(create(email, 'schema1@example.com', { 'custom:unknown': 'x' }))).toBe('InvalidParameterException');
    expect(await refusal(create(email, 'schema2@example.com', { 'custom:score': 'many' }))).toBe('InvalidParameterException');
    expect(await refusal(create(email, 'schema3@example.com', { 'custom:tenant': 'x'.repeat(65) }))).toBe('InvalidParameterException');
    await create(email, 'schema@example.com', { 'custom:score': '7' });
    const update = cognito.send(new AdminUpdateUserAttributesCommand({
      ...one(email, 'schema@example.com'), UserAttributes: attributes({ 'custom:tenant': 'other' }),
    }));
    expect(await refusal(update)).toBe('InvalidParameterException');
    for (const name of ['sub', 'identities', 'cognito:user_status']) {
      const own = cognito.send(new AdminUpdateUserAttributesCommand({ ...one(email, 'schema@example.com'), UserAttributes: attributes({ [name]: 'x' }) }));
      expect(await refusal(own)).toBe('InvalidParameterException');
    }
  });

  test('attributes: one that is set to nothing, or deleted, is gone', async () => {
    await create(email, 'gone@example.com', { 'name': 'Name', 'nickname': 'Nick', 'custom:note': 'note' });
    await cognito.send(new AdminUpdateUserAttributesCommand({ ...one(email, 'gone@example.com'), UserAttributes: attributes({ name: '' }) }));
    await cognito.send(new AdminDeleteUserAttributesCommand({ ...one(email, 'gone@example.com'), UserAttributeNames: ['nickname'] }));
    const { UserAttributes } = await cognito.send(new AdminGetUserCommand(one(email, 'gone@example.com')));
    const names = UserAttributes?.map(({ Name }) => Name);
    expect(names).toContain('custom:note');
    expect(names).not.toContain('name');
    expect(names).not.toContain('nickname');
  });

  test('aliases: a verified address belongs to one user, and moves when it is told to', async () => {
    const pool = pools.aliases;
    const mine = { email: 'shared@example.com', email_verified: 'true' };
    await create(pool, 'first', mine);
    expect(await refusal(create(pool, 'second', { ...mine, email_verified: 'false' }))).toBe('accepted');
    expect(await refusal(create(pool, 'third', mine))).toBe('AliasExistsException');
    expect(await refusal(create(pool, 'fourth', mine, { ForceAliasCreation: true }))).toBe('accepted');
    const { UserAttributes } = await cognito.send(new AdminGetUserCommand(one(pool, 'first')));
    expect(UserAttributes).toContainEqual({ Name: 'email_verified', Value: 'false' });
    expect(await refusal(create(pool, 'somebody@example.com'))).toBe('InvalidParameterException');
  });

  test('recovery: only a confirmed user with a verified address, only with the code', async () => {
    const forgot = (username: string) => cognito.send(new ForgotPasswordCommand({ ClientId: email.clientId, Username: username }));
    const reset = (username: string, code: string) => cognito.send(new ConfirmForgotPasswordCommand({
      ClientId: email.clientId, Username: username, ConfirmationCode: code, Password: 'Another-1-password',
    }));
    await create(email, 'reset@example.com', { email_verified: 'true' });
    expect(await refusal(forgot('reset@example.com'))).toBe('NotAuthorizedException');
    await confirm(email, 'reset@example.com');
    expect(await refusal(reset('reset@example.com', RESET_CODE))).toBe('ExpiredCodeException');
    expect(await refusal(forgot('reset@example.com'))).toBe('accepted');
    expect((await aws.mails()).filter(mail => mail.to.includes('reset@example.com'))).toMatchObject([{ text: expect.stringContaining(RESET_CODE) as string }]);
    expect(await refusal(reset('reset@example.com', '000000'))).toBe('CodeMismatchException');
    expect(await refusal(reset('reset@example.com', RESET_CODE))).toBe('accepted');
    const signIn = await cognito.send(new InitiateAuthCommand({
      ClientId: email.clientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: 'reset@example.com', PASSWORD: 'Another-1-password' },
    }));
    expect(signIn.AuthenticationResult?.IdToken).toBeDefined();

    await create(email, 'unverified@example.com', { email_verified: 'false' });
    await confirm(email, 'unverified@example.com');
    expect(await refusal(forgot('unverified@example.com'))).toBe('InvalidParameterException');
    await create(email, 'off@example.com', { email_verified: 'true' });
    await confirm(email, 'off@example.com');
    await cognito.send(new AdminDisableUserCommand(one(email, 'off@example.com')));
    expect(await refusal(forgot('off@example.com'))).toBe('NotAuthorizedException');
  });

  test('recovery: a sign-up is confirmed with the code', async () => {
    await cognito.send(new SignUpCommand({
      ClientId: email.clientId, Username: 'new@example.com', Password: PASSWORD, UserAttributes: attributes({ 'custom:tenant': 't' }),
    }));
    const confirmation = (code: string) => cognito.send(new ConfirmSignUpCommand({ ClientId: email.clientId, Username: 'new@example.com', ConfirmationCode: code }));
    expect(await refusal(confirmation('000000'))).toBe('CodeMismatchException');
    expect(await refusal(confirmation(CONFIRMATION_CODE))).toBe('accepted');
    expect(await refusal(confirmation(CONFIRMATION_CODE))).toBe('NotAuthorizedException');
  });

  test('mfa: only what the user has; e-mail is kept', async () => {
    await create(email, 'mfa@example.com');
    const prefer = (settings: object) => cognito.send(new AdminSetUserMFAPreferenceCommand({ ...one(email, 'mfa@example.com'), ...settings }));
    const on = { Enabled: true, PreferredMfa: true };
    expect(await refusal(prefer({ SoftwareTokenMfaSettings: on }))).toBe('InvalidParameterException');
    expect(await refusal(prefer({ SMSMfaSettings: on }))).toBe('InvalidParameterException');
    expect(await refusal(prefer({ EmailMfaSettings: on }))).toBe('accepted');
    const user = await cognito.send(new AdminGetUserCommand(one(email, 'mfa@example.com')));
    expect(user).toMatchObject({ UserMFASettingList: ['EMAIL_OTP'], PreferredMfaSetting: 'EMAIL_OTP' });
  });

  test('mfa: a user who prefers SMS is asked for its code, and cannot recover the password by the same channel', async () => {
    const pool = pools['mfa-optional'];
    const phone = { phone_number: '+15550007', phone_number_verified: 'true' };
    await create(pool, 'sms@example.com', phone);
    await confirm(pool, 'sms@example.com');
    const prefer = (Enabled: boolean) => cognito.send(new AdminSetUserMFAPreferenceCommand({
      ...one(pool, 'sms@example.com'), SMSMfaSettings: { Enabled, PreferredMfa: Enabled },
    }));
    await prefer(true);
    const { ChallengeName, Session } = await cognito.send(new InitiateAuthCommand({
      ClientId: pool.clientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: 'sms@example.com', PASSWORD },
    }));
    expect(ChallengeName).toBe('SMS_MFA');
    const respond = (code: string) => cognito.send(new RespondToAuthChallengeCommand({
      ClientId: pool.clientId, ChallengeName: 'SMS_MFA', Session, ChallengeResponses: { USERNAME: 'sms@example.com', SMS_MFA_CODE: code },
    }));
    expect(await refusal(respond('000000'))).toBe('CodeMismatchException');
    expect((await respond(SMS_CODE)).AuthenticationResult?.AccessToken).toBeDefined();

    const recover = () => cognito.send(new ForgotPasswordCommand({ ClientId: pool.clientId, Username: 'sms@example.com' }));
    const forgot = async () => recover().then(({ CodeDeliveryDetails: details }) => details?.AttributeName, (error: Error) => error.name);
    expect(await forgot()).toBe('InvalidParameterException');
    await cognito.send(new AdminUpdateUserAttributesCommand({
      ...one(pool, 'sms@example.com'), UserAttributes: attributes({ email_verified: 'true' }),
    }));
    expect(await forgot()).toBe('email');
    await cognito.send(new AdminSetUserMFAPreferenceCommand({ ...one(pool, 'sms@example.com'), EmailMfaSettings: { Enabled: true } }));
    expect(await forgot()).toBe('InvalidParameterException');
    await prefer(false);
    expect(await forgot()).toBe('phone_number');
  });

  test('attributes: an address that a user changes is no longer verified; developers\' attributes are not the user\'s to change', async () => {
    const { UserPool: made } = await cognito.send(new CreateUserPoolCommand({
      PoolName: 'developers', Schema: [{ Name: 'plan', AttributeDataType: 'String', Mutable: true, DeveloperOnlyAttribute: true }],
    }));
    const { UserPoolClient: client } = await cognito.send(new CreateUserPoolClientCommand({
      UserPoolId: made!.Id!, ClientName: 'app', ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
    }));
    const pool = { userPoolId: made!.Id!, clientId: client!.ClientId! };
    await cognito.send(new AdminCreateUserCommand({
      ...one(pool, 'dev'), MessageAction: 'SUPPRESS', UserAttributes: attributes({ 'dev:custom:plan': 'a', 'email': 'dev@example.com', 'email_verified': 'true' }),
    }));
    await confirm(pool, 'dev');
    await cognito.send(new AdminUpdateUserAttributesCommand({ ...one(pool, 'dev'), UserAttributes: attributes({ 'dev:custom:plan': 'b' }) }));
    const { AuthenticationResult } = await cognito.send(new InitiateAuthCommand({
      ClientId: pool.clientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: 'dev', PASSWORD },
    }));
    const change = (values: Record<string, string>) => cognito.send(new UpdateUserAttributesCommand({
      AccessToken: AuthenticationResult!.AccessToken, UserAttributes: attributes(values),
    }));
    expect(await refusal(change({ 'dev:custom:plan': 'mine' }))).toBe('NotAuthorizedException');
    await change({ email: 'new@example.com' });
    const { UserAttributes } = await cognito.send(new AdminGetUserCommand(one(pool, 'dev')));
    expect(UserAttributes).toEqual(expect.arrayContaining(attributes({ 'email': 'new@example.com', 'email_verified': 'false', 'dev:custom:plan': 'b' })));
  });

  test('aliases: the address of a user of an identity provider is no name to sign in by', async () => {
    const api = new Backend(Number(new URL(aws.endpoint).port), aws.account);
    try {
      await signInFederated(api, { clientId: email.clientId, provider: IDENTITY_PROVIDER, nameId: 'fed', attributes: { email: 'fed@example.com', name: 'Fed' } });
      expect(await refusal(cognito.send(new AdminGetUserCommand(one(email, `${IDENTITY_PROVIDER}_fed`))))).toBe('accepted');
      for (const call of [
        new ForgotPasswordCommand({ ClientId: email.clientId, Username: 'fed@example.com' }), new AdminGetUserCommand(one(email, 'fed@example.com')),
      ]) expect(await refusal(cognito.send(call as AdminGetUserCommand))).toBe('UserNotFoundException');
      // So that the address is free for a user of the pool's own.
      await create(email, 'fed@example.com', { email_verified: 'true' });
    } finally {
      api.close();
    }
  });

  test('aliases: such an address keeps none from a user of the pool who would have it as a second one', async () => {
    const pool = await createPool(aws, HERE, 'email-or-phone');
    const api = new Backend(Number(new URL(aws.endpoint).port), aws.account);
    try {
      await signInFederated(api, { clientId: pool.clientId, provider: IDENTITY_PROVIDER, nameId: 'two', attributes: { email: 'two@example.com', name: 'Two' } });
      const both = { email: 'two@example.com', phone_number: '+15550008' };
      expect(await refusal(create(pool, both.phone_number, both))).toBe('accepted');
      expect(await refusal(create(pool, '+15550009', { ...both, phone_number: '+15550009' }))).toBe('UsernameExistsException');
    } finally {
      api.close();
    }
  });

  test('names: no user and no group has one with a space, whoever asks', async () => {
    aws.models.takeViolations();
    expect(await refusal(create(pools.aliases, 'two words'))).toBe('InvalidParameterException');
    const group = new CreateGroupCommand({ UserPoolId: email.userPoolId, GroupName: 'two words' });
    expect(await refusal(cognito.send(group))).toBe('InvalidParameterException');
    expect(await refusal(aws.client(HERE, { seed: true }).cognito.send(group))).toBe('InvalidParameterException');
    expect(aws.models.takeViolations().map(({ operation, caller }) => `${operation} ${caller}`)).toEqual([
      'AdminCreateUser other', 'CreateGroup other', 'CreateGroup seed',
    ]);
  });

  test('passwordless: confirmed at once without a password', async () => {
    const { User: without } = await create(pools.passwordless, 'otp@example.com');
    expect(without?.UserStatus).toBe('CONFIRMED');
    const { User: temporary } = await create(pools.passwordless, 'password@example.com', {}, { TemporaryPassword: PASSWORD });
    expect(temporary?.UserStatus).toBe('FORCE_CHANGE_PASSWORD');
  });

  test('groups: change, may have no precedence, and lose those who are deleted', async () => {
    const group = { UserPoolId: email.userPoolId, GroupName: 'group' };
    await cognito.send(new CreateGroupCommand(group));
    expect((await cognito.send(new GetGroupCommand(group))).Group?.Precedence).toBeUndefined();
    await cognito.send(new UpdateGroupCommand({ ...group, Precedence: 0, Description: 'changed' }));
    expect((await cognito.send(new GetGroupCommand(group))).Group).toMatchObject({ Precedence: 0, Description: 'changed' });
    await create(email, 'member@example.com');
    await cognito.send(new AdminAddUserToGroupCommand({ ...one(email, 'member@example.com'), GroupName: 'group' }));
    await cognito.send(new AdminDeleteUserCommand(one(email, 'member@example.com')));
    expect((await cognito.send(new ListUsersInGroupCommand(group))).Users).toEqual([]);
  });
});

describe('rules, by a switch', () => {
  const address = (value: string) => attributes({ email: value, email_verified: 'true' });

  afterEach(() => aws.switches.reset());

  test('an address that somebody signs in by is refused to others, or taken over', async () => {
    const pool = pools.aliases;
    await create(pool, 'holder', { email: 'held@example.com', email_verified: 'true' });
    await create(pool, 'taker');
    const take = async () => refusal(cognito.send(new AdminUpdateUserAttributesCommand({ ...one(pool, 'taker'), UserAttributes: address('held@example.com') })));
    const flag = async () => (await cognito.send(new AdminGetUserCommand(one(pool, 'holder')))).UserAttributes!.find(({ Name }) => Name === 'email_verified')!.Value;
    expect([await take(), await flag()]).toEqual(['AliasExistsException', 'true']);
    await aws.turn({ takenAlias: 'taken-over' });
    expect([await take(), await flag()]).toEqual(['accepted', 'false']);
  });

  test('a new user whose second address somebody has is refused in one of two ways', async () => {
    const pool = await createPool(aws, HERE, 'email-or-phone');
    const phone = { phone_number: '+15550001111', phone_number_verified: 'true' };
    await create(pool, 'one@example.com', { email: 'one@example.com', email_verified: 'true', ...phone });
    for (const secondAddress of ['UsernameExistsException', 'AliasExistsException'] as const) {
      await aws.turn({ secondAddress });
      expect(await refusal(create(pool, 'two@example.com', { email: 'two@example.com', email_verified: 'true', ...phone }))).toBe(secondAddress);
    }
  });

  test('a creation whose connection breaks on the way gives its names back', async () => {
    const pool = await createPool(aws, HERE, 'email-or-phone');
    const { send } = Backend.prototype;
    let isBroken = false;
    const sending = jest.spyOn(Backend.prototype, 'send').mockImplementation(async function (this: Backend, call) {
      if (isBroken || (call as { operation?: string }).operation !== 'AdminCreateUser') return send.call(this, call);
      isBroken = true;
      throw new Error('the connection broke');
    });
    const attempt = async () => refusal(create(pool, 'broken@example.com', { email: 'broken@example.com', email_verified: 'true' }));
    const answers = [await attempt(), await attempt()];
    // Before the expectation: the tests that follow send as ever, whatever it says.
    sending.mockRestore();
    expect(answers).toEqual(['ServiceUnavailableException', 'accepted']);
  });

  test('a user of a pool with an immutable attribute can be linked, or cannot', async () => {
    await create(email, 'linked@example.com', { email_verified: 'true' });
    const { Username } = await cognito.send(new AdminGetUserCommand(one(email, 'linked@example.com')));
    const link = async (subject: string) => refusal(cognito.send(new AdminLinkProviderForUserCommand({
      UserPoolId: email.userPoolId,
      DestinationUser: { ProviderName: 'Cognito', ProviderAttributeValue: Username },
      SourceUser: { ProviderName: IDENTITY_PROVIDER, ProviderAttributeName: 'Cognito_Subject', ProviderAttributeValue: subject },
    })));
    expect(await link('a')).toBe('accepted');
    await aws.turn({ linkWithImmutable: 'refused' });
    expect(await link('b')).toBe('InvalidParameterException');
  });

  test('a secondary index shows what is there, or what was there, and the table itself what is there now', async () => {
    const { dynamodb } = aws.client(HERE);
    await dynamodb.send(new CreateTableCommand({
      TableName: 'indexed',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: ['pk', 'name'].map(AttributeName => ({ AttributeName, AttributeType: 'S' })),
      GlobalSecondaryIndexes: [{ IndexName: 'names', KeySchema: [{ AttributeName: 'name', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } }],
    }));
    const rename = async (name: string) => dynamodb.send(new PutItemCommand({ TableName: 'indexed', Item: { pk: { S: 'p' }, name: { S: name } } }));
    const called = async (name: string) => (await dynamodb.send(new QueryCommand({
      TableName: 'indexed', IndexName: 'names', KeyConditionExpression: '#n = :n', ExpressionAttributeNames: { '#n': 'name' }, ExpressionAttributeValues: { ':n': { S: name } },
    }))).Count;
    await rename('old');
    await aws.turn({ indexes: 'stale' });
    try {
      await rename('new');
      expect([await called('old'), await called('new')]).toEqual([1, 0]);
      expect((await dynamodb.send(new GetItemCommand({ TableName: 'indexed', Key: { pk: { S: 'p' } } }))).Item).toMatchObject({ name: { S: 'new' } });
    } finally {
      aws.switches.reset();
    }
    expect([await called('old'), await called('new')]).toEqual([0, 1]);
  });
});

describe('rules: DynamoDB takes no item', () => {
  const KEYS = [{ AttributeName: 'pk', KeyType: 'HASH' as const }, { AttributeName: 'sk', KeyType: 'RANGE' as const }];
  const item = (more: Record<string, string> = {}) => Object.fromEntries(Object.entries({ pk: 'p', sk: 's', ...more }).map(([name, S]) => [name, { S }]));
  const put = (more?: Record<string, string>) => ({ TableName: 'limited', Item: item(more) });
  /** The name of a call's error, or each reason of a transaction. */
  const reasons = async (call: Promise<unknown>): Promise<(string | undefined)[]> => call.then(() => ['accepted'], (error: Error) => (
    error instanceof TransactionCanceledException ? error.CancellationReasons!.map(({ Code }) => Code) : [error.name]));

  beforeAll(async () => aws.client(HERE).dynamodb.send(new CreateTableCommand({
    TableName: 'limited',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: KEYS,
    AttributeDefinitions: ['pk', 'sk', 'name'].map(AttributeName => ({ AttributeName, AttributeType: 'S' })),
    GlobalSecondaryIndexes: [{
      IndexName: 'names',
      KeySchema: [{ AttributeName: 'name', KeyType: 'HASH' }, { AttributeName: 'pk', KeyType: 'RANGE' }],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    }],
  })));

  // ministack refuses the first three by itself: the fault is the request's, not a reason of the transaction.
  test.each<[string, Record<string, string>, string]>([
    ['larger than 400 KB', { big: 'x'.repeat(400 * 1_024) }, 'ValidationException'],
    ['with a partition key of more than 2,048 bytes', { pk: 'x'.repeat(2_049) }, 'ValidationException'],
    ['with a sort key of more than 1,024 bytes', { sk: '\u{e4}'.repeat(513) }, 'ValidationException'],
    ['with an index\'s partition key of more than 2,048 bytes', { name: '\u{e4}'.repeat(1_025) }, 'ValidationError'],
    ['with an index\'s sort key of more than 1,024 bytes', { name: 'n', pk: 'x'.repeat(1_025) }, 'ValidationError'],
  ])('%s', async (_what, more, inTransaction) => {
    const { dynamodb } = aws.client(HERE);
    expect(await reasons(dynamodb.send(new PutItemCommand(put(more))))).toEqual(['ValidationException']);
    expect(await reasons(dynamodb.send(new BatchWriteItemCommand({
      RequestItems: { limited: [{ PutRequest: { Item: item() } }, { PutRequest: { Item: item({ sk: 'other', ...more }) } }] },
    })))).toEqual(['ValidationException']);
    expect(await reasons(dynamodb.send(new TransactWriteItemsCommand({
      TransactItems: [
        { ConditionCheck: { TableName: 'limited', Key: item({ sk: 'none' }), ConditionExpression: 'attribute_not_exists(pk)' } },
        { Put: put({ sk: 'fits' }) },
        { Put: put(more) },
      ],
    })))).toEqual(inTransaction === 'ValidationError' ? ['None', 'None', 'ValidationError'] : [inTransaction]);
  });

  test('of a transaction of which one condition does not hold, which says so of each of its actions', async () => {
    const { dynamodb } = aws.client(HERE);
    const lacking = { TableName: 'limited', Key: item({ sk: 'lacking' }) };
    expect(await reasons(dynamodb.send(new TransactWriteItemsCommand({
      TransactItems: [{ Put: put({ sk: 'cancelled' }) }, { ConditionCheck: { ...lacking, ConditionExpression: 'attribute_exists(pk)' } }],
    })))).toEqual(['None', 'ConditionalCheckFailed']);
    expect((await dynamodb.send(new GetItemCommand({ TableName: 'limited', Key: item({ sk: 'cancelled' }) }))).Item).toBeUndefined();
  });

  test('but one that just fits', async () => {
    const { dynamodb } = aws.client(HERE);
    expect(await reasons(dynamodb.send(new PutItemCommand(put({ sk: 'x'.repeat(1_024), pk: 'x'.repeat(1_024), name: 'x'.repeat(2_048) }))))).toEqual(['accepted']);
    expect(await reasons(dynamodb.send(new PutItemCommand(put({ pk: 'x'.repeat(2_048) }))))).toEqual(['accepted']);
  });
});

test('violations: an invitation and an identity that is sent back are remembered', async () => {
  aws.violations.found.length = 0;
  await refusal(create(email, 'invited@example.com', {}, { MessageAction: undefined }));
  await refusal(create(email, 'back@example.com', { sub: 'x' }));
  await aws.client(HERE, { seed: true }).cognito.send(new AdminCreateUserCommand({
    ...one(email, 'seeded@example.com'), UserAttributes: attributes({ 'custom:tenant': 't' }),
  }));
  expect(aws.violations.found.map(({ what }) => what)).toEqual(['without MessageAction SUPPRESS: the user gets an invitation', 'with the attribute sub']);
});

test('outage: nothing gets to a Region that is off; the other one works', async () => {
  aws.switchOff(HERE);
  expect(await refusal(cognito.send(new ListUsersCommand({ UserPoolId: email.userPoolId })))).not.toBe('accepted');
  expect(await refusal(aws.client(THERE).dynamodb.send(new CreateTableCommand({
    TableName: 'other', BillingMode: 'PAY_PER_REQUEST', KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }], AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  })))).toBe('accepted');
  aws.switchOff(HERE, '503');
  expect(await refusal(cognito.send(new ListUsersCommand({ UserPoolId: email.userPoolId })))).toBe('ServiceUnavailableException');
});

test('faults: throttled, cut short, an empty page with a token, one user refused', async () => {
  const list = () => cognito.send(new ListUsersCommand({ UserPoolId: email.userPoolId }));
  const throttling = aws.faults.inject({ operation: 'ListUsers', times: 2, answer: throttled });
  expect([await refusal(list()), await refusal(list()), await refusal(list())]).toEqual(['TooManyRequestsException', 'TooManyRequestsException', 'accepted']);
  expect(throttling.struck).toBe(2);
  aws.faults.inject({ operation: 'ListUsers', times: 1, answer: answer => ({ ...answer, Users: [], PaginationToken: 'more' }) });
  expect(await list()).toMatchObject({ Users: [], PaginationToken: 'more' });
  aws.faults.inject({ operation: 'AdminCreateUser', when: ({ input }) => input.Username === 'refused@example.com', answer: { body: { __type: 'InvalidParameterException', message: 'no' } } });
  expect(await refusal(create(email, 'refused@example.com'))).toBe('InvalidParameterException');
  expect(await refusal(create(email, 'fine@example.com'))).toBe('accepted');
  aws.faults.inject({ operation: 'ListUsers', times: 1, answer: 'drop' });
  expect(await refusal(list())).not.toBe('accepted');
});

test('recording: calls by operation and Region, items by table', async () => {
  const { dynamodb } = aws.client(HERE);
  await dynamodb.send(new CreateTableCommand({
    TableName: 'counted', BillingMode: 'PAY_PER_REQUEST', KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }], AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  }));
  const item = (pk: string) => ({ pk: { S: pk } });
  const before = aws.calls.snapshot();
  await dynamodb.send(new PutItemCommand({ TableName: 'counted', Item: item('1') }));
  await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { counted: [{ PutRequest: { Item: item('2') } }, { DeleteRequest: { Key: item('1') } }] } }));
  await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: 'counted', Item: item('3') } }] }));
  await refusal(cognito.send(new ListUsersCommand({ UserPoolId: email.userPoolId, Limit: 61 })));
  const since = aws.calls.since(before);
  expect(since.byOperation()).toEqual({ PutItem: 1, BatchWriteItem: 1, TransactWriteItems: 1, ListUsers: 1 });
  expect(since.itemsWritten()).toEqual({ counted: 4 });
  expect(since.count({ operation: 'ListUsers', succeeded: true })).toBe(0);
  expect(since.count({ region: THERE })).toBe(0);
});
