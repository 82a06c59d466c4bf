import {
  AdminAddUserToGroupCommand, AdminCreateUserCommand, AdminDisableUserCommand, AdminEnableUserCommand, AdminGetUserCommand,
  AdminListGroupsForUserCommand, AdminSetUserMFAPreferenceCommand, AdminSetUserPasswordCommand, AdminUpdateUserAttributesCommand, AttributeType,
  CognitoIdentityProviderClient, CreateGroupCommand, DescribeUserPoolCommand, GroupType, ListGroupsCommand, ListUsersCommand,
  ListUsersInGroupCommand, UpdateGroupCommand, UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import { NewUser, TargetPool, UserFilter } from './target-pool';
import { DescribedUserPool } from './pool-settings';
import { GroupImage, MfaPreference, UserImage } from './user';
import { Page } from './page';

/** Cognito's limit of a page, for all its lists. */
const PAGE = 60;

/** The target pool through Cognito's API; in the replica Region, or in the source pool's. */
export class CognitoTargetPool implements TargetPool {
  constructor(private readonly client: CognitoIdentityProviderClient, private readonly userPoolId: string) {}

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
    return { items: Users.map(imageOf), next: PaginationToken };
  }

  public async getUser(username: string): Promise<{ user: UserImage; mfa: MfaPreference }> {
    const answer = await this.client.send(new AdminGetUserCommand({ UserPoolId: this.userPoolId, Username: username }));
    const { UserAttributes, UserMFASettingList = [], PreferredMfaSetting, ...user } = answer;
    return { user: imageOf({ ...user, Attributes: UserAttributes }), mfa: { enabled: UserMFASettingList, preferred: PreferredMfaSetting } };
  }

  public async createUser({ username, attributes, temporaryPassword }: NewUser): Promise<UserImage> {
    const { User } = await this.client.send(new AdminCreateUserCommand({
      UserPoolId: this.userPoolId,
      Username: username,
      UserAttributes: attributeList(attributes),
      TemporaryPassword: temporaryPassword,
      MessageAction: 'SUPPRESS',
    }));
    return imageOf(User!);
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

  public async setMfaPreference(username: string, { enabled, preferred }: MfaPreference): Promise<void> {
    const setting = (method: string) => enabled.includes(method) ? { Enabled: true, PreferredMfa: preferred === method } : undefined;
    await this.client.send(new AdminSetUserMFAPreferenceCommand({
      UserPoolId: this.userPoolId,
      Username: username,
      SMSMfaSettings: setting('SMS_MFA'),
      EmailMfaSettings: setting('EMAIL_OTP'),
    }));
  }

  public async listGroups(cursor?: string): Promise<Page<GroupImage>> {
    const { Groups = [], NextToken } = await this.client.send(new ListGroupsCommand({ UserPoolId: this.userPoolId, Limit: PAGE, NextToken: cursor }));
    return { items: Groups.map(groupOf), next: NextToken };
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
    return { items: Users.map(user => imageOf(user).sub), next: NextToken };
  }

  private groupRequest({ name, description, precedence, roleArn }: GroupImage) {
    return { UserPoolId: this.userPoolId, GroupName: name, Description: description, Precedence: precedence, RoleArn: roleArn };
  }
}

function imageOf({ Attributes = [], Username, Enabled, UserStatus, UserCreateDate, UserLastModifiedDate }: UserType): UserImage {
  const { sub, ...attributes } = Object.fromEntries(Attributes.map(({ Name, Value }) => [Name!, Value ?? '']));
  return {
    sub,
    username: Username!,
    attributes,
    enabled: Enabled ?? true,
    status: UserStatus ?? 'UNKNOWN',
    createdAt: UserCreateDate?.getTime() ?? 0,
    modifiedAt: UserLastModifiedDate?.getTime() ?? 0,
  };
}

function groupOf({ GroupName, Description, Precedence, RoleArn }: GroupType): GroupImage {
  return { name: GroupName!, description: Description, precedence: Precedence, roleArn: RoleArn };
}

function attributeList(attributes: Readonly<Record<string, string>>): AttributeType[] {
  return Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
}
