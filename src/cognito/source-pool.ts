import { SourceSub } from './ids';
import { Page } from './page';
import { SignInSettings } from './sign-in-name';
import { GroupImage, MfaPreference, SourceUser } from './user';

export interface PoolDescription extends SignInSettings {
  /** `EstimatedNumberOfUsers`: Cognito's own count, which lags behind. */
  readonly estimatedUsers: number;
  /** Names of the attributes that its users may have. */
  readonly attributes: readonly string[];
}

/** A part of the pool's configuration, secrets left out. */
export interface PoolPart {
  readonly part: string;
  readonly value: unknown;
}

/** What a sweep reads of the source pool. None of these calls makes a user a monthly active one. */
export interface SourcePool {
  describe(): Promise<PoolDescription>;
  /** Parts of the configuration, a few at a time: a client takes a call of its own. One that goes while it is read is left out. */
  configuration(cursor?: string): Promise<Page<PoolPart>>;
  /** Users whose `sub` begins with `subPrefix`; all users where it is empty. */
  listUsers(subPrefix: string, token?: string): Promise<Page<SourceUser>>;
  userBySub(sub: SourceSub): Promise<SourceUser | undefined>;
  listGroups(token?: string): Promise<Page<GroupImage>>;
  /** `sub`s of the members; undefined where there is no such group. */
  listUsersInGroup(group: string, token?: string): Promise<Page<SourceSub> | undefined>;
  group(name: string): Promise<GroupImage | undefined>;
  /** Undefined where there is no such user. */
  groupsOfUser(username: string): Promise<GroupImage[] | undefined>;
}

export interface UserDetails {
  readonly image: SourceUser;
  readonly mfa: MfaPreference;
}

/** What the consumer of hints reads of the source pool, one user or one group at a time. */
export interface HintedPool extends Pick<SourcePool, 'describe' | 'userBySub' | 'listUsersInGroup' | 'groupsOfUser' | 'group'> {
  /** Makes the user a monthly active one: only for a user who is one already. */
  userByName(username: string): Promise<UserDetails | undefined>;
}
