import { cognitoError, MOST_PER_PAGE } from './user-pool-model';
import { Page } from '../../src/cognito/page';
import { DescribedUserPool } from '../../src/cognito/pool-settings';
import { NewUser, UserFilter } from '../../src/cognito/target-pool';
import { GroupImage, MfaPreference, UserImage } from '../../src/cognito/user';

const ABSENT = 0;
const CREATED = 1;
const CONFIRMED = 2;

/**
 * A user pool that keeps one byte for each user and one for each membership, for restores of a million: all else about user i is made up from i. Its rules are
 * some of those of `UserPoolModel`; `test/contract` holds both to the same.
 */
export class CountedPool {
  /** Writes that changed nothing: a restore makes none. */
  public repeated = 0;
  private readonly states: Uint8Array;
  private readonly groups = new Map<string, GroupImage>();
  /** Members by group. */
  private readonly members = new Map<string, Uint8Array>();

  /** @param missing a user that no listing shows */
  constructor(private readonly size: number, private readonly now: () => number, private readonly missing?: number) {
    this.states = new Uint8Array(size);
  }

  /** Whether a user is there, with a password of their own and in every group. */
  public isWhole(i: number): boolean {
    return this.states[i] === CONFIRMED && [...this.members.values()].every(members => members[i] === 1);
  }

  public describe(): DescribedUserPool {
    return { SchemaAttributes: ['email', 'email_verified', 'name', 'custom:source_sub'].map(Name => ({ Name, Mutable: true })) };
  }

  public createUser({ username, attributes }: NewUser): UserImage {
    const i = numberIn(username, 'user-');
    if (i === undefined || i >= this.size) throw new Error(`the counted pool has no room for ${username}`);
    if (this.states[i] !== ABSENT) {
      this.repeated++;
      throw cognitoError('UsernameExistsException');
    }
    const kept = attributesIn(i);
    if (Object.keys(kept).some(name => kept[name] !== attributes[name])) throw new Error(`the counted pool keeps no other attributes of ${username}`);
    this.states[i] = CREATED;
    return this.image(i);
  }

  public getUser(name: string): { user: UserImage; mfa: MfaPreference } {
    return { user: this.image(this.find(name)), mfa: { enabled: [] } };
  }

  public setPermanentPassword(name: string): void {
    const i = this.find(name);
    if (this.states[i] === CONFIRMED) this.repeated++;
    this.states[i] = CONFIRMED;
  }

  public listUsers(cursor?: string, filter?: UserFilter): Page<UserImage> {
    if (!filter) return this.page(cursor, () => true, i => this.image(i));
    const i = filter.attribute === 'sub' ? numberIn(filter.value, 'target-')
      : filter.attribute === 'phone_number' ? undefined : numberIn(filter.value.replace(/@example\.com$/, ''), 'user-');
    const isThere = i !== undefined && this.states[i] && i !== this.missing && valueOf(this.image(i), filter.attribute) === filter.value;
    return { items: isThere ? [this.image(i)] : [] };
  }

  public createGroup(group: GroupImage): void {
    if (this.groups.has(group.name)) throw cognitoError('GroupExistsException');
    this.groups.set(group.name, group);
    this.members.set(group.name, new Uint8Array(this.size));
  }

  public listGroups(): Page<GroupImage> {
    return { items: [...this.groups.values()] };
  }

  public addUserToGroup(name: string, group: string): void {
    const [i, members] = [this.find(name), this.membersOf(group)];
    if (members[i] === 1) this.repeated++;
    members[i] = 1;
  }

  public groupsOfUser(name: string): Page<string> {
    const i = this.find(name);
    return { items: [...this.members].filter(([, members]) => members[i] === 1).map(([group]) => group) };
  }

  public listUsersInGroup(group: string, cursor?: string): Page<string> {
    const members = this.membersOf(group);
    return this.page(cursor, i => members[i] === 1, i => `target-${i}`);
  }

  private page<T>(cursor: string | undefined, isListed: (i: number) => boolean, shown: (i: number) => T): Page<T> {
    const items: T[] = [];
    for (let i = Number(cursor ?? 0); i < this.size; i++) {
      if (this.states[i] === ABSENT || i === this.missing || !isListed(i)) continue;
      if (items.length === MOST_PER_PAGE) return { items, next: String(i) };
      items.push(shown(i));
    }
    return { items };
  }

  private image(i: number): UserImage {
    const status = this.states[i] === CONFIRMED ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD';
    return { sub: `target-${i}`, username: `user-${i}`, attributes: attributesIn(i), enabled: true, status, createdAt: this.now(), modifiedAt: 0 };
  }

  private find(name: string): number {
    const i = numberIn(name, 'user-') ?? numberIn(name, 'target-');
    if (i === undefined || !this.states[i]) throw cognitoError('UserNotFoundException', 'User does not exist.');
    return i;
  }

  private membersOf(group: string): Uint8Array {
    const members = this.members.get(group);
    if (!members) throw cognitoError('ResourceNotFoundException', 'Group not found.');
    return members;
  }
}

/** The `sub` of user i in the source: in shard i % 256, and it tells i. */
export function sourceSubOf(i: number): string {
  return `${(i % 256).toString(16).padStart(2, '0')}00-${i}`;
}

/** Attributes of user i in the source. */
export function attributesOf(i: number): Record<string, string> {
  return { email: `user-${i}@example.com`, email_verified: 'true', name: `User ${i}` };
}

/** Attributes of user i in the counted pool. */
export function attributesIn(i: number): Record<string, string> {
  return { ...attributesOf(i), 'custom:source_sub': sourceSubOf(i) };
}

function numberIn(name: string, prefix: string): number | undefined {
  const digits = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}

function valueOf(user: UserImage, attribute: UserFilter['attribute']): string | undefined {
  return attribute === 'sub' || attribute === 'username' ? user[attribute] : user.attributes[attribute];
}
