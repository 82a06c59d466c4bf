import {
  AdminAddUserToGroupCommand, AdminConfirmSignUpCommand, AdminCreateUserCommand, AdminGetUserCommand, AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand, CognitoIdentityProviderClient, ConfirmForgotPasswordCommand, ConfirmSignUpCommand, CreateGroupCommand,
  CreateUserPoolClientCommand, ForgotPasswordCommand, InitiateAuthCommand, LambdaConfigType, ListUsersCommand, RespondToAuthChallengeCommand,
  SignUpCommand, UpdateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { callableBy, deployTemplate, inlineFunction } from '../../fixtures/stack';
import { LocalAws } from '../../local-aws';
import { exchangeCode, signInFederated } from '../../seed/federated-sign-in';
import { createPool, IDENTITY_PROVIDER, MadePool } from '../../seed/pools';
import { Backend } from '../backend';
import { claimsOf } from '../request';
import { CONFIRMATION_CODE, RESET_CODE } from '../rules/recovery';

const REGION = 'us-east-1';
const PASSWORD = 'Correct-1-password';
const arn = (name: string) => `arn:aws:lambda:${REGION}:${LocalAws.ACCOUNT}:function:${name}`;

let aws: LocalAws;
let cognito: CognitoIdentityProviderClient;
let pool: MadePool;
let quiet: MadePool;
let aliases: MadePool;
let browser: Backend;

const attributes = (values: Record<string, string>) => Object.entries(values).map(([Name, Value]) => ({ Name, Value }));
const refusal = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'accepted';
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};
const use = (LambdaConfig: LambdaConfigType, of = pool) => cognito.send(new UpdateUserPoolCommand({
  UserPoolId: of.userPoolId, AutoVerifiedAttributes: ['email'], LambdaConfig,
}));
const signUp = (Username: string, more: object = {}) => cognito.send(new SignUpCommand({
  ClientId: pool.clientId, Username, Password: PASSWORD, UserAttributes: attributes({ 'custom:tenant': 't' }), ...more,
}));
const confirm = (Username: string) => cognito.send(new ConfirmSignUpCommand({
  ClientId: pool.clientId, Username, ConfirmationCode: CONFIRMATION_CODE,
}));
const signIn = (USERNAME: string, PASSWORD_ = PASSWORD, ClientId = pool.clientId, more: object = {}) => cognito.send(new InitiateAuthCommand({
  ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME, PASSWORD: PASSWORD_ }, ...more,
}));
const get = (Username: string, of = pool) => cognito.send(new AdminGetUserCommand({ UserPoolId: of.userPoolId, Username }));
const create = async (Username: string, of = pool) => {
  const one = { UserPoolId: of.userPoolId, Username };
  await cognito.send(new AdminCreateUserCommand({
    ...one, MessageAction: 'SUPPRESS', UserAttributes: attributes({ 'custom:tenant': 't', 'email_verified': 'true' }),
  }));
  await cognito.send(new AdminSetUserPasswordCommand({ ...one, Password: PASSWORD, Permanent: true }));
};
/** The event as the function got it last. */
const seen = async (name: string) => {
  const lines = (await aws.lambdaLogs(REGION)).filter(line => line.includes(`SEEN ${name} `));
  return JSON.parse(lines[lines.length - 1].split(`SEEN ${name} `)[1]) as { userName: string; request: Record<string, unknown> };
};

const LOG = (name: string) => `console.log('SEEN ${name} ' + JSON.stringify(event));`;
const MIGRATE = `
  ${LOG('migrate')}
  const name = event.userName;
  if (name.startsWith('throws')) throw new Error('Bad password');
  if (name.startsWith('null')) return null;
  if (name.startsWith('stranger') || (event.request.password && event.request.password.startsWith('wrong'))) return event;
  event.response.userAttributes = { email: name.includes('other') ? 'else@example.com' : name, email_verified: 'true', 'custom:tenant': 'migrated' };
  if (name.startsWith('alias')) event.response.userAttributes = { username: 'named-' + name.split('@')[0], email: name, email_verified: 'true', 'custom:tenant': 'm' };
  if (name.startsWith('sub')) event.response.userAttributes.sub = 'x';
  if (name.startsWith('Lower')) event.response.userAttributes.email = name.toLowerCase();
  event.response.finalUserStatus = name.startsWith('reset') ? 'RESET_REQUIRED' : 'CONFIRMED';
  event.response.messageAction = 'SUPPRESS';
  return event;`;

