import { createHash } from 'crypto';
import { identitiesOf, isFederated, ProviderIdentity } from '../../src/cognito/identities';
import { DescribedUserPool } from '../../src/cognito/pool-settings';
import { NewUser } from '../../src/cognito/target-pool';
import { GroupImage, MfaPreference, UserImage } from '../../src/cognito/user';
import { UserStatus } from '../../src/cognito/user-status';

export interface UserPoolOptions {
  readonly userPoolId?: string;
  readonly usernameAttributes?: readonly ('email' | 'phone_number')[];
  readonly aliasAttributes?: readonly ('email' | 'phone_number' | 'preferred_username')[];
  readonly autoVerifiedAttributes?: readonly string[];
  readonly customAttributes?: Readonly<Record<string, { readonly mutable?: boolean; readonly maxLength?: number }>>;
  readonly firstAuthFactors?: readonly string[];
  readonly caseSensitive?: boolean;
  /** Names of recovery mechanisms; without them, the pool has no such setting. */
  readonly recovery?: readonly string[];
  readonly minimumPasswordLength?: number;
  readonly now?: () => number;
  /** The `sub` of a new user. Default: one that no other user of the test has; it says nothing of who came first, and is the same in each run. */
  readonly newSub?: () => string;
}

/** A user as the model keeps them. */
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

/** What ListUsers may be asked to show. */
export interface ListFilter {
  readonly attribute: string;
  readonly operator: '=' | '^=';
  readonly value: string;
}

export const EXTERNAL = 'EXTERNAL_PROVIDER';
/** Cognito's limit of a page of users. */
export const MOST_PER_PAGE = 60;

const STANDARD = [
  'address', 'birthdate', 'email', 'email_verified', 'family_name', 'gender', 'given_name', 'locale', 'middle_name', 'name', 'nickname', 'phone_number',
  'phone_number_verified', 'picture', 'preferred_username', 'profile', 'sub', 'updated_at', 'website', 'zoneinfo',
];
const ADDRESSES = ['email', 'phone_number'] as const;
const SEARCHABLE = [
  'username', 'email', 'phone_number', 'name', 'given_name', 'family_name', 'preferred_username', 'cognito:user_status', 'status', 'sub',
];

export function cognitoError(name: string, message = name): Error {
  return Object.assign(new Error(message), { name, $fault: name === 'InternalErrorException' ? 'server' : 'client' });
}

/** Characters of a `Username` and of a `Filter`. */
const [LONGEST_NAME, LONGEST_FILTER] = [128, 256];

const invalid = (message: string) => cognitoError('InvalidParameterException', message);
const refusedNow = (message: string) => cognitoError('NotAuthorizedException', message);

/**
 * The rules of one user pool, in memory: the only place of the tests where they stand. The fakes of the target, the standby and the source pool
 * are views of it. Every rule is a behaviour of `test/contract`, where its source is named.
 */
export class UserPoolModel {
  public readonly users = new Map<string, FakeUser>();
  public readonly groups = new Map<string, GroupImage>();
  public readonly links: (ProviderIdentity & { readonly username: string })[] = [];
  /** Messages that Cognito would have sent to users. */
  public messagesSent = 0;
  public readonly userPoolId: string;

  constructor(private readonly options: UserPoolOptions = {}) {
    this.userPoolId = options.userPoolId ?? 'us-west-2_Target';
  }

  /** Puts a user there as if they had been there all along. */
  public seed(user: Partial<FakeUser> & { readonly username: string }): FakeUser {
    const sub = user.sub ?? this.newSub();
    const seeded: FakeUser = {
      attributes: {}, enabled: true, status: 'CONFIRMED', createdAt: 0, modifiedAt: 0, mfa: { enabled: [] }, groups: new Set(), ...user, sub,
    };
    this.users.set(sub, seeded);
    return seeded;
  }

