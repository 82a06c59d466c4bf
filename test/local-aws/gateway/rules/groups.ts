import { Backend, BackendError } from '../backend';
import { Part } from '../part';
import { Pools } from '../pools';
import { AwsAnswer, AwsRequest, errorAnswer, jsonAnswer } from '../request';

interface Group {
  readonly GroupName: string;
  readonly Description?: string;
  readonly Precedence?: number;
  readonly RoleArn?: string;
  readonly LastModifiedDate?: number;
}

type Settings = Pick<Group, 'Description' | 'Precedence' | 'RoleArn' | 'LastModifiedDate'>;

/**
 * Groups: UpdateGroup, a group without precedence (ministack says 0), and users that leave their groups when they are deleted.
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateGroup.html
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GroupType.html
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminRemoveUserFromGroup.html
 * @see docs/evidence.md, Assumed: update-group
 */
export class GroupRules implements Part {
  public readonly name = 'rules/groups';
  public readonly standIn = 'UpdateGroup; groups without precedence, description or role; a deleted user leaves the groups; '
    + 'nobody leaves a group that is not there';
  /** What was really set, by pool and group; groups that a template made are not here. */
  private readonly settings = new Map<string, Settings>();

  constructor(private readonly backend: Backend, private readonly pools: Pools) {}

  public async before(request: AwsRequest): Promise<AwsAnswer | void> {
    if (request.service !== 'cognito-idp') {
      return undefined;
    }
    if (request.operation === 'UpdateGroup') {
      return this.update(request);
    }
    if (request.operation === 'AdminRemoveUserFromGroup') {
      return this.unlessThere(request);
    }
    if (['AdminDeleteUser', 'DeleteUser'].includes(request.operation)) {
      await this.leaveGroups(request);
    }
    return undefined;
  }

  public after(request: AwsRequest, answer: AwsAnswer): AwsAnswer | void {
    if (request.service !== 'cognito-idp' || answer.status >= 300) {
      return undefined;
    }
    const { input, operation } = request;
    const id = idOf(request, String(input.GroupName));
    switch (operation) {
      case 'CreateGroup':
        this.settings.set(id, settingsOf(input));
        return this.shown(request, answer);
      case 'DeleteGroup':
        this.settings.delete(id);
        return undefined;
      case 'GetGroup':
      case 'ListGroups':
      case 'AdminListGroupsForUser':
        return this.shown(request, answer);
      default:
        return undefined;
    }
  }

  private async update(request: AwsRequest): Promise<AwsAnswer> {
    const name = String(request.input.GroupName);
    try {
      const group = await this.group(request);
      const id = idOf(request, name);
      const { Precedence: _, ...before } = this.settings.get(id) ?? settingsOf({ ...group });
      // What is empty is taken away, and so is a precedence that is not given.
      this.settings.set(id, { ...settingsOf({ ...before, ...request.input }), LastModifiedDate: Date.now() / 1000 });
      return jsonAnswer(200, { Group: this.withSettings(request, group) });
    } catch (error) {
      return refusalOf(error);
    }
  }

  private async unlessThere(request: AwsRequest): Promise<AwsAnswer | undefined> {
    try {
      await this.group(request);
      return undefined;
    } catch (error) {
      return refusalOf(error);
    }
  }

  private async group({ input, region }: AwsRequest): Promise<Group> {
    const { UserPoolId, GroupName } = input;
    return (await this.backend.json<{ Group: Group }>('cognito-idp', 'GetGroup', region, { UserPoolId, GroupName })).Group;
  }

  /** ministack keeps a deleted user's name in the groups, where a later user of that name would be found. */
  private async leaveGroups(request: AwsRequest): Promise<void> {
    const user = await this.pools.userOf(request);
    const poolId = await this.pools.poolIdOf(request);
    if (!user || poolId === undefined) {
      return;
    }
    const one = { UserPoolId: poolId, Username: user.Username };
    const { Groups: groups } = await this.backend.json<{ Groups: Group[] }>('cognito-idp', 'AdminListGroupsForUser', request.region, one);
    for (const { GroupName } of groups) {
      await this.backend.json('cognito-idp', 'AdminRemoveUserFromGroup', request.region, { ...one, GroupName });
    }
  }

  private shown(request: AwsRequest, answer: AwsAnswer): AwsAnswer {
    const content = JSON.parse(answer.body.toString('utf8')) as { Group?: Group; Groups?: Group[] };
    return jsonAnswer(answer.status, {
      ...content,
      ...content.Group ? { Group: this.withSettings(request, content.Group) } : {},
      ...content.Groups ? { Groups: content.Groups.map(group => this.withSettings(request, group)) } : {},
    });
  }

  private withSettings(request: AwsRequest, group: Group): Group {
    const known = this.settings.get(idOf(request, group.GroupName));
    const { Description, Precedence, RoleArn, ...rest } = group;
    return { ...rest, ...known ?? settingsOf({ Description, Precedence, RoleArn }) };
  }
}

function refusalOf(error: unknown): AwsAnswer {
  if (error instanceof BackendError) {
    return errorAnswer(error.type, error.message);
  }
  throw error;
}

function idOf(request: AwsRequest, group: string): string {
  return `${String(request.input.UserPoolId)}/${group}`;
}

function settingsOf(input: Readonly<Record<string, unknown>>): Settings {
  const { Description, Precedence, RoleArn } = input as unknown as Group;
  return {
    ...Description ? { Description } : {},
    ...Precedence !== undefined && Precedence !== null ? { Precedence } : {},
    ...RoleArn ? { RoleArn } : {},
  };
}
