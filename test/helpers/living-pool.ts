import { FakeSourcePool } from './fake-source-pool';
import { UserDetails } from '../../src/cognito/source-pool';
import { UserEvent } from '../../src/capture/hints/user-event';
import { CloudTrailEnvelope, cloudTrailEvent } from '../capture/hints/fixtures/cloudtrail-events';
import { GroupImage, MfaPreference, UserImage } from '../../src/cognito/user';
import { Page } from '../../src/cognito/page';
import { UserStatus } from '../../src/cognito/user-status';

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

/** A user pool in memory that changes, tells of it as Cognito does, and whose answers lag behind. */
export class LivingPool extends FakeSourcePool {
  /** How much an answer about users may be behind; milliseconds. */
  public usersLag = 0;
  /** Called for every request, before its answer and after it. */
  public onCall: typeof nothing = nothing;
  private readonly versions = new Map<string, Version[]>();
  private made = 0;

  constructor(private readonly audience: Audience) {
    super();
  }

  // ---- what it answers ------------------------------------------------------------------------------------------------

  public override async listUsers(prefix: string, token?: string): Promise<Page<UserImage>> {
    return this.answered(async () => {
      const all = [...this.past().values()].filter(user => user.sub.startsWith(prefix)).sort((a, b) => (a.sub < b.sub ? -1 : 1));
      const page = all.filter(user => token === undefined || user.sub > token).slice(0, 7);
      return { items: page, next: page.length === 7 ? page[6].sub : undefined };
    });
  }

  public override async userBySub(sub: string): Promise<UserImage | undefined> {
    return this.answered(async () => this.past().get(sub));
  }

