import { NameAttribute } from './attribute-values';
import { IdentityLink } from './identities';
import { TargetSub } from './ids';
import { Pacer } from './pacing';
import { Page } from './page';
import { DescribedUserPool } from './pool-settings';
import { QuotaCategory } from './quotas';
import { GroupImage, MfaPreference, TargetUser } from './user';
import { namingOperation } from '../runtime/public-error';

export interface NewUser {
  readonly username: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Absent in a pool without passwords, where the user is confirmed at once. */
  readonly temporaryPassword?: string;
}

/** One exact value of one of the attributes that ListUsers can look up by. */
export interface UserFilter {
  readonly attribute: 'sub' | 'username' | NameAttribute;
  readonly value: string;
}

/** The calls that bring users and groups into a pool. Each is one request; errors are Cognito's own. None deletes a user or a group. */
export interface TargetPool {
  describeUserPool(): Promise<DescribedUserPool>;
  listUsers(cursor?: string, filter?: UserFilter): Promise<Page<TargetUser>>;
  /** Makes the user a monthly active one: only for users that this run made active anyway. */
  getUser(username: string): Promise<{ readonly user: TargetUser; readonly mfa: MfaPreference }>;
  createUser(user: NewUser): Promise<TargetUser>;
  setPermanentPassword(username: string, password: string): Promise<void>;
  updateAttributes(username: string, attributes: Readonly<Record<string, string>>): Promise<void>;
  enableUser(username: string): Promise<void>;
  disableUser(username: string): Promise<void>;
  addUserToGroup(username: string, group: string): Promise<void>;
  groupsOfUser(username: string, cursor?: string): Promise<Page<string>>;
  /** `off`: methods to switch off. Any other stays as it is. */
  setMfaPreference(username: string, mfa: MfaPreference, off?: readonly string[]): Promise<void>;
  removeUserFromGroup(username: string, group: string): Promise<void>;
  deleteAttributes(username: string, names: readonly string[]): Promise<void>;
  /** Lets a provider's identity sign in as this user. */
  linkProvider(username: string, link: IdentityLink): Promise<void>;
  listGroups(cursor?: string): Promise<Page<GroupImage>>;
  createGroup(group: GroupImage): Promise<void>;
  updateGroup(group: GroupImage): Promise<void>;
  /** `sub`s of the members. */
  listUsersInGroup(group: string, cursor?: string): Promise<Page<TargetSub>>;
}

/** The further calls for a pool that follows the ledger. */
export interface StandbyPool extends TargetPool {
  deleteUser(username: string): Promise<void>;
  deleteGroup(name: string): Promise<void>;
  /** Ends every session of the user: refresh tokens are worth nothing any more, other tokens only for those who ask Cognito about them. */
  signOutUser(username: string): Promise<void>;
}

/** The quota that each call spends. */
export const CATEGORY_OF: Readonly<Record<keyof StandbyPool, QuotaCategory>> = {
  describeUserPool: 'UserPoolRead',
  listUsers: 'UserList',
  getUser: 'UserRead',
  createUser: 'UserCreation',
  setPermanentPassword: 'UserAccountRecovery',
  updateAttributes: 'UserUpdate',
  enableUser: 'UserUpdate',
  disableUser: 'UserUpdate',
  addUserToGroup: 'UserUpdate',
  groupsOfUser: 'UserResourceRead',
  setMfaPreference: 'UserResourceUpdate',
  listGroups: 'UserPoolResourceRead',
  createGroup: 'UserPoolResourceUpdate',
  updateGroup: 'UserPoolResourceUpdate',
  listUsersInGroup: 'UserList',
  removeUserFromGroup: 'UserUpdate',
  deleteAttributes: 'UserUpdate',
  deleteUser: 'UserUpdate',
  deleteGroup: 'UserPoolResourceUpdate',
  signOutUser: 'UserUpdate',
  linkProvider: 'UserUpdate',
};

/** The same pool, with every call waiting for its turn. */
export function paced<P extends TargetPool>(pool: P, pacer: Pacer): P {
  const calls = Object.entries(CATEGORY_OF).filter(([name]) => name in pool).map(([name, category]) => {
    const call = (pool[name as keyof P] as (...args: unknown[]) => Promise<unknown>).bind(pool);
    return [name, (...args: unknown[]) => namingOperation(name, pacer.run(category, () => call(...args)))];
  });
  return Object.fromEntries(calls) as unknown as P;
}
