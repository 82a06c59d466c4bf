import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { IUserPool, UserPoolEmail } from 'aws-cdk-lib/aws-cognito';
import { TableEncryptionV2 } from 'aws-cdk-lib/aws-dynamodb';
import { IEventBus } from 'aws-cdk-lib/aws-events';
import { IRole } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { DrillChoice } from './drill/drills';
import { PoolDefinition } from './pool-definition';
import { StandbyChoice } from './standby/standby';

/** Options of a standby user pool. */
export interface StandbyOptions {
  /**
   * An existing user pool in the replica Region to restore into. For imported source pools, whose settings this library
   * cannot see, and for teams that define their standby themselves.
   *
   * Its schema must have every custom attribute of the source pool: one that the app defines and that lacks any fails at synthesis. It should have
   * the immutable string attribute `custom:source_sub`, which says which user of the source pool a user was. A changeable one fails at synthesis,
   * too. No app client should have it among its writable attributes.
   *
   * @default - a user pool with the settings of the source pool is made in the replica stack
   *
   * @example
   * Standby.onDemand({ userPool: standbyPool });
   */
  readonly userPool?: IUserPool;

  /**
   * The settings of an imported source pool, from which the standby pool is made that pools of the app get by themselves.
   *
   * @default - the settings of the source pool as the app defines it; an imported one needs `userPool` or this
   *
   * @example
   * Standby.onDemand({ definition: PoolDefinition.fromFile('pool.json') });
   */
  readonly definition?: PoolDefinition;

  /**
   * How the standby pool sends e-mail. An SES identity belongs to a Region, so the source pool's is not copied.
   *
   * @default - Cognito's own sender, limited to 50 messages a day
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-email.html
   *
   * @example
   * Standby.onDemand({ email: UserPoolEmail.withSES({ sesRegion: 'us-west-2', fromEmail: 'no-reply@example.com' }) });
   */
  readonly email?: UserPoolEmail;

  /**
   * Addresses to which managed login of the standby redirects after a sign-in, by app client: where the application of the replica Region has other
   * addresses, or those of the source are known in its own stack only. A client is named by its construct path within the app or Stage, with `-` for
   * `/`, as in the parameter `<prefix>/client-id/<name>`. A name that no client has fails at synthesis, with those that there are.
   *
   * @default - the addresses of the source's client
   *
   * @example
   * Standby.onDemand({ callbackUrls: { 'Auth-Users-Web': ['https://west.example.com/signed-in'] } });
   */
  readonly callbackUrls?: { [clientName: string]: string[] };

  /**
   * Addresses to which managed login of the standby redirects after a sign-out, by app client, as `callbackUrls`.
   *
   * @default - the addresses of the source's client
   *
   * @example
   * Standby.onDemand({ logoutUrls: { 'Auth-Users-Web': ['https://west.example.com/'] } });
   */
  readonly logoutUrls?: { [clientName: string]: string[] };

  /**
   * Name of the claim, in the ID token and (but for the plan Lite) the access token, that carries the `sub` that the user had in the source
   * pool: the one that applications know. For a user that signed up on the standby it is their `sub` there.
   *
   * @default 'source_sub'
   *
   * @example
   * Standby.onDemand({ sourceSubClaim: 'app_user_id' });
   */
  readonly sourceSubClaim?: string;

  /**
   * Whether a sign-in by password also makes a user that has not come yet, with the status `RESET_REQUIRED`, so that Cognito answers
   * `PasswordResetRequiredException` and an application that handles it leads to the reset by itself. No password can be checked for it: anybody
   * who knows a name can have the user made, and, where an app client does not prevent user existence errors, learns that there is one.
   *
   * An app client of the standby must sign in by `USER_PASSWORD_AUTH` or `ADMIN_USER_PASSWORD_AUTH`: with `USER_SRP_AUTH` Cognito never asks.
   *
   * @default false - a sign-in is answered as for an unknown user, whatever the password; "forgot password" makes the user
   *
   * @example
   * Standby.onDemand({ resetPasswordAtSignIn: true });
   */
  readonly resetPasswordAtSignIn?: boolean;

