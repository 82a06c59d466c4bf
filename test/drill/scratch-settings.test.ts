import { DRILL_TAG } from '../../src/drill/constants';
import { CapturedPool, isScratchPool, scratchSettings } from '../../src/drill/scratch-settings';

const OWNER = 'Auth-Dr-us-east-1-drill';
const NAME = { owner: OWNER, name: `${OWNER}-1` };
const made = (captured: CapturedPool) => scratchSettings(captured, NAME);
const standard = { AttributeDataType: 'String', Mutable: true, StringAttributeConstraints: { MinLength: '0', MaxLength: '2048' } };

/** Everything that a pool can have of its own Region, and all that reaches somebody. */
const FULL: CapturedPool = {
  Id: 'us-east-1_A',
  Name: 'users',
  Arn: 'arn',
  CreationDate: 'then',
  UsernameAttributes: ['email'],
  UsernameConfiguration: { CaseSensitive: false },
  UserPoolTier: 'PLUS',
  Policies: { PasswordPolicy: { MinimumLength: 12 }, SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
  SchemaAttributes: [
    { Name: 'sub', ...standard, Mutable: false },
    { Name: 'email', ...standard, Required: true },
    { Name: 'name', ...standard },
    { Name: 'email_verified', AttributeDataType: 'Boolean', Mutable: true },
    { Name: 'custom:team', AttributeDataType: 'String', Mutable: false, StringAttributeConstraints: { MinLength: '1', MaxLength: '64' } },
    { Name: 'dev:custom:internal', AttributeDataType: 'String', DeveloperOnlyAttribute: true },
  ],
  AutoVerifiedAttributes: ['email'],
  LambdaConfig: { PreSignUp: 'arn' },
  EmailConfiguration: { EmailSendingAccount: 'DEVELOPER', SourceArn: 'arn' },
  SmsConfiguration: { SnsCallerArn: 'arn' },
  MfaConfiguration: 'ON',
  Domain: 'users',
  UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' },
  DeletionProtection: 'ACTIVE',
};

test('a pool of the same users, from which nothing reaches anybody', () => {
  const { request, leftOut } = made(FULL);
  expect(request).toEqual({
    PoolName: `${OWNER}-1`,
    UserPoolTags: { [DRILL_TAG]: OWNER },
    DeletionProtection: 'INACTIVE',
    UsernameAttributes: ['email'],
    UsernameConfiguration: { CaseSensitive: false },
    UserPoolTier: 'PLUS',
    Policies: FULL.Policies,
    Schema: [
      { Name: 'source_sub', AttributeDataType: 'String', Mutable: false },
      { ...FULL.SchemaAttributes![1] },
      { ...FULL.SchemaAttributes![4], Name: 'team' },
      { ...FULL.SchemaAttributes![5], Name: 'internal' },
    ],
    MfaConfiguration: 'OFF',
    AutoVerifiedAttributes: [],
    AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'admin_only', Priority: 1 }] },
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
  });
  expect(leftOut).toEqual([
    'AutoVerifiedAttributes', 'Domain', 'EmailConfiguration', 'LambdaConfig', 'MfaConfiguration', 'SmsConfiguration', 'UserPoolAddOns',
  ]);
});

test('a mark that the pool has already, or has no room for, is not added', () => {
  const mark = { Name: 'custom:source_sub', AttributeDataType: 'String', Mutable: false };
  const names = (captured: CapturedPool) => (made(captured).request.Schema as { Name: string }[]).map(({ Name }) => Name);
  expect(names({ SchemaAttributes: [mark] })).toEqual(['source_sub']);
  const many = Array.from({ length: 50 }, (_, i) => ({ Name: `custom:a${i}`, AttributeDataType: 'String' }));
  expect(names({ SchemaAttributes: many })).toHaveLength(50);
});

