import {
  CreateIdentityProviderCommand, CreateUserPoolClientCommand, CreateUserPoolCommand, CreateUserPoolCommandInput, SetUserPoolMfaConfigCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { LocalAws } from '../local-aws';

/** The ways a pool lets people sign in that differ for a copy of it. */
export type PoolKind = 'email' | 'phone' | 'email-or-phone' | 'aliases' | 'username' | 'mfa-optional' | 'mfa-required' | 'passwordless';

export const POOL_KINDS: readonly PoolKind[] = [
  'email', 'phone', 'email-or-phone', 'aliases', 'username', 'mfa-optional', 'mfa-required', 'passwordless',
];

/** One custom attribute of each type, and one that can never be changed. */
export const CUSTOM_ATTRIBUTES: NonNullable<CreateUserPoolCommandInput['Schema']> = [
  { Name: 'tenant', AttributeDataType: 'String', Mutable: false, StringAttributeConstraints: { MinLength: '1', MaxLength: '64' } },
  { Name: 'note', AttributeDataType: 'String', Mutable: true, StringAttributeConstraints: { MinLength: '0', MaxLength: '2048' } },
  { Name: 'score', AttributeDataType: 'Number', Mutable: true, NumberAttributeConstraints: { MinValue: '0', MaxValue: '1000000' } },
  { Name: 'vip', AttributeDataType: 'Boolean', Mutable: true },
  { Name: 'since', AttributeDataType: 'DateTime', Mutable: true },
];

export const IDENTITY_PROVIDER = 'Corp';
export const CALLBACK_URL = 'https://app.example.com/callback';

const SIGN_IN: Record<PoolKind, Partial<CreateUserPoolCommandInput>> = {
  'email': { UsernameAttributes: ['email'], UsernameConfiguration: { CaseSensitive: false } },
  'phone': { UsernameAttributes: ['phone_number'] },
  'email-or-phone': { UsernameAttributes: ['email', 'phone_number'], UsernameConfiguration: { CaseSensitive: false } },
  'aliases': { AliasAttributes: ['email', 'phone_number', 'preferred_username'], UsernameConfiguration: { CaseSensitive: false } },
  'username': { UsernameConfiguration: { CaseSensitive: true } },
  'mfa-optional': { UsernameAttributes: ['email'], UserPoolTier: 'ESSENTIALS' },
  'mfa-required': { UsernameAttributes: ['email'], UserPoolTier: 'ESSENTIALS' },
  'passwordless': {
    UsernameAttributes: ['email'],
    UserPoolTier: 'ESSENTIALS',
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] }, PasswordPolicy: { MinimumLength: 8 } },
  },
};

export interface MadePool {
  readonly userPoolId: string;
  readonly clientId: string;
}

export function poolSettings(kind: PoolKind): CreateUserPoolCommandInput {
  return {
    PoolName: `local-${kind}`,
    AutoVerifiedAttributes: kind === 'phone' ? ['phone_number'] : ['email'],
    Schema: CUSTOM_ATTRIBUTES,
    AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }, { Name: 'verified_phone_number', Priority: 2 }] },
    ...SIGN_IN[kind],
  };
}

/** A pool of that kind with an app client and a SAML identity provider; for tests that need no stack. */
export async function createPool(aws: LocalAws, region: string, kind: PoolKind): Promise<MadePool> {
  const { cognito } = aws.client(region);
  const { UserPool: pool } = await cognito.send(new CreateUserPoolCommand(poolSettings(kind)));
  const userPoolId = pool!.Id!;
  if (kind.startsWith('mfa-')) {
    await cognito.send(new SetUserPoolMfaConfigCommand({
      UserPoolId: userPoolId,
      MfaConfiguration: kind === 'mfa-required' ? 'ON' : 'OPTIONAL',
      SoftwareTokenMfaConfiguration: { Enabled: true },
      SmsMfaConfiguration: { SmsConfiguration: { SnsCallerArn: `arn:aws:iam::${aws.account}:role/sms`, ExternalId: 'local' } },
    }));
  }
  await cognito.send(new CreateIdentityProviderCommand({
    UserPoolId: userPoolId,
    ProviderName: IDENTITY_PROVIDER,
    ProviderType: 'SAML',
    ProviderDetails: { MetadataURL: 'https://idp.example.com/metadata' },
    AttributeMapping: { email: 'email', name: 'name' },
  }));
  const { UserPoolClient: client } = await cognito.send(new CreateUserPoolClientCommand({
    UserPoolId: userPoolId,
    ClientName: 'app',
    ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_AUTH'],
    SupportedIdentityProviders: ['COGNITO', IDENTITY_PROVIDER],
    CallbackURLs: [CALLBACK_URL],
    AllowedOAuthFlows: ['code'],
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthScopes: ['openid'],
  }));
  return { userPoolId, clientId: client!.ClientId! };
}