beforeAll(async () => {
  aws = await LocalAws.start();
  ({ cognito } = aws.client(REGION));
  browser = new Backend(Number(new URL(aws.endpoint).port), aws.account);
  const functions = {
    Good: inlineFunction('good', `${LOG('good')} return event;`),
    Throws: inlineFunction('throws', 'throw new Error(\'not today\');'),
    Nothing: inlineFunction('nothing', 'return { statusCode: 200 };'),
    Slow: inlineFunction('slow', 'await new Promise(resolve => setTimeout(resolve, 6_000)); return event;'),
    AutoConfirm: inlineFunction('auto-confirm', `${LOG('auto-confirm')} event.response.autoConfirmUser = true; return event;`),
    Migrate: inlineFunction('migrate', MIGRATE),
    ClaimsV1: inlineFunction('claims-v1', `
      ${LOG('claims-v1')}
      event.response = { claimsOverrideDetails: {
        claimsToAddOrOverride: { source_sub: 'first', sub: 'forged' }, claimsToSuppress: ['custom:tenant'],
        groupOverrideDetails: { groupsToOverride: ['a', 'b'] } } };
      return event;`),
    ClaimsV2: inlineFunction('claims-v2', `
      ${LOG('claims-v2')}
      event.response = { claimsAndScopeOverrideDetails: {
        idTokenGeneration: { claimsToAddOrOverride: { source_sub: 'first', roles: ['x'] } },
        accessTokenGeneration: { claimsToAddOrOverride: { source_sub: 'first' }, scopesToAdd: ['books/read'] },
        groupOverrideDetails: { groupsToOverride: ['c'] } } };
      return event;`),
  };
  const names = Object.values(functions).map(({ Properties }) => Properties.FunctionName as string);
  await deployTemplate(aws, REGION, 'triggers', functions);
  // After its functions, without references to them.
  await deployTemplate(aws, REGION, 'permissions', callableBy('cognito-idp', ...names));
  pool = await createPool(aws, REGION, 'email');
  aliases = await createPool(aws, REGION, 'aliases');
  const { UserPoolClient } = await cognito.send(new CreateUserPoolClientCommand({
    UserPoolId: pool.userPoolId, ClientName: 'quiet', ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'], PreventUserExistenceErrors: 'ENABLED',
  }));
  quiet = { userPoolId: pool.userPoolId, clientId: UserPoolClient!.ClientId! };
});

afterAll(async () => {
  browser?.close();
  await aws?.stop();
});

