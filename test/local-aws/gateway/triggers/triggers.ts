import { Claims, claimsOf, TokenClaims } from './token-claims';
import { isObject, NO_CLIENT, TriggerCalls, TriggerError, TriggerInvocation } from './trigger-calls';
import { SignUpOfMigrated, UserMigration } from './user-migration';
import { Backend } from '../backend';
import { Events } from '../events/events';
import { Gateway } from '../gateway';
import { Iam } from '../iam/iam';
import { Outage } from '../outage';
import { Part } from '../part';
import { attributesOf, Pool, Pools, PoolUser, regionOf } from '../pools';
import { AwsAnswer, AwsRequest, errorAnswer } from '../request';
import { NameClaims } from '../sign-in-names';
import { Switches } from '../switches';

interface Group {
  readonly GroupName: string;
  readonly Precedence?: number;
  readonly RoleArn?: string;
}

/** Tokens that are about to be made, as ministack asks. */
interface TokenQuestion {
  readonly poolId: string;
  readonly clientId: string;
  readonly username: string;
  readonly triggerSource: string;
  readonly clientMetadata: Record<string, string>;
  readonly scopes: string[];
}

interface SignUpQuestion {
  readonly poolId: string;
  readonly clientId: string;
  readonly username: string;
  readonly attributes: Record<string, string>;
  readonly triggerSource: string;
  readonly validationData: unknown;
  readonly clientMetadata: Record<string, string>;
}

interface FederatedQuestion {
  readonly poolId: string;
  readonly clientId: string;
  readonly username: string;
  readonly first: boolean;
}

const CONFIRMING: Record<string, string> = {
  SignUp: 'PostConfirmation_ConfirmSignUp',
  ConfirmSignUp: 'PostConfirmation_ConfirmSignUp',
  AdminConfirmSignUp: 'PostConfirmation_ConfirmSignUp',
  ConfirmForgotPassword: 'PostConfirmation_ConfirmForgotPassword',
};
/** Sign-ins through Cognito's API; those of managed login are federated here, and are asked about by themselves. */
const SIGN_INS = new Set(['TokenGeneration_Authentication', 'TokenGeneration_NewPasswordChallenge']);
const SIGN_UP_DEFAULTS = { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false };

/**
 * Lambda triggers of user pools. ministack asks for those whose answer it needs in the middle of a call (see the launcher); the others run
 * after the call that ministack has already done, so that what the user did stays done where the trigger fails.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-confirmation.html
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-authentication.html
 * @see docs/evidence.md, Assumed: reset-trigger
 * @see docs/evidence.md, Assumed: trigger-attributes
 */
export class Triggers implements Part {
  public readonly name = 'triggers';
  public readonly standIn = 'PostConfirmation, PostAuthentication, PreSignUp, PreTokenGeneration V1 and V2, UserMigration: '
    + 'with AWS\'s events, for 5 s at most; one that fails fails the user\'s call';
  private readonly calls: TriggerCalls;
  private readonly migration: UserMigration;

  constructor(
    private readonly backend: Backend,
    private readonly pools: Pools,
    outage: Outage,
    creationRules: readonly Part[],
    claims: NameClaims,
    private readonly events: Events,
    switches: Switches,
    iam: Iam,
  ) {
    this.calls = new TriggerCalls(backend, outage, iam);
    const signUp: SignUpOfMigrated = async (pool, clientId, username, attributes, triggerSource) => {
      await this.preSignUp({ poolId: pool.Id, clientId, username, attributes, triggerSource, validationData: [], clientMetadata: {} });
    };
    this.migration = new UserMigration(backend, pools, this.calls, creationRules, claims, switches, signUp);
  }

  public get invocations(): readonly TriggerInvocation[] {
    return this.calls.made;
  }

  /** Whether UserMigration has made the user of a call in the middle of it. */
  public hasMigrated(request: AwsRequest): boolean {
    return this.migration.hasMade(request);
  }

  public answerHooks(gateway: Gateway): void {
    gateway.answer('tokens', question => answered(() => this.tokens(question as unknown as TokenQuestion)));
    gateway.answer('pre-sign-up', question => answered(() => this.preSignUp(question as unknown as SignUpQuestion)));
    gateway.answer('federated', question => answered(() => this.federated(question as unknown as FederatedQuestion)));
  }

