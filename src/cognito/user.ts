import { SourceSub, TargetSub } from './ids';
import { UserStatus } from './user-status';
import { EpochMilliseconds } from '../runtime/flavor';

/** MFA preference as AdminGetUser answers it; ListUsers does not carry it. */
export interface MfaPreference {
  /** `UserMFASettingList`: `SMS_MFA`, `EMAIL_OTP`, `SOFTWARE_TOKEN_MFA`, ... */
  readonly enabled: readonly string[];
  /** `PreferredMfaSetting` */
  readonly preferred?: string;
  /** When it was last read, give or take half a day; absent in rows that an older release wrote without it. */
  readonly readAt?: EpochMilliseconds;
}

/** One user as Cognito described them. */
export interface UserImage<Sub extends string = string> {
  readonly sub: Sub;
  readonly username: string;
  /** All attributes as read, `sub` excepted (it is the key). Values are strings, as in Cognito. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly status: UserStatus;
  /** `UserCreateDate` */
  readonly createdAt: EpochMilliseconds;
  /** `UserLastModifiedDate` */
  readonly modifiedAt: EpochMilliseconds;
}

export type SourceUser = UserImage<SourceSub>;
export type TargetUser = UserImage<TargetSub>;

export interface GroupImage {
  readonly name: string;
  readonly description?: string;
  readonly precedence?: number;
  readonly roleArn?: string;
  /** `CreationDate` and `LastModifiedDate`; absent in rows that an older release wrote without them. */
  readonly createdAt?: EpochMilliseconds;
  readonly modifiedAt?: EpochMilliseconds;
}
