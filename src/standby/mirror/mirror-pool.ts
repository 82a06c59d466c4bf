import { mirroredSchema } from './mirror-schema';
import { mentionsProperty, Properties, TemplateSettings } from '../../cdk/pool-definition';

/** Properties of the source pool that its mirror takes over as they are; a test holds this list against the L1's own. */
export const POOL_PROPERTIES: readonly string[] = [
  'AccountRecoverySetting', 'AdminCreateUserConfig', 'AliasAttributes', 'AutoVerifiedAttributes', 'DeviceConfiguration',
  'EmailAuthenticationMessage', 'EmailAuthenticationSubject', 'EmailVerificationMessage', 'EmailVerificationSubject', 'EnabledMfas',
  'MfaConfiguration', 'Policies', 'SmsAuthenticationMessage', 'SmsVerificationMessage', 'UserPoolAddOns',
  'UserPoolName', 'UserPoolTier', 'UsernameAttributes', 'UsernameConfiguration', 'VerificationMessageTemplate',
  'WebAuthnFactorConfiguration', 'WebAuthnRelyingPartyID', 'WebAuthnUserVerification',
];

/** The mirror has its own of these, or none: an SES identity, a key, a function and an issuer belong to a Region. */
export const POOL_PROPERTIES_OF_ITS_OWN: readonly string[] = [
  'DeletionProtection', 'EmailConfiguration', 'IssuerConfiguration', 'KeyConfiguration', 'LambdaConfig', 'Schema', 'SmsConfiguration',
  'UserAttributeUpdateSettings', 'UserPoolTags',
];

/** Without these the mirror would be another kind of pool, and most of them cannot be changed later. */
export const ESSENTIAL = [
  'AliasAttributes', 'EnabledMfas', 'MfaConfiguration', 'Policies', 'Schema', 'UserPoolTier', 'UsernameAttributes', 'UsernameConfiguration',
];

/** Properties of the mirror, from those of the source pool. */
export function mirroredPool(source: Properties): Properties {
  return {
    ...source,
    Schema: mirroredSchema(source),
    UserPoolTier: mirroredPlan(source),
    UserAttributeUpdateSettings: verifyingUpdates(source),
  };
}

/** Whether threat protection is on, for which Cognito asks for the plan Plus. */
export function hasThreatProtection({ UserPoolAddOns: addOns }: Properties): boolean {
  const { AdvancedSecurityMode: mode, AdvancedSecurityAdditionalFlows: flows } = (addOns ?? {}) as Properties;
  return [mode, ...Object.values((flows ?? {}) as Properties)].some(each => each !== undefined && each !== 'OFF');
}

/** The plan of the mirror: Cognito refuses a new pool with threat protection on another plan than Plus, though old ones keep it on theirs. */
function mirroredPlan(source: Properties): unknown {
  return hasThreatProtection(source) ? 'PLUS' : source.UserPoolTier;
}

/** Whether the pool sends e-mail from an address of its own. */
export function hasOwnSender({ EmailConfiguration: email }: Properties): boolean {
  const { EmailSendingAccount: account, SourceArn: identity } = (email ?? {}) as Properties;
  return account === 'DEVELOPER' || identity !== undefined;
}

/** Whether the pool is encrypted with a key that is not AWS's own; Cognito describes every pool with a kind of key. */
export function hasOwnKey(settings: TemplateSettings): boolean {
  const { KeyType: type } = (settings.properties.KeyConfiguration ?? {}) as Properties;
  return mentionsProperty(settings, 'KeyConfiguration') && type !== 'AWS_OWNED_KEY';
}

/**
 * An address that a user changes counts once they proved it; until then they keep the other. Cognito takes this only of attributes that it verifies.
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserAttributeUpdateSettingsType.html
 */
function verifyingUpdates({ AutoVerifiedAttributes: attributes }: Properties): Properties | undefined {
  return (attributes as string[] | undefined)?.length ? { AttributesRequireVerificationBeforeUpdate: attributes } : undefined;
}
