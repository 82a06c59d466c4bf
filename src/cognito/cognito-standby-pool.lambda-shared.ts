import { AdminDeleteUserCommand, AdminUserGlobalSignOutCommand, DeleteGroupCommand } from '@aws-sdk/client-cognito-identity-provider';
import { CognitoTargetPool } from './cognito-target-pool.lambda-shared';
import { StandbyPool } from './target-pool';

/** The standby pool, from which users and groups are deleted as well. */
export class CognitoStandbyPool extends CognitoTargetPool implements StandbyPool {
  public async deleteUser(username: string): Promise<void> {
    await this.client.send(new AdminDeleteUserCommand({ UserPoolId: this.userPoolId, Username: username }));
  }

  public async deleteGroup(name: string): Promise<void> {
    await this.client.send(new DeleteGroupCommand({ UserPoolId: this.userPoolId, GroupName: name }));
  }

  public async signOutUser(username: string): Promise<void> {
    await this.client.send(new AdminUserGlobalSignOutCommand({ UserPoolId: this.userPoolId, Username: username }));
  }
}