  public async before(request: AwsRequest): Promise<AwsAnswer | void> {
    if (request.service !== 'cognito-idp') {
      return undefined;
    }
    return refused(async () => {
      await this.migration.before(request);
      if (request.operation === 'AdminCreateUser' && request.input.MessageAction !== 'RESEND') {
        await this.preSignUpByAdmin(request);
      }
    });
  }

  public async after(request: AwsRequest, answer: AwsAnswer): Promise<AwsAnswer | void> {
    if (request.service !== 'cognito-idp' || answer.status >= 300) {
      return undefined;
    }
    if (['UpdateUserPool', 'DeleteUserPool'].includes(request.operation)) {
      this.pools.forget(String(request.input.UserPoolId));
    }
    const triggerSource = CONFIRMING[request.operation];
    if (!triggerSource || (request.operation === 'SignUp' && !isConfirmed(answer))) {
      return undefined;
    }
    return refused(async () => {
      const pool = await this.pools.poolOf(request);
      const functionArn = pool?.LambdaConfig?.PostConfirmation;
      const user = functionArn && await this.pools.userOf(request);
      if (user) {
        await this.postConfirmation(pool!, user, functionArn, triggerSource, request.input.ClientId, request.input.ClientMetadata);
      }
    });
  }

  private async postConfirmation(
    pool: Pool, user: PoolUser, functionArn: string, triggerSource: string, clientId: unknown, clientMetadata: unknown,
  ): Promise<void> {
    await this.calls.call({
      userPoolId: pool.Id,
      trigger: 'PostConfirmation',
      triggerSource,
      functionArn,
      userName: user.Username,
      clientId: typeof clientId === 'string' ? clientId : NO_CLIENT,
      request: { userAttributes: shownAttributes(pool, user), ...withMetadata(clientMetadata) },
    });
  }

  private async postAuthentication(pool: Pool, user: PoolUser, clientId: string, clientMetadata?: unknown): Promise<void> {
    const functionArn = pool.LambdaConfig?.PostAuthentication;
    if (functionArn) {
      await this.calls.call({
        userPoolId: pool.Id,
        trigger: 'PostAuthentication',
        triggerSource: 'PostAuthentication_Authentication',
        functionArn,
        userName: user.Username,
        clientId,
        request: { userAttributes: shownAttributes(pool, user), newDeviceUsed: false, ...withMetadata(clientMetadata) },
      });
    }
  }

  /** AWS runs PostAuthentication before it makes the tokens. */
  private async tokens(question: TokenQuestion): Promise<TokenClaims> {
    const pool = await this.pools.pool(question.poolId);
    const user = pool && await this.pools.user(question.poolId, question.username);
    if (!user) {
      return { id: {}, access: {} };
    }
    if (SIGN_INS.has(question.triggerSource)) {
      await this.postAuthentication(pool, user, question.clientId, question.clientMetadata);
    }
    return this.preTokenGeneration(pool, user, question);
  }

  private async preTokenGeneration(pool: Pool, user: PoolUser, question: TokenQuestion): Promise<{ id: Claims; access: Claims }> {
    const { PreTokenGeneration: legacy, PreTokenGenerationConfig: config } = pool.LambdaConfig ?? {};
    const functionArn = config?.LambdaArn ?? legacy;
    if (!functionArn) {
      return { id: {}, access: {} };
    }
    const version = config?.LambdaArn && config.LambdaVersion !== 'V1_0' ? '2' : '1';
    const answer = await this.calls.call({
      userPoolId: pool.Id,
      trigger: 'PreTokenGeneration',
      triggerSource: question.triggerSource,
      functionArn,
      userName: user.Username,
      clientId: question.clientId,
      version: config?.LambdaVersion === 'V3_0' ? '3' : version,
      request: {
        userAttributes: shownAttributes(pool, user),
        groupConfiguration: await this.groupConfiguration(pool.Id, user.Username),
        ...version === '2' ? { scopes: question.scopes } : {},
        ...withMetadata(question.clientMetadata),
      },
      response: version === '1' ? { claimsOverrideDetails: null } : { claimsAndScopeOverrideDetails: null },
    });
    return claimsOf(version, answer.response as Record<string, unknown>, question.scopes);
  }

