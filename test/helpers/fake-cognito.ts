import { FakeUser, UserPoolModel, UserPoolOptions, imageOf } from './user-pool-model';
import { ProviderIdentity } from '../../src/cognito/identities';
import { Page } from '../../src/cognito/page';
import { DescribedUserPool } from '../../src/cognito/pool-settings';
import { NewUser, TargetPool, UserFilter } from '../../src/cognito/target-pool';
import { GroupImage, MfaPreference, UserImage } from '../../src/cognito/user';

export { type FakeUser, cognitoError } from './user-pool-model';

export interface FakePoolOptions extends UserPoolOptions {
  /** Users of a page; Cognito's own limit is 60. */
  readonly pageSize?: number;
}

export type Operation = keyof TargetPool;
type Hook = (operation: Operation, args: readonly unknown[]) => unknown;

/** Operations that change something. */
export const WRITES: readonly Operation[] = [
  'createUser', 'setPermanentPassword', 'updateAttributes', 'enableUser', 'disableUser', 'addUserToGroup', 'setMfaPreference', 'createGroup', 'updateGroup',
  'removeUserFromGroup', 'deleteAttributes', 'linkProvider',
];

/** The target pool of a restore, on a pool in memory. Refuses what Cognito refuses, and any call that a test did not plan. */
export class FakeUserPool implements TargetPool {
  public readonly model: UserPoolModel;
  public readonly calls: { readonly operation: Operation; readonly args: readonly unknown[] }[] = [];
  /** Operations that may be called; all of them unless a test says otherwise. */
  public planned: ReadonlySet<Operation> | undefined;
  /** Called before and after each operation took effect; may throw, or answer a promise that takes time. */
  public before: Hook | undefined;
  public after: Hook | undefined;
  /** Makes every other page of a listing empty, though more follow. */
  public emptyPages = false;

  constructor(private readonly options: FakePoolOptions = {}) {
    this.model = new UserPoolModel(options);
  }

  public get userPoolId(): string {
    return this.model.userPoolId;
  }

  public get users(): Map<string, FakeUser> {
    return this.model.users;
  }

  public get groups(): Map<string, GroupImage> {
    return this.model.groups;
  }

  /** Messages that Cognito would have sent to users: a restore sends none. */
  public get messagesSent(): number {
    return this.model.messagesSent;
  }

  public callsOf(...operations: Operation[]): number {
    return this.calls.filter(call => operations.includes(call.operation)).length;
  }

  /** Puts a user there as if they had been there all along. */
  public seed(user: Partial<FakeUser> & { readonly username: string }): FakeUser {
    return this.model.seed(user);
  }

  /** Identities of providers that sign in as users of this pool. */
  public get links(): (ProviderIdentity & { readonly username: string })[] {
    return this.model.links;
  }

  public async describeUserPool(): Promise<DescribedUserPool> {
    return this.call('describeUserPool', [], () => this.model.describe());
  }

  public async listUsers(cursor?: string, filter?: UserFilter): Promise<Page<UserImage>> {
    return this.call('listUsers', [cursor, filter], () => this.page(this.model.listUsers(filter && { ...filter, operator: '=' }).map(imageOf), cursor));
  }

  public async getUser(username: string): Promise<{ user: UserImage; mfa: MfaPreference }> {
    return this.call('getUser', [username], () => {
      const user = this.model.find(username);
      return { user: imageOf(user), mfa: user.mfa };
    });
  }

  public async createUser(user: NewUser): Promise<UserImage> {
    return this.call('createUser', [user], () => imageOf(this.model.createUser(user)));
  }

  public async setPermanentPassword(username: string, password: string): Promise<void> {
    return this.call('setPermanentPassword', [username, password], () => this.model.setPermanentPassword(username, password));
  }

  public async updateAttributes(username: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    return this.call('updateAttributes', [username, attributes], () => this.model.updateAttributes(username, attributes));
  }

  public async enableUser(username: string): Promise<void> {
    return this.call('enableUser', [username], () => this.model.setEnabled(username, true));
  }

  public async disableUser(username: string): Promise<void> {
    return this.call('disableUser', [username], () => this.model.setEnabled(username, false));
  }

  public async addUserToGroup(username: string, group: string): Promise<void> {
    return this.call('addUserToGroup', [username, group], () => this.model.addUserToGroup(username, group));
  }

  public async groupsOfUser(username: string, cursor?: string): Promise<Page<string>> {
    return this.call('groupsOfUser', [username, cursor], () => this.page([...this.model.find(username).groups], cursor));
  }

  public async setMfaPreference(username: string, mfa: MfaPreference, off?: readonly string[]): Promise<void> {
    return this.call('setMfaPreference', [username, mfa], () => this.model.setMfaPreference(username, mfa, off));
  }

  public async removeUserFromGroup(username: string, group: string): Promise<void> {
    return this.call('removeUserFromGroup', [username, group], () => this.model.removeUserFromGroup(username, group));
  }

  public async deleteAttributes(username: string, names: readonly string[]): Promise<void> {
    return this.call('deleteAttributes', [username, names], () => this.model.deleteAttributes(username, names));
  }

  public async linkProvider(username: string, identity: ProviderIdentity): Promise<void> {
    return this.call('linkProvider', [username, identity], () => this.model.linkProvider(username, identity));
  }

  public async listGroups(cursor?: string): Promise<Page<GroupImage>> {
    return this.call('listGroups', [cursor], () => this.page([...this.groups.values()], cursor));
  }

  public async createGroup(group: GroupImage): Promise<void> {
    return this.call('createGroup', [group], () => this.model.createGroup(group));
  }

  public async updateGroup(group: GroupImage): Promise<void> {
    return this.call('updateGroup', [group], () => this.model.updateGroup(group));
  }

  public async listUsersInGroup(group: string, cursor?: string): Promise<Page<string>> {
    return this.call('listUsersInGroup', [group, cursor], () => this.page(this.model.membersOf(group).map(user => user.sub), cursor));
  }

  private async call<T>(operation: Operation, args: readonly unknown[], effect: () => T): Promise<T> {
    if (this.planned && !this.planned.has(operation)) throw new Error(`the test did not plan a call of ${operation}`);
    await this.before?.(operation, args);
    this.calls.push({ operation, args });
    const result = effect();
    await this.after?.(operation, args);
    return result;
  }

  private page<T>(all: readonly T[], cursor: string | undefined): Page<T> {
    const size = this.options.pageSize ?? 60;
    const [from, isEmpty] = [Number(cursor?.split('-')[0] ?? 0), cursor?.endsWith('-empty')];
    if (isEmpty) return { items: [], next: String(from) };
    const to = from + size;
    return { items: all.slice(from, to), next: to < all.length ? `${to}${this.emptyPages ? '-empty' : ''}` : undefined };
  }
}
