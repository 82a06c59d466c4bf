import { isObject } from './trigger-calls';

/** A claim that is null is left out. */
export type Claims = Record<string, unknown>;

export interface TokenClaims {
  readonly id: Claims;
  readonly access: Claims;
}

interface Generation {
  readonly claimsToAddOrOverride?: Claims;
  readonly claimsToSuppress?: string[];
  readonly scopesToAdd?: string[];
  readonly scopesToSuppress?: string[];
}

interface GroupOverride {
  readonly groupsToOverride?: string[];
  readonly iamRolesToOverride?: string[];
  readonly preferredRole?: string;
}

/** Claims that say who the user is and what the token is good for: a trigger's wish for them is ignored. */
const FIXED: Record<keyof TokenClaims, ReadonlySet<string>> = {
  id: new Set([
    'acr', 'amr', 'at_hash', 'aud', 'auth_time', 'azp', 'exp', 'iat', 'identities', 'iss', 'jti', 'nbf', 'nonce', 'origin_jti', 's_hash', 'sub', 'token_use',
  ]),
  access: new Set([
    'acr', 'amr', 'at_hash', 'auth_time', 'azp', 'client_id', 'device_key', 'event_id', 'exp', 'iat', 'iss', 'jti', 'nbf', 'origin_jti', 'scope', 'sub',
    'token_use', 'username', 'version',
  ]),
};

/**
 * What a PreTokenGeneration trigger's answer changes of the tokens. Version 1 changes the claims of the ID token alone.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
 */
export function claimsOf(version: '1' | '2', response: Record<string, unknown>, scopes: readonly string[]): TokenClaims {
  const details = response[version === '1' ? 'claimsOverrideDetails' : 'claimsAndScopeOverrideDetails'];
  if (!isObject(details)) {
    return { id: {}, access: {} };
  }
  const { id: idGroups, access: accessGroups } = groupsOf(details.groupOverrideDetails as GroupOverride | null | undefined);
  if (version === '1') {
    return { id: { ...changesOf('id', details), ...idGroups }, access: accessGroups };
  }
  const access = isObject(details.accessTokenGeneration) ? details.accessTokenGeneration as Generation : {};
  return {
    id: { ...changesOf('id', isObject(details.idTokenGeneration) ? details.idTokenGeneration : {}), ...idGroups },
    access: { ...changesOf('access', access), ...scopesOf(access, scopes), ...accessGroups },
  };
}

function changesOf(token: keyof TokenClaims, { claimsToAddOrOverride = {}, claimsToSuppress = [] }: Generation): Claims {
  const allowed = (name: string) => !FIXED[token].has(name) && !name.startsWith('cognito:') && !name.startsWith('dev:');
  return {
    ...Object.fromEntries(Object.entries(claimsToAddOrOverride ?? {}).filter(([name]) => allowed(name))),
    // Suppression wins where a claim was added as well, as AWS says.
    ...Object.fromEntries((claimsToSuppress ?? []).filter(allowed).map(name => [name, null])),
  };
}

function scopesOf({ scopesToAdd, scopesToSuppress }: Generation, scopes: readonly string[]): Claims {
  if (!scopesToAdd?.length && !scopesToSuppress?.length) {
    return {};
  }
  const left = scopes.filter(scope => !scopesToSuppress?.includes(scope));
  return { scope: [...new Set([...left, ...scopesToAdd ?? []])].join(' ') };
}

/** Groups stay as they are where the answer says nothing, and are suppressed where it says null or nothing in particular. */
function groupsOf(override: GroupOverride | null | undefined): TokenClaims {
  if (override === undefined) {
    return { id: {}, access: {} };
  }
  const groups = { 'cognito:groups': override?.groupsToOverride?.length ? override.groupsToOverride : null };
  return {
    id: {
      ...groups,
      'cognito:roles': override?.iamRolesToOverride?.length ? override.iamRolesToOverride : null,
      'cognito:preferred_role': override?.preferredRole || null,
    },
    access: groups,
  };
}
