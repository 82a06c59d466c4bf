import { isDeepStrictEqual } from 'util';
import { CLIENT_PROPERTIES, losesClientCredentials, lostCallbacks, missingProviders, RedirectUrls } from './mirror-client';
import { hasOwnKey, hasOwnSender, hasThreatProtection, POOL_PROPERTIES, POOL_PROPERTIES_OF_ITS_OWN } from './mirror-pool';
import { hasSourceSub, MAX_CUSTOM_ATTRIBUTES } from './mirror-schema';
import { mentionsProperty, Properties, TemplateSettings, topLevel, USER_POOL_DOMAIN } from '../../cdk/pool-definition';

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

/** A resource of the source, and its mirror as it is rendered. */
interface Mirrored {
  /** Path of the source's construct. */
  readonly path: string;
  readonly source: TemplateSettings;
  readonly mirror: TemplateSettings;
  /** What this library gives the mirror: another value was set by hand. */
  readonly ours: Properties;
}

interface Triggers {
  /** Of the source: attached by this library itself, which the mirror does not need. */
  readonly capturing: readonly string[];
  /** Of the mirror: those that this library takes for itself. */
  readonly held: readonly string[];
}

/** What the mirror of a pool has not. */
export function poolWarnings({ path, source, mirror, ours }: Mirrored, { capturing, held }: Triggers): SynthesisWarning[] {
  const { properties, unavailable } = source;
  const isSet = setByHand(mirror.properties, ours);
  const warnings = unavailableWarnings(path, unavailable.filter(each => POOL_PROPERTIES.includes(topLevel(each)) && !isSet(topLevel(each))));
  const warn = (id: string, message: string) => { warnings.push({ id, message }); };
  const own = triggersOf(mirror);
  const triggers = triggersOf(source).filter(name => !own.includes(name) && !capturing.includes(name));
  const [taken, free] = [true, false].map(isHeld => triggers.filter(name => held.includes(name) === isHeld));
  if (free.length > 0) {
    warn('triggers', `the source pool has Lambda triggers (${free.join(', ')}) that its standby pool does not have, because a function `
      + 'belongs to a Region: add triggers with mirrorUserPool.addTrigger(...), or acknowledge this');
  }
  if (taken.length > 0) {
    warn('heldTriggers', `the source pool has Lambda triggers (${taken.join(', ')}) whose places on the standby pool this library takes `
      + 'itself, to make users there and to keep strangers from being them: what your functions do is not done there. Do it in the application '
      + 'or in another trigger, and acknowledge this');
  }
  if (hasOwnKey(source) && !mentionsProperty(mirror, 'KeyConfiguration')) {
    warn('keyConfiguration', 'the source pool is encrypted with a key of your own; its standby pool is encrypted with a key of AWS, because '
      + "the source's key belongs to another Region: set keyConfiguration on the L1 of mirrorUserPool, or acknowledge this");
  }
  const hasSender = hasOwnSender(properties) || unavailable.some(each => each.startsWith('EmailConfiguration.'));
  if (hasSender && !mentionsProperty(mirror, 'EmailConfiguration')) {
    warn('emailSender', 'the source pool sends e-mail from an identity of SES, which belongs to its Region; the standby pool sends as Cognito '
      + 'does, 50 messages a day: name an identity of the replica Region with email: UserPoolEmail.withSES({ sesRegion, ... }) of the standby, or '
      + 'acknowledge this');
  }
  if (hasThreatProtection(mirror.properties) && properties.UserPoolTier !== 'PLUS' && !isSet('UserPoolTier')) {
    warn('threatProtection', 'the source pool has threat protection and '
      + `${properties.UserPoolTier ? `the plan ${String(properties.UserPoolTier)}` : 'names no plan'}; `
      + 'Cognito takes a new pool with it on the plan Plus only, so that the standby pool is made on Plus, which costs more for each active '
      + 'user: give the source pool featurePlan: FeaturePlan.PLUS, set userPoolTier or userPoolAddOns on the L1 of mirrorUserPool, or '
      + 'acknowledge this');
  }
  const unknown = Object.keys(properties).filter(name => !POOL_PROPERTIES.includes(name) && !POOL_PROPERTIES_OF_ITS_OWN.includes(name)
    && mirror.properties[name] === undefined);
  if (unknown.length > 0) {
    warn('unknownSettings', `the source pool has properties that this version does not know (${unknown.join(', ')}); its standby pool is `
      + 'made without them: set them on the L1 of mirrorUserPool, or acknowledge this');
  }
  if (!hasSourceSub(properties)) {
    warn('sourceSub', `the source pool has ${MAX_CUSTOM_ATTRIBUTES} custom attributes, as many as Cognito allows, so its standby pool has `
      + 'no room for custom:source_sub; after a restore, only the state table says which user of the source pool somebody was: acknowledge this');
  }
  return warnings;
}

