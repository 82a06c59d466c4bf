import { randomUUID } from 'crypto';
import { NewUser, TargetPool, UserFilter } from '../../src/cognito/target-pool';
import { DescribedUserPool } from '../../src/cognito/pool-settings';
import { GroupImage, MfaPreference, UserImage } from '../../src/cognito/user';
import { Page } from '../../src/cognito/page';
import { UserStatus } from '../../src/cognito/user-status';
import { ProviderIdentity } from '../../src/cognito/identities';

export interface FakePoolOptions {
  readonly userPoolId?: string;
  readonly usernameAttributes?: readonly ('email' | 'phone_number')[];
  readonly aliasAttributes?: readonly ('email' | 'phone_number' | 'preferred_username')[];
  readonly autoVerifiedAttributes?: readonly string[];
  readonly customAttributes?: Readonly<Record<string, { readonly mutable?: boolean; readonly maxLength?: number }>>;
  readonly firstAuthFactors?: readonly string[];
  readonly caseSensitive?: boolean;
  readonly minimumPasswordLength?: number;
  readonly now?: () => number;
  /** Users of a page; Cognito's own limit is 60. */
  readonly pageSize?: number;
}

/** A user as the fake keeps them. */
export interface FakeUser extends Omit<UserImage, 'attributes' | 'enabled' | 'status' | 'modifiedAt'> {
  attributes: Record<string, string>;
  enabled: boolean;
  status: UserStatus;
  modifiedAt: number;
  password?: string;
  mfa: MfaPreference;
  readonly groups: Set<string>;
  /** Whether an authenticator app is enrolled. */
  totp?: boolean;
}

const STANDARD = [
  'address', 'birthdate', 'email', 'email_verified', 'family_name', 'gender', 'given_name', 'locale', 'middle_name', 'name', 'nickname', 'phone_number',
  'phone_number_verified', 'picture', 'preferred_username', 'profile', 'sub', 'updated_at', 'website', 'zoneinfo',
];

export type Operation = keyof TargetPool;
type Hook = (operation: Operation, args: readonly unknown[]) => unknown;

/** Operations that change something. */
export const WRITES: readonly Operation[] = [
  'createUser', 'setPermanentPassword', 'updateAttributes', 'enableUser', 'disableUser', 'addUserToGroup', 'setMfaPreference', 'createGroup', 'updateGroup',
  'removeUserFromGroup', 'deleteAttributes', 'linkProvider',
];

export function cognitoError(name: string, message = name): Error {
  return Object.assign(new Error(message), { name, $fault: name === 'InternalErrorException' ? 'server' : 'client' });
}

/** One user pool in memory with the rules of Cognito that a restore meets. Refuses what Cognito refuses, and any call that a test did not plan. */
export class FakeUserPool implements TargetPool {
  public readonly users = new Map<string, FakeUser>();
  public readonly groups = new Map<string, GroupImage>();
  public readonly calls: { readonly operation: Operation; readonly args: readonly unknown[] }[] = [];
  /** Identities of providers that sign in as users of this pool. */
  public readonly links: (ProviderIdentity & { readonly username: string })[] = [];
  /** Messages that Cognito would have sent to somebody: a restore sends none. */
  public messagesSent = 0;
  /** Operations that may be called; all of them unless a test says otherwise. */
  public planned: ReadonlySet<Operation> | undefined;
  /** Called before and after each operation took effect; may throw, or answer a promise that takes time. */
  public before: Hook | undefined;
  public after: Hook | undefined;
  /** Makes every other page of a listing empty, though more follow. */
  public emptyPages = false;

  public readonly userPoolId: string;

  constructor(private readonly options: FakePoolOptions = {}) {
    this.userPoolId = options.userPoolId ?? 'us-west-2_Target';
  }

  public callsOf(...operations: Operation[]): number {
    return this.calls.filter(call => operations.includes(call.operation)).length;
  }