  /**
   * Whether to check the password of a user that signs in for the first time on the standby against the source pool, as long as its Region
   * answers, so that passwords survive a planned move, a drill or the replacement of a pool. In an outage it changes nothing: users set new ones.
   *
   * Before you turn it on: the function in the replica Region handles the plain password, and calls the other Region with it, once for every
   * sign-in of a name that the standby does not have, strangers' included; it logs none. The source pool gets an app client without a secret for
   * `ADMIN_USER_PASSWORD_AUTH`, which only this function's role may use. To the source pool it is a sign-in: its triggers run, the user counts as
   * active, may get a text message with a code, and failed attempts lock the user out there. The password is checked, the second factor is not: the
   * standby asks for its own. The function cannot know how strong a password is that the source pool took before its policy was raised. Turn it
   * off after the move, in a deployment of its own before you give `Standby.none()`: IAM keeps a role that still has the source stack's permission.
   *
   * An app client of the standby must sign in by `USER_PASSWORD_AUTH` or `ADMIN_USER_PASSWORD_AUTH`: with `USER_SRP_AUTH` Cognito never asks. It
   * works once a sweep has copied the new app client.
   *
   * @default false - no call ever leaves the replica Region
   *
   * @example
   * Standby.onDemand({ verifyPasswordsAgainstSource: true });
   */
  readonly verifyPasswordsAgainstSource?: boolean;

  /**
   * Whether to accept a standby pool that cannot be closed: an imported one, one of another stack, one whose `UserMigration`, `PreSignUp` or
   * `PreTokenGeneration` trigger is a function of yours, or one of the plan Lite with app clients that sign in for themselves. Users who have an
   * account there then get tokens at any time, also when the source pool says disabled, demoted or deleted.
   *
   * @default false - such a pool is an error at synthesis
   *
   * @example
   * Standby.onDemand({ userPool: standbyPool, unguarded: true });
   */
  readonly unguarded?: boolean;
}

/** Options of a standby user pool that is kept filled. */
export interface WarmStandbyOptions extends StandbyOptions {
  /**
   * How long a user or group that was deleted from the source pool stays on the standby, from 1 minute to 30 days, in whole seconds. Until then a
   * mistake in the source pool has not reached both. When the time of more than 50 users, and more than 5 % of all, has come at once, none is
   * deleted, an alarm goes off, and an operator decides.
   *
   * @default Duration.hours(24)
   *
   * @example
   * Standby.warm({ deletionGracePeriod: Duration.days(7) });
   */
  readonly deletionGracePeriod?: Duration;

  /**
   * Share of each of Cognito's request quotas in the replica Region that following the source pool may use, more than 0 and at most 1.
   *
   * @default 0.5
   *
   * @example
   * Standby.warm({ quotaShare: 0.25 });
   */
  readonly quotaShare?: number;
}

/**
 * What stands ready in the replica Region besides the copy itself.
 *
 * @example
 * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', standby: Standby.warm() });
 */
export class Standby {
  /**
   * A standby user pool that stays empty, and costs nothing, until users come: a user that asks for a new password there is made from the
   * copy at that moment, and a restore makes the others.
   *
   * Throws when both `userPool` and `definition`, `email`, `callbackUrls` or `logoutUrls` are given (an existing pool has its own), and when
   * `sourceSubClaim` is a claim that Cognito keeps for itself.
   *
   * @param options the pool, its sender, and what a sign-in may do
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', {
   *   userPool,
   *   replicaRegion: 'us-west-2',
   *   standby: Standby.onDemand({ verifyPasswordsAgainstSource: true }),
   * });
   */
  public static onDemand(options: StandbyOptions = {}): Standby {
    return new Standby({ exists: true, options: checked('Standby.onDemand', options) });
  }

