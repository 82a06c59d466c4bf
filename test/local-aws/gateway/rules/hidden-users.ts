import { Part } from '../part';
import { Pools } from '../pools';
import { AwsAnswer, AwsRequest, errorAnswer } from '../request';
import { Switches } from '../switches';

/**
 * What app clients that hide which users exist may say of those who have to reset their password: the reference names an exception of its own, the
 * guide has sign-ins of users who cannot answer Cognito's question look like a wrong password.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
 */
export class HiddenUserRules implements Part {
  public readonly name = 'rules/hidden-users';
  public readonly standIn = 'by a switch, a client that hides which users exist says nothing of a required reset';

  constructor(private readonly pools: Pools, private readonly switches: Switches) {}

  public async after(request: AwsRequest, answer: AwsAnswer): Promise<AwsAnswer | void> {
    if (request.service !== 'cognito-idp' || answer.status < 300 || this.switches.of('resetRequired') === 'PasswordResetRequiredException'
      || !answer.body.includes('PasswordResetRequiredException')) {
      return undefined;
    }
    const poolId = await this.pools.poolIdOf(request);
    return poolId !== undefined && await this.pools.hidesUsers(poolId, String(request.input.ClientId))
      ? errorAnswer('NotAuthorizedException', 'Incorrect username or password.') : undefined;
  }
}