  public describe(): DescribedUserPool {
    return {
      Id: this.userPoolId,
      UsernameAttributes: this.options.usernameAttributes,
      AliasAttributes: this.options.aliasAttributes,
      AutoVerifiedAttributes: this.options.autoVerifiedAttributes,
      ...this.options.recovery ? { AccountRecoverySetting: { RecoveryMechanisms: this.options.recovery.map(Name => ({ Name })) } } : {},
      UsernameConfiguration: { CaseSensitive: this.options.caseSensitive ?? false },
      SchemaAttributes: [
        ...STANDARD.map(Name => ({ Name, Mutable: Name !== 'sub', StringAttributeConstraints: { MaxLength: '2048' } })),
        ...Object.entries(this.options.customAttributes ?? {}).map(([name, { mutable, maxLength }]) =>
          ({ Name: `custom:${name}`, Mutable: mutable ?? true, StringAttributeConstraints: { MaxLength: String(maxLength ?? 2_048) } })),
      ],
      Policies: {
        PasswordPolicy: { MinimumLength: this.options.minimumPasswordLength ?? 8 },
        SignInPolicy: { AllowedFirstAuthFactors: this.options.firstAuthFactors ?? ['PASSWORD'] },
      },
    };
  }

  // ---- what an administrator does -------------------------------------------------------------------------------------

  /** As with MessageAction SUPPRESS. */
  public createUser({ username, attributes, temporaryPassword }: NewUser): FakeUser {
    const passwordless = this.options.firstAuthFactors?.some(factor => factor.endsWith('_OTP')) && temporaryPassword === undefined;
    const status = passwordless ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD';
    const user = this.admit(username, attributes, status, temporaryPassword);
    if (passwordless && !user.attributes.email && !user.attributes.phone_number) throw invalid('an address is needed');
    return this.seed(user);
  }

  public setPermanentPassword(username: string, password: string): void {
    const user = this.find(username);
    this.checkPassword(password);
    this.change(user, { password, status: 'CONFIRMED' });
  }

  public resetPassword(username: string): void {
    const user = this.find(username);
    if (['FORCE_CHANGE_PASSWORD', EXTERNAL].includes(user.status)) throw refusedNow('User password cannot be reset in the current state.');
    this.messagesSent++;
    this.change(user, { status: 'RESET_REQUIRED' });
  }