interface ClientOf {
  /** Of the mirrored client, as properties of the construct know it. */
  readonly name: string;
  readonly redirectUrls?: RedirectUrls;
  /** Properties of the source pool. */
  readonly pool: Properties;
  /** Names of the identity providers that the mirror of the pool has. */
  readonly providers: readonly string[];
}

/** What the mirror of an app client has not. */
export function clientWarnings({ path, source, mirror, ours }: Mirrored, { name, redirectUrls = {}, pool, providers }: ClientOf): SynthesisWarning[] {
  const { properties, unavailable } = source;
  const isSet = setByHand(mirror.properties, ours);
  const isGiven = (property: string) => isSet(property)
    || (property === 'CallbackURLs' && !!redirectUrls.callbackUrls) || (property === 'LogoutURLs' && !!redirectUrls.logoutUrls);
  const lost = unavailable.filter(each => CLIENT_PROPERTIES.includes(topLevel(each)) && !isGiven(topLevel(each)));
  const warnings: SynthesisWarning[] = [];
  const warn = (id: string, message: string) => { warnings.push({ id, message }); };
  if (lostCallbacks(properties) && !isGiven('CallbackURLs')) {
    warn('callbackUrls', `no callback URL of client ${path} is known outside its stack, so its mirror has no OAuth flows: give `
      + `callbackUrls: { '${name}': [...] } of the standby, or acknowledge this`);
    warnings.push(...unavailableWarnings(path, lost.filter(each => topLevel(each) !== 'CallbackURLs')));
  } else {
    warnings.push(...unavailableWarnings(path, lost));
  }
  if (properties.AnalyticsConfiguration !== undefined && mirror.properties.AnalyticsConfiguration === undefined) {
    warn('analytics', `client ${path} tells an Amazon Pinpoint project, which belongs to its Region; its mirror tells none: set `
      + 'analyticsConfiguration on the L1 of standbyClient(...), or acknowledge this');
  }
  if (losesClientCredentials(properties, pool)) {
    warn('clientCredentials', `client ${path} signs in for itself (client_credentials), about which the plan Lite asks no `
      + 'trigger, so that nothing could close the standby pool to it: its mirror is made without; choose the plan Essentials for the source '
      + 'pool, or acknowledge this');
  }
  const missing = missingProviders(properties, providers);
  if (missing.length > 0) {
    warn('identityProviders', `client ${path} signs in through ${missing.join(', ')}, which the standby pool does not have, `
      + 'because an identity provider holds a secret: define it in replicaStack, for mirrorUserPool under the same name, and the mirror '
      + 'client uses it, or acknowledge this');
  }
  return warnings;
}

function unavailableWarnings(path: string, unavailable: readonly string[]): SynthesisWarning[] {
  return unavailable.length === 0 ? [] : [{
    id: 'unavailableSettings',
    message: `${unavailable.join(', ')} of ${path} refer(s) to resources or parameters of its own stack, which the `
      + "standby's stack must not depend on; the standby is made without: set what it needs on its L1, or acknowledge this",
  }];
}

/** Whether somebody gave the mirror another value for a property than this library does. */
function setByHand(rendered: Properties, ours: Properties): (name: string) => boolean {
  return name => !isDeepStrictEqual(plain(rendered[name]), plain(ours[name]));
}

/** Without what a template leaves out. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function triggersOf({ properties, unavailable }: TemplateSettings): string[] {
  const elsewhere = unavailable.filter(path => path.startsWith('LambdaConfig.')).map(path => path.split('.')[1]);
  return [...new Set([...Object.keys(properties.LambdaConfig ?? {}), ...elsewhere])].filter(name => name !== 'KMSKeyID');
}
