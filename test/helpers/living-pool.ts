import { FakeSourcePool } from './fake-source-pool';
import { EXTERNAL, FakeUser, UserPoolModel, UserPoolOptions, imageOf } from './user-pool-model';
import { UserEvent } from '../../src/capture/hints/user-event';
import { Page } from '../../src/cognito/page';
import { UserDetails } from '../../src/cognito/source-pool';
import { GroupImage, MfaPreference, UserImage } from '../../src/cognito/user';
import { CloudTrailEnvelope, cloudTrailEvent } from '../capture/hints/fixtures/cloudtrail-events';

export const POOL_ID = 'us-east-1_AbCdEfGhI';

/** Where the pool tells of changes. */
export interface Audience {
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
  event(event: CloudTrailEnvelope): void;
  trigger(event: UserEvent): void;
}

interface Version {
  readonly at: number;
  readonly image?: UserImage;
}

const nothing = async (): Promise<void> => undefined;

export type Change = (pool: LivingPool) => unknown;

const PASSWORD = 'Living-1-password';

/** A user pool in memory. It changes by the rules of the model, tells of it as Cognito does, and answers with a lag. */
export class LivingPool extends FakeSourcePool {
  /** How much an answer about users may be behind; milliseconds. */
  public usersLag = 0;
  /** Called for every request, before its answer and after it. */
  public onCall: typeof nothing = nothing;
  private readonly versions = new Map<string, Version[]>();
  /** What is true; the answers come from the versions of it. */
  private readonly truth: UserPoolModel;
  private made = 0;
  private addresses = 0;

  constructor(private readonly audience: Audience, options: UserPoolOptions = { autoVerifiedAttributes: ['email'] }) {
    super();
    const usernameAttributes = () => this.usernameAttributes as 'email'[];
    this.truth = new UserPoolModel({
      ...options,
      userPoolId: POOL_ID,
      get usernameAttributes() { return usernameAttributes(); },
      now: () => audience.now(),
      // Spread over all prefixes.
      newSub: () => `${(++this.made * 7_919 % 65_536).toString(16).padStart(4, '0')}-${this.made}`,
    });
  }

  // ---- what it answers ------------------------------------------------------------------------------------------------

  public override async listUsers(prefix: string, token?: string): Promise<Page<UserImage>> {
    return this.answered(async () => {
      const all = [...this.past().values()].filter(user => user.sub.startsWith(prefix)).sort((a, b) => (a.sub < b.sub ? -1 : 1));
      const left = all.filter(user => token === undefined || user.sub > token);
      const page = left.slice(0, this.pageSize);
      return { items: page, next: left.length > page.length ? page.at(-1)!.sub : undefined };
    });
  }

  public override async userBySub(sub: string): Promise<UserImage | undefined> {
    return this.answered(async () => this.past().get(sub));
  }

  public override async userByName(username: string): Promise<UserDetails | undefined> {
    return this.answered(async () => {
      const image = this.named(username, this.past());
      return image && { image, mfa: this.mfa.get(image.sub) ?? { enabled: [] } };
    });
  }

  public override async groupsOfUser(username: string): Promise<GroupImage[] | undefined> {
    return this.answered(async () => super.groupsOfUser(username));
  }

  public override async group(name: string): Promise<GroupImage | undefined> {
    return this.answered(async () => super.group(name));
  }

  public override async listUsersInGroup(group: string, token?: string): Promise<Page<string> | undefined> {
    return this.answered(async () => super.listUsersInGroup(group, token));
  }

  /** An answer is from some moment between the request and its arrival. */
  private async answered<T>(answer: () => Promise<T>): Promise<T> {
    await this.onCall();
    const answered = await answer();
    await this.onCall();
    return answered;
  }

  /** Users as they were a moment ago, a new moment for each answer. */
  private past(): Map<string, UserImage> {
    const at = this.audience.now() - Math.floor(this.audience.random() * this.usersLag);
    const images = [...this.versions].map(([sub, versions]) => [sub, versions.filter(version => version.at <= at).at(-1)?.image] as const);
    return new Map(images.filter((entry): entry is [string, UserImage] => entry[1] !== undefined));
  }

  // ---- what happens to it ---------------------------------------------------------------------------------------------

  /** A change by the rules of a pool. Answers what the change answers. */
  public act<T>(change: (truth: UserPoolModel) => T): T {
    const before = new Map(this.users);
    const answer = change(this.truth);
    this.show(this.truth);
    const at = this.audience.now();
    const note = (sub: string, image?: UserImage) => this.versions.set(sub, [...this.versions.get(sub) ?? [], { at, image }]);
    this.users.forEach(image => { if (JSON.stringify(image) !== JSON.stringify(before.get(image.sub))) note(image.sub, image); });
    before.forEach((_, sub) => { if (!this.users.has(sub)) note(sub); });
    return answer;
  }

  /** A name for a new user: an address, or a chosen one that a deleted user may have left. Undefined where all are taken. */
  public newName(): string | undefined {
    if (this.usernameAttributes.length > 0) return this.newAddress();
    return this.pick(['ann', 'bob', 'cy', 'di', 'ed', 'flo'].filter(name => [...this.users.values()].every(user => user.username !== name)));
  }

