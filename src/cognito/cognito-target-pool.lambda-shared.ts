import {
  AdminAddUserToGroupCommand, AdminCreateUserCommand, AdminDeleteUserAttributesCommand, AdminDisableUserCommand, AdminEnableUserCommand,
  AdminGetUserCommand, AdminLinkProviderForUserCommand, AdminListGroupsForUserCommand, AdminRemoveUserFromGroupCommand,
  AdminSetUserMFAPreferenceCommand, AdminSetUserPasswordCommand, AdminUpdateUserAttributesCommand, AttributeType,
  CognitoIdentityProviderClient, CreateGroupCommand, DescribeUserPoolCommand, ListGroupsCommand, ListUsersCommand,
  ListUsersInGroupCommand, UpdateGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { groupImage, userImage } from './cognito-images.lambda-shared';
import { IdentityLink } from './identities';
import { Page } from './page';
import { DescribedUserPool } from './pool-settings';
import { NewUser, TargetPool, UserFilter } from './target-pool';
import { GroupImage, MfaPreference, UserImage } from './user';

/** The most that Cognito puts on one page, in all these listings. */
const PAGE = 60;

/** A pool that users are brought into, through Cognito's API; in the replica Region or in the source pool's Region. */
export class CognitoTargetPool implements TargetPool {
  constructor(protected readonly client: CognitoIdentityProviderClient, protected readonly userPoolId: string) {}

  public async describeUserPool(): Promise<DescribedUserPool> {
    const { UserPool } = await this.client.send(new DescribeUserPoolCommand({ UserPoolId: this.userPoolId }));
    return UserPool!;
  }

  public async listUsers(cursor?: string, filter?: UserFilter): Promise<Page<UserImage>> {
    const { Users = [], PaginationToken } = await this.client.send(new ListUsersCommand({
      UserPoolId: this.userPoolId,
      Limit: PAGE,
      PaginationToken: cursor,
      Filter: filter && `${filter.attribute} = "${filter.value.replace(/["\\]/g, '\\$&')}"`,
    }));
    return { items: Users.map(userImage), next: PaginationToken };
  }

  public async getUser(username: string): Promise<{ user: UserImage; mfa: MfaPreference }> {
    const answer = await this.client.send(new AdminGetUserCommand({ UserPoolId: this.userPoolId, Username: username }));
    const { UserAttributes, UserMFASettingList = [], PreferredMfaSetting, ...user } = answer;
    return { user: userImage({ ...user, Attributes: UserAttributes }), mfa: { enabled: UserMFASettingList, preferred: PreferredMfaSetting } };
  }

  public async createUser({ username, attributes, temporaryPassword }: NewUser): Promise<UserImage> {
    const { User } = await this.client.send(new AdminCreateUserCommand({
      UserPoolId: this.userPoolId,
      Username: username,
      UserAttributes: attributeList(attributes),
      TemporaryPassword: temporaryPassword,
      MessageAction: 'SUPPRESS',
    }));
    return userImage(User!);
  }

  public async setPermanentPassword(username: string, password: string): Promise<void> {
    await this.client.send(new AdminSetUserPasswordCommand({ UserPoolId: this.userPoolId, Username: username, Password: password, Permanent: true }));
  }

  public async updateAttributes(username: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    const UserAttributes = attributeList(attributes);
    await this.client.send(new AdminUpdateUserAttributesCommand({ UserPoolId: this.userPoolId, Username: username, UserAttributes }));
  }

  public async enableUser(username: string): Promise<void> {
    await this.client.send(new AdminEnableUserCommand({ UserPoolId: this.userPoolId, Username: username }));
  }

  public async disableUser(username: string): Promise<void> {
    await this.client.send(new AdminDisableUserCommand({ UserPoolId: this.userPoolId, Username: username }));
  }

  public async addUserToGroup(username: string, group: string): Promise<void> {
    await this.client.send(new AdminAddUserToGroupCommand({ UserPoolId: this.userPoolId, Username: username, GroupName: group }));
  }

  public async groupsOfUser(username: string, cursor?: string): Promise<Page<string>> {
    const { Groups = [], NextToken } = await this.client.send(new AdminListGroupsForUserCommand({
      UserPoolId: this.userPoolId,
      Username: username,
      Limit: PAGE,
      NextToken: cursor,
    }));
    return { items: Groups.map(group => group.GroupName!), next: NextToken };
  }

  public async setMfaPreference(username: string, { enabled, preferred }: MfaPreference, off: readonly string[] = []): Promise<void> {
    const setting = (method: string) => {
      if (enabled.includes(method)) return { Enabled: true, PreferredMfa: preferred === method };
      return off.includes(method) ? { Enabled: false, PreferredMfa: false } : undefined;
    };
    await this.client.send(new AdminSetUserMFAPreferenceCommand({
      UserPoolId: this.userPoolId,
      Username: username,
      SMSMfaSettings: setting('SMS_MFA'),
      EmailMfaSettings: setting('EMAIL_OTP'),
      SoftwareTokenMfaSettings: setting('SOFTWARE_TOKEN_MFA'),
      WebAuthnMfaSettings: off.includes('WEB_AUTHN') ? { Enabled: false } : undefined,
    }));
  }

  public async removeUserFromGroup(username: string, group: string): Promise<void> {
    await this.client.send(new AdminRemoveUserFromGroupCommand({ UserPoolId: this.userPoolId, Username: username, GroupName: group }));
  }

  public async deleteAttributes(username: string, names: readonly string[]): Promise<void> {
    await this.client.send(new AdminDeleteUserAttributesCommand({
      UserPoolId: this.userPoolId, Username: username, UserAttributeNames: [...names],
    }));
  }

  public async linkProvider(username: string, { provider, subject, attribute }: IdentityLink): Promise<void> {
    await this.client.send(new AdminLinkProviderForUserCommand({
      UserPoolId: this.userPoolId,
      DestinationUser: { ProviderName: 'Cognito', ProviderAttributeValue: username },
      SourceUser: { ProviderName: provider, ProviderAttributeName: attribute, ProviderAttributeValue: subject },
    }));
  }

  public async listGroups(cursor?: string): Promise<Page<GroupImage>> {
    const { Groups = [], NextToken } = await this.client.send(new ListGroupsCommand({ UserPoolId: this.userPoolId, Limit: PAGE, NextToken: cursor }));
    return { items: Groups.map(groupImage), next: NextToken };
  }

  public async createGroup(group: GroupImage): Promise<void> {
    await this.client.send(new CreateGroupCommand(this.groupRequest(group)));
  }

  public async updateGroup(group: GroupImage): Promise<void> {
    await this.client.send(new UpdateGroupCommand(this.groupRequest(group)));
  }

  public async listUsersInGroup(group: string, cursor?: string): Promise<Page<string>> {
    const { Users = [], NextToken } = await this.client.send(new ListUsersInGroupCommand({
      UserPoolId: this.userPoolId,
      GroupName: group,
      Limit: PAGE,
      NextToken: cursor,
    }));
    return { items: Users.map(user => userImage(user).sub), next: NextToken };
  }

  private groupRequest({ name, description, precedence, roleArn }: GroupImage) {
    return { UserPoolId: this.userPoolId, GroupName: name, Description: description, Precedence: precedence, RoleArn: roleArn };
  }
}

function attributeList(attributes: Readonly<Record<string, string>>): AttributeType[] {
  return Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
}
