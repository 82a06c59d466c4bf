import { Backend, BackendError } from './backend';
import { AwsRequest, claimsOf, poolOfToken } from './request';

export interface Attribute {
  readonly Name: string;
  readonly Value: string;
}

export interface SchemaAttribute {
  readonly Name: string;
  readonly AttributeDataType: string;
  readonly Mutable: boolean;
  readonly Required: boolean;
  readonly StringAttributeConstraints?: { readonly MinLength?: string; readonly MaxLength?: string };
  readonly NumberAttributeConstraints?: { readonly MinValue?: string; readonly MaxValue?: string };
}

/** The ARN of a pool's function for each trigger. */
export interface LambdaConfig {
  readonly PreSignUp?: string;
  readonly PostConfirmation?: string;
  readonly PostAuthentication?: string;
  readonly UserMigration?: string;
  readonly PreTokenGeneration?: string;
  readonly PreTokenGenerationConfig?: { readonly LambdaArn?: string; readonly LambdaVersion?: string };
}

export interface Pool {
  readonly Id: string;
  readonly SchemaAttributes: readonly SchemaAttribute[];
  readonly UsernameAttributes?: readonly string[];
  readonly AliasAttributes?: readonly string[];
  readonly AutoVerifiedAttributes?: readonly string[];
  readonly AccountRecoverySetting?: { readonly RecoveryMechanisms?: readonly { readonly Name?: string; readonly Priority?: number }[] };
  readonly MfaConfiguration?: string;
  readonly UsernameConfiguration?: { readonly CaseSensitive?: boolean };
  readonly LambdaConfig?: LambdaConfig;
  readonly Policies?: { readonly SignInPolicy?: { readonly AllowedFirstAuthFactors?: readonly string[] } };
}

export interface PoolUser {
  readonly Username: string;
  readonly UserAttributes: readonly Attribute[];
  readonly UserStatus: string;
  readonly Enabled: boolean;
  readonly UserMFASettingList?: readonly string[];
  readonly PreferredMfaSetting?: string;
}

const POOL_CACHE_MS = 1_000;

/** What the rules must know about pools and users; read from ministack past the quotas. */
export class Pools {
  private readonly pools = new Map<string, { at: number; pool: Promise<Pool | undefined> }>();
  private readonly poolOfClientId = new Map<string, string>();

  constructor(private readonly backend: Backend, private readonly regions: readonly string[]) {}

  /** The pool that a call is about, by its id, app client or access token. */
  public async poolIdOf(request: AwsRequest): Promise<string | undefined> {
    const { UserPoolId: id, ClientId: clientId, AccessToken: token } = request.input;
    if (typeof id === 'string') {
      return id;
    }
    return typeof token === 'string' ? poolOfToken(token) : this.poolIdOfClient(clientId);
  }

  public async poolOf(request: AwsRequest): Promise<Pool | undefined> {
    const id = await this.poolIdOf(request);
    return id === undefined ? undefined : this.pool(id);
  }

  public async poolIdOfClient(clientId: unknown): Promise<string | undefined> {
    if (typeof clientId !== 'string') {
      return undefined;
    }
    if (!this.poolOfClientId.has(clientId)) {
      await this.learnClients();
    }
    return this.poolOfClientId.get(clientId);
  }

  public pool(id: string): Promise<Pool | undefined> {
    const known = this.pools.get(id);
    if (known && Date.now() - known.at < POOL_CACHE_MS) {
      return known.pool;
    }
    const pool = this.describe(id);
    this.pools.set(id, { at: Date.now(), pool });
    return pool;
  }

  /** A pool that has just changed. */
  public forget(id: string): void {
    this.pools.delete(id);
  }

  /** The user that a call is about; `undefined` where there is none, which ministack then says itself. */
  public async userOf(request: AwsRequest): Promise<PoolUser | undefined> {
    const poolId = await this.poolIdOf(request);
    const { Username: username, AccessToken: token } = request.input;
    const name = username ?? (typeof token === 'string' ? claimsOf(token)?.sub : undefined);
    return poolId === undefined || typeof name !== 'string' ? undefined : this.user(poolId, name);
  }

  public user(poolId: string, username: string): Promise<PoolUser | undefined> {
    return this.optional(this.backend.json<PoolUser>('cognito-idp', 'AdminGetUser', regionOf(poolId), { UserPoolId: poolId, Username: username }));
  }

  /** Whether an app client hides which users exist. */
  public async hidesUsers(poolId: string, clientId: string): Promise<boolean> {
    const answer = await this.optional(this.backend.json<{ UserPoolClient: { PreventUserExistenceErrors?: string } }>(
      'cognito-idp', 'DescribeUserPoolClient', regionOf(poolId), { UserPoolId: poolId, ClientId: clientId }));
    return answer?.UserPoolClient.PreventUserExistenceErrors === 'ENABLED';
  }

  private async describe(id: string): Promise<Pool | undefined> {
    const answer = await this.optional(this.backend.json<{ UserPool: Pool }>('cognito-idp', 'DescribeUserPool', regionOf(id), { UserPoolId: id }));
    return answer?.UserPool;
  }

  private async learnClients(): Promise<void> {
    for (const region of this.regions) {
      for (const { Id } of await this.list<{ Id: string }>('ListUserPools', region, { MaxResults: 60 }, 'UserPools')) {
        const clients = await this.list<{ ClientId: string }>('ListUserPoolClients', region, { UserPoolId: Id, MaxResults: 60 }, 'UserPoolClients');
        clients.forEach(({ ClientId }) => this.poolOfClientId.set(ClientId, Id));
      }
    }
  }

  private async list<T>(operation: string, region: string, input: object, member: string): Promise<T[]> {
    const found: T[] = [];
    let NextToken: string | undefined;
    do {
      const page: Record<string, unknown> = await this.backend.json('cognito-idp', operation, region, { ...input, NextToken });
      found.push(...page[member] as T[]);
      NextToken = page.NextToken as string | undefined;
    } while (NextToken);
    return found;
  }

  private async optional<T>(call: Promise<T>): Promise<T | undefined> {
    try {
      return await call;
    } catch (error) {
      if (error instanceof BackendError) {
        return undefined;
      }
      throw error;
    }
  }
}

export function regionOf(poolId: string): string {
  return poolId.split('_')[0];
}

export function attributesOf(list: unknown): Record<string, string> {
  return Object.fromEntries((Array.isArray(list) ? list as Attribute[] : []).map(({ Name, Value }) => [Name, Value ?? '']));
}

export function subOf(user: PoolUser): string {
  return attributesOf(user.UserAttributes).sub;
}