test('what was never set is neither asked for nor missed', () => {
  const { request, leftOut } = made({
    Name: 'users',
    Policies: { PasswordPolicy: { MinimumLength: 8 }, SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD'] } },
    LambdaConfig: {},
    MfaConfiguration: 'OFF',
    EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT' },
    AutoVerifiedAttributes: [],
  });
  // A pool of the plan Lite takes no policy of sign-ins.
  expect(request.Policies).toEqual({ PasswordPolicy: { MinimumLength: 8 } });
  expect(leftOut).toEqual([]);
});

test.each([
  [`${OWNER}-1`, OWNER, true],
  [`${OWNER}-1`, `${OWNER}-other`, false],
  [`${OWNER}-1`, undefined, false],
  ['users', OWNER, false],
  [OWNER, OWNER, false],
  [`${OWNER}-`, OWNER, false],
  ['a-pool-of-somebody-else-with-a-long-name', OWNER, false],
])('a pool called %s with the tag %s: may a drill delete it? %s', (Name, tag, may) => {
  expect(isScratchPool({ Name, UserPoolTags: tag ? { [DRILL_TAG]: tag } : undefined }, OWNER)).toBe(may);
});

describe('of the attributes', () => {
  const namesOf = (...SchemaAttributes: NonNullable<CapturedPool['SchemaAttributes']>) =>
    (made({ SchemaAttributes }).request.Schema as { Name: string }[]).map(({ Name }) => Name);
  const lengths = (MinLength: string, MaxLength: string) => ({ AttributeDataType: 'String', StringAttributeConstraints: { MinLength, MaxLength } });

  test.each<[string, NonNullable<CapturedPool['SchemaAttributes']>[number], boolean]>([
    ['as in every pool', { Name: 'name', ...standard }, false],
    ['a date, as in every pool', { Name: 'birthdate', ...lengths('10', '10') }, false],
    ['no text', { Name: 'updated_at', AttributeDataType: 'Number', Mutable: true }, false],
    ['text of any length', { Name: 'locale', AttributeDataType: 'String', StringAttributeConstraints: {} }, false],
    ['required', { Name: 'given_name', ...standard, Required: true }, true],
    ['not to be changed', { Name: 'family_name', AttributeDataType: 'String', Mutable: false }, true],
    ['shorter', { Name: 'nickname', ...lengths('0', '99') }, true],
    ['not empty', { Name: 'website', ...lengths('1', '2048') }, true],
    ['said by Cognito alone', { Name: 'email_verified', AttributeDataType: 'Boolean', Required: true, Mutable: false }, false],
    ['Cognito\'s own', { Name: 'sub', ...standard, Required: true, Mutable: false }, false],
    ['named as if it were one of the pool\'s own', { Name: 'acustom:b', ...standard }, false],
  ])('Cognito\'s own that is %s: is it asked for? %#', (_what, attribute, isAsked) => {
    expect(namesOf(attribute)).toEqual(['source_sub', ...isAsked ? [attribute.Name] : []]);
  });

  test('the mark has a place beside 49, and is not added beside itself', () => {
    const custom = Array.from({ length: 49 }, (_, i) => ({ Name: `custom:a${i}`, AttributeDataType: 'String' }));
    expect(namesOf(...custom, { Name: 'name', ...standard }, { Name: 'email', ...standard })).toHaveLength(50);
    expect(namesOf({ Name: 'custom:team' }, { Name: 'custom:source_sub' })).toEqual(['team', 'source_sub']);
  });
});

test('what every pool says of itself is not missed, and another value of it is', () => {
  const plain = {
    Arn: 'arn',
    CreationDate: 'then',
    DeletionProtection: 'ACTIVE',
    EstimatedNumberOfUsers: 7,
    Id: 'us-east-1_A',
    LastModifiedDate: 'now',
    Name: 'users',
    Status: 'Enabled',
    UserPoolTags: { team: 'auth' },
    UserPoolType: 'STANDARD',
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: 7 },
    VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_CODE' },
    SchemaAttributes: [],
    Policies: { PasswordPolicy: { MinimumLength: 8 }, SignInPolicy: {} },
  };
  expect(made(plain)).toMatchObject({ request: { Policies: { PasswordPolicy: { MinimumLength: 8 } } }, leftOut: [] });
  const other = {
    ...plain,
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: true, UnusedAccountValidityDays: 7 },
    VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_LINK' },
  };
  expect(made(other).leftOut).toEqual(['AdminCreateUserConfig', 'VerificationMessageTemplate']);
});

test('what is empty is not set', () => {
  const { request, leftOut } = made({
    AliasAttributes: [],
    UsernameAttributes: undefined,
    UsernameConfiguration: {},
    UserPoolTier: null as never,
    LambdaConfig: {},
    UserPoolAddOns: null as never,
    DeviceConfiguration: {},
    EmailVerificationMessage: undefined,
    SmsAuthenticationMessage: 'code {####}',
  });
  expect(Object.keys(request).sort()).toEqual([
    'AccountRecoverySetting', 'AdminCreateUserConfig', 'AutoVerifiedAttributes', 'DeletionProtection', 'MfaConfiguration', 'Policies', 'PoolName', 'Schema',
    'UserPoolTags',
  ]);
  expect(request.Schema).toEqual([{ Name: 'source_sub', AttributeDataType: 'String', Mutable: false }]);
  expect(leftOut).toEqual(['SmsAuthenticationMessage']);
});
