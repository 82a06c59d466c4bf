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
])('a pool called %s with the tag %s: may a drill delete it? %s', (Name, tag, may) => {
  expect(isScratchPool({ Name, UserPoolTags: tag ? { [DRILL_TAG]: tag } : undefined }, OWNER)).toBe(may);
});