  private async groupConfiguration(poolId: string, username: string): Promise<object> {
    const { Groups: groups } = await this.backend.json<{ Groups: Group[] }>(
      'cognito-idp', 'AdminListGroupsForUser', regionOf(poolId), { UserPoolId: poolId, Username: username });
    const roles = groups.flatMap(({ RoleArn }) => RoleArn ? [RoleArn] : []);
    const first = groups.filter(({ RoleArn }) => RoleArn).sort((a, b) => (a.Precedence ?? Infinity) - (b.Precedence ?? Infinity))[0];
    return {
      groupsToOverride: groups.map(({ GroupName }) => GroupName), iamRolesToOverride: [...new Set(roles)], preferredRole: first?.RoleArn ?? null,
    };
  }

  private async preSignUp(question: SignUpQuestion): Promise<object> {
    const pool = await this.pools.pool(question.poolId);
    const functionArn = pool?.LambdaConfig?.PreSignUp;
    if (!functionArn) {
      return SIGN_UP_DEFAULTS;
    }
    const answer = await this.calls.call({
      userPoolId: question.poolId,
      trigger: 'PreSignUp',
      triggerSource: question.triggerSource,
      functionArn,
      userName: question.username,
      clientId: question.clientId,
      request: {
        userAttributes: question.attributes, validationData: attributesOf(question.validationData), ...withMetadata(question.clientMetadata),
      },
      response: SIGN_UP_DEFAULTS,
    });
    return { ...SIGN_UP_DEFAULTS, ...answer.response as object };
  }

  /** Its answer is ignored: an administrator decides. */
  private async preSignUpByAdmin(request: AwsRequest): Promise<void> {
    const poolId = String(request.input.UserPoolId);
    if ((await this.pools.pool(poolId))?.LambdaConfig?.PreSignUp && !await this.pools.userOf(request)) {
      await this.preSignUp({
        poolId,
        clientId: NO_CLIENT,
        username: String(request.input.Username),
        attributes: attributesOf(request.input.UserAttributes),
        triggerSource: 'PreSignUp_AdminCreateUser',
        validationData: request.input.ValidationData,
        clientMetadata: (request.input.ClientMetadata ?? {}) as Record<string, string>,
      });
    }
  }

  private async federated({ poolId, clientId, username, first }: FederatedQuestion): Promise<object> {
    await this.events.federated(poolId, clientId);
    const pool = await this.pools.pool(poolId);
    const user = pool && await this.pools.user(poolId, username);
    if (user && !first) {
      await this.postAuthentication(pool, user, clientId);
    } else if (user && pool.LambdaConfig?.PostConfirmation) {
      await this.postConfirmation(pool, user, pool.LambdaConfig.PostConfirmation, 'PostConfirmation_ConfirmSignUp', clientId, undefined);
    }
    return {};
  }
}

/** A sign-up is confirmed at once where PreSignUp says so. */
function isConfirmed(signUp: AwsAnswer): boolean {
  return (JSON.parse(signUp.body.toString('utf8')) as { UserConfirmed?: boolean }).UserConfirmed === true;
}

/** Attributes as triggers see them. */
function shownAttributes(pool: Pool, user: PoolUser): Record<string, string> {
  const attributes = Object.fromEntries(Object.entries(attributesOf(user.UserAttributes)).filter(([, value]) => value !== ''));
  const isAlias = (name: string) => attributes[name] !== undefined
    && (pool.UsernameAttributes?.includes(name) || (pool.AliasAttributes?.includes(name) && attributes[`${name}_verified`] === 'true'));
  return {
    ...attributes,
    'cognito:user_status': user.UserStatus,
    ...isAlias('email') ? { 'cognito:email_alias': attributes.email } : {},
    ...isAlias('phone_number') ? { 'cognito:phone_number_alias': attributes.phone_number } : {},
  };
}

/** Left out where the call had none. */
function withMetadata(metadata: unknown): { clientMetadata?: object } {
  return isObject(metadata) && Object.keys(metadata).length > 0 ? { clientMetadata: metadata } : {};
}

async function refused(work: () => Promise<void>): Promise<AwsAnswer | void> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TriggerError) {
      return errorAnswer(error.type, error.message);
    }
    throw error;
  }
}

async function answered(work: () => Promise<object>): Promise<object> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TriggerError) {
      return { error: { type: error.type, message: error.message } };
    }
    throw error;
  }
}