  /**
   * A standby user pool that is kept as the source pool is: every change of the copy is applied to it within seconds, in order. Users still set
   * new passwords when they come; what it saves is that they have to be made then, and pools without passwords can be switched to at once. Every user
   * that is made or changed counts as active in that month: filling it costs about one month of the pool's users.
   *
   * Throws as `onDemand` does, and when `deletionGracePeriod` or `quotaShare` is out of its range.
   *
   * @param options as of `onDemand`, and how to follow the source pool
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', {
   *   userPool,
   *   replicaRegion: 'us-west-2',
   *   standby: Standby.warm({ deletionGracePeriod: Duration.days(2) }),
   * });
   */
  public static warm(options: WarmStandbyOptions = {}): Standby {
    const { deletionGracePeriod: grace = Duration.hours(24), quotaShare: share = 0.5 } = options;
    if (grace.isUnresolved() || grace.toMilliseconds() < 60_000 || grace.toMilliseconds() > 30 * 86_400_000 || grace.toMilliseconds() % 1_000 !== 0) {
      throw new Error(`Standby.warm got deletionGracePeriod ${grace.isUnresolved() ? 'not known at synthesis' : grace.toHumanString()}: give whole `
        + 'seconds, from 1 minute to 30 days');
    }
    if (!(share > 0 && share <= 1)) {
      throw new Error(`Standby.warm got quotaShare ${share}: give a number above 0 and up to 1, such as 0.5 for half of each quota`);
    }
    return new Standby({ exists: true, options: checked('Standby.warm', options), warm: { deletionGracePeriod: grace, quotaShare: share } });
  }

  /**
   * No standby user pool: a restore needs a target from `restoreTargets`.
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', {
   *   userPool,
   *   replicaRegion: 'us-west-2',
   *   standby: Standby.none(),
   *   restoreTargets: [standbyPool],
   * });
   */
  public static none(): Standby {
    return new Standby({ exists: false, options: {} });
  }

  private constructor(
    /** @internal */
    public readonly _choice: StandbyChoice,
  ) {}
}

/** Claims that a trigger cannot set, besides `cognito:...`. */
const RESERVED_CLAIMS = [
  'acr', 'amr', 'at_hash', 'aud', 'auth_time', 'azp', 'client_id', 'device_key', 'event_id', 'exp', 'iat', 'identities', 'iss', 'jti', 'nbf', 'nonce',
  'origin_jti', 's_hash', 'scope', 'sub', 'token_use', 'username', 'version',
];

function checked<T extends StandbyOptions>(what: string, options: T): T {
  const forMirror = (['definition', 'email', 'callbackUrls', 'logoutUrls'] as const).filter(name => options[name] !== undefined);
  if (options.userPool && forMirror.length > 0) {
    throw new Error(`${what} got both userPool and ${forMirror.join(', ')}, which is for the pool that the construct makes: set it on your own `
      + 'pool instead');
  }
  const { sourceSubClaim: claim } = options;
  if (claim !== undefined && (claim === '' || RESERVED_CLAIMS.includes(claim) || claim.startsWith('cognito:') || claim.startsWith('dev:'))) {
    throw new Error(`${what} got sourceSubClaim '${claim}', which Cognito does not let a trigger set: give another name, such as 'source_sub'`);
  }
  return options;
}

/**
 * Requests per second that Cognito allows an account in one Region, by category. Give those that AWS raised for you.
 *
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
 *
 * @example
 * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', restoreQuotas: { userCreation: 200, userRead: 400 } });
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

/** Options of drills. */
export interface DrillScheduleOptions {
  /**
   * How often the restore is rehearsed, in whole days from 1 to 365. The first drill that has a copy to rehearse with is that of the next interval
   * after the first deployment.
   *
   * @default Duration.days(30)
   *
   * @example
   * Drill.schedule({ interval: Duration.days(7) });
   */
  readonly interval?: Duration;

  /**
   * Whether a drill brings the pool back as it is when the drill starts. Otherwise the moment is drawn at random, and the seed is in the report.
   *
   * @default false
   *
   * @example
   * Drill.schedule({ latest: true });
   */
  readonly latest?: boolean;

  /**
   * How far the moment may lie back, in whole days, at most `historyRetention`. The part of it that the copy cannot go back to is left out.
   *
   * @default - as far as the copy goes back
   *
   * @example
   * Drill.schedule({ window: Duration.days(7) });
   */
  readonly window?: Duration;

  /**
   * How many users a drill brings back, from 1 to 5,000, drawn at random. The seed is in the report. Each counts as a monthly active user of the pool
   * that the drill makes: 0.015 USD on the plan Essentials, beyond the 10,000 a month that are free of charge.
   *
   * @default 1000 - 15 USD a drill at most on the plan Essentials
   * @see https://aws.amazon.com/cognito/pricing/
   *
   * @example
   * Drill.schedule({ users: 100 });
   */
  readonly users?: number;