  public newAddress(): string {
    return `${++this.addresses}@example.com`;
  }

  public change(user: UserImage, change: (truth: UserPoolModel, username: string) => FakeUser | void): UserImage {
    return this.act(truth => {
      change(truth, user.username);
      return imageOf(truth.users.get(user.sub)!);
    });
  }

  public tell(eventName: string, about: { sub?: string; groupName?: string } = {}): void {
    this.audience.event(cloudTrailEvent(eventName, { userPoolId: POOL_ID, eventTime: this.audience.now(), ...about })!);
  }

  public trigger(triggerSource: string, user: UserImage): void {
    this.audience.trigger({
      triggerSource,
      userPoolId: POOL_ID,
      userName: user.username,
      request: { userAttributes: { 'sub': user.sub, 'cognito:user_status': user.status, ...user.attributes } },
    });
  }

  /** One of those that fit, or undefined. */
  public pick<T>(some: Iterable<T>): T | undefined {
    const all = [...some];
    return all[Math.floor(this.audience.random() * all.length)];
  }

  public now(): number {
    return this.audience.now();
  }

  public number(): number {
    return Math.floor(this.audience.random() * 1_000);
  }
}

/** A change of one user that fits, told as a call. */
function ofUser(eventName: string, fits: (user: UserImage) => boolean, act: (pool: LivingPool, user: UserImage) => unknown): Change {
  return pool => {
    const user = pool.pick([...pool.users.values()].filter(fits));
    if (!user) return;
    act(pool, user);
    pool.tell(eventName, { sub: user.sub });
  };
}

/** So few users that changes collide. */
const CROWD = 6;
const anybody = () => true;
const isLocal = (user: UserImage) => user.status !== EXTERNAL;
const has = (...statuses: string[]) => (user: UserImage) => statuses.includes(user.status);
const mfas = (user: UserImage): MfaPreference[] => [
  { enabled: [] }, { enabled: ['SOFTWARE_TOKEN_MFA'] }, ...user.attributes.email ? [{ enabled: ['EMAIL_OTP'], preferred: 'EMAIL_OTP' }] : [],
];
const newcomer = (pool: LivingPool, make: (truth: UserPoolModel, name: string, attributes: Record<string, string>) => FakeUser) => {
  const name = pool.users.size < CROWD ? pool.newName() : undefined;
  return name === undefined ? undefined : imageOf(pool.act(truth => make(truth, name, { email: name.includes('@') ? name : pool.newAddress() })));
};
const newEmail = (pool: LivingPool, user: UserImage) =>
  pool.change(user, (truth, username) => truth.updateAttributes(username, { email: pool.newAddress() }));
const withoutAttributes = (pool: LivingPool, user: UserImage) => {
  const names = Object.keys(user.attributes).filter(name => name !== 'identities');
  pool.change(user, (truth, username) => truth.deleteAttributes(username, names));
};
const confirmed = (withCode: boolean) => (pool: LivingPool, user: UserImage) =>
  pool.trigger('PostConfirmation_ConfirmSignUp', pool.change(user, (truth, username) => truth.confirmSignUp(username, withCode)));
const password = (source: string) => (pool: LivingPool, user: UserImage) =>
  pool.trigger(source, pool.change(user, (truth, username) => truth.choosePassword(username, PASSWORD)));
const gone = (pool: LivingPool, user: UserImage) => pool.act(truth => truth.deleteUser(user.username));
const mfaSet = (pool: LivingPool, user: UserImage) => {
  const mfa = pool.pick(mfas(user))!;
  // From now on the preference is known, even if it is none.
  pool.mfa.set(user.sub, mfa);
  pool.change(user, (truth, username) => {
    if (mfa.enabled.includes('SOFTWARE_TOKEN_MFA')) truth.enrolAuthenticator(username);
    truth.setMfaPreference(username, mfa, ['SOFTWARE_TOKEN_MFA', 'EMAIL_OTP', 'SMS_MFA']);
  });
};
const linked = (identities: (pool: LivingPool) => { provider: string; subject: string }[]) => (pool: LivingPool, user: UserImage) =>
  pool.change(user, (truth, username) => truth.setIdentities(username, identities(pool)));

