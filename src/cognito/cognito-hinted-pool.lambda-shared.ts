import { AdminGetUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { userImage } from './cognito-images.lambda-shared';
import { CognitoSourcePool } from './cognito-source-pool.lambda-shared';
import { undefinedIfNo } from './refusals';
import { HintedPool, UserDetails } from './source-pool';

/** One user or one group of the source pool at a time, through Cognito's API; paced by the caller. */
export class CognitoHintedPool extends CognitoSourcePool implements HintedPool {
  public async userByName(username: string): Promise<UserDetails | undefined> {
    const request = new AdminGetUserCommand({ UserPoolId: this.poolId, Username: username });
    const answer = await undefinedIfNo('user', async () => this.client.send(request));
    if (!answer) return undefined;
    const { UserAttributes: Attributes, UserMFASettingList: enabled = [], PreferredMfaSetting: preferred } = answer;
    // Cognito lists the methods in any order.
    return { image: userImage({ ...answer, Attributes }), mfa: { enabled: [...enabled].sort(), preferred } };
  }
}
