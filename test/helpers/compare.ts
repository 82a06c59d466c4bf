import {
  AdminGetUserCommand, CognitoIdentityProviderClient, GroupType, ListGroupsCommand, ListUsersCommand, ListUsersInGroupCommand, UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import { isFlag, isTrue } from '../../src/cognito/attribute-values';
import { isFederated } from '../../src/cognito/identities';

export interface UserState {
  readonly username: string;
  readonly sub: string;
  /** Without `sub`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly status: string;
  readonly groups: readonly string[];
  /** Read only on request: it takes a call for each user. */
  readonly mfa?: { readonly enabled: readonly string[]; readonly preferred?: string };
}

export interface GroupState {
  readonly description?: string;
  readonly precedence?: number;
  readonly roleArn?: string;
}

export interface PoolState {
  /** By `sub`. */
  readonly users: ReadonlyMap<string, UserState>;
  readonly groups: ReadonlyMap<string, GroupState>;
}

export interface ReadOptions {
  readonly mfa?: boolean;
}

/** Everything in a pool that a backup can know, read through the public API. */
export async function readPool(cognito: CognitoIdentityProviderClient, userPoolId: string, options: ReadOptions = {}): Promise<PoolState> {
  const groups = new Map<string, GroupState>();
  const groupsOf = new Map<string, string[]>();
  for (const group of await listGroups(cognito, userPoolId)) {
    const { GroupName: name, Description: description, Precedence: precedence, RoleArn: roleArn } = group;
    groups.set(name!, withoutUndefined({ description, precedence, roleArn }));
    await eachPage(async NextToken => {
      const page = await cognito.send(new ListUsersInGroupCommand({ UserPoolId: userPoolId, GroupName: name, NextToken }));
      page.Users?.forEach(user => groupsOf.set(user.Username!, [...groupsOf.get(user.Username!) ?? [], name!]));
      return page.NextToken;
    });
  }
  const users = new Map<string, UserState>();
  await eachPage(async PaginationToken => {
    const page = await cognito.send(new ListUsersCommand({ UserPoolId: userPoolId, PaginationToken }));
    for (const user of page.Users ?? []) {
      const state = userState(user, groupsOf.get(user.Username!) ?? []);
      users.set(state.sub, options.mfa ? { ...state, mfa: await mfaOf(cognito, userPoolId, user.Username!) } : state);
    }
    return page.PaginationToken;
  });
  return { users, groups };
}

/** What is expected of the target for a user of the source; `undefined` when the user must not be there. */
export type Expectation = (user: UserState) => UserState | undefined;

export interface CompareOptions {
  /** Default: {@link restored} as it is. */
  readonly user?: Expectation;
  /** Default: everything but the role. */
  readonly group?: (group: GroupState, name: string) => GroupState | undefined;
  /** The `sub` in the source of a user in the target. Default: `custom:source_sub`. */
  readonly sourceSub?: (user: UserState) => string | undefined;
  /** Users and groups that the target had before are no difference. Default: false. */
  readonly allowMore?: boolean;
}

export interface RestoredOptions {
  /** Where the pool generates user names, they differ. */
  readonly generatedUsernames?: boolean;
  readonly sourceSubAttribute?: string;
}

/** What a restore keeps of a user (docs/what-is-kept.md). */
export function restored(options: RestoredOptions = {}): Expectation {
  return user => {
    if (user.status === 'UNCONFIRMED' || isFederated(user)) {
      return undefined;
    }
    const { identities: _, ...attributes } = user.attributes;
    const first = attributes[options.sourceSubAttribute ?? 'custom:source_sub'] ?? user.sub;
    const mfa = user.mfa && {
      enabled: user.mfa.enabled.filter(method => method !== 'SOFTWARE_TOKEN_MFA'),
      preferred: user.mfa.preferred === 'SOFTWARE_TOKEN_MFA' ? undefined : user.mfa.preferred,
    };
    return {
      ...user,
      ...options.generatedUsernames ? { username: '' } : {},
      status: 'CONFIRMED',
      attributes: { ...attributes, [options.sourceSubAttribute ?? 'custom:source_sub']: first },
      ...mfa ? { mfa } : {},
    };
  };
}

/** One line for each difference; none when the target is what is expected. Lines name users by `sub`. */
export function differences(source: PoolState, target: PoolState, options: CompareOptions = {}): string[] {
  const expectation = options.user ?? restored();
  const sourceSub = options.sourceSub ?? (user => user.attributes['custom:source_sub']);
  const found: string[] = [];
  const arrived = new Map<string, UserState>();
  for (const user of target.users.values()) {
    const sub = sourceSub(user);
    if (sub === undefined || !source.users.has(sub)) {
      if (!options.allowMore) {
        found.push(`user ${user.sub} is in the target only`);
      }
    } else if (arrived.has(sub)) {
      found.push(`user ${sub} is twice in the target`);
    } else {
      arrived.set(sub, user);
    }
  }
  for (const user of source.users.values()) {
    found.push(...userDifferences(user.sub, expectation(user), arrived.get(user.sub)));
  }
  return [...found, ...groupDifferences(source, target, options)];
}

function userDifferences(sub: string, wanted: UserState | undefined, there: UserState | undefined): string[] {
  if (!wanted || !there) {
    return wanted ? [`user ${sub} is missing`] : there ? [`user ${sub} must not be in the target`] : [];
  }
  const found = fieldDifferences(`user ${sub}`, inOneForm(wanted.attributes), inOneForm(there.attributes));
  const flat = (user: UserState) => ({
    ...wanted.username === '' ? {} : { username: user.username },
    enabled: user.enabled,
    status: user.status,
    groups: [...user.groups].sort(),
    ...wanted.mfa ? { mfa: user.mfa } : {},
  });
  return [...found, ...fieldDifferences(`user ${sub}`, flat(wanted), flat(there))];
}

/** A flag may be read as `True`. */
function inOneForm(attributes: UserState['attributes']): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, isFlag(name) ? String(isTrue(value)) : value]));
}