/** Every kind of change of a user, a group or a membership. */
export const CHANGES: Readonly<Record<string, Change>> = {
  'created by an admin': pool => {
    const user = newcomer(pool, (truth, username, attributes) => truth.createUser({ username, attributes, temporaryPassword: PASSWORD }));
    if (user) pool.tell('AdminCreateUser', { sub: user.sub });
  },
  'signs up': pool => {
    if (newcomer(pool, (truth, username, attributes) => truth.signUp(username, attributes, PASSWORD))) pool.tell('SignUp');
  },
  'confirms': ofUser('ConfirmSignUp', has('UNCONFIRMED'), confirmed(true)),
  'confirmed by an admin': ofUser('AdminConfirmSignUp', has('UNCONFIRMED'), confirmed(false)),
  'changes attributes': ofUser('UpdateUserAttributes', has('CONFIRMED'), newEmail),
  'attributes changed by an admin': ofUser('AdminUpdateUserAttributes', isLocal, newEmail),
  'attribute removed by an admin': ofUser('AdminDeleteUserAttributes', isLocal, withoutAttributes),
  'attribute removed': ofUser('DeleteUserAttributes', has('CONFIRMED'), withoutAttributes),
  'verifies an attribute': ofUser('VerifyUserAttribute', user => user.status === 'CONFIRMED' && user.attributes.email !== undefined, (pool, user) =>
    pool.change(user, (truth, username) => truth.verifyAttribute(username, 'email'))),
  'leaves': ofUser('DeleteUser', has('CONFIRMED'), gone),
  'deleted by an admin': ofUser('AdminDeleteUser', anybody, gone),
  'disabled': ofUser('AdminDisableUser', anybody, (pool, user) => pool.change(user, (truth, username) => truth.setEnabled(username, false))),
  'enabled': ofUser('AdminEnableUser', anybody, (pool, user) => pool.change(user, (truth, username) => truth.setEnabled(username, true))),
  'password set by an admin': ofUser('AdminSetUserPassword', isLocal, (pool, user) =>
    pool.change(user, (truth, username) => truth.setPermanentPassword(username, PASSWORD))),
  'password reset by an admin': ofUser('AdminResetUserPassword', has('CONFIRMED'), (pool, user) =>
    pool.change(user, (truth, username) => truth.resetPassword(username))),
  'forgot the password': ofUser('ConfirmForgotPassword', has('CONFIRMED', 'RESET_REQUIRED'), password('PostConfirmation_ConfirmForgotPassword')),
  'changes the first password': ofUser('RespondToAuthChallenge', has('FORCE_CHANGE_PASSWORD'), password('PostAuthentication_Authentication')),
  'sets MFA': ofUser('SetUserMFAPreference', has('CONFIRMED'), mfaSet),
  'MFA set by an admin': ofUser('AdminSetUserMFAPreference', isLocal, mfaSet),
  'linked to a provider': ofUser('AdminLinkProviderForUser', has('CONFIRMED'), linked(pool => [{ provider: 'Google', subject: String(pool.number()) }])),
  'unlinked from a provider': ofUser('AdminDisableProviderForUser', has('CONFIRMED'), linked(() => [])),
  'signs in': pool => {
    const user = pool.pick([...pool.users.values()].filter(({ status, enabled }) => status === 'CONFIRMED' && enabled));
    if (user) pool.trigger('PostAuthentication_Authentication', user);
  },
  'signs in through a provider for the first time': pool => {
    const subject = String(pool.number());
    if ([...pool.users.values()].some(({ username }) => username === `Google_${subject}`)) return;
    const user = pool.act(truth => truth.signInFederated({ provider: 'Google', subject }, { email: pool.newAddress() }));
    pool.trigger('PostConfirmation_ConfirmSignUp', imageOf(user));
    pool.tell('OAuth2Response_GET');
  },
  'signs in through a provider again': pool => {
    const user = pool.pick([...pool.users.values()].filter(({ status, enabled }) => status === EXTERNAL && enabled));
    if (!user) return;
    const [provider, subject] = user.username.split('_');
    pool.trigger('PostAuthentication_Authentication', pool.change(user, truth => truth.signInFederated({ provider, subject }, { email: pool.newAddress() })));
  },
  'group created': pool => {
    const name = pool.pick(['a', 'b', 'c'].filter(free => !pool.groups.has(free)));
    if (name === undefined) return;
    const now = pool.now();
    pool.act(truth => truth.createGroup({ name, precedence: pool.number(), createdAt: now, modifiedAt: now }));
    pool.tell('CreateGroup', { groupName: name });
  },
  'group changed': pool => {
    const group = pool.pick(pool.groups.values());
    if (!group) return;
    const { members: _members, ...image } = group;
    pool.act(truth => truth.updateGroup({ ...image, description: String(pool.number()), modifiedAt: pool.now() }));
    pool.tell('UpdateGroup', { groupName: group.name });
  },
  'group deleted': pool => {
    const group = pool.pick(pool.groups.values());
    if (!group) return;
    pool.act(truth => truth.deleteGroup(group.name));
    pool.tell('DeleteGroup', { groupName: group.name });
  },
  'enters a group': pool => {
    const [group, user] = [pool.pick(pool.groups.values()), pool.pick(pool.users.values())];
    if (!group || !user) return;
    pool.act(truth => truth.addUserToGroup(user.username, group.name));
    pool.tell('AdminAddUserToGroup', { sub: user.sub, groupName: group.name });
  },
  'leaves a group': pool => {
    const group = pool.pick([...pool.groups.values()].filter(({ members }) => members.size > 0));
    const sub = group && pool.pick(group.members);
    if (!group || !sub) return;
    pool.act(truth => truth.removeUserFromGroup(pool.users.get(sub)!.username, group.name));
    pool.tell('AdminRemoveUserFromGroup', { sub, groupName: group.name });
  },
};
