import {
  AdminGetUserCommand, AdminListGroupsForUserCommand, CognitoIdentityProviderClient, GetGroupCommand, GroupType, ResourceNotFoundException,
  UserNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider';
import { CognitoSourcePool, groupImage, userImage } from './cognito-source-pool.lambda-shared';
import { HintedPool, UserDetails } from './source-pool';
import { GroupImage } from '../ledger/schema';
import { Pacer } from '../runtime/pacing';

const GROUPS_PER_PAGE = 60;

/** One user or one group of the source pool at a time, through Cognito's API; paced by the caller. */
export class CognitoHintedPool extends CognitoSourcePool implements HintedPool {
  constructor(private readonly cognito: CognitoIdentityProviderClient, private readonly userPoolId: string, pacer: Pacer) {
    super(cognito, userPoolId, pacer);
  }

  public async userByName(username: string): Promise<UserDetails | undefined> {
    const request = new AdminGetUserCommand({ UserPoolId: this.userPoolId, Username: username });
    const answer = await unless(UserNotFoundException, async () => this.cognito.send(request));
    if (!answer) return undefined;
    const { UserAttributes: Attributes, UserMFASettingList: enabled = [], PreferredMfaSetting: preferred } = answer;
    // Cognito lists them in any order.
    return { image: userImage({ ...answer, Attributes }), mfa: { enabled: [...enabled].sort(), preferred } };
  }

  public async groupsOfUser(username: string): Promise<GroupImage[] | undefined> {
    const groups: GroupType[] = [];
    let token: string | undefined;
    do {
      const request = new AdminListGroupsForUserCommand({
        UserPoolId: this.userPoolId, Username: username, Limit: GROUPS_PER_PAGE, NextToken: token,
      });
      const answer = await unless(UserNotFoundException, async () => this.cognito.send(request));
      if (!answer) return undefined;
      groups.push(...answer.Groups ?? []);
      token = answer.NextToken;
    } while (token);
    return groups.map(groupImage);
  }

  public async group(name: string): Promise<GroupImage | undefined> {
    const request = new GetGroupCommand({ UserPoolId: this.userPoolId, GroupName: name });
    const answer = await unless(ResourceNotFoundException, async () => this.cognito.send(request));
    return answer?.Group && groupImage(answer.Group);
  }
}

/** Undefined where what was asked for is not there; that the whole pool is not there is an error. */
async function unless<T>(absence: new (...args: never[]) => Error, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof absence && !(error instanceof ResourceNotFoundException && /pool/i.test(error.message))) return undefined;
    throw error;
  }
}
