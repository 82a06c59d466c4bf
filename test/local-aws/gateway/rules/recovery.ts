import { MfaRules } from './mfa';
import { Backend } from '../backend';
import { Part } from '../part';
import { attributesOf, Pool, PoolUser, Pools, subOf } from '../pools';
import { AwsAnswer, AwsRequest, errorAnswer, jsonAnswer } from '../request';

/** The codes that ministack "sends": it always sends these, and does not compare. */
export const CONFIRMATION_CODE = '123456';
export const RESET_CODE = '654321';

const WRONG_CODE = ['CodeMismatchException', 'Invalid verification code provided, please try again.'] as const;
const NO_CODE = ['ExpiredCodeException', 'Invalid code provided, please request a code again.'] as const;
const WRONG_STATE = ['NotAuthorizedException', 'User password cannot be reset in the current state.'] as const;
const NOWHERE_TO_SEND = [
  'InvalidParameterException', 'Cannot reset password for the user as there is no registered/verified email or phone_number',
] as const;

/**
 * Confirmation and reset codes, and which users may ask for one.
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ForgotPassword.html
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmForgotPassword.html
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminResetUserPassword.html
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPool.html
 * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_cognito.AccountRecovery.html
 * @see https://github.com/aws-amplify/amplify-js/issues/2955
 */
export class RecoveryRules implements Part {
  public readonly name = 'rules/recovery';
  public readonly standIn = `compares codes (${CONFIRMATION_CODE} confirms, ${RESET_CODE} resets); a reset needs a confirmed user with a verified address `
    + 'of a kind that the pool recovers by, which is no second factor; the first code verifies the address';
  /** Users with a reset code on its way. */
  private readonly issued = new Set<string>();

  /**
   * @param mfa knows who gets codes by e-mail
   * @param isMigrating whether the call itself has just made its user
   */
  constructor(
    private readonly backend: Backend,
    private readonly pools: Pools,
    private readonly mfa: Pick<MfaRules, 'usesEmail'>,
    private readonly isMigrating: (request: AwsRequest) => boolean,
  ) {}

  public async before(request: AwsRequest): Promise<AwsAnswer | void> {
    if (request.service !== 'cognito-idp' || !['ConfirmSignUp', 'AdminConfirmSignUp', 'ForgotPassword', 'ConfirmForgotPassword', 'AdminResetUserPassword'].includes(request.operation)) {
      return undefined;
    }
    const user = await this.pools.userOf(request);
    const refused = user && this.refusal(request, user, await this.pools.poolOf(request));
    return refused ? errorAnswer(refused[0], refused[1]) : undefined;
  }

  public async after(request: AwsRequest, answer: AwsAnswer): Promise<AwsAnswer | void> {
    if (request.service !== 'cognito-idp' || answer.status >= 300) {
      return undefined;
    }
    if (['ForgotPassword', 'AdminResetUserPassword'].includes(request.operation)) {
      const user = await this.pools.userOf(request);
      if (user) {
        this.issued.add(subOf(user));
        return request.operation === 'ForgotPassword' ? this.told(answer, user, await this.pools.poolOf(request)) : undefined;
      }
    } else if (request.operation === 'ConfirmSignUp') {
      await this.verify(request);
    } else if (request.operation === 'ConfirmForgotPassword') {
      const user = await this.pools.userOf(request);
      if (user) {
        this.issued.delete(subOf(user));
      }
    }
    return undefined;
  }

  /** Where the code goes: by the pool's order, and by SMS first where it has none. */
  private told(answer: AwsAnswer, user: PoolUser, pool: Pool | undefined): AwsAnswer {
    const [AttributeName] = this.waysOf(user, pool);
    const content = JSON.parse(answer.body.toString('utf8')) as { CodeDeliveryDetails?: object };
    const DeliveryMedium = AttributeName === 'email' ? 'EMAIL' : 'SMS';
    return jsonAnswer(answer.status, { ...content, CodeDeliveryDetails: { ...content.CodeDeliveryDetails, AttributeName, DeliveryMedium } });
  }

  /** The code proves the address that it was sent to: the phone number, where both are to be verified. */
  private async verify(request: AwsRequest): Promise<void> {
    const pool = await this.pools.poolOf(request);
    const user = await this.pools.userOf(request);
    const attributes = attributesOf(user?.UserAttributes);
    const sentTo = ['phone_number', 'email'].find(name => pool?.AutoVerifiedAttributes?.includes(name) && attributes[name]);
    if (pool && user && sentTo) {
      await this.backend.json('cognito-idp', 'AdminUpdateUserAttributes', request.region, {
        UserPoolId: pool.Id, Username: user.Username, UserAttributes: [{ Name: `${sentTo}_verified`, Value: 'true' }],
      });
    }
  }

  private refusal(request: AwsRequest, user: PoolUser, pool: Pool | undefined): readonly [string, string] | undefined {
    const code = request.input.ConfirmationCode;
    switch (request.operation) {
      case 'ConfirmSignUp':
      case 'AdminConfirmSignUp':
        if (user.UserStatus !== 'UNCONFIRMED') {
          return ['NotAuthorizedException', `User cannot be confirmed. Current status is ${user.UserStatus}`];
        }
        return request.operation === 'AdminConfirmSignUp' || code === CONFIRMATION_CODE ? undefined : WRONG_CODE;
      case 'ConfirmForgotPassword':
        if (!this.issued.has(subOf(user))) {
          return NO_CODE;
        }
        return code === RESET_CODE ? undefined : WRONG_CODE;
      default:
        return resettable(user, this.isMigrating(request)) ?? (this.waysOf(user, pool).length > 0 ? undefined : NOWHERE_TO_SEND);
    }
  }

  /** Where the pool says by what it recovers, that is neither the address of the codes by SMS nor of those by e-mail; where it does not, any address. */
  private waysOf(user: PoolUser, pool: Pool | undefined): string[] {
    const attributes = attributesOf(user.UserAttributes);
    const mechanisms = [...pool?.AccountRecoverySetting?.RecoveryMechanisms ?? []].sort((a, b) => (a.Priority ?? 0) - (b.Priority ?? 0));
    const isFactor: Record<string, boolean> = {
      phone_number: mechanisms.length > 0 && user.UserMFASettingList?.includes('SMS_MFA') === true,
      email: mechanisms.length > 0 && this.mfa.usesEmail(subOf(user)),
    };
    const addresses = mechanisms.length > 0 ? mechanisms.map(({ Name = '' }) => Name.replace('verified_', '')) : ['phone_number', 'email'];
    return addresses.filter(address => attributes[`${address}_verified`] === 'true' && !isFactor[address]);
  }
}

function resettable(user: PoolUser, isMigrating: boolean): readonly [string, string] | undefined {
  if (!user.Enabled) {
    return ['NotAuthorizedException', 'User is disabled.'];
  }
  if (user.UserStatus === 'EXTERNAL_PROVIDER' || (user.UserStatus === 'FORCE_CHANGE_PASSWORD' && !isMigrating)) {
    return WRONG_STATE;
  }
  return undefined;
}