  public updateAttributes(username: string, attributes: Readonly<Record<string, string>>): void {
    const user = this.find(username);
    this.checkAttributes(attributes);
    for (const [name, value] of Object.entries(attributes)) {
      if (this.isImmutable(name) && user.attributes[name] !== value) throw invalid(`${name} is immutable`);
      if (name === 'preferred_username' && this.options.aliasAttributes?.includes(name) && user.status !== 'CONFIRMED') {
        throw invalid('preferred_username of an unconfirmed user');
      }
    }
    const moved = ADDRESSES.filter(address => attributes[address] !== undefined && attributes[address] !== user.attributes[address]);
    const changed = { ...user.attributes, ...Object.fromEntries(moved.map(address => [`${address}_verified`, 'false'])), ...attributes };
    this.checkAliases(changed, user);
    this.messagesSent += moved.filter(address => this.options.autoVerifiedAttributes?.includes(address) && changed[`${address}_verified`] !== 'true').length;
    // An empty value deletes the attribute.
    this.change(user, { attributes: Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== '')) });
  }

  public deleteAttributes(username: string, names: readonly string[]): void {
    const user = this.find(username);
    this.checkAttributes(Object.fromEntries(names.map(name => [name, ''])));
    this.change(user, { attributes: Object.fromEntries(Object.entries(user.attributes).filter(([name]) => !names.includes(name))) });
  }

  public setEnabled(username: string, enabled: boolean): void {
    this.change(this.find(username), { enabled });
  }

  public deleteUser(username: string): void {
    this.users.delete(this.find(username).sub);
  }

  /** What is neither switched on nor off stays as it is. */
  public setMfaPreference(username: string, { enabled, preferred }: MfaPreference, off: readonly string[] = []): void {
    const user = this.find(username);
    const stays = user.mfa.enabled.filter(method => !enabled.includes(method) && !off.includes(method));
    const mfa: MfaPreference = { enabled: [...stays, ...enabled] };
    const chosen = preferred ?? [user.mfa.preferred].find(method => method !== undefined && stays.includes(method));
    if (chosen !== undefined) Object.assign(mfa, { preferred: chosen });
    const lacking = enabled.find(method => (method === 'SMS_MFA' && !user.attributes.phone_number)
      || (method === 'EMAIL_OTP' && !user.attributes.email) || (method === 'SOFTWARE_TOKEN_MFA' && !user.totp));
    if (lacking) throw invalid(`User does not have delivery config set to turn on ${lacking}`);
    this.change(user, { mfa });
  }

  /** Has the identity of a provider sign in as this user. */
  public linkProvider(username: string, identity: ProviderIdentity): void {
    if (this.links.some(link => link.subject === identity.subject)) throw invalid('SourceUser is already linked');
    this.links.push({ username, ...identity });
    const user = this.find(username);
    const listed = [...identitiesOf(user.attributes.identities), identity];
    this.change(user, { attributes: { ...user.attributes, identities: identitiesText(listed) } });
  }

  // ---- groups ---------------------------------------------------------------------------------------------------------

  public createGroup(group: GroupImage): void {
    if (this.groups.has(group.name)) throw cognitoError('GroupExistsException');
    this.groups.set(group.name, { ...group });
  }

  public updateGroup(group: GroupImage): void {
    this.existingGroup(group.name);
    this.groups.set(group.name, { ...group });
  }

  public deleteGroup(name: string): void {
    this.existingGroup(name);
    this.groups.delete(name);
    this.users.forEach(user => user.groups.delete(name));
  }

  /** No change of the user: their `UserLastModifiedDate` stays. */
  public addUserToGroup(username: string, group: string): void {
    const user = this.find(username);
    user.groups.add(this.existingGroup(group).name);
  }

  public removeUserFromGroup(username: string, group: string): void {
    const user = this.find(username);
    user.groups.delete(this.existingGroup(group).name);
  }

  public membersOf(group: string): FakeUser[] {
    this.existingGroup(group);
    return [...this.users.values()].filter(user => user.groups.has(group));
  }

  private existingGroup(name: string): GroupImage {
    const group = this.groups.get(name);
    if (!group) throw cognitoError('ResourceNotFoundException', 'Group not found.');
    return group;
  }

  // ---- what users do themselves, and providers for them ---------------------------------------------------------------

  public signUp(username: string, attributes: Readonly<Record<string, string>>, password: string): FakeUser {
    return this.seed(this.admit(username, attributes, 'UNCONFIRMED', password));
  }

  /** By an administrator, or with the code that was sent, which verifies the address. */
  public confirmSignUp(username: string, withCode = false): void {
    const user = this.find(username);
    if (user.status !== 'UNCONFIRMED') throw refusedNow(`User cannot be confirmed. Current status is ${user.status}`);
    const isSentTo = (address: string) => withCode && this.options.autoVerifiedAttributes?.includes(address) && user.attributes[address];
    const sentTo = ADDRESSES.find(isSentTo);
    this.change(user, { status: 'CONFIRMED', attributes: { ...user.attributes, ...sentTo ? { [`${sentTo}_verified`]: 'true' } : {} } });
  }

  /** With the code that was sent to the address. */
  public verifyAttribute(username: string, address: typeof ADDRESSES[number]): void {
    const user = this.find(username);
    this.change(user, { attributes: { ...user.attributes, [`${address}_verified`]: 'true' } });
  }

  /** A new password, in answer to a challenge or to "forgot password". */
  public choosePassword(username: string, password: string): void {
    this.setPermanentPassword(username, password);
  }

  public enrolAuthenticator(username: string): void {
    this.find(username).totp = true;
  }

  /** The first sign-in makes the user, each one brings what the provider says. */
  public signInFederated({ provider, subject }: ProviderIdentity, attributes: Readonly<Record<string, string>>): FakeUser {
    const username = `${provider}_${subject}`;
    const known = this.tryFind(username);
    if (known) {
      this.change(known, { attributes: { ...known.attributes, ...attributes } });
      return known;
    }
    const identities = JSON.stringify([{ providerName: provider, userId: subject, primary: 'true' }]);
    const now = this.now();
    return this.seed({ username, status: EXTERNAL, attributes: { ...attributes, identities }, createdAt: now, modifiedAt: now });
  }

  /** As Cognito shows links: in an attribute that cannot be written. */
  public setIdentities(username: string, identities: readonly ProviderIdentity[]): void {
    const user = this.find(username);
    const { identities: _before, ...attributes } = user.attributes;
    this.change(user, { attributes: { ...attributes, ...identities.length > 0 ? { identities: identitiesText(identities) } : {} } });
  }

  // ---- what can be asked ----------------------------------------------------------------------------------------------

  /** @throws UserNotFoundException */
  public find(name: string): FakeUser {
    if (name.length > LONGEST_NAME) throw invalid('Member must have length less than or equal to 128');
    const user = this.tryFind(name);
    if (!user) throw cognitoError('UserNotFoundException', 'User does not exist.');
    return user;
  }

  /** All that fit; those who ask cut pages. */
  public listUsers(filter?: ListFilter): FakeUser[] {
    if (!filter) return [...this.users.values()];
    if (`${filter.attribute} ${filter.operator} "${filter.value}"`.length > LONGEST_FILTER) throw invalid('Member must have length less than or equal to 256');
    if (!SEARCHABLE.includes(filter.attribute)) throw invalid(`Invalid search attribute: ${filter.attribute}`);
    const fits = (value: string | undefined) => value !== undefined && (filter.operator === '=' ? value === filter.value : value.startsWith(filter.value));
    return [...this.users.values()].filter(user => fits(valueOf(user, filter.attribute)));
  }

  // ---- rules ----------------------------------------------------------------------------------------------------------

  /** A new user, not yet in the pool. */
  private admit(username: string, given: Readonly<Record<string, string>>, status: UserStatus, password?: string): NewFakeUser {
    const { usernameAttributes = [], aliasAttributes = [] } = this.options;
    const attributes = { ...given };
    this.checkAttributes(attributes);
    const addressKind = username.startsWith('+') ? 'phone_number' : username.includes('@') ? 'email' : undefined;
    if (usernameAttributes.length > 0) {
      if (!addressKind || !usernameAttributes.includes(addressKind)) throw invalid(`Username should be ${usernameAttributes.join(' or ')}.`);
      if (attributes[addressKind] !== undefined && attributes[addressKind] !== username) throw invalid('username and attribute differ');
      attributes[addressKind] = username;
    } else if (addressKind && aliasAttributes.includes(addressKind)) {
      throw invalid(`Username cannot be of ${addressKind} format, since user pool is configured for ${addressKind} alias.`);
    }
    if (this.tryFind(username)) throw cognitoError('UsernameExistsException', 'User account already exists');
    this.checkAliases(attributes);
    if (attributes.preferred_username && aliasAttributes.includes('preferred_username') && status !== 'CONFIRMED') {
      throw invalid('preferred_username cannot be provided for unconfirmed account');
    }
    if (password !== undefined) this.checkPassword(password);
    const sub = this.newSub();
    const now = this.now();
    return { sub, username: usernameAttributes.length > 0 ? sub : username, attributes, status, password, createdAt: now, modifiedAt: now };
  }

  private checkAttributes(attributes: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(attributes)) {
      const custom = name.startsWith('custom:') ? this.options.customAttributes?.[name.slice('custom:'.length)] : undefined;
      if (name === 'sub' || name === 'identities' || name.startsWith('cognito:')) throw invalid(`Cannot modify the non-mutable attribute ${name}`);
      if (!STANDARD.includes(name) && !custom) throw invalid(`Attributes did not conform to the schema: Type for attribute {${name}} could not be determined`);
      if (value === '') continue;
      if (value.length > (custom?.maxLength ?? 2_048)) throw invalid(`Attributes did not conform to the schema: ${name}: ${value}`);
      if (name === 'email' && !/^[^@\s]+@[^@\s]+$/.test(value)) throw invalid(`Invalid email address format: ${value}`);
      if (name === 'phone_number' && !/^\+\d{3,15}$/.test(value)) throw invalid(`Invalid phone number format: ${value}`);
      if (name.endsWith('_verified') && !['true', 'false'].includes(value)) throw invalid(`${name} is neither true nor false`);
    }
  }

  /** @param self the user that is to have these attributes; absent for a new one */
  private checkAliases(attributes: Readonly<Record<string, string>>, self?: FakeUser): void {
    const { usernameAttributes = [], aliasAttributes = [] } = this.options;
    for (const alias of [...aliasAttributes, ...usernameAttributes]) {
      if (!attributes[alias] || !this.isActive(alias, attributes)) continue;
      const others = [...this.users.values()].filter(user => user !== self && this.isActive(alias, user.attributes));
      if (others.some(user => this.same(user.attributes[alias], attributes[alias]) && !isFederated(user))) {
        throw cognitoError('AliasExistsException', `An account with the ${alias} ${attributes[alias]} already exists.`);
      }
    }
  }

  /** An address counts once it is verified, except where it is the user name itself. */
  private isActive(alias: string, attributes: Readonly<Record<string, string>>): boolean {
    const { usernameAttributes = [] } = this.options;
    return usernameAttributes.includes(alias as never) || alias === 'preferred_username' || attributes[`${alias}_verified`] === 'true';
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
    const { usernameAttributes = [], aliasAttributes = [] } = this.options;
    const all = [...this.users.values()];
    const isNamed = (user: FakeUser, kind: string) => this.same(user.attributes[kind], name) && !isFederated(user);
    return all.find(user => this.same(user.username, name) || usernameAttributes.some(kind => isNamed(user, kind)))
      ?? all.find(user => aliasAttributes.some(alias => isNamed(user, alias) && this.isActive(alias, user.attributes)))
      ?? all.find(user => user.sub === name && user.status !== EXTERNAL);
  }

  private same(one: string | undefined, other: string | undefined): boolean {
    const folded = (value: string | undefined) => (this.options.caseSensitive ? value : value?.toLowerCase());
    return one !== undefined && folded(one) === folded(other);
  }

  private change(user: FakeUser, change: Partial<Pick<FakeUser, 'attributes' | 'enabled' | 'status' | 'password' | 'mfa'>>): void {
    Object.assign(user, change, { modifiedAt: this.now() });
  }

  private newSub(): string {
    return (this.options.newSub ?? anotherSub)();
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}

let made = 0;
/** Random ones would give an order of their own to each run: what depends on it would fail once in many. */
function anotherSub(): string {
  const hash = createHash('sha256').update(String(++made)).digest('hex');
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join('-');
}

type NewFakeUser = Pick<FakeUser, 'sub' | 'username' | 'attributes' | 'status' | 'password' | 'createdAt' | 'modifiedAt'>;

export function imageOf({ sub, username, attributes, enabled, status, createdAt, modifiedAt }: FakeUser): UserImage {
  return { sub, username, attributes: { ...attributes }, enabled, status, createdAt, modifiedAt };
}

function valueOf(user: FakeUser, attribute: string): string | undefined {
  switch (attribute) {
    case 'sub': return user.sub;
    case 'username': return user.username;
    case 'cognito:user_status': return user.status;
    case 'status': return user.enabled ? 'Enabled' : 'Disabled';
    default: return user.attributes[attribute];
  }
}

function identitiesText(linked: readonly ProviderIdentity[]): string {
  return JSON.stringify(linked.map(({ provider, subject }) => ({ providerName: provider, userId: subject, primary: 'false' })));
}
