import { cognitoError, UserPoolModel, imageOf } from './user-pool-model';
import { isFederated } from '../../src/cognito/identities';
import { Page } from '../../src/cognito/page';
import { HintedPool, PoolDescription, PoolPart, SourcePool, UserDetails } from '../../src/cognito/source-pool';
import { GroupImage, MfaPreference, UserImage } from '../../src/cognito/user';

/** What a source pool answers, in pages, with faults on demand: what a test put there, or what a model of a pool holds. */
export class FakeSourcePool implements SourcePool, HintedPool {
  public readonly users = new Map<string, UserImage>();
  public readonly groups = new Map<string, GroupImage & { members: Set<string> }>();
  public parts: PoolPart[] = [{ part: 'pool', value: { Name: 'users' } }];
  public readonly mfa = new Map<string, MfaPreference>();
  public usernameAttributes: string[] = ['email'];
  public aliasAttributes: readonly string[] = [];
  public caseSensitive = false;
  /** Overrides `EstimatedNumberOfUsers`. */
  public estimatedUsers?: number;
  public attributes: string[] = [];
  public readonly calls: string[] = [];
  /** Small, so that listings have several pages. */
  public pageSize = 7;
  /** Changes what a listing of users answers, or throws. */
  public onListUsers: (page: Page<UserImage>, token?: string) => Page<UserImage> = page => page;

  public add(sub: string, changes: Partial<UserImage> = {}): UserImage {
    const user: UserImage = {
      sub,
      username: sub,
      attributes: { email: `${sub}@example.com`, email_verified: 'true' },
      enabled: true,
      status: 'CONFIRMED',
      createdAt: 1,
      modifiedAt: 1,
      ...this.users.get(sub),
      ...changes,
    };
    this.users.set(sub, user);
    return user;
  }

  public addGroup(group: GroupImage, members: string[]): void {
    this.groups.set(group.name, { ...group, members: new Set(members) });
  }

  /** Answers what the model holds now. An MFA preference that is none is told only of users that had one in `mfa` before. */
  public show(model: UserPoolModel): void {
    this.users.clear();
    for (const user of model.users.values()) {
      this.users.set(user.sub, imageOf(user));
      if (user.mfa.enabled.length > 0 || this.mfa.has(user.sub)) this.mfa.set(user.sub, user.mfa);
    }
    [...this.mfa.keys()].filter(sub => !this.users.has(sub)).forEach(sub => this.mfa.delete(sub));
    this.groups.clear();
    for (const group of model.groups.values()) this.addGroup(group, model.membersOf(group.name).map(({ sub }) => sub));
  }

  public async describe(): Promise<PoolDescription> {
    this.calls.push('describe');
    return {
      estimatedUsers: this.estimatedUsers ?? this.users.size,
      attributes: this.attributes,
      usernameAttributes: this.usernameAttributes,
      aliasAttributes: this.aliasAttributes,
    };
  }

  public async configuration(cursor?: string): Promise<Page<PoolPart>> {
    this.calls.push(`configuration ${cursor ?? ''}`);
    return this.paged(this.parts, cursor);
  }

  public async listUsers(subPrefix: string, token?: string): Promise<Page<UserImage>> {
    this.calls.push(`listUsers ${subPrefix}`);
    const page = this.paged([...this.users.values()].filter(user => user.sub.startsWith(subPrefix)), token);
    return this.onListUsers(page, token);
  }

  public async userBySub(sub: string): Promise<UserImage | undefined> {
    this.calls.push('userBySub');
    return this.users.get(sub);
  }

  public async listGroups(token?: string): Promise<Page<GroupImage>> {
    this.calls.push('listGroups');
    return this.paged([...this.groups.values()].map(({ members: _members, ...group }) => group), token);
  }

  public async listUsersInGroup(group: string, token?: string): Promise<Page<string> | undefined> {
    this.calls.push('listUsersInGroup');
    const found = this.groups.get(group);
    return found && this.paged([...found.members], token);
  }

  public async userByName(username: string): Promise<UserDetails | undefined> {
    this.calls.push('userByName');
    const image = this.named(username, this.users);
    return image && { image, mfa: this.mfa.get(image.sub) ?? { enabled: [] } };
  }

  public async groupsOfUser(username: string): Promise<GroupImage[] | undefined> {
    this.calls.push('groupsOfUser');
    const user = this.named(username, this.users);
    return user && [...this.groups.values()].filter(({ members }) => members.has(user.sub)).map(({ members: _members, ...group }) => group);
  }

  public async group(name: string): Promise<GroupImage | undefined> {
    this.calls.push('group');
    const found = this.groups.get(name);
    if (!found) return undefined;
    const { members: _members, ...group } = found;
    return group;
  }

  /** The user that AdminGetUser answers: by user name, by an address that is one or a verified alias, or by `sub`. */
  protected named(name: string, users: ReadonlyMap<string, UserImage>): UserImage | undefined {
    const folded = (value: string | undefined) => (this.caseSensitive ? value : value?.toLowerCase());
    const has = (value: string | undefined) => folded(value) === folded(name);
    const isOf = (kind: string, user: UserImage) => has(user.attributes[kind]) && !isFederated(user);
    const isAlias = (alias: string, user: UserImage) => isOf(alias, user) && (alias === 'preferred_username' || user.attributes[`${alias}_verified`] === 'true');
    if (name.length > 128) throw cognitoError('InvalidParameterException');
    const all = [...users.values()];
    return all.find(user => has(user.username) || this.usernameAttributes.some(kind => isOf(kind, user)))
      ?? all.find(user => this.aliasAttributes.some(alias => isAlias(alias, user))) ?? users.get(name);
  }

  private paged<T>(all: T[], token = '0'): Page<T> {
    const from = Number(token);
    const to = from + this.pageSize;
    return { items: all.slice(from, to), next: to < all.length ? String(to) : undefined };
  }
}