  /** Puts a user there as if they had been there all along. */
  public seed(user: Partial<FakeUser> & { readonly username: string }): FakeUser {
    const sub = user.sub ?? randomUUID();
    const seeded: FakeUser = {
      attributes: {}, enabled: true, status: 'CONFIRMED', createdAt: 0, modifiedAt: 0, mfa: { enabled: [] }, groups: new Set(), ...user, sub,
    };
    this.users.set(sub, seeded);
    return seeded;
  }

  public async describeUserPool(): Promise<DescribedUserPool> {
    return this.call('describeUserPool', [], () => ({
      Id: this.userPoolId,
      UsernameAttributes: this.options.usernameAttributes,
      AliasAttributes: this.options.aliasAttributes,
      AutoVerifiedAttributes: this.options.autoVerifiedAttributes,
      UsernameConfiguration: { CaseSensitive: this.options.caseSensitive ?? false },
      SchemaAttributes: [
        ...STANDARD.map(Name => ({ Name, Mutable: Name !== 'sub' })),
        ...Object.entries(this.options.customAttributes ?? {}).map(([name, { mutable }]) => ({ Name: `custom:${name}`, Mutable: mutable ?? true })),
      ],
      Policies: {
        PasswordPolicy: { MinimumLength: this.options.minimumPasswordLength ?? 8 },
        SignInPolicy: { AllowedFirstAuthFactors: this.options.firstAuthFactors ?? ['PASSWORD'] },
      },
    }));
  }

  public async listUsers(cursor?: string, filter?: UserFilter): Promise<Page<UserImage>> {
    return this.call('listUsers', [cursor, filter], () => {
      const all = [...this.users.values()].filter(user => !filter || valueOf(user, filter.attribute) === filter.value);
      return this.page(all.map(imageOf), cursor);
    });
  }

  public async getUser(username: string): Promise<{ user: UserImage; mfa: MfaPreference }> {
    return this.call('getUser', [username], () => {
      const user = this.find(username);
      return { user: imageOf(user), mfa: user.mfa };
    });
  }

  public async createUser(user: NewUser): Promise<UserImage> {
    return this.call('createUser', [user], () => imageOf(this.create(user)));
  }

  public async setPermanentPassword(username: string, password: string): Promise<void> {
    return this.change('setPermanentPassword', [username, password], username, user => {
      this.checkPassword(password);
      user.password = password;
      user.status = 'CONFIRMED';
    });
  }

  public async updateAttributes(username: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    return this.change('updateAttributes', [username, attributes], username, user => {
      this.checkAttributes(attributes);
      for (const [name, value] of Object.entries(attributes)) {
        if (this.isImmutable(name) && user.attributes[name] !== value) throw cognitoError('InvalidParameterException', `${name} is immutable`);
        if (name === 'preferred_username' && this.options.aliasAttributes?.includes(name) && user.status !== 'CONFIRMED') {
          throw cognitoError('InvalidParameterException', 'preferred_username of an unconfirmed user');
        }
      }
      for (const address of ['email', 'phone_number']) {
        if (attributes[address] === undefined || attributes[address] === user.attributes[address]) continue;
        user.attributes[`${address}_verified`] = 'false';
        if (this.options.autoVerifiedAttributes?.includes(address) && attributes[`${address}_verified`] !== 'true') this.messagesSent++;
      }
      Object.assign(user.attributes, attributes);
    });
  }

  public async enableUser(username: string): Promise<void> {
    return this.change('enableUser', [username], username, user => { user.enabled = true; });
  }

  public async disableUser(username: string): Promise<void> {
    return this.change('disableUser', [username], username, user => { user.enabled = false; });
  }

  public async addUserToGroup(username: string, group: string): Promise<void> {
    return this.change('addUserToGroup', [username, group], username, user => {
      if (!this.groups.has(group)) throw cognitoError('ResourceNotFoundException', 'Group not found.');
      user.groups.add(group);
    });
  }

  public async groupsOfUser(username: string, cursor?: string): Promise<Page<string>> {
    return this.call('groupsOfUser', [username, cursor], () => this.page([...this.find(username).groups], cursor));
  }