describe('PostConfirmation', () => {
  test('a confirmed sign-up, with the event of AWS; the address is verified by then', async () => {
    await use({ PostConfirmation: arn('good') });
    await signUp('post@example.com');
    const before = aws.triggers.length;
    await cognito.send(new ConfirmSignUpCommand({
      ClientId: pool.clientId, Username: 'post@example.com', ConfirmationCode: CONFIRMATION_CODE, ClientMetadata: { from: 'test' },
    }));
    expect(aws.triggers.slice(before)).toMatchObject([{ triggerSource: 'PostConfirmation_ConfirmSignUp', functionName: 'good', outcome: 'answered', region: REGION }]);
    const user = await get('post@example.com');
    const event = await seen('good');
    expect(event).toMatchObject({
      version: '1',
      region: REGION,
      userPoolId: pool.userPoolId,
      userName: user.Username,
      callerContext: { clientId: pool.clientId },
      triggerSource: 'PostConfirmation_ConfirmSignUp',
      request: {
        userAttributes: { 'sub': user.Username, 'email': 'post@example.com', 'email_verified': 'true', 'cognito:user_status': 'CONFIRMED' },
        clientMetadata: { from: 'test' },
      },
      response: {},
    });
    expect(aws.triggers[before].durationMs).toBeGreaterThan(0);
  });

  test('by an administrator, by a new password, and at once where PreSignUp says so', async () => {
    await signUp('admin@example.com');
    const before = aws.triggers.length;
    const byAdmin = () => cognito.send(new AdminConfirmSignUpCommand({ UserPoolId: pool.userPoolId, Username: 'admin@example.com' }));
    await byAdmin();
    expect(await refusal(byAdmin())).toContain('Current status is CONFIRMED');
    await create('forgot@example.com');
    await cognito.send(new ForgotPasswordCommand({ ClientId: pool.clientId, Username: 'forgot@example.com' }));
    await cognito.send(new ConfirmForgotPasswordCommand({
      ClientId: pool.clientId, Username: 'forgot@example.com', ConfirmationCode: RESET_CODE, Password: PASSWORD,
    }));
    await use({ PostConfirmation: arn('good'), PreSignUp: arn('auto-confirm') });
    expect(await signUp('auto@example.com', { ValidationData: attributes({ a: 'b' }) })).toMatchObject({ UserConfirmed: true });
    expect((await seen('auto-confirm')).request).toMatchObject({ validationData: { a: 'b' } });
    await create('created@example.com');
    expect(aws.triggers.slice(before).map(({ triggerSource }) => triggerSource)).toEqual([
      'PostConfirmation_ConfirmSignUp', 'PostConfirmation_ConfirmForgotPassword', 'PreSignUp_SignUp', 'PostConfirmation_ConfirmSignUp', 'PreSignUp_AdminCreateUser',
    ]);
  });

  test('one that fails fails the call, and the user is confirmed all the same', async () => {
    const answers: Record<string, string> = {};
    for (const name of ['throws', 'nothing', 'missing', 'slow']) {
      await use({ PostConfirmation: arn(name) });
      await signUp(`${name}@example.com`);
      answers[name] = await refusal(confirm(`${name}@example.com`));
      expect((await get(`${name}@example.com`)).UserStatus).toBe('CONFIRMED');
    }
    expect(answers).toEqual({
      throws: 'UserLambdaValidationException: PostConfirmation failed with error not today.',
      nothing: 'InvalidLambdaResponseException: Unrecognizable lambda output',
      // IAM comes before the function's absence: there is nothing that would let Cognito call it.
      missing: 'UnexpectedLambdaException: PostConfirmation invocation failed due to error AccessDeniedException.',
      slow: 'UnexpectedLambdaException: PostConfirmation invocation failed due to error Socket timeout while invoking Lambda function.',
    });
    expect(aws.iam.takeDenials()).toMatchObject([{ resource: arn('missing') }]);
    await use({ PreSignUp: arn('throws') });
    expect(await refusal(signUp('refused@example.com'))).toBe('UserLambdaValidationException: PreSignUp failed with error not today.');
  }, 20_000);
});

