import { describedUserOf, isFederated } from '../../cognito/identities';
import { CUSTOM_SOURCE_SUB, firstSubOf } from '../../cognito/source-sub';
import { SourceDirectory } from '../source-directory';

/** What this library reads of the event that Cognito gives to a PreTokenGeneration trigger, version 1 or 2. */
export interface TokenEvent {
  readonly version: string;
  readonly triggerSource: string;
  readonly userPoolId: string;
  readonly userName: string;
  readonly request: {
    readonly userAttributes: Readonly<Record<string, string>>;
    readonly groupConfiguration?: GroupConfiguration;
  };
  response: Record<string, unknown>;
}

export interface GroupConfiguration {
  readonly groupsToOverride?: readonly string[];
  readonly iamRolesToOverride?: readonly string[];
  readonly preferredRole?: string | null;
}

export interface TokenPorts {
  readonly directory: SourceDirectory;
  /** The first `sub` of a standby user that the state table knows. */
  knownSub(userPoolId: string, sub: string): Promise<string | undefined>;
}

export interface TokenOptions {
  readonly claim: string;
  /** Users may sign in by the same call that makes them, before their groups have followed. */
  readonly signsInAtOnce: boolean;
}

export interface TokenIdentity {
  readonly sub: string;
  /** Present where the user's groups have not followed yet. */
  readonly groups?: readonly string[];
}

/**
 * The user's identity to applications: the `sub` of the first pool that they were in. Usually nothing is looked up: it is an attribute
 * of the user, and the groups are in place.
 */
export async function identityOf(event: TokenEvent, ports: TokenPorts, options: TokenOptions): Promise<TokenIdentity> {
  const { userPoolId, userName, request: { userAttributes: attributes, groupConfiguration } } = event;
  const { sub, [CUSTOM_SOURCE_SUB]: sourceSub } = attributes;
  const hasGroups = (groupConfiguration?.groupsToOverride?.length ?? 0) > 0;
  if (sourceSub) {
    if (hasGroups || !options.signsInAtOnce || await ports.knownSub(userPoolId, sub)) return { sub: sourceSub };
    const row = await ports.directory.ofStandbyUser(sourceSub, attributes, userName);
    return row ? { sub: sourceSub, groups: await ports.directory.groupsOf(row) } : { sub: sourceSub };
  }
  // Signed up here: this pool is their first one.
  if (!isFederated(describedUserOf(event))) return { sub };

  // Cognito itself makes federated users, without custom:source_sub, which is immutable.
  const known = await ports.knownSub(userPoolId, sub);
  if (known) return { sub: known };
  const row = await ports.directory.findFederated(userName);
  if (!row || row.deletedAt !== undefined) return { sub };
  return { sub: firstSubOf(row), groups: await ports.directory.groupsOf(row) };
}

/** The answer in the form of the event's version. Groups that are not in the pool yet carry no role: it comes with the group. */
export function tokenResponse(version: string, claim: string, identity: TokenIdentity, current: GroupConfiguration = {}): Record<string, unknown> {
  const claims = { claimsToAddOrOverride: { [claim]: identity.sub } };
  const groups = identity.groups?.length
    ? { groupOverrideDetails: { ...current, groupsToOverride: [...new Set([...current.groupsToOverride ?? [], ...identity.groups])] } }
    : {};
  return version === '1'
    ? { claimsOverrideDetails: { ...claims, ...groups } }
    : { claimsAndScopeOverrideDetails: { idTokenGeneration: claims, accessTokenGeneration: claims, ...groups } };
}