function groupDifferences(source: PoolState, target: PoolState, options: CompareOptions): string[] {
  const expected = options.group ?? (({ roleArn: _, ...group }) => group);
  const found: string[] = [];
  for (const [name, group] of source.groups) {
    const wanted = expected(group, name);
    const there = target.groups.get(name);
    if (wanted && there) {
      found.push(...fieldDifferences(`group ${name}`, { ...wanted }, { ...there }));
    } else if (wanted ?? there) {
      found.push(`group ${name} ${wanted ? 'is missing' : 'must not be in the target'}`);
    }
  }
  const more = [...target.groups.keys()].filter(name => !source.groups.has(name));
  return options.allowMore ? found : [...found, ...more.map(name => `group ${name} is in the target only`)];
}

function fieldDifferences(what: string, wanted: Record<string, unknown>, there: Record<string, unknown>): string[] {
  return [...new Set([...Object.keys(wanted), ...Object.keys(there)])].sort()
    .map(name => [name, JSON.stringify(wanted[name]), JSON.stringify(there[name])] as const)
    .filter(([, left, right]) => left !== right)
    .map(([name, left, right]) => `${what}: ${name} is ${right}, expected ${left}`);
}

function userState(user: UserType, groups: readonly string[]): UserState {
  const { sub, ...attributes } = Object.fromEntries((user.Attributes ?? []).map(({ Name, Value }) => [Name!, Value ?? '']));
  return { username: user.Username!, sub, attributes, enabled: user.Enabled!, status: user.UserStatus!, groups: [...groups].sort() };
}

async function mfaOf(cognito: CognitoIdentityProviderClient, userPoolId: string, username: string): Promise<UserState['mfa']> {
  const user = await cognito.send(new AdminGetUserCommand({ UserPoolId: userPoolId, Username: username }));
  return { enabled: [...user.UserMFASettingList ?? []].sort(), preferred: user.PreferredMfaSetting };
}

async function listGroups(cognito: CognitoIdentityProviderClient, userPoolId: string): Promise<GroupType[]> {
  const groups: GroupType[] = [];
  await eachPage(async NextToken => {
    const page = await cognito.send(new ListGroupsCommand({ UserPoolId: userPoolId, NextToken }));
    groups.push(...page.Groups ?? []);
    return page.NextToken;
  });
  return groups;
}

/** Reads on until there is no token: an empty page is not the end. */
async function eachPage(read: (token: string | undefined) => Promise<string | undefined>): Promise<void> {
  let token: string | undefined;
  do {
    token = await read(token);
  } while (token !== undefined);
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
