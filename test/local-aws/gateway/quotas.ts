import { Part } from './part';
import { AwsAnswer, AwsRequest, errorAnswer, jsonAnswer } from './request';

/**
 * Requests per second of each category, and the operations in it, per account and Region.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
 */
export const QUOTAS: Readonly<Record<string, { readonly perSecond: number; readonly operations: readonly string[] }>> = {
  UserCreation: { perSecond: 50, operations: ['SignUp', 'ConfirmSignUp', 'AdminCreateUser', 'AdminConfirmSignUp'] },
  UserAccountRecovery: {
    perSecond: 30,
    operations: ['ForgotPassword', 'ConfirmForgotPassword', 'ChangePassword', 'AdminSetUserPassword', 'AdminResetUserPassword'],
  },
  UserRead: { perSecond: 120, operations: ['AdminGetUser', 'AdminGetUserAuthFactors', 'GetUser', 'GetUserAuthFactors'] },
  UserUpdate: {
    perSecond: 25,
    operations: [
      'AdminUpdateUserAttributes', 'AdminDeleteUserAttributes', 'UpdateUserAttributes', 'DeleteUserAttributes', 'AdminAddUserToGroup',
      'AdminRemoveUserFromGroup', 'AdminDeleteUser', 'DeleteUser', 'AdminEnableUser', 'AdminDisableUser', 'AdminLinkProviderForUser',
      'AdminDisableProviderForUser', 'AdminUserGlobalSignOut', 'GlobalSignOut', 'VerifyUserAttribute',
    ],
  },
  UserResourceRead: {
    perSecond: 50,
    operations: ['AdminListGroupsForUser', 'AdminGetDevice', 'AdminListDevices', 'AdminListUserAuthEvents', 'GetUserAttributeVerificationCode'],
  },
  UserResourceUpdate: {
    perSecond: 25,
    operations: [
      'AdminSetUserMFAPreference', 'SetUserMFAPreference', 'AdminSetUserSettings', 'AssociateSoftwareToken', 'VerifySoftwareToken',
      'ResendConfirmationCode',
    ],
  },
  UserList: { perSecond: 30, operations: ['ListUsers', 'ListUsersInGroup'] },
  UserAuthentication: { perSecond: 120, operations: ['AdminInitiateAuth', 'InitiateAuth', 'AdminRespondToAuthChallenge', 'RespondToAuthChallenge'] },
  UserToken: { perSecond: 120, operations: ['RevokeToken', 'GetTokensFromRefreshToken'] },
  UserPoolRead: { perSecond: 15, operations: ['DescribeUserPool', 'ListUserPools', 'GetUserPoolMfaConfig'] },
  UserPoolUpdate: { perSecond: 15, operations: ['CreateUserPool', 'UpdateUserPool', 'DeleteUserPool', 'AddCustomAttributes', 'SetUserPoolMfaConfig'] },
  UserPoolResourceRead: {
    perSecond: 20,
    operations: [
      'ListGroups', 'GetGroup', 'DescribeIdentityProvider', 'ListIdentityProviders', 'DescribeResourceServer', 'ListResourceServers',
      'DescribeUserPoolDomain', 'GetCSVHeader', 'GetUICustomization', 'DescribeRiskConfiguration', 'GetLogDeliveryConfiguration',
    ],
  },
  UserPoolResourceUpdate: {
    perSecond: 15,
    operations: [
      'CreateGroup', 'UpdateGroup', 'DeleteGroup', 'CreateIdentityProvider', 'UpdateIdentityProvider', 'DeleteIdentityProvider', 'CreateResourceServer',
      'UpdateResourceServer', 'DeleteResourceServer', 'CreateUserPoolDomain', 'UpdateUserPoolDomain', 'DeleteUserPoolDomain',
    ],
  },
  UserPoolClientRead: { perSecond: 15, operations: ['DescribeUserPoolClient', 'ListUserPoolClients'] },
  UserPoolClientUpdate: { perSecond: 15, operations: ['CreateUserPoolClient', 'UpdateUserPoolClient', 'DeleteUserPoolClient'] },
};

/** Categories of which any one operation may be called at most five times a second for one pool. */
const LIMITED_PER_POOL = ['UserPoolResourceRead', 'UserPoolResourceUpdate', 'UserPoolClientRead', 'UserPoolClientUpdate'];
const PER_POOL = 5;

const CATEGORY_OF = new Map(Object.entries(QUOTAS).flatMap(
  ([category, { operations }]) => operations.map(operation => [operation, category] as const)));

export interface QuotaOptions {
  /** How many times faster than AWS; all ratios are kept. */
  readonly scale: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Cognito's request quotas: one token bucket per category, account and Region, one second deep; and what an account says of them.
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetProvisionedLimit.html
 */
export class Quotas implements Part {
  public readonly name = 'quotas';
  public readonly standIn: string;
  /** Calls that were refused, by category and Region: `UserCreation us-east-1`. */
  public readonly refused: Record<string, number> = {};
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly options: QuotaOptions, private readonly clock: () => number = () => performance.now()) {
    this.standIn = `Cognito's request quotas${options.scale === 1 ? '' : `, ${options.scale} times those of AWS`}`;
  }

  public before(request: AwsRequest): AwsAnswer | void {
    if (request.service === 'cognito-idp' && request.operation === 'GetProvisionedLimit') return this.provisionedLimit(request);
    const category = request.service === 'cognito-idp' && request.caller.kind !== 'seed' ? categoryOf(request) : undefined;
    if (category === undefined) {
      return undefined;
    }
    const account = `${request.account}/${request.region}/${category}`;
    const buckets = [this.bucket(account, QUOTAS[category].perSecond)];
    if (LIMITED_PER_POOL.includes(category)) {
      buckets.push(this.bucket(`${account}/${request.operation}/${String(request.input.UserPoolId)}`, PER_POOL));
    }
    if (buckets.every(({ tokens }) => tokens >= 1)) {
      buckets.forEach(bucket => { bucket.tokens--; });
      return undefined;
    }
    const counter = `${category} ${request.region}`;
    this.refused[counter] = (this.refused[counter] ?? 0) + 1;
    return errorAnswer('TooManyRequestsException', 'Rate exceeded');
  }

  /** Of an account that never asked for more. */
  private provisionedLimit({ input: { LimitDefinition } }: AwsRequest): AwsAnswer {
    const { Attributes: { Category = '' } = {} } = LimitDefinition as { Attributes?: { Category?: string } };
    const quota = QUOTAS[Category];
    if (!quota) return errorAnswer('ResourceNotFoundException', `No limit of ${Category}.`);
    const provided = quota.perSecond * this.options.scale;
    return jsonAnswer(200, { Limit: { LimitDefinition, ProvisionedLimitValue: provided, FreeLimitValue: provided } });
  }

  /** The bucket as it is now. */
  private bucket(id: string, perSecond: number): Bucket {
    const rate = perSecond * this.options.scale;
    const now = this.clock();
    const bucket = this.buckets.get(id) ?? { tokens: rate, at: now };
    this.buckets.set(id, bucket);
    bucket.tokens = Math.min(rate, bucket.tokens + (now - bucket.at) / 1000 * rate);
    bucket.at = now;
    return bucket;
  }
}

/** A new password at the first sign-in counts as account recovery. */
function categoryOf(request: AwsRequest): string | undefined {
  return request.input.ChallengeName === 'NEW_PASSWORD_REQUIRED' ? 'UserAccountRecovery' : CATEGORY_OF.get(request.operation);
}
