import { ProviderIdentity } from '../../src/cognito/identities';
import { NewUser } from '../../src/cognito/target-pool';
import { GroupImage, MfaPreference, UserImage } from '../../src/cognito/user';

/** Kinds of pool that some behaviour takes. Every one has the custom attributes `tenant`, which is immutable, and `note`. */
export type ContractPoolKind = 'email' | 'email-or-phone' | 'aliases' | 'username' | 'case-sensitive' | 'passwordless';
export const CONTRACT_POOL_KINDS: readonly ContractPoolKind[] = ['email', 'email-or-phone', 'aliases', 'username', 'case-sensitive', 'passwordless'];

export type UserAttributes = Readonly<Record<string, string>>;

/** As ListUsers takes it: an attribute, `=` or `^=`, a value. */
export type Filter = readonly [attribute: string, operator: '=' | '^=', value: string];

/**
 * One user pool as the behaviours see it: what an administrator does, what users do where a pool cannot come into a state otherwise, and what can
 * be read. Errors are Cognito's own, by name. Something that a model has no way to do throws {@link NotModelled}.
 */
export interface ContractPool {
  /** The most users of a page of {@link pages}. */
  readonly pageSize: number;

  /** Somebody whom the pool has not had yet: by the pool's kind, with a verified e-mail address where it takes one. */
  newcomer(attributes?: UserAttributes): NewUser;
  /** The name of a group that the pool has not had yet. */
  groupName(): string;
  /** Nothing is ever sent to it. */
  phone(): string;

  /** AdminCreateUser with MessageAction SUPPRESS. */
  createUser(user: NewUser): Promise<UserImage>;
  setPassword(username: string, password: string): Promise<void>;
  resetPassword(username: string): Promise<void>;
  updateAttributes(username: string, attributes: UserAttributes): Promise<void>;
  deleteAttributes(username: string, names: readonly string[]): Promise<void>;
  enableUser(username: string): Promise<void>;
  disableUser(username: string): Promise<void>;
  deleteUser(username: string): Promise<void>;
  setMfaPreference(username: string, mfa: MfaPreference): Promise<void>;

  createGroup(group: GroupImage): Promise<void>;
  updateGroup(group: GroupImage): Promise<void>;
  deleteGroup(name: string): Promise<void>;
  addUserToGroup(username: string, group: string): Promise<void>;
  removeUserFromGroup(username: string, group: string): Promise<void>;

  signUp(user: NewUser, password: string): Promise<void>;
  /** AdminConfirmSignUp */
  confirmSignUp(username: string): Promise<void>;
  /** The first sign-in through a provider, with the provider's e-mail address. Answers the user name. */
  signInFederated(identity: ProviderIdentity, email: string): Promise<string>;

  getUser(username: string): Promise<{ readonly user: UserImage; readonly mfa: MfaPreference }>;
  groupsOf(username: string): Promise<readonly string[]>;
  groups(): Promise<readonly GroupImage[]>;
  /** `sub`s, of all pages. */
  membersOf(group: string): Promise<readonly string[]>;
  /** All pages of a listing, as they come. */
  pages(filter?: Filter): Promise<readonly (readonly UserImage[])[]>;
  /** One page with a limit of one's own. */
  page(limit: number): Promise<readonly UserImage[]>;
  /** From now on a listing has a page without users, and a token, before others. */
  withEmptyPages(): Promise<void>;

  /** How many messages the pool has sent so far. */
  messages(): Promise<number>;
  /** Lets so much time go by that a date that is written then is a later one. */
  later(): Promise<void>;
  /** A look at what may come late, until it no longer deviates; once where nothing comes late. */
  eventually(look: () => Promise<void>): Promise<void>;
}

/** Something that models of Cognito could be, and that the contract is held against. */
export interface Driver {
  readonly name: string;
  /** Behaviours that it cannot show, by id, each with the reason. They are tried all the same: one that it can show must not be here. */
  readonly cannot: Readonly<Record<string, string>>;
  open(kind: ContractPoolKind): Promise<ContractPool>;
}

/** Thrown instead of doing something else. */
export class NotModelled extends Error {
  public readonly name = 'NotModelled';
}

export const PASSWORD = 'Contract-1-password';

/** Names for one pool of the contract. */
export class Newcomers {
  private made = 0;

  /**
   * @param address of somebody with that name
   * @param phones counts those of all pools that share users
   */
  constructor(
    private readonly kind: ContractPoolKind, private readonly prefix: string, private readonly address: (name: string) => string,
    private readonly phones = { made: 0 },
  ) {}

  public newcomer(attributes: UserAttributes = {}): NewUser {
    const name = this.name('user');
    const email = this.address(name);
    const temporaryPassword = this.kind === 'passwordless' ? undefined : PASSWORD;
    switch (this.kind) {
      case 'username':
      case 'case-sensitive':
        return { username: name, attributes, temporaryPassword };
      case 'aliases':
        return { username: name, attributes: { email, email_verified: 'true', ...attributes }, temporaryPassword };
      default:
        return { username: email, attributes: { email, email_verified: 'true', ...attributes }, temporaryPassword };
    }
  }

  public name(of: string): string {
    return `${this.prefix}-${of}-${++this.made}`;
  }

  /** From the range of numbers for films. */
  public phone(): string {
    return `+1206555${String(100 + this.phones.made++ % 100).padStart(4, '0')}`;
  }
}