  public async setMfaPreference(username: string, mfa: MfaPreference): Promise<void> {
    return this.change('setMfaPreference', [username, mfa], username, user => {
      if (mfa.enabled.includes('SMS_MFA') && !user.attributes.phone_number) throw cognitoError('InvalidParameterException', 'User does not have a phone number');
      if (mfa.enabled.includes('SOFTWARE_TOKEN_MFA') && !user.totp) throw cognitoError('InvalidParameterException', 'User has not verified software token mfa');
      user.mfa = mfa;
    });
  }

  public async removeUserFromGroup(username: string, group: string): Promise<void> {
    return this.change('removeUserFromGroup', [username, group], username, user => {
      if (!this.groups.has(group)) throw cognitoError('ResourceNotFoundException', 'Group not found.');
      user.groups.delete(group);
    });
  }

  public async deleteAttributes(username: string, names: readonly string[]): Promise<void> {
    return this.change('deleteAttributes', [username, names], username, user => {
      names.forEach(name => delete user.attributes[name]);
    });
  }

  public async linkProvider(username: string, identity: ProviderIdentity): Promise<void> {
    return this.change('linkProvider', [username, identity], username, () => {
      if (this.links.some(link => link.subject === identity.subject)) throw cognitoError('InvalidParameterException', 'SourceUser is already linked');
      this.links.push({ username, ...identity });
    });
  }

  public async listGroups(cursor?: string): Promise<Page<GroupImage>> {
    return this.call('listGroups', [cursor], () => this.page([...this.groups.values()], cursor));
  }

  public async createGroup(group: GroupImage): Promise<void> {
    return this.call('createGroup', [group], () => {
      if (this.groups.has(group.name)) throw cognitoError('GroupExistsException');
      this.groups.set(group.name, { ...group });
    });
  }

  public async updateGroup(group: GroupImage): Promise<void> {
    return this.call('updateGroup', [group], () => {
      if (!this.groups.has(group.name)) throw cognitoError('ResourceNotFoundException');
      this.groups.set(group.name, { ...group });
    });
  }

  public async listUsersInGroup(group: string, cursor?: string): Promise<Page<string>> {
    return this.call('listUsersInGroup', [group, cursor], () => {
      if (!this.groups.has(group)) throw cognitoError('ResourceNotFoundException', 'Group not found.');
      return this.page([...this.users.values()].filter(user => user.groups.has(group)).map(user => user.sub), cursor);
    });
  }

  private create({ username, attributes: given, temporaryPassword }: NewUser): FakeUser {
    const { usernameAttributes = [], aliasAttributes = [] } = this.options;
    const attributes = { ...given };
    this.checkAttributes(attributes);
    const addressKind = username.startsWith('+') ? 'phone_number' : username.includes('@') ? 'email' : undefined;
    if (usernameAttributes.length > 0) {
      if (!addressKind || !usernameAttributes.includes(addressKind)) throw cognitoError('InvalidParameterException', `Username should be ${usernameAttributes.join(' or ')}.`);
      if (attributes[addressKind] !== undefined && attributes[addressKind] !== username) throw cognitoError('InvalidParameterException', 'username and attribute differ');
      attributes[addressKind] = username;
    } else if (addressKind && aliasAttributes.includes(addressKind)) {
      throw cognitoError('InvalidParameterException', `Username cannot be of ${addressKind} format, since user pool is configured for ${addressKind} alias.`);
    }
    if (this.tryFind(username)) throw cognitoError('UsernameExistsException', 'User account already exists');
    for (const alias of [...aliasAttributes, ...usernameAttributes]) {
      const isActive = (user: { attributes: Record<string, string> }) => usernameAttributes.includes(alias as never) || alias === 'preferred_username' || user.attributes[`${alias}_verified`] === 'true';
      if (!attributes[alias] || !isActive({ attributes })) continue;
      if ([...this.users.values()].some(user => user.attributes[alias] === attributes[alias] && isActive(user))) {
        throw cognitoError('AliasExistsException', `An account with the ${alias} ${attributes[alias]} already exists.`);
      }
    }
    const passwordless = this.options.firstAuthFactors?.some(factor => factor.endsWith('_OTP')) && temporaryPassword === undefined;
    if (passwordless && !attributes.email && !attributes.phone_number) throw cognitoError('InvalidParameterException', 'an address is needed');
    if (attributes.preferred_username && aliasAttributes.includes('preferred_username') && !passwordless) {
      throw cognitoError('InvalidParameterException', 'preferred_username cannot be provided for unconfirmed account');
    }
    if (temporaryPassword !== undefined) this.checkPassword(temporaryPassword);
    const sub = randomUUID();
    const now = this.now();
    return this.seed({
      sub, username: usernameAttributes.length > 0 ? sub : username, attributes, status: passwordless ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD', createdAt: now, modifiedAt: now,
    });
  }