  /**
   * Whether a drill brings everybody back. A million users cost about 14,850 USD a drill on the plan Essentials (0.015 USD for each beyond the first
   * 10,000), and take 31 hours at the default `quotaShare`; a drill ends after seven days at the latest.
   *
   * @default false - a sample of `users`
   *
   * @example
   * Drill.schedule({ everybody: true, interval: Duration.days(365) });
   */
  readonly everybody?: boolean;

  /**
   * Share of each of Cognito's request quotas in the replica Region that a drill may use, more than 0 and at most 1. It makes way for a real restore
   * within five minutes.
   *
   * @default 0.3
   *
   * @example
   * Drill.schedule({ quotaShare: 0.1 });
   */
  readonly quotaShare?: number;

  /**
   * How long bringing everybody back may take, in whole seconds: an alarm goes off where a drill shows that it takes longer. A drill about a sample
   * extrapolates.
   *
   * @default - no target, and no alarm
   *
   * @example
   * Drill.schedule({ targetRto: Duration.hours(12) });
   */
  readonly targetRto?: Duration;

  /**
   * How old the copy may be, in whole seconds: an alarm goes off where a drill finds an older one. Held against it is the time since the last sweep
   * that was complete by the moment began, though events tell of most changes within seconds.
   *
   * @default - no target, and no alarm
   *
   * @example
   * Drill.schedule({ targetRpo: Duration.hours(2) });
   */
  readonly targetRpo?: Duration;

  /**
   * For how many whole years, from 1 to 100, nobody can change or delete a report once it is written: S3 Object Lock in compliance mode, which the
   * account's root cannot lift either. The bucket is versioned and kept without it, too; it can be given later, for reports from then on.
   *
   * @default - reports are not locked
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
   *
   * @example
   * Drill.schedule({ evidenceLockYears: 7 });
   */
  readonly evidenceLockYears?: number;

  /**
   * Whether the `sub`s of users who did not come back as the copy has them are written, and for how many whole days they are kept: a file of its own,
   * outside the chain of reports and the lock. A `sub` is personal data.
   *
   * @default - no `sub` is written anywhere
   *
   * @example
   * Drill.schedule({ subsRetention: Duration.days(90) });
   */
  readonly subsRetention?: Duration;

  /**
   * What is rehearsed, for the reader of the report: one sentence, without personal data.
   *
   * @default - the user pool is lost, and its users are brought back from the copy
   *
   * @example
   * Drill.schedule({ scenario: 'us-east-1 is unavailable for a day' });
   */
  readonly scenario?: string;

  /**
   * What is to be shown, for the reader of the report: one sentence, without personal data.
   *
   * @default - everybody whom the copy has comes back, and can sign in
   *
   * @example
   * Drill.schedule({ objective: 'Sign-ins work within four hours' });
   */
  readonly objective?: string;
}

/**
 * Rehearses the restore: into a user pool that each drill makes from the captured settings, compares with the copy, and removes.
 *
 * @example
 * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', drill: Drill.schedule({ targetRto: Duration.hours(12) }) });
 */
export class Drill {
  /**
   * A drill every `interval`. It sends nobody a message, and touches neither the source pool nor the standby.
   *
   * Throws when a number or a duration is out of its range, when both `users` and `everybody` are given, and when both `latest` and `window` are.
   *
   * @param options how often, about what, and what is to be reached
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', drill: Drill.schedule({ users: 500, interval: Duration.days(7) }) });
   */
  public static schedule(options: DrillScheduleOptions = {}): Drill {
    return new Drill(checkedDrill(options));
  }

  private constructor(
    /** @internal */
    public readonly _choice: DrillChoice,
  ) {}
}

const DAY_SECONDS = 86_400;
const MOST_INTERVAL_DAYS = 365;
const MOST_DRILL_USERS = 5_000;
/** S3's limit of a lock. */
const MOST_LOCK_YEARS = 100;
/** More is no sentence, and the form of the report takes no more. */
const MOST_CHARACTERS = 2_048;

