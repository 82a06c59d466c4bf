import { randomBytes } from 'node:crypto';
import { Backend } from '../backend';
import { Part } from '../part';
import { Pools } from '../pools';
import { AwsAnswer, AwsRequest, jsonAnswer } from '../request';

/**
 * Where users sign in by a one-time code, one who is created without a password has none and is confirmed.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-create-user-accounts.html
 */
export class PasswordlessRules implements Part {
  public readonly name = 'rules/passwordless';
  public readonly standIn = 'a user created without a password is confirmed at once where one-time codes are a first factor';

  constructor(private readonly backend: Backend, private readonly pools: Pools) {}

  public async after(request: AwsRequest, answer: AwsAnswer): Promise<AwsAnswer | void> {
    if (request.service !== 'cognito-idp' || request.operation !== 'AdminCreateUser' || answer.status >= 300 || request.input.TemporaryPassword !== undefined) {
      return undefined;
    }
    const pool = await this.pools.poolOf(request);
    const factors = pool?.Policies?.SignInPolicy?.AllowedFirstAuthFactors ?? [];
    if (!factors.some(factor => factor === 'EMAIL_OTP' || factor === 'SMS_OTP')) {
      return undefined;
    }
    const content = JSON.parse(answer.body.toString('utf8')) as { User: { Username: string } };
    // ministack has no user without a password: this one is never told.
    await this.backend.json('cognito-idp', 'AdminSetUserPassword', request.region, {
      UserPoolId: pool!.Id, Username: content.User.Username, Password: `${randomBytes(24).toString('base64')}aA1!`, Permanent: true,
    });
    return jsonAnswer(answer.status, { User: { ...content.User, UserStatus: 'CONFIRMED' } });
  }
}