  public override async userByName(username: string): Promise<UserDetails | undefined> {
    return this.answered(async () => {
      const image = [...this.past().values()].find(user => user.username === username);
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

  /** `username` other than `sub`: a pool whose users choose their names. */
  public create(status: UserStatus, more: Partial<UserImage> = {}): UserImage {
    this.made += 1;
    // Where users choose their names, one who is gone leaves the name to the next.
    const names = ['ann', 'bob', 'cy', 'di'].filter(name => [...this.users.values()].every(user => user.username !== name));
    const sub = `${(this.made * 7_919 % 65_536).toString(16).padStart(4, '0')}-${this.made}`;
    const now = this.audience.now();
    const user: UserImage = {
      sub, username: this.usernameAttributes.length > 0 ? sub : this.pick(names) ?? sub, attributes: { email: `${this.made}@example.com` }, enabled: true, status, createdAt: now, modifiedAt: now, ...more,
    };
    this.remember(user);
    return user;
  }

  public change(user: UserImage, changes: Partial<UserImage>): UserImage {
    const changed = { ...user, ...changes, modifiedAt: this.audience.now() };
    this.remember(changed);
    return changed;
  }

  public remove(user: UserImage): void {
    this.users.delete(user.sub);
    this.mfa.delete(user.sub);
    for (const { members } of this.groups.values()) members.delete(user.sub);
    this.versions.get(user.sub)!.push({ at: this.audience.now() });
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

  public number(): number {
    return Math.floor(this.audience.random() * 1_000);
  }

  private remember(user: UserImage): void {
    this.users.set(user.sub, user);
    this.versions.set(user.sub, [...this.versions.get(user.sub) ?? [], { at: this.audience.now(), image: user }]);
  }
}

/** A change of one user who fits, told as a call. */
function ofUser(eventName: string, fits: (user: UserImage) => boolean, act: (pool: LivingPool, user: UserImage) => void): Change {
  return pool => {
    const user = pool.pick([...pool.users.values()].filter(fits));
    if (!user) return;
    act(pool, user);
    pool.tell(eventName, { sub: user.sub });
  };
}

/** So few users that changes meet each other. */
const CROWD = 6;
const FEDERATED = 'EXTERNAL_PROVIDER';
const anybody = () => true;
const isLocal = (user: UserImage) => user.status !== FEDERATED;
const has = (...statuses: string[]) => (user: UserImage) => statuses.includes(user.status);
const mfas: MfaPreference[] = [{ enabled: [] }, { enabled: ['EMAIL_OTP'], preferred: 'EMAIL_OTP' }, { enabled: ['SOFTWARE_TOKEN_MFA'] }];
const newEmail = (pool: LivingPool, user: UserImage) => ({ attributes: { ...user.attributes, email: `${pool.number()}@example.org` } });

/** Every kind of change of a user, a group or a membership. */
export const CHANGES: Readonly<Record<string, Change>> = {
  'created by an admin': pool => pool.users.size < CROWD && pool.tell('AdminCreateUser', { sub: pool.create('FORCE_CHANGE_PASSWORD').sub }),
  'signs up': pool => {
    if (pool.users.size >= CROWD) return;
    pool.create('UNCONFIRMED');
    pool.tell('SignUp');
  },
  'confirms': ofUser('ConfirmSignUp', has('UNCONFIRMED'), (pool, user) =>
    pool.trigger('PostConfirmation_ConfirmSignUp', pool.change(user, { status: 'CONFIRMED' }))),
  'confirmed by an admin': ofUser('AdminConfirmSignUp', has('UNCONFIRMED'), (pool, user) =>
    pool.trigger('PostConfirmation_ConfirmSignUp', pool.change(user, { status: 'CONFIRMED' }))),
  'changes attributes': ofUser('UpdateUserAttributes', has('CONFIRMED'), (pool, user) => pool.change(user, newEmail(pool, user))),
  'attributes changed by an admin': ofUser('AdminUpdateUserAttributes', isLocal, (pool, user) => pool.change(user, newEmail(pool, user))),
  'attribute removed by an admin': ofUser('AdminDeleteUserAttributes', isLocal, (pool, user) => pool.change(user, { attributes: {} })),
  'attribute removed': ofUser('DeleteUserAttributes', has('CONFIRMED'), (pool, user) => pool.change(user, { attributes: {} })),
  'verifies an attribute': ofUser('VerifyUserAttribute', has('CONFIRMED'), (pool, user) =>
    pool.change(user, { attributes: { ...user.attributes, email_verified: 'true' } })),
  'leaves': ofUser('DeleteUser', has('CONFIRMED'), (pool, user) => pool.remove(user)),
  'deleted by an admin': ofUser('AdminDeleteUser', anybody, (pool, user) => pool.remove(user)),
  'disabled': ofUser('AdminDisableUser', anybody, (pool, user) => pool.change(user, { enabled: false })),
  'enabled': ofUser('AdminEnableUser', anybody, (pool, user) => pool.change(user, { enabled: true })),
  'password set by an admin': ofUser('AdminSetUserPassword', isLocal, (pool, user) => pool.change(user, { status: 'CONFIRMED' })),
  'password reset by an admin': ofUser('AdminResetUserPassword', has('CONFIRMED'), (pool, user) => pool.change(user, { status: 'RESET_REQUIRED' })),
  'forgot the password': ofUser('ConfirmForgotPassword', has('CONFIRMED', 'RESET_REQUIRED'), (pool, user) =>
    pool.trigger('PostConfirmation_ConfirmForgotPassword', pool.change(user, { status: 'CONFIRMED' }))),
  'changes the first password': ofUser('RespondToAuthChallenge', has('FORCE_CHANGE_PASSWORD'), (pool, user) =>
    pool.trigger('PostAuthentication_Authentication', pool.change(user, { status: 'CONFIRMED' }))),
  'sets MFA': ofUser('SetUserMFAPreference', has('CONFIRMED'), (pool, user) => pool.mfa.set(user.sub, pool.pick(mfas)!)),
  'MFA set by an admin': ofUser('AdminSetUserMFAPreference', isLocal, (pool, user) => pool.mfa.set(user.sub, pool.pick(mfas)!)),
  'linked to a provider': ofUser('AdminLinkProviderForUser', has('CONFIRMED'), (pool, user) =>
    pool.change(user, { attributes: { ...user.attributes, identities: `[{"providerName":"Google","userId":"${pool.number()}"}]` } })),
  'unlinked from a provider': ofUser('AdminDisableProviderForUser', has('CONFIRMED'), (pool, user) => {
    const { identities: _identities, ...attributes } = user.attributes;
    pool.change(user, { attributes });
  }),
  'signs in': pool => {
    const user = pool.pick([...pool.users.values()].filter(({ status, enabled }) => status === 'CONFIRMED' && enabled));
    if (user) pool.trigger('PostAuthentication_Authentication', user);
  },
  'signs in through a provider for the first time': pool => {
    const name = `Google_${pool.number()}`;
    if ([...pool.users.values()].some(({ username }) => username === name)) return;
    pool.trigger('PostConfirmation_ConfirmSignUp', pool.create(FEDERATED, { username: name }));
    pool.tell('OAuth2Response_GET');
  },
  'signs in through a provider again': pool => {
    const user = pool.pick([...pool.users.values()].filter(({ status, enabled }) => status === FEDERATED && enabled));
    if (user) pool.trigger('PostAuthentication_Authentication', pool.change(user, newEmail(pool, user)));
  },
  'group created': pool => {
    const name = pool.pick(['a', 'b', 'c'].filter(free => !pool.groups.has(free)));
    if (name === undefined) return;
    pool.addGroup({ name, precedence: pool.number() }, []);
    pool.tell('CreateGroup', { groupName: name });
  },
  'group changed': pool => {
    const group = pool.pick(pool.groups.values());
    if (!group) return;
    pool.groups.set(group.name, { ...group, description: String(pool.number()) });
    pool.tell('UpdateGroup', { groupName: group.name });
  },
  'group deleted': pool => {
    const group = pool.pick(pool.groups.values());
    if (!group) return;
    pool.groups.delete(group.name);
    pool.tell('DeleteGroup', { groupName: group.name });
  },
  'enters a group': pool => {
    const [group, user] = [pool.pick(pool.groups.values()), pool.pick(pool.users.values())];
    if (!group || !user) return;
    group.members.add(user.sub);
    pool.tell('AdminAddUserToGroup', { sub: user.sub, groupName: group.name });
  },
  'leaves a group': pool => {
    const group = pool.pick([...pool.groups.values()].filter(({ members }) => members.size > 0));
    const sub = group && pool.pick(group.members);
    if (!group || !sub) return;
    group.members.delete(sub);
    pool.tell('AdminRemoveUserFromGroup', { sub, groupName: group.name });
  },
};
