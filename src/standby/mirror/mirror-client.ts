import { hasSourceSub, requiredAttributes, writableAttributes } from './mirror-schema';
import { Properties } from '../../cdk/pool-definition';
import { ADDRESSES } from '../../cognito/attribute-values';
import { SOURCE_SUB_ATTRIBUTE } from '../../cognito/source-sub';

const SOURCE_SUB = `custom:${SOURCE_SUB_ATTRIBUTE}`;

/** Properties of a source client that a mirror client takes over; a test holds this list against the L1's own. */
export const CLIENT_PROPERTIES: readonly string[] = [
  'AccessTokenValidity', 'AllowedOAuthFlows', 'AllowedOAuthFlowsUserPoolClient', 'AllowedOAuthScopes', 'AuthSessionValidity', 'CallbackURLs',
  'ClientName', 'DefaultRedirectURI', 'EnablePropagateAdditionalUserContextData', 'EnableTokenRevocation', 'ExplicitAuthFlows', 'GenerateSecret',
  'IdTokenValidity', 'LogoutURLs', 'PreventUserExistenceErrors', 'ReadAttributes', 'RefreshTokenRotation', 'RefreshTokenValidity',
  'SupportedIdentityProviders', 'TokenValidityUnits', 'WriteAttributes',
];

/** Not taken over: an Amazon Pinpoint project belongs to a Region, and the pool is the mirror's own. */
export const CLIENT_PROPERTIES_LEFT: readonly string[] = ['AnalyticsConfiguration', 'UserPoolId'];

/** The flow by which app clients sign in for themselves. */
export const CLIENT_CREDENTIALS = 'client_credentials';
/** An empty list may mean none, or all: it is said in two ways. Nobody signs in by this one, and no application grants anything for it. */
const HARMLESS = 'locale';

const OAUTH_PROPERTIES = ['AllowedOAuthFlows', 'AllowedOAuthFlowsUserPoolClient', 'AllowedOAuthScopes', 'DefaultRedirectURI'];

/** A list whose values are known. A template may also have one as a whole from a function, which every stack can call. */
const strings = (value: unknown): string[] | undefined => Array.isArray(value) ? value as string[] : undefined;

/** The identity providers of a client that a pool with `providers` does not have. */
export function missingProviders(client: Properties, providers: readonly string[]): string[] {
  return (strings(client.SupportedIdentityProviders) ?? []).filter(name => name !== 'COGNITO' && !providers.includes(name));
}

/** Whether the client signs in by redirect, but every one of its addresses is known in the source's stack only. */
export function lostCallbacks(client: Properties): boolean {
  const redirects = (strings(client.AllowedOAuthFlows) ?? []).some(flow => flow !== CLIENT_CREDENTIALS);
  return redirects && strings(client.CallbackURLs)?.length === 0;
}

/** Whether the client gets tokens without any user, in a plan that asks no trigger about that: nothing could close the standby to it. */
export function losesClientCredentials(client: Properties, pool: Properties): boolean {
  return pool.UserPoolTier === 'LITE' && (strings(client.AllowedOAuthFlows) ?? []).includes(CLIENT_CREDENTIALS);
}

/**
 * What users of the mirror may write through the client. On the standby nobody watches the names that users take: only what a sign-up has to give,
 * what an identity provider gives (Cognito wants it writable), and the addresses that Cognito verifies before they count.
 * `mapped`: attributes that the identity providers of the mirror give.
 */
export function mirroredWriteAttributes(client: Properties, pool: Properties, mapped: readonly string[]): string[] {
  const verified = ADDRESSES.filter(name => [pool.UsernameAttributes, pool.AliasAttributes, pool.AutoVerifiedAttributes].some(list =>
    strings(list)?.includes(name)));
  const needed = new Set<string>([...requiredAttributes(pool), ...mapped, ...verified]);
  const writable = (strings(client.WriteAttributes) ?? writableAttributes(pool)).filter(name => needed.has(name) && name !== SOURCE_SUB);
  return writable.length > 0 ? writable : [HARMLESS];
}

/** Addresses of the standby that a client of the source has not, or knows in its own stack only. */
export interface RedirectUrls {
  readonly callbackUrls?: readonly string[];
  readonly logoutUrls?: readonly string[];
}

/** The client as it would be with other addresses; Cognito refuses a default address that is none of them. */
export function redirecting(client: Properties, { callbackUrls, logoutUrls }: RedirectUrls = {}): Properties {
  const isKept = !callbackUrls || callbackUrls.includes(String(client.DefaultRedirectURI));
  return {
    ...client,
    CallbackURLs: callbackUrls ?? client.CallbackURLs,
    LogoutURLs: logoutUrls ?? client.LogoutURLs,
    DefaultRedirectURI: isKept ? client.DefaultRedirectURI : undefined,
  };
}

/** What the mirror of a client is made with: `pool` are the source pool's settings, `providers` the identity providers of the mirror. */
export function mirroredClient(client: Properties, pool: Properties, providers: readonly string[], mapped: readonly string[] = []): Properties {
  const mirrored: Properties = Object.fromEntries(CLIENT_PROPERTIES.map(name => [name, client[name]]));

  // Left out, this means every writable attribute, custom:source_sub included, which says which source user one is.
  mirrored.WriteAttributes = mirroredWriteAttributes(client, pool, mapped);
  // Apps that key their data on the source pool's `sub` read it there.
  const read = strings(client.ReadAttributes);
  mirrored.ReadAttributes = read && hasSourceSub(pool) ? [...new Set([...read, SOURCE_SUB])] : client.ReadAttributes;

  const missing = missingProviders(client, providers);
  const known = strings(client.SupportedIdentityProviders)?.filter(name => !missing.includes(name));
  mirrored.SupportedIdentityProviders = nonEmpty(known ?? client.SupportedIdentityProviders);
  mirrored.CallbackURLs = nonEmpty(client.CallbackURLs);
  mirrored.LogoutURLs = nonEmpty(client.LogoutURLs);
  if (lostCallbacks(client)) {
    // Cognito refuses a redirect flow without an address to redirect to.
    OAUTH_PROPERTIES.forEach(name => delete mirrored[name]);
  }
  if (losesClientCredentials(client, pool)) {
    const flows = strings(client.AllowedOAuthFlows)!.filter(flow => flow !== CLIENT_CREDENTIALS);
    // Cognito lets no other flow stand beside this one; should it come to, the others stay.
    if (flows.length > 0) mirrored.AllowedOAuthFlows = flows;
    else OAUTH_PROPERTIES.forEach(name => delete mirrored[name]);
  }
  return mirrored;
}

function nonEmpty(list: unknown): unknown {
  return Array.isArray(list) && list.length === 0 ? undefined : list;
}
