import { AdminGetUserCommand, CognitoIdentityProviderClient, UserNotFoundException } from '@aws-sdk/client-cognito-identity-provider';
import { CognitoSourcePool, unlessAbsent, userImage } from './cognito-source-pool.lambda-shared';
import { HintedPool, UserDetails } from './source-pool';
import { Pacer } from './pacing';

/** One user or one group of the source pool at a time, through Cognito's API; paced by the caller. */
export class CognitoHintedPool extends CognitoSourcePool implements HintedPool {
  constructor(private readonly cognito: CognitoIdentityProviderClient, private readonly userPoolId: string, pacer: Pacer) {
    super(cognito, userPoolId, pacer);
  }

  public async userByName(username: string): Promise<UserDetails | undefined> {
    const request = new AdminGetUserCommand({ UserPoolId: this.userPoolId, Username: username });
    const answer = await unlessAbsent(UserNotFoundException, async () => this.cognito.send(request));
    if (!answer) return undefined;
    const { UserAttributes: Attributes, UserMFASettingList: enabled = [], PreferredMfaSetting: preferred } = answer;
    // Cognito lists them in any order.
    return { image: userImage({ ...answer, Attributes }), mfa: { enabled: [...enabled].sort(), preferred } };
  }
}