describe('PostAuthentication', () => {
  test('every way to sign in, before the tokens are made; not a refresh, not a wrong password', async () => {
    await use({ PostAuthentication: arn('good'), PreTokenGeneration: arn('claims-v1') });
    await create('in@example.com');
    const before = aws.triggers.length;
    const { AuthenticationResult } = await signIn('in@example.com');
    await refusal(signIn('in@example.com', 'Wrong-1-password'));
    await cognito.send(new AdminInitiateAuthCommand({
      UserPoolId: pool.userPoolId, ClientId: pool.clientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters: { USERNAME: 'in@example.com', PASSWORD },
    }));
    await cognito.send(new InitiateAuthCommand({
      ClientId: pool.clientId, AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters: { REFRESH_TOKEN: AuthenticationResult!.RefreshToken! },
    }));
    expect(aws.triggers.slice(before).map(({ triggerSource }) => triggerSource)).toEqual([
      'PostAuthentication_Authentication', 'TokenGeneration_Authentication', 'PostAuthentication_Authentication', 'TokenGeneration_Authentication',
      'TokenGeneration_RefreshTokens',
    ]);
    expect((await seen('good')).request).toMatchObject({ newDeviceUsed: false, userAttributes: { email: 'in@example.com' } });
  });

  test('a first new password; a failure keeps the user out', async () => {
    await use({ PostAuthentication: arn('throws') });
    await cognito.send(new AdminCreateUserCommand({
      UserPoolId: pool.userPoolId,
      Username: 'temporary@example.com',
      MessageAction: 'SUPPRESS',
      TemporaryPassword: PASSWORD,
      UserAttributes: attributes({ 'custom:tenant': 't' }),
    }));
    const { Session } = await signIn('temporary@example.com');
    const answer = await refusal(cognito.send(new RespondToAuthChallengeCommand({
      ClientId: pool.clientId, ChallengeName: 'NEW_PASSWORD_REQUIRED', Session, ChallengeResponses: { USERNAME: 'temporary@example.com', NEW_PASSWORD: PASSWORD },
    })));
    expect(answer).toBe('UserLambdaValidationException: PostAuthentication failed with error not today.');
    expect((await get('temporary@example.com')).UserStatus).toBe('CONFIRMED');
  });

  test('federated: PostConfirmation at the first sign-in, PostAuthentication later', async () => {
    await use({ PostConfirmation: arn('good'), PostAuthentication: arn('good'), PreTokenGeneration: arn('claims-v1') });
    const visit = async () => exchangeCode(browser, pool.clientId, await signInFederated(browser, {
      clientId: pool.clientId, provider: IDENTITY_PROVIDER, nameId: 'ann@corp.example.com', attributes: { email: 'ann@corp.example.com', name: 'Ann' },
    }));
    const before = aws.triggers.length;
    const { id_token: first } = await visit();
    await visit();
    expect(aws.triggers.slice(before)).toMatchObject([
      { triggerSource: 'PostConfirmation_ConfirmSignUp', userName: 'Corp_ann@corp.example.com' }, { triggerSource: 'TokenGeneration_HostedAuth' },
      { triggerSource: 'PostAuthentication_Authentication', userName: 'Corp_ann@corp.example.com' }, { triggerSource: 'TokenGeneration_HostedAuth' },
    ]);
    expect(claimsOf(first)).toMatchObject({ source_sub: 'first' });
    expect((await seen('good')).request).toMatchObject({
      userAttributes: { 'cognito:user_status': 'EXTERNAL_PROVIDER', 'identities': expect.stringContaining('"providerName"') as string },
    });
    await use({ PostAuthentication: arn('throws') });
    await expect(visit()).rejects.toThrow('PostAuthentication failed with error not today.');
  });
});

describe('PreTokenGeneration', () => {
  const tokens = async () => {
    const { AuthenticationResult } = await signIn('claims@example.com');
    return { id: claimsOf(AuthenticationResult!.IdToken!)!, access: claimsOf(AuthenticationResult!.AccessToken!)! };
  };

  beforeAll(async () => {
    await use({});
    await create('claims@example.com');
    await cognito.send(new CreateGroupCommand({ UserPoolId: pool.userPoolId, GroupName: 'members', RoleArn: 'arn:aws:iam::000000000000:role/members' }));
    await cognito.send(new AdminAddUserToGroupCommand({ UserPoolId: pool.userPoolId, GroupName: 'members', Username: 'claims@example.com' }));
  });

  test('V1: claims of the ID token, groups of both; nobody becomes somebody else', async () => {
    await use({ PreTokenGeneration: arn('claims-v1'), PreTokenGenerationConfig: { LambdaArn: arn('claims-v1'), LambdaVersion: 'V1_0' } });
    const { id, access } = await tokens();
    const user = await get('claims@example.com');
    expect(id).toMatchObject({ 'source_sub': 'first', 'sub': user.Username, 'cognito:groups': ['a', 'b'] });
    expect(id).not.toHaveProperty('custom:tenant');
    expect(access).toMatchObject({ 'sub': user.Username, 'cognito:groups': ['a', 'b'] });
    expect(access).not.toHaveProperty('source_sub');
    expect((await seen('claims-v1')).request).toMatchObject({
      userAttributes: { 'cognito:user_status': 'CONFIRMED' },
      groupConfiguration: { groupsToOverride: ['members'], iamRolesToOverride: ['arn:aws:iam::000000000000:role/members'], preferredRole: 'arn:aws:iam::000000000000:role/members' },
    });
  });

  test('V2: claims of both tokens by one invocation', async () => {
    await use({ PreTokenGenerationConfig: { LambdaArn: arn('claims-v2'), LambdaVersion: 'V2_0' } });
    const before = aws.triggers.length;
    const { id, access } = await tokens();
    expect(id).toMatchObject({ 'source_sub': 'first', 'roles': ['x'], 'cognito:groups': ['c'] });
    expect(access).toMatchObject({ 'source_sub': 'first', 'scope': 'aws.cognito.signin.user.admin books/read', 'cognito:groups': ['c'] });
    expect(aws.triggers.length - before).toBe(1);
  });

  test('one that fails keeps the user out', async () => {
    await use({ PreTokenGeneration: arn('throws') });
    expect(await refusal(signIn('claims@example.com'))).toBe('UserLambdaValidationException: PreTokenGeneration failed with error not today.');
  });
});

