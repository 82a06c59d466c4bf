/** MFA preference as AdminGetUser answers it; ListUsers does not carry it. */
export interface MfaPreference {
  /** `UserMFASettingList`: `SMS_MFA`, `EMAIL_OTP`, `SOFTWARE_TOKEN_MFA`, ... */
  readonly enabled: readonly string[];
  /** `PreferredMfaSetting` */
  readonly preferred?: string;
  /** When it was last read, give or take half a day, milliseconds since the epoch; absent in rows of releases that did not keep it. */
  readonly readAt?: number;
}

/** One user as Cognito described them. */
export interface UserImage {
  readonly sub: string;
  readonly username: string;
  /** All attributes as read, `sub` excepted (it is the key). Values are strings, as in Cognito. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  /** Cognito's `UserStatus`. */
  readonly status: string;
  /** `UserCreateDate`, milliseconds since the epoch. */
  readonly createdAt: number;
  /** `UserLastModifiedDate`, milliseconds since the epoch. */
  readonly modifiedAt: number;
}

export interface GroupImage {
  readonly name: string;
  readonly description?: string;
  readonly precedence?: number;
  readonly roleArn?: string;
}
