import { Page } from './page';
import { SignInSettings } from './sign-in-name';
import { GroupImage, MfaPreference, SourceUser } from './user';
import { SourceSub } from './ids';

export interface PoolDescription extends SignInSettings {
  /** `EstimatedNumberOfUsers`: Cognito's own count, which lags behind. */
  readonly estimatedUsers: number;
}

/** A part of the pool's configuration, secrets left out. */
export interface PoolPart {
  readonly part: string;
  readonly value: unknown;
}

/** What a sweep reads of the source pool. Nothing here makes a monthly active user. */
export interface SourcePool {
  describe(): Promise<PoolDescription>;
  configuration(): Promise<PoolPart[]>;
  /** Users whose `sub` begins with `subPrefix`; everybody where it is empty. */
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

/** What the consumer of hints reads of the source pool: of one user or one group at a time. */
export interface HintedPool extends Pick<SourcePool, 'describe' | 'userBySub' | 'listUsersInGroup' | 'groupsOfUser' | 'group'> {
  /** Makes a monthly active user: only for somebody who is one already. */
  userByName(username: string): Promise<UserDetails | undefined>;
}
