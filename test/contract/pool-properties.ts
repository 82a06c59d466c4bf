import { ContractPoolKind } from './driver';

const IGNORING_CASE = { UsernameConfiguration: { CaseSensitive: false } };

const SIGN_IN: Readonly<Record<ContractPoolKind, object>> = {
  'email': { UsernameAttributes: ['email'], ...IGNORING_CASE },
  'email-or-phone': { UsernameAttributes: ['email', 'phone_number'], ...IGNORING_CASE },
  'aliases': { AliasAttributes: ['email', 'preferred_username'], ...IGNORING_CASE },
  'username': IGNORING_CASE,
  'case-sensitive': { UsernameConfiguration: { CaseSensitive: true } },
  'passwordless': {
    UsernameAttributes: ['email'],
    ...IGNORING_CASE,
    UserPoolTier: 'ESSENTIALS',
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] }, PasswordPolicy: { MinimumLength: 8 } },
  },
};

/** A pool of the contract in real or local AWS, as CreateUserPool and CloudFormation have it, but for its name. No attribute is verified by a message. */
export function poolProperties(kind: ContractPoolKind): object {
  return {
    Schema: [
      { Name: 'tenant', AttributeDataType: 'String', Mutable: false, StringAttributeConstraints: { MinLength: '0', MaxLength: '64' } },
      { Name: 'note', AttributeDataType: 'String', Mutable: true, StringAttributeConstraints: { MinLength: '0', MaxLength: '2048' } },
    ],
    ...SIGN_IN[kind],
  };
}
