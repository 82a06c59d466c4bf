import {
  AdminDeleteUserAttributesCommand, AdminDeleteUserCommand, AdminLinkProviderForUserCommand, AdminRemoveUserFromGroupCommand,
  CognitoIdentityProviderClient, DeleteGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { ProviderIdentity, StandbyPool } from './standby-pool';
import { CognitoTargetPool } from './cognito-target-pool.lambda-shared';

export class CognitoStandbyPool extends CognitoTargetPool implements StandbyPool {
  constructor(private readonly cognito: CognitoIdentityProviderClient, private readonly poolId: string) {
    super(cognito, poolId);
  }

  public async removeUserFromGroup(username: string, group: string): Promise<void> {
    await this.cognito.send(new AdminRemoveUserFromGroupCommand({ UserPoolId: this.poolId, Username: username, GroupName: group }));
  }

  public async deleteAttributes(username: string, names: readonly string[]): Promise<void> {
    await this.cognito.send(new AdminDeleteUserAttributesCommand({ UserPoolId: this.poolId, Username: username, UserAttributeNames: [...names] }));
  }

  public async deleteUser(username: string): Promise<void> {
    await this.cognito.send(new AdminDeleteUserCommand({ UserPoolId: this.poolId, Username: username }));
  }

  public async deleteGroup(name: string): Promise<void> {
    await this.cognito.send(new DeleteGroupCommand({ UserPoolId: this.poolId, GroupName: name }));
  }

  public async linkProvider(username: string, { provider, subject }: ProviderIdentity): Promise<void> {
    await this.cognito.send(new AdminLinkProviderForUserCommand({
      UserPoolId: this.poolId,
      DestinationUser: { ProviderName: 'Cognito', ProviderAttributeValue: username },
      SourceUser: { ProviderName: provider, ProviderAttributeName: 'Cognito_Subject', ProviderAttributeValue: subject },
    }));
  }
}
