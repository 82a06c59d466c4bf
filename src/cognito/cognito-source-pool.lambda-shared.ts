import {
  AdminListGroupsForUserCommand, CognitoIdentityProviderClient, DescribeIdentityProviderCommand, DescribeUserPoolClientCommand,
  DescribeUserPoolCommand, GetGroupCommand, GetUserPoolMfaConfigCommand, GroupType, ListGroupsCommand, ListIdentityProvidersCommand,
  ListResourceServersCommand, ListUserPoolClientsCommand, ListUsersCommand, ListUsersInGroupCommand, UserPoolType, UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import { groupImage, required, userImage } from './cognito-images.lambda-shared';
import { Pacer } from './pacing';
import { Page } from './page';
import { QuotaCategory } from './quotas';
import { undefinedIfNo } from './refusals';
import { signInSettingsOf } from './sign-in-name';
import { PoolDescription, PoolPart, SourcePool } from './source-pool';
import { GroupImage, UserImage } from './user';

/** Cognito's own upper bounds for one answer. */
const USERS_PER_PAGE = 60;
const GROUPS_PER_PAGE = 60;
const RESOURCE_SERVERS_PER_PAGE = 50;
const CLIENTS_PER_PAGE = 60;
const PROVIDERS_PER_PAGE = 60;

/** In the order in which they are read. */
const KINDS = ['settings', 'clients', 'identityProviders', 'resourceServers'] as const;
/** Where the configuration goes on: in a kind, with what was listed of it and is not described yet, and after that at a page. */
interface Cursor {
  readonly kind: typeof KINDS[number];
  readonly listed?: readonly string[];
  readonly token?: string;
}
/** What one call brings; each of those that are only `listed` is described by a call of its own. */
interface Listed extends Page<PoolPart> {
  readonly listed?: readonly string[];
}

/** Secret settings of an identity provider; they never leave the pool. */
const PROVIDER_SECRETS = ['client_secret', 'private_key'];

/** The source pool through Cognito's API. Listings are paced by the caller, who needs to know when they start; other calls pace themselves. */
export class CognitoSourcePool implements SourcePool {
  constructor(protected readonly client: CognitoIdentityProviderClient, protected readonly poolId: string, private readonly pacer: Pacer) {}

  public async describe(): Promise<PoolDescription> {
    const pool = await this.describeUserPool();
    const attributes = (pool.SchemaAttributes ?? []).flatMap(({ Name: name }) => name ?? []);
    return { estimatedUsers: pool.EstimatedNumberOfUsers ?? 0, attributes, ...signInSettingsOf(pool) };
  }

  /** Each page is one call, but the first: a slice that is over need not wait for more, however few of them there are a second. */
  public async configuration(cursor?: string): Promise<Page<PoolPart>> {
    const { kind, listed = [], token }: Cursor = cursor === undefined ? { kind: KINDS[0] } : JSON.parse(cursor);
    const { items, listed: left = [], next } = listed.length > 0 ? await this.firstOf(kind, listed, token) : await this[kind](token);
    if (left.length > 0 || next !== undefined) return { items, next: cursorAt({ kind, listed: left, token: next }) };
    const nextKind = KINDS[KINDS.indexOf(kind) + 1];
    return { items, next: nextKind && cursorAt({ kind: nextKind }) };
  }

  public async listUsers(subPrefix: string, token?: string): Promise<Page<UserImage>> {
    const answer = await this.client.send(new ListUsersCommand({
      UserPoolId: this.poolId,
      Limit: USERS_PER_PAGE,
      PaginationToken: token,
      Filter: subPrefix === '' ? undefined : `sub ^= "${subPrefix}"`,
    }));
    return { items: (answer.Users ?? []).map(userImage), next: answer.PaginationToken };
  }

  public async userBySub(sub: string): Promise<UserImage | undefined> {
    // A user missing from the first page may be on the next: Cognito may answer an empty page with a token.
    let token: string | undefined;
    do {
      const answer: { Users?: UserType[]; PaginationToken?: string } = await this.client.send(new ListUsersCommand({
        UserPoolId: this.poolId, Limit: 1, PaginationToken: token, Filter: `sub = "${quoted(sub)}"`,
      }));
      const user = answer.Users?.map(userImage).find(image => image.sub === sub);
      if (user) return user;
      token = answer.PaginationToken;
    } while (token);
    return undefined;
  }

  public async listGroups(token?: string): Promise<Page<GroupImage>> {
    const answer = await this.client.send(new ListGroupsCommand({ UserPoolId: this.poolId, Limit: GROUPS_PER_PAGE, NextToken: token }));
    return {
      items: (answer.Groups ?? []).map(groupImage),
      next: answer.NextToken,
    };
  }

  public async listUsersInGroup(group: string, token?: string): Promise<Page<string> | undefined> {
    const request = new ListUsersInGroupCommand({ UserPoolId: this.poolId, GroupName: group, Limit: USERS_PER_PAGE, NextToken: token });
    const answer = await undefinedIfNo('group', async () => this.client.send(request));
    return answer && { items: (answer.Users ?? []).map(user => userImage(user).sub), next: answer.NextToken };
  }

  public async groupsOfUser(username: string): Promise<GroupImage[] | undefined> {
    const groups: GroupType[] = [];
    let token: string | undefined;
    do {
      const request = new AdminListGroupsForUserCommand({
        UserPoolId: this.poolId, Username: username, Limit: GROUPS_PER_PAGE, NextToken: token,
      });
      const answer = await undefinedIfNo('user', async () => this.client.send(request));
      if (!answer) return undefined;
      groups.push(...answer.Groups ?? []);
      token = answer.NextToken;
    } while (token);
    return groups.map(groupImage);
  }

  public async group(name: string): Promise<GroupImage | undefined> {
    const request = new GetGroupCommand({ UserPoolId: this.poolId, GroupName: name });
    const answer = await undefinedIfNo('group', async () => this.client.send(request));
    return answer?.Group && groupImage(answer.Group);
  }

  private async describeUserPool(): Promise<UserPoolType> {
    const { UserPool } = await this.client.send(new DescribeUserPoolCommand({ UserPoolId: this.poolId }));
    return required(UserPool, 'UserPool');
  }

  private async settings(): Promise<Listed> {
    // The count and the dates change even while the configuration stays the same.
    const described = await this.paced('UserPoolRead', async () => this.describeUserPool());
    const { EstimatedNumberOfUsers: _users, LastModifiedDate: _modified, ...pool } = described;
    const mfaConfig = new GetUserPoolMfaConfigCommand({ UserPoolId: this.poolId });
    const { $metadata: _metadata, ...mfa } = await this.paced('UserPoolRead', async () => this.client.send(mfaConfig));
    return { items: [{ part: 'pool', value: plain(pool) }, { part: 'mfa', value: plain(mfa) }] };
  }

  private async clients(token?: string): Promise<Listed> {
    const answer = await this.paced('UserPoolClientRead', async () => this.client.send(new ListUserPoolClientsCommand({
      UserPoolId: this.poolId, MaxResults: CLIENTS_PER_PAGE, NextToken: token,
    })));
    return { items: [], listed: (answer.UserPoolClients ?? []).map(client => required(client.ClientId, 'ClientId')), next: answer.NextToken };
  }

  private async describeClient(id: string): Promise<object> {
    return this.paced('UserPoolClientRead', async () => {
      const { UserPoolClient } = await this.client.send(new DescribeUserPoolClientCommand({ UserPoolId: this.poolId, ClientId: id }));
      const { ClientSecret: _secret, LastModifiedDate: _modified, ...client } = required(UserPoolClient, 'UserPoolClient');
      return client;
    });
  }

  private async identityProviders(token?: string): Promise<Listed> {
    const answer = await this.paced('UserPoolResourceRead', async () => this.client.send(new ListIdentityProvidersCommand({
      UserPoolId: this.poolId, MaxResults: PROVIDERS_PER_PAGE, NextToken: token,
    })));
    return { items: [], listed: (answer.Providers ?? []).map(provider => required(provider.ProviderName, 'ProviderName')), next: answer.NextToken };
  }

  private async describeProvider(name: string): Promise<object> {
    return this.paced('UserPoolResourceRead', async () => {
      const { IdentityProvider } = await this.client.send(new DescribeIdentityProviderCommand({ UserPoolId: this.poolId, ProviderName: name }));
      const { LastModifiedDate: _modified, ProviderDetails: details = {}, ...provider } = required(IdentityProvider, 'IdentityProvider');
      return { ...provider, ProviderDetails: Object.fromEntries(Object.entries(details).filter(([key]) => !PROVIDER_SECRETS.includes(key))) };
    });
  }

  private async resourceServers(token?: string): Promise<Listed> {
    const answer = await this.paced('UserPoolResourceRead', async () => this.client.send(new ListResourceServersCommand({
      UserPoolId: this.poolId, MaxResults: RESOURCE_SERVERS_PER_PAGE, NextToken: token,
    })));
    const items = (answer.ResourceServers ?? [])
      .map(server => ({ part: `resource-server#${required(server.Identifier, 'Identifier')}`, value: plain(server) }));
    return { items, next: answer.NextToken };
  }

  /** The part of the first that was listed, unless it went since. */
  private async firstOf(kind: Cursor['kind'], [id, ...listed]: readonly string[], next?: string): Promise<Listed> {
    const [what, describe] = kind === 'clients'
      ? ['client', async () => this.describeClient(id)] as const : ['identity provider', async () => this.describeProvider(id)] as const;
    const value = await undefinedIfNo(what, describe);
    return { items: value ? [{ part: `${what.replace(' ', '-')}#${id}`, value: plain(value) }] : [], listed, next };
  }

  private async paced<T>(category: QuotaCategory, call: () => Promise<T>): Promise<T> {
    return this.pacer.run(category, call);
  }
}

function cursorAt(cursor: Cursor): string {
  return JSON.stringify(cursor);
}

/** A quotation mark or a backslash inside a filter's value is escaped by a backslash. */
function quoted(value: string): string {
  return value.replace(/["\\]/g, '\\$&');
}

/** The value as it is stored: dates as text, nothing undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