function checkedDrill(options: DrillScheduleOptions): DrillChoice {
  const { interval = Duration.days(30), users, everybody = false, quotaShare = 0.3, latest = false } = options;
  const { window, subsRetention, evidenceLockYears } = options;
  const isWhole = (value: Duration, unit: number, most = Infinity) => !value.isUnresolved()
    && value.toMilliseconds() >= unit * 1_000 && value.toMilliseconds() % (unit * 1_000) === 0 && value.toMilliseconds() <= most * unit * 1_000;
  const refuse = (name: string, value: Duration | number | string, wanted: string) => {
    const given = !(value instanceof Duration) ? String(value) : value.isUnresolved() ? 'not known at synthesis' : value.toHumanString();
    throw new Error(`Drill.schedule got ${name} ${given}: give ${wanted}`);
  };
  if (!isWhole(interval, DAY_SECONDS, MOST_INTERVAL_DAYS)) refuse('interval', interval, `whole days, from 1 to ${MOST_INTERVAL_DAYS}`);
  for (const [name, days] of Object.entries({ window, subsRetention })) {
    if (days && !isWhole(days, DAY_SECONDS)) refuse(name, days, 'whole days, at least 1');
  }
  if (evidenceLockYears !== undefined && !(Number.isInteger(evidenceLockYears) && evidenceLockYears >= 1 && evidenceLockYears <= MOST_LOCK_YEARS)) {
    refuse('evidenceLockYears', evidenceLockYears, `a whole number from 1 to ${MOST_LOCK_YEARS}`);
  }
  for (const name of ['scenario', 'objective'] as const) {
    const { length } = options[name] ?? 'absent';
    if (length === 0 || length > MOST_CHARACTERS) refuse(name, `${length} characters`, `a sentence of at most ${MOST_CHARACTERS} characters`);
  }
  for (const name of ['targetRto', 'targetRpo'] as const) {
    const target = options[name];
    if (target && !isWhole(target, 1)) refuse(name, target, 'whole seconds, at least 1');
  }
  if (users !== undefined && !(Number.isInteger(users) && users >= 1 && users <= MOST_DRILL_USERS)) {
    refuse('users', users, `a whole number from 1 to ${MOST_DRILL_USERS}, or everybody: true`);
  }
  if (!(quotaShare > 0 && quotaShare <= 1)) refuse('quotaShare', quotaShare, 'a number above 0 and up to 1, such as 0.3');
  if (users !== undefined && everybody) throw new Error('Drill.schedule got both users and everybody: give one of them');
  if (latest && window) throw new Error('Drill.schedule got both latest and window, which is for a moment drawn at random: give one of them');
  return { ...options, interval, everybody, quotaShare, latest };
}

/** Properties of a `CognitoDrReplica`. */
export interface CognitoDrReplicaProps {
  /**
   * The user pool to copy. It must be in the Region and account of the stack that this construct is in.
   *
   * The default standby pool is made from its definition, so it has to be defined in this app; an imported pool
   * (`UserPool.fromUserPoolId`) needs `standby: Standby.onDemand({ userPool })` or `Standby.none()`.
   */
  readonly userPool: IUserPool;

  /**
   * Name of the source pool's Region, where the stack of this construct does not say it: a stack without `env`, such as that of an AWS Amplify
   * backend. A CloudFormation rule in the stack refuses every other Region. Fails at synthesis where the stack says another Region.
   *
   * @default - the Region of the stack (`env.region`)
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, primaryRegion: 'us-east-1', replicaRegion: 'us-west-2' });
   */
  readonly primaryRegion?: string;

  /**
   * Name of the Region that holds the copy, such as `us-west-2`: another Region of the same partition, bootstrapped for CDK.
   *
   * It should be far enough away not to fail together with the first one. Replicated writes and cross-Region transfer are billed there.
   * Changing it later makes a second stack, in the new Region, which fails to take the table name: the first one's replica has it in the source
   * pool's
   * Region. Give a new `ledgerTableName` in the same deployment; the next sweep fills the new copy.
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2' });
   */
  readonly replicaRegion: string;

  /**
   * A stack of your own in `replicaRegion` for everything that belongs there. It is deployed before the stack with this construct, and must not
   * depend on it.
   *
   * @default - a stack is made under this construct, so that its tags, removal policies and Aspects reach it
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', replicaStack });
   */
  readonly replicaStack?: Stack;

