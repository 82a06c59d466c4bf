import { Properties, USER_POOL_DOMAIN } from '../../cdk/pool-definition';

/** What is said at synthesis: `id` follows `cognito-dr-replica:`, and never changes. */
export interface SynthesisWarning {
  readonly id: string;
  readonly message: string;
}

interface Companion {
  readonly type: string;
  readonly id: string;
  readonly what: string;
  readonly lost: string;
}

/**
 * Resources that belong to a pool and to its Region, so that none is copied. One of the same type on the standby pool answers; a test holds the
 * list against all that CloudFormation knows of a user pool.
 */
export const COMPANIONS: readonly Companion[] = [
  { type: USER_POOL_DOMAIN, id: 'domain', what: 'a domain', lost: 'managed login and identity providers do not work there' },
  { type: 'AWS::Cognito::ManagedLoginBranding', id: 'branding', what: 'branding of managed login', lost: 'its pages look as Cognito makes them' },
  {
    type: 'AWS::Cognito::UserPoolUICustomizationAttachment',
    id: 'uiCustomization',
    what: 'a customised hosted UI',
    lost: 'its pages look as '
      + 'Cognito makes them',
  },
  {
    type: 'AWS::Cognito::UserPoolRiskConfigurationAttachment',
    id: 'riskConfiguration',
    what: 'a risk configuration',
    lost: 'threat protection does there what Cognito does by default',
  },
  {
    type: 'AWS::Cognito::LogDeliveryConfiguration',
    id: 'logDelivery',
    what: 'a log delivery',
    lost: 'errors of messages and threats are logged '
    + 'nowhere',
  },
  { type: 'AWS::Cognito::Terms', id: 'terms', what: 'terms of use', lost: 'nobody is shown them there' },
  { type: 'AWS::WAFv2::WebACLAssociation', id: 'webAcl', what: 'a web ACL', lost: 'no firewall is before it' },
];

/** Resources of a pool that are mirrored, restored as data, or Cognito's own replication. */
export const COMPANIONS_ELSEWHERE: readonly string[] = [
  'AWS::Cognito::UserPoolClient', 'AWS::Cognito::UserPoolResourceServer', 'AWS::Cognito::UserPoolIdentityProvider', 'AWS::Cognito::UserPoolGroup',
  'AWS::Cognito::UserPoolUser', 'AWS::Cognito::UserPoolUserToGroupAttachment', 'AWS::Cognito::UserPoolReplica',
  'AWS::Cognito::UserPoolRegionalConfigurationAttachment',
];

/** @param source types of the resources that belong to the source pool @param mirror of those that belong to its mirror */
export function companionWarnings(source: ReadonlySet<string>, mirror: ReadonlySet<string>): SynthesisWarning[] {
  return COMPANIONS.filter(({ type }) => source.has(type) && !mirror.has(type)).map(({ type, id, what, lost }) => ({
    id,
    message: `the source pool has ${what} (${type}), which belongs to its Region; the standby pool has none, so that ${lost}: define one for `
      + 'mirrorUserPool, or acknowledge this',
  }));
}

/** Whether threat protection is on, for which Cognito asks for the plan Plus. */
export function hasThreatProtection({ UserPoolAddOns: addOns }: Properties): boolean {
  const { AdvancedSecurityMode: mode, AdvancedSecurityAdditionalFlows: flows } = (addOns ?? {}) as Properties;
  return [mode, ...Object.values((flows ?? {}) as Properties)].some(each => each !== undefined && each !== 'OFF');
}

/** The plan of the mirror: Cognito refuses a new pool with threat protection on another plan than Plus, though old ones keep it on theirs. */
export function mirroredPlan(source: Properties): unknown {
  return hasThreatProtection(source) ? 'PLUS' : source.UserPoolTier;
}

/** Whether the pool sends e-mail from an address of its own. */
export function hasOwnSender({ EmailConfiguration: email }: Properties): boolean {
  const { EmailSendingAccount: account, SourceArn: identity } = (email ?? {}) as Properties;
  return account === 'DEVELOPER' || identity !== undefined;
}
