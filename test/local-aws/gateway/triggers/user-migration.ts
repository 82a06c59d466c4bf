import { randomBytes } from 'node:crypto';
import { isObject, TriggerCalls, TriggerError } from './trigger-calls';
import { Backend, BackendError } from '../backend';
import { Part } from '../part';
import { Pool, Pools } from '../pools';
import { AwsAnswer, AwsRequest } from '../request';
import { hasSeveralUserNames } from '../rules/username-attributes';
import { NameClaims, claimedBy, holdersOf } from '../sign-in-names';
import { Settings, Switches } from '../switches';

interface Migrated {
  readonly userAttributes?: Record<string, unknown> | null;
  readonly finalUserStatus?: string | null;
  readonly messageAction?: string | null;
  readonly desiredDeliveryMediums?: string[] | null;
  readonly forceAliasCreation?: boolean | null;
}

/** The user that signs in or has forgotten a password. */
interface Visitor {
  readonly userName: string;
  readonly clientId: string;
  readonly password?: string;
}

const BY_PASSWORD = new Set(['USER_PASSWORD_AUTH', 'ADMIN_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH']);

/** Asks the PreSignUp trigger about a user whom UserMigration answered. */
export type SignUpOfMigrated =
  (pool: Pool, clientId: string, username: string, attributes: Record<string, string>, triggerSource: string) => Promise<void>;

/**
 * For users that the pool lacks: asks the UserMigration trigger, and creates those that it vouches for, before the call goes on.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html
 * @see docs/evidence.md, Assumed: user-migration
 * @see docs/evidence.md, Assumed: migration-triggers
 */
export class UserMigration {
  private readonly made = new WeakSet<AwsRequest>();

  /** @param rules what a pool demands of a new user @param signUp runs PreSignUp, by a switch */
  constructor(
    private readonly backend: Backend,
    private readonly pools: Pools,
    private readonly calls: TriggerCalls,
    private readonly rules: readonly Part[],
    private readonly claims: NameClaims,
    private readonly switches: Switches,
    private readonly signUp: SignUpOfMigrated,
  ) {}

  /** Whether a call has just made its user. */
  public hasMade(request: AwsRequest): boolean {
    return this.made.has(request);
  }

  /** @throws TriggerError where the call ends here */
  public async before(request: AwsRequest): Promise<void> {
    const visitor = visitorOf(request);
    const pool = visitor && await this.pools.poolOf(request);
    const functionArn = pool?.LambdaConfig?.UserMigration;
    if (!visitor || !functionArn) return;
    if (await this.pools.user(pool.Id, visitor.userName)) {
      // Another call may have made them just now, and not given them their password yet: two steps here, one on AWS.
      (await this.claims.take(pool.Id, [['username', visitor.userName]]))();
      return;
    }
    const { ClientMetadata: metadata } = request.input;
    const signsIn = visitor.password !== undefined;
    const answer = await this.call({
      userPoolId: pool.Id,
      trigger: 'UserMigration',
      triggerSource: signsIn ? 'UserMigration_Authentication' : 'UserMigration_ForgotPassword',
      functionArn,
      userName: visitor.userName,
      clientId: visitor.clientId,
      request: {
        ...signsIn ? { password: visitor.password } : {},
        // A sign-in's ClientMetadata arrives under this name.
        validationData: signsIn ? metadata ?? {} : null,
        ...signsIn || metadata === undefined ? {} : { clientMetadata: metadata },
      },
      response: {
        userAttributes: null, forceAliasCreation: null, enableSMSMFA: null, finalUserStatus: null, messageAction: null, desiredDeliveryMediums: null,
      },
    });
    const response = answer.response as Migrated;
    // Every member is there and null where the function left the event as it was.
    if (this.switches.of('nobody') === 'emptied' && !response.userAttributes && Object.keys(response).length > 0) throw cannotMigrate(visitor.clientId);
    await this.create(request, pool, visitor, response);
  }

  private async call(call: Parameters<TriggerCalls['call']>[0]): Promise<Record<string, unknown>> {
    try {
      return await this.calls.call(call);
    } catch (error) {
      // The one reply that AWS is known to give to an invalid answer, whatever the app client hides.
      throw error instanceof TriggerError && error.type === 'InvalidLambdaResponseException' ? cannotMigrate(call.clientId!) : error;
    }
  }