  /**
   * Name of the stack that is made in `replicaRegion`. Changing it later makes a second stack, which fails to take the first one's table
   * name.
   *
   * @default - made of the name of the stack that holds this construct, the construct's path in it and the Region
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', replicaStackName: 'auth-copy' });
   */
  readonly replicaStackName?: string;

  /**
   * What stands ready in `replicaRegion` besides the copy itself.
   *
   * @default Standby.onDemand() - an empty mirror of the source pool, which costs nothing until users come or a restore fills it
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', standby: Standby.warm() });
   */
  readonly standby?: Standby;

  /**
   * Whether the source pool calls a function of this construct after a confirmation and after a sign-in, so that a new or changed user is in the
   * copy within seconds. It is attached to the slots (`PostConfirmation`, `PostAuthentication`) that have no function yet when the app is
   * synthesised; it never fails a sign-in, gives up after 1.2 seconds, and reads one row of the copy for each.
   *
   * An imported pool has no slots that this construct could fill: let functions of yours send hints instead (`grantCaptureHints`).
   *
   * @default true
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', captureTriggers: false });
   */
  readonly captureTriggers?: boolean;

  /**
   * Whether to make a CloudTrail trail for write management events, with a bucket of its own, in the source pool's Region. EventBridge delivers
   * Cognito's events only where some trail logs them; without one, changes that no trigger sees wait for the next sweep. The first trail of an
   * account and Region is free of charge but for its files, further ones cost 2 USD for 100,000 events. The bucket stays when the stack goes,
   * whatever `removalPolicy` says, because CloudFormation cannot delete one that has files.
   *
   * @default false - there is one already, as most accounts have; the metric and the alarm `EventsMissing` tell if not
   * @see https://aws.amazon.com/cloudtrail/pricing/
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', createTrail: true });
   */
  readonly createTrail?: boolean;

  /**
   * How often the source pool is compared with the copy: the age that the copy may have when it is needed.
   *
   * From 1 minute to 2 days, in whole minutes: the alarm about an overdue sweep looks back three intervals, and CloudWatch at most seven
   * days. A sweep calls `ListUsers` once for every 60 users and never makes a monthly active user; one that finds the last one still
   * running does nothing.
   *
   * @default Duration.hours(1)
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', sweepInterval: Duration.minutes(15) });
   */
  readonly sweepInterval?: Duration;

  /**
   * How long a deleted user's row and the earlier images of changed users are kept, in whole days, at least 1 and longer than
   * `sweepInterval`.
   *
   * @default Duration.days(35) - as long as DynamoDB's point-in-time recovery reaches back
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', historyRetention: Duration.days(90) });
   */
  readonly historyRetention?: Duration;

  /**
   * Attributes that may change for very many users at once on an ordinary day, as Cognito lists them (`custom:lastLogin`, `locale`). Capture raises
   * an incident where within ten minutes more than 50 users, and more than 1 % of all, are deleted or disabled, or have the same attribute changed by
   * administrators' calls of one principal, or lose a group: changes of these attributes never count. What users change themselves counts neither.
   *
   * Throws at synthesis when a name is neither one of OpenID Connect's nor begins with `custom:`.
   *
   * @default - every attribute counts
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', incidentIgnoredAttributes: ['custom:lastLogin'] });
   */
  readonly incidentIgnoredAttributes?: string[];

  /**
   * An event bus in `replicaRegion` that is told of every change that reaches the copy, within seconds: source `cognito-dr-replica`, detail type
   * `Directory Changed`, with the pool, the `sub` or the group, whether it was created, changed, disabled or deleted, the names of the attributes
   * that changed, and by which call of whose credentials. No value is in it. An event comes at least once; its `detail.id` tells doubles apart.
   *
   * The first copy tells of every user, and each event costs: 1 USD per million, and the function that sends them. It is a reader of the table's
   * stream, of which DynamoDB allows two at a time without throttling: a warm standby is one, so that none of yours has room beside both.
   *
   * Throws at synthesis when the bus is in another Region.
   *
   * @default - nobody is told, and nothing is made for it
   * @see https://aws.amazon.com/eventbridge/pricing/
   *
   * @example
   * const bus = EventBus.fromEventBusArn(this, 'Changes', 'arn:aws:events:us-west-2:111122223333:event-bus/directory');
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', changeEvents: bus });
   */
  readonly changeEvents?: IEventBus;