  private checkAttributes(attributes: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(attributes)) {
      const custom = name.startsWith('custom:') ? this.options.customAttributes?.[name.slice('custom:'.length)] : undefined;
      if (name === 'sub' || name === 'identities' || name.startsWith('cognito:')) throw cognitoError('InvalidParameterException', `Cannot modify the non-mutable attribute ${name}`);
      if (!STANDARD.includes(name) && !custom) throw cognitoError('InvalidParameterException', `Attributes did not conform to the schema: Type for attribute {${name}} could not be determined`);
      if (value.length > (custom?.maxLength ?? 2_048)) throw cognitoError('InvalidParameterException', `Attributes did not conform to the schema: ${name}: ${value}`);
      if (name === 'email' && !/^[^@\s]+@[^@\s]+$/.test(value)) throw cognitoError('InvalidParameterException', `Invalid email address format: ${value}`);
      if (name === 'phone_number' && !/^\+\d{3,15}$/.test(value)) throw cognitoError('InvalidParameterException', `Invalid phone number format: ${value}`);
      if (name.endsWith('_verified') && !['true', 'false'].includes(value)) throw cognitoError('InvalidParameterException');
    }
  }

  private checkPassword(password: string): void {
    const classes = [/[a-z]/, /[A-Z]/, /\d/, /[\^$*.[\]{}()?\-"!@#%&/\\,><':;|_~`+=]/];
    if (password.length < (this.options.minimumPasswordLength ?? 8) || password.length > 256 || !classes.every(aClass => aClass.test(password))) {
      throw cognitoError('InvalidPasswordException', 'Password did not conform with policy');
    }
  }

  private isImmutable(name: string): boolean {
    return this.options.customAttributes?.[name.slice('custom:'.length)]?.mutable === false;
  }

  private tryFind(name: string): FakeUser | undefined {
    const folded = (value: string | undefined) => (this.options.caseSensitive ? value : value?.toLowerCase());
    const same = (value: string | undefined) => value !== undefined && folded(value) === folded(name);
    const { usernameAttributes = [] } = this.options;
    return [...this.users.values()].find(user => same(user.username) || usernameAttributes.some(kind => same(user.attributes[kind])));
  }

  private find(name: string): FakeUser {
    const user = this.tryFind(name);
    if (!user) throw cognitoError('UserNotFoundException', 'User does not exist.');
    return user;
  }

  private async change(operation: Operation, args: readonly unknown[], username: string, effect: (user: FakeUser) => void): Promise<void> {
    return this.call(operation, args, () => {
      const user = this.find(username);
      effect(user);
      user.modifiedAt = this.now();
    });
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

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}

function valueOf(user: FakeUser, attribute: UserFilter['attribute']): string | undefined {
  if (attribute === 'sub') return user.sub;
  return attribute === 'username' ? user.username : user.attributes[attribute];
}

function imageOf({ sub, username, attributes, enabled, status, createdAt, modifiedAt }: FakeUser): UserImage {
  return { sub, username, attributes: { ...attributes }, enabled, status, createdAt, modifiedAt };
}