describe('UserMigration', () => {
  beforeAll(async () => {
    await use({ UserMigration: arn('migrate') });
    await cognito.send(new UpdateUserPoolCommand({ UserPoolId: aliases.userPoolId, LambdaConfig: { UserMigration: arn('migrate') } }));
  });

  test('a sign-in makes the user, once, with whatever password they had', async () => {
    const before = aws.triggers.length;
    const { AuthenticationResult } = await signIn('mover@example.com', 'short', pool.clientId, { ClientMetadata: { device: 'phone' } });
    const user = await get('mover@example.com');
    expect(claimsOf(AuthenticationResult!.IdToken!)).toMatchObject({ 'sub': user.Username, 'email': 'mover@example.com', 'custom:tenant': 'migrated' });
    expect(user.UserStatus).toBe('CONFIRMED');
    expect(await seen('migrate')).toMatchObject({
      userName: 'mover@example.com', triggerSource: 'UserMigration_Authentication', request: { password: 'short', validationData: { device: 'phone' } },
    });
    await signIn('mover@example.com', 'short');
    expect(aws.triggers.length - before).toBe(1);
  });

  test('ForgotPassword goes on for the new user', async () => {
    await cognito.send(new ForgotPasswordCommand({ ClientId: pool.clientId, Username: 'lost@example.com' }));
    expect((await seen('migrate')).request).not.toHaveProperty('password');
    await cognito.send(new ConfirmForgotPasswordCommand({
      ClientId: pool.clientId, Username: 'lost@example.com', ConfirmationCode: RESET_CODE, Password: PASSWORD,
    }));
    expect(await signIn('lost@example.com')).toHaveProperty('AuthenticationResult.IdToken');
  });

  test('a user who has to reset the password learns so', async () => {
    expect(await refusal(signIn('reset@example.com'))).toContain('PasswordResetRequiredException');
    expect((await get('reset@example.com')).UserStatus).toBe('RESET_REQUIRED');
  });

  test('refused: as a stranger where the app client hides who exists; an error of the function shows', async () => {
    const hidden = 'NotAuthorizedException: Incorrect username or password.';
    const shown = `UserNotFoundException: Exception migrating user in app client ${pool.clientId}`;
    for (const name of ['stranger@example.com', 'other@example.com', 'sub@example.com']) {
      expect(await refusal(signIn(name))).toBe(shown);
      expect(await refusal(signIn(name, PASSWORD, quiet.clientId))).toBe(hidden);
    }
    expect(await refusal(cognito.send(new ForgotPasswordCommand({ ClientId: quiet.clientId, Username: 'stranger@example.com' })))).toBe('accepted');
    expect(await refusal(signIn('throws@nowhere.example', PASSWORD, quiet.clientId)))
      .toBe('UserLambdaValidationException: UserMigration failed with error Bad password.');
    expect(await refusal(signIn('null@example.com', PASSWORD, quiet.clientId)))
      .toBe(`UserNotFoundException: Exception migrating user in app client ${quiet.clientId}`);
    const { Users } = await cognito.send(new ListUsersCommand({ UserPoolId: pool.userPoolId, Filter: 'email ^= "stranger"' }));
    expect(Users).toEqual([]);
  });

  test('where addresses are aliases the function names the user', async () => {
    expect(await refusal(signIn('plain@example.com', PASSWORD, aliases.clientId))).toContain('Username cannot be of email format');
    expect(await signIn('alias@example.com', PASSWORD, aliases.clientId)).toHaveProperty('AuthenticationResult.IdToken');
    expect((await get('named-alias', aliases)).UserStatus).toBe('CONFIRMED');
  });

  describe('by a switch', () => {
    const forgot = (Username: string, ClientId = pool.clientId) => cognito.send(new ForgotPasswordCommand({ ClientId, Username }));
    const cannotMigrate = (clientId: string) => `UserNotFoundException: Exception migrating user in app client ${clientId}`;

    afterEach(() => aws.switches.reset());

    test.each(['PreSignUp_AdminCreateUser', 'PreSignUp_SignUp'] as const)('the user goes through a sign-up: %s', async triggerSource => {
      await use({ UserMigration: arn('migrate'), PreSignUp: arn('good') });
      await forgot(`without-${triggerSource.length}@example.com`);
      const before = aws.triggers.length;
      await aws.turn({ signUpAfterMigration: triggerSource });
      await forgot(`through-${triggerSource.length}@example.com`);
      expect(aws.triggers.length - before).toBe(2);
      expect(await seen('good')).toMatchObject({ triggerSource, request: { userAttributes: { 'custom:tenant': 'migrated' } } });
      await use({ UserMigration: arn('migrate') });
    });

    test('a user who was made by a reset is confirmed, or has a password to change', async () => {
      for (const status of ['CONFIRMED', 'FORCE_CHANGE_PASSWORD'] as const) {
        await aws.turn({ statusAfterForgotPassword: status });
        await forgot(`${status.length}@example.com`);
        expect((await get(`${status.length}@example.com`)).UserStatus).toBe(status);
      }
    });

    test('an event as it came is an answer, or none', async () => {
      expect(await refusal(forgot('stranger-a@example.com', quiet.clientId))).toBe('accepted');
      await aws.turn({ nobody: 'emptied' });
      expect(await refusal(forgot('stranger-a@example.com', quiet.clientId))).toBe(cannotMigrate(quiet.clientId));
    });

    test('the name of the answer is compared as the pool does it, or letter by letter', async () => {
      expect(await refusal(signIn('Lower-a@example.com'))).toBe('accepted');
      expect((await get('Lower-a@example.com')).UserAttributes).toContainEqual({ Name: 'email', Value: 'lower-a@example.com' });
      await aws.turn({ migratedName: 'letter-by-letter' });
      expect(await refusal(signIn('Lower-b@example.com'))).toBe(cannotMigrate(pool.clientId));
    });

    test('a client that hides who exists says that a password has to be reset, or does not', async () => {
      expect(await refusal(signIn('reset-a@example.com', PASSWORD, quiet.clientId))).toContain('PasswordResetRequiredException');
      await aws.turn({ resetRequired: 'NotAuthorizedException' });
      expect(await refusal(signIn('reset-a@example.com', PASSWORD, quiet.clientId))).toBe('NotAuthorizedException: Incorrect username or password.');
      expect(await refusal(signIn('reset-a@example.com'))).toContain('PasswordResetRequiredException');
    });
  });

  test('two devices at once make one user', async () => {
    for (let person = 0; person < 10; person++) {
      const email = `twice${person}@example.com`;
      const answers = await Promise.all([signIn(email), signIn(email)]);
      expect(answers.every(answer => answer.AuthenticationResult?.IdToken)).toBe(true);
      const { Users } = await cognito.send(new ListUsersCommand({ UserPoolId: pool.userPoolId, Filter: `email = "${email}"` }));
      expect(Users).toHaveLength(1);
    }
  });
});