  /**
   * Encryption of the ledger and of the state table. The tables belong to the replica stack: with a customer managed key, `tableKey` is the
   * key in `replicaRegion`, and `replicaKeyArns` names, as a literal ARN, the one in the source pool's Region. A key costs about 1 USD a month
   * in each Region, plus its requests. It encrypts the reports of drills as well: who reads them needs `kms:Decrypt`.
   *
   * @default - DynamoDB's own key, without charge
   * @see https://aws.amazon.com/kms/pricing/
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', {
   *   userPool,
   *   replicaRegion: 'us-west-2',
   *   encryption: TableEncryptionV2.customerManagedKey(replicaKey, {
   *     'us-east-1': 'arn:aws:kms:us-east-1:111122223333:key/mrk-11111111111111111111111111111111',
   *   }),
   * });
   */
  readonly encryption?: TableEncryptionV2;

  /**
   * What becomes of the tables and of the standby pool that this construct makes when they leave the stack.
   *
   * A retained table keeps its name: to deploy again after a destroy, import it, delete it or give another `ledgerTableName`. With `DESTROY`, AWS
   * refuses
   * to delete the global table within 24 hours after its replica was added: a trial ends on the next day.
   *
   * @default RemovalPolicy.RETAIN
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', removalPolicy: RemovalPolicy.DESTROY, deletionProtection: false });
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether the tables, in both Regions, and the standby pool that this construct makes refuse to be deleted.
   *
   * @default true
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', deletionProtection: false });
   */
  readonly deletionProtection?: boolean;

  /**
   * Physical name of the ledger table, the same in both Regions: 3 to 246 letters, digits, `_`, `.` and `-`. The state table is named after
   * it. Changing it later replaces the tables.
   *
   * @default - made of the name of the stack that holds this construct, the construct's path in it and the Region
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', ledgerTableName: 'auth-ledger' });
   */
  readonly ledgerTableName?: string;

  /**
   * Further user pools of the same account that a restore may write to when its input names them: pools in `replicaRegion`, or in the source
   * pool's Region by their literal id (`UserPool.fromUserPoolId`), such as the pool that replaced a lost one. One that the app defines fails at
   * synthesis where it signs users in by other names than the source pool, or lacks a custom attribute of it.
   *
   * @default - only the standby pool
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', {
   *   userPool,
   *   replicaRegion: 'us-west-2',
   *   restoreTargets: [UserPool.fromUserPoolId(this, 'Replacement', 'us-east-1_AbCdEfGhI')],
   * });
   */
  readonly restoreTargets?: IUserPool[];

  /**
   * What Cognito allows this account in `replicaRegion`, where AWS raised it. A restore uses the share of it that its input says (80 % by
   * default). Raising `userAccountRecovery` is not offered by AWS at the time of writing, so passwords bound a restore.
   *
   * @default - Cognito's default quotas
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', restoreQuotas: { userCreation: 200, userRead: 400 } });
   */
  readonly restoreQuotas?: RequestQuotas;

  /**
   * What Cognito allows this account in the source pool's Region, where AWS raised it.
   *
   * @default - Cognito's default quotas
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', sweepQuotas: { userList: 100 } });
   */
  readonly sweepQuotas?: RequestQuotas;

  /**
   * Share of each quota that a sweep may use, more than 0 and at most 1. Your application needs the rest. At the default a million users are
   * listed in 19 minutes (60 a call, 15 calls a second).
   *
   * @default 0.5
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', sweepQuotaShare: 0.25 });
   */
  readonly sweepQuotaShare?: number;

  /**
   * IAM role of a restored group, by group name. A group's role in the source pool usually trusts an identity pool of the source's Region, so
   * it is not copied. A restore may pass exactly these roles to Cognito.
   *
   * A role of a stack in the source pool's Region must have a `roleName`: without one its ARN is known to that stack only.
   *
   * @default - groups are restored without a role
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', groupRoles: { admins: adminsRole } });
   */
  readonly groupRoles?: { [groupName: string]: IRole };