  private async create(request: AwsRequest, pool: Pool, visitor: Visitor, migrated: Migrated): Promise<void> {
    const { username, ...attributes } = Object.fromEntries(
      Object.entries(migrated.userAttributes ?? {}).filter(([, value]) => value !== null).map(([name, value]) => [name, String(value)]));
    if (Object.keys(attributes).length === 0 || lacksItsName(pool, visitor.userName, attributes, this.switches.of('migratedName'))) {
      return this.refuse(pool, visitor);
    }
    const input = {
      UserPoolId: pool.Id,
      // Where addresses are aliases the function has to name the user: what was typed may be an address.
      Username: pool.UsernameAttributes?.length ? asAnswered(pool, visitor.userName, attributes) : username ?? visitor.userName,
      UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
      MessageAction: migrated.messageAction ?? undefined,
      DesiredDeliveryMediums: migrated.desiredDeliveryMediums ?? undefined,
      ForceAliasCreation: migrated.forceAliasCreation ?? undefined,
      LocalAwsAnyPassword: true,
    };
    const refused = await this.refusal({ ...request, operation: 'AdminCreateUser', caller: { kind: 'other' }, input });
    if (refused) {
      const { message } = JSON.parse(refused.body.toString('utf8')) as { message: string };
      if (message.startsWith('Username cannot be of')) {
        throw new TriggerError('InvalidParameterException', message);
      }
      return this.refuse(pool, visitor);
    }
    const triggerSource = this.switches.of('signUpAfterMigration');
    if (triggerSource !== 'none') await this.signUp(pool, visitor.clientId, String(input.Username), attributes, triggerSource);
    const names = hasSeveralUserNames(pool) ? claimedBy(pool, attributes) : {};
    // By everything that somebody may type for the user, too: who comes second goes on for a user that has their password.
    const typed = [String(input.Username), visitor.userName, ...Object.values(claimedBy(pool, attributes))];
    const release = await this.claims.take(pool.Id, [...Object.entries(names), ...typed.map(name => ['username', name] as const)]);
    try {
      for (const [name, value] of Object.entries(names)) {
        // Another call was faster, maybe by the other address.
        if ((await holdersOf(this.backend, pool, request.region, name, value)).length > 0) return;
      }
      const { User: user } = await this.backend.json<{ User: { Username: string } }>('cognito-idp', 'AdminCreateUser', request.region, input);
      this.made.add(request);
      await this.settle(request.region, { UserPoolId: pool.Id, Username: user.Username }, visitor, migrated.finalUserStatus);
    } catch (error) {
      if (!(error instanceof BackendError)) {
        throw error;
      }
      // Another call was faster: this one goes on for the user that is there now.
      if (error.type !== 'UsernameExistsException') {
        return await this.refuse(pool, visitor);
      }
    } finally {
      release();
    }
  }

  /** The password that was typed becomes the user's, good or bad, so that only a user that knows it is asked for a reset. */
  private async settle(region: string, user: { UserPoolId: string; Username: string }, visitor: Visitor, status?: string | null): Promise<void> {
    if (visitor.password === undefined && this.switches.of('statusAfterForgotPassword') === 'FORCE_CHANGE_PASSWORD') return;
    const password = visitor.password ?? `${randomBytes(24).toString('base64')}aA1!`;
    await this.backend.json('cognito-idp', 'AdminSetUserPassword', region, { ...user, Password: password, Permanent: true, LocalAwsAnyPassword: true });
    if (status === 'RESET_REQUIRED') {
      await this.backend.json('cognito-idp', 'AdminResetUserPassword', region, user);
    }
  }

  private async refusal(creation: AwsRequest): Promise<AwsAnswer | undefined> {
    for (const rule of this.rules) {
      const answer = await rule.before?.(creation);
      if (isObject(answer)) {
        return answer as unknown as AwsAnswer;
      }
    }
    return undefined;
  }

  /** Where the app client hides which users exist, the call goes on without a user, and ministack answers it like that of any stranger. */
  private async refuse(pool: Pool, visitor: Visitor): Promise<void> {
    if (!await this.pools.hidesUsers(pool.Id, visitor.clientId)) {
      throw cannotMigrate(visitor.clientId);
    }
  }
}

function cannotMigrate(clientId: string): TriggerError {
  return new TriggerError('UserNotFoundException', `Exception migrating user in app client ${clientId}`);
}

/** Without the address that was typed, the new user could not be found by it. */
function lacksItsName(pool: Pool, typed: string, attributes: Record<string, string>, comparing: Settings['migratedName']): boolean {
  const names = pool.UsernameAttributes ?? [];
  const ignoresCase = comparing === 'as-the-pool' && pool.UsernameConfiguration?.CaseSensitive === false;
  const spelt = (name: string | undefined) => ignoresCase ? name?.toLowerCase() : name;
  return names.length > 0 && !names.some(name => spelt(attributes[name]) === spelt(typed));
}

/** What was typed, in the letters of the answer: these are the user's. */
function asAnswered(pool: Pool, typed: string, attributes: Record<string, string>): string {
  const names = (pool.UsernameAttributes ?? []).map((name): string | undefined => attributes[name]);
  return names.find(name => name?.toLowerCase() === typed.toLowerCase()) ?? typed;
}

function visitorOf(request: AwsRequest): Visitor | undefined {
  const { ClientId, AuthFlow, AuthParameters, Username } = request.input;
  const clientId = String(ClientId);
  if (request.operation === 'ForgotPassword') {
    return typeof Username === 'string' ? { userName: Username, clientId } : undefined;
  }
  if (!['InitiateAuth', 'AdminInitiateAuth'].includes(request.operation) || !BY_PASSWORD.has(String(AuthFlow))) {
    return undefined;
  }
  const { USERNAME: userName, PASSWORD: password } = (AuthParameters ?? {}) as Record<string, string | undefined>;
  return userName && password ? { userName, clientId, password } : undefined;
}
