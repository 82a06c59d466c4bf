import { namingOperation } from '../runtime/public-error';
import { DescribedUserPool } from './pool-settings';
import { Pacer } from './pacing';
import { GroupImage, MfaPreference, UserImage } from './user';
import { Page } from './page';
import { QuotaCategory } from './quotas';

export interface NewUser {
  readonly username: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Absent in a pool without passwords, where the user is confirmed at once. */
  readonly temporaryPassword?: string;
}

/** One exact value of one of the attributes that ListUsers can look up by. */
export interface UserFilter {
  readonly attribute: 'sub' | 'username' | 'email' | 'phone_number';
  readonly value: string;
}

/** What a restore does with a pool; errors are Cognito's own, by name. Every call is one request. */
export interface TargetPool {
  describeUserPool(): Promise<DescribedUserPool>;
  listUsers(cursor?: string, filter?: UserFilter): Promise<Page<UserImage>>;
  /** Makes a monthly active user: only for users whom this run made active anyway. */
  getUser(username: string): Promise<{ readonly user: UserImage; readonly mfa: MfaPreference }>;
  createUser(user: NewUser): Promise<UserImage>;
  setPermanentPassword(username: string, password: string): Promise<void>;
  updateAttributes(username: string, attributes: Readonly<Record<string, string>>): Promise<void>;
  enableUser(username: string): Promise<void>;
  disableUser(username: string): Promise<void>;
  addUserToGroup(username: string, group: string): Promise<void>;
  groupsOfUser(username: string, cursor?: string): Promise<Page<string>>;
  setMfaPreference(username: string, mfa: MfaPreference): Promise<void>;
  listGroups(cursor?: string): Promise<Page<GroupImage>>;
  createGroup(group: GroupImage): Promise<void>;
  updateGroup(group: GroupImage): Promise<void>;
  /** `sub`s of the members. */
  listUsersInGroup(group: string, cursor?: string): Promise<Page<string>>;
}

/** The quota that each call spends. */
export const CATEGORY_OF: Readonly<Record<keyof TargetPool, QuotaCategory>> = {
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
};

/** The same pool, with every call waiting for its turn. */
export function paced(pool: TargetPool, pacer: Pacer): TargetPool {
  const wrapped = Object.entries(CATEGORY_OF).map(([name, category]) => {
    const call = pool[name as keyof TargetPool].bind(pool) as (...args: unknown[]) => Promise<unknown>;
    return [name, (...args: unknown[]) => namingOperation(name, pacer.run(category, () => call(...args)))];
  });
  return Object.fromEntries(wrapped) as unknown as TargetPool;
}