  /**
   * Whether users who were deleted or spoilt can be brought back in the source pool itself. It adds a state machine, `recoveryStateMachine`, with
   * its functions and a table to the source pool's own stack. Its functions may write every user and group of the pool and delete none: a standing
   * right to write production. Nothing is written before somebody has read a plan and starts it, and `grantRecovery` says who may.
   *
   * The table costs nothing while nobody plans a recovery, the alarm 0.10 USD a month. A recovery uses `sweepQuotas`, 0.3 of them unless its
   * input says otherwise.
   *
   * @default true
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', inPlaceRecovery: false });
   */
  readonly inPlaceRecovery?: boolean;

  /**
   * IAM role of a group that a recovery makes again in the source pool, by group name. A recovery may pass exactly these roles to Cognito. A group
   * that still has its role keeps it.
   *
   * A role of a stack in another Region must have a `roleName`: without one its ARN is known to that stack only.
   *
   * @default - groups are made again without a role
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', sourceGroupRoles: { admins: adminsRole } });
   */
  readonly sourceGroupRoles?: { [groupName: string]: IRole };

  /**
   * Whether, how often and how the restore is rehearsed. It adds a table, a state machine, four functions, a bucket for the reports and alarms to the
   * replica stack. A drill may make user pools with a tag of its own, and work on those; it has no permission on any other pool.
   *
   * @default - nothing is rehearsed, and nothing is made for it
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', drill: Drill.schedule({ interval: Duration.days(7) }) });
   */
  readonly drill?: Drill;

  /**
   * Whether the replica stack has a function that a custom action Lambda step of an ARC Region switch plan can call: it starts a restore or, with
   * `drill`, a drill, and waits for its end (`regionSwitchFunction`). It is an addition: ungraceful executions of a plan skip such steps.
   *
   * @default false
   * @see https://docs.aws.amazon.com/r53recovery/latest/dg/custom-action-lambda-block.html
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', regionSwitch: true });
   */
  readonly regionSwitch?: boolean;

  /**
   * By which attribute local users of the source pool are linked with their identities at a SAML or OIDC provider, by the provider's name: what was
   * given as `ProviderAttributeName` to `AdminLinkProviderForUser`. Cognito does not show it, so that the standby cannot find out. Users who come to
   * the standby are linked again by it; identities of Facebook, Google, Login with Amazon and Sign in with Apple are always linked by
   * `Cognito_Subject`.
   *
   * Give `Cognito_Subject` where that is right: it says that the links are known, and nobody is counted under `linked-by-subject`.
   *
   * @default - `Cognito_Subject` for every provider; users with an identity at a SAML or OIDC provider are counted as a warning, `linked-by-subject`
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', linkAttributes: { Corp: 'email' } });
   */
  readonly linkAttributes?: { [providerName: string]: string };

  /**
   * SNS topics that every alarm tells, when it goes off. An alarm can only reach a topic of its own Region: give one of each Region (those in
   * neither are refused).
   *
   * @default - the alarms change their state and tell nobody
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', alarmTopics: [usTopic, westTopic] });
   */
  readonly alarmTopics?: ITopic[];

  /**
   * Whether each Region has a CloudWatch dashboard: whether the copy is good, what is stuck, how far a restore, a recovery or a drill is, incidents,
   * and links to the runbook, queues, executions and logs. Neither asks anything of the other Region.
   *
   * A dashboard costs 3 USD a month, beyond the first three of an account, which are free of charge.
   *
   * @default true
   * @see https://aws.amazon.com/cloudwatch/pricing/
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', dashboard: false });
   */
  readonly dashboard?: boolean;

  /**
   * How long the log groups keep what the functions and state machines log: counts and ids, no attribute of a user.
   *
   * @default RetentionDays.THREE_MONTHS
   *
   * @example
   * new CognitoDrReplica(this, 'Dr', { userPool, replicaRegion: 'us-west-2', logRetention: RetentionDays.ONE_YEAR });
   */
  readonly logRetention?: RetentionDays;

  /**
   * How long one invocation of a function works before it hands its checkpoint to the next one, for tests that want more than one slice: from
   * 1 second to 14 minutes, in whole seconds. A Lambda function ends after 15 minutes.
   *
   * @default Duration.minutes(14)
   * @internal
   */
  readonly _sliceDuration?: Duration;
}
