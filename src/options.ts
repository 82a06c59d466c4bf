import { IUserPool, UserPoolEmail } from 'aws-cdk-lib/aws-cognito';

/** Options of a standby user pool. */
export interface StandbyOptions {
  /**
   * An existing user pool in the replica Region to restore into. For imported source pools, whose settings this library
   * cannot see, and for teams that define their standby themselves.
   *
   * Its schema must have every custom attribute of the source pool, and should have the immutable string attribute
   * `custom:source_sub`. No app client may have `custom:source_sub` among its writable attributes: it says which source user
   * somebody is.
   *
   * @default - a user pool with the settings of the source pool is made in the replica stack
   */
  readonly userPool?: IUserPool;

  /**
   * How the standby pool sends e-mail. An SES identity belongs to a Region, so the source pool's is not copied.
   *
   * @default - Cognito's own sender, limited to 50 messages a day
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-email.html
   */
  readonly email?: UserPoolEmail;
}

/** What stands ready in the replica Region besides the copy itself. */
export class Standby {
  /**
   * A standby user pool that stays empty, and costs nothing, until a restore fills it.
   *
   * @throws when both `userPool` and `email` are given: an existing pool has its own sender.
   */
  public static onDemand(options: StandbyOptions = {}): Standby {
    if (options.userPool && options.email) {
      throw new Error('Standby.onDemand got both userPool and email: email is for the pool that the construct makes; set the sender on your own pool instead');
    }
    return new Standby(true, options);
  }

  /** No standby user pool: a restore needs a target from `restoreTargets`. */
  public static none(): Standby {
    return new Standby(false, {});
  }

  private constructor(
    /** @internal */
    public readonly _exists: boolean,
    /** @internal */
    public readonly _options: StandbyOptions,
  ) {}
}

/**
 * Requests per second that Cognito allows an account in one Region, by category. Give those that AWS raised for you.
 *
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
 */
export interface RequestQuotas {
  /**
   * `UserCreation`: AdminCreateUser. Adjustable.
   * @default 50
   */
  readonly userCreation?: number;
  /**
   * `UserAccountRecovery`: AdminSetUserPassword. Bounds a restore where users sign in by password.
   * @default 30
   */
  readonly userAccountRecovery?: number;
  /**
   * `UserRead`: AdminGetUser. Adjustable.
   * @default 120
   */
  readonly userRead?: number;
  /**
   * `UserUpdate`: attributes, group memberships, enabling and disabling.
   * @default 25
   */
  readonly userUpdate?: number;
  /**
   * `UserResourceRead`: AdminListGroupsForUser. Adjustable.
   * @default 50
   */
  readonly userResourceRead?: number;
  /**
   * `UserResourceUpdate`: AdminSetUserMFAPreference.
   * @default 25
   */
  readonly userResourceUpdate?: number;
  /**
   * `UserList`: ListUsers and ListUsersInGroup.
   * @default 30
   */
  readonly userList?: number;
}
