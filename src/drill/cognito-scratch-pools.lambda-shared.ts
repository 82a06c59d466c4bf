import {
  AdminInitiateAuthCommand, AdminSetUserPasswordCommand, CognitoIdentityProviderClient, CreateUserPoolClientCommand, CreateUserPoolCommand,
  CreateUserPoolCommandInput, DeleteUserPoolCommand, DescribeUserPoolCommand, ListUserPoolClientsCommand, ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { FoundPool, ScratchPools, SignedIn, SigningIn } from './scratch-pools';
import { DescribedScratchPool } from './scratch-settings';
import { UserPoolId } from '../cognito/ids';
import { Pacer } from '../cognito/pacing';
import { allPages } from '../cognito/page';
import { QuotaCategory } from '../cognito/quotas';
import { doneUnless, isAccessDenied, isRefusal, undefinedOn } from '../cognito/refusals';
import { errorName } from '../runtime/error-name';

/** The most that Cognito puts on one page. */
const PAGE = 60;
/** One attribute has to be named: without any, a client may write all of them. */
const WRITABLE = ['name'];

export class CognitoScratchPools implements ScratchPools {
  constructor(private readonly client: CognitoIdentityProviderClient, private readonly pacer: Pacer) {}

  public async named(beginning: string): Promise<FoundPool[]> {
    const pools = await allPages(async cursor => {
      const command = new ListUserPoolsCommand({ MaxResults: PAGE, NextToken: cursor });
      const answer = await this.paced('UserPoolRead', async () => this.client.send(command));
      return { items: answer.UserPools ?? [], next: answer.NextToken };
    });
    return pools.flatMap(({ Id: id, Name: name }) => id && name?.startsWith(beginning) ? [{ id, name }] : []);
  }

  public async create(request: Readonly<Record<string, unknown>>): Promise<UserPoolId> {
    // What it is made of was described by Cognito itself.
    const input = request as unknown as CreateUserPoolCommandInput;
    const { UserPool } = await this.paced('UserPoolUpdate', async () => this.client.send(new CreateUserPoolCommand(input)));
    return UserPool!.Id!;
  }

  public async describe(id: UserPoolId): Promise<DescribedScratchPool | undefined> {
    try {
      return await undefinedOn(['ResourceNotFoundException'], async () => {
        const { UserPool } = await this.paced('UserPoolRead', async () => this.client.send(new DescribeUserPoolCommand({ UserPoolId: id })));
        return UserPool as DescribedScratchPool | undefined;
      });
    } catch (error) {
      // Of a pool that is gone, or is another's, IAM finds no tag.
      if (isAccessDenied(error)) return undefined;
      throw error;
    }
  }

  public async clients(id: UserPoolId): Promise<string[]> {
    const command = new ListUserPoolClientsCommand({ UserPoolId: id, MaxResults: PAGE });
    const { UserPoolClients = [] } = await this.paced('UserPoolClientRead', async () => this.client.send(command));
    return UserPoolClients.flatMap(({ ClientId }) => ClientId ?? []);
  }

  public async createClient(id: UserPoolId): Promise<string> {
    const { UserPoolClient } = await this.paced('UserPoolClientUpdate', async () => this.client.send(new CreateUserPoolClientCommand({
      UserPoolId: id,
      ClientName: 'drill',
      GenerateSecret: false,
      ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      WriteAttributes: WRITABLE,
      EnableTokenRevocation: true,
    })));
    return UserPoolClient!.ClientId!;
  }

  public async delete(id: UserPoolId): Promise<void> {
    await undefinedOn(['ResourceNotFoundException'], async () =>
      this.paced('UserPoolUpdate', async () => this.client.send(new DeleteUserPoolCommand({ UserPoolId: id }))));
  }

  public async signIn(id: UserPoolId, clientId: string, { username, name, password }: SigningIn): Promise<SignedIn> {
    try {
      // Cognito may refuse it for somebody who is disabled, and refuses their sign-in whatever the password.
      await doneUnless(['NotAuthorizedException'], async () => this.paced('UserAccountRecovery', async () => {
        await this.client.send(new AdminSetUserPasswordCommand({ UserPoolId: id, Username: username, Password: password, Permanent: true }));
      }));
      const answer = await this.paced('UserAuthentication', async () => this.client.send(new AdminInitiateAuthCommand({
        UserPoolId: id, ClientId: clientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters: { USERNAME: name, PASSWORD: password },
      })));
      const token = answer.AuthenticationResult?.AccessToken;
      return token ? { sub: subOf(token) } : { error: answer.ChallengeName ?? 'NoToken' };
    } catch (error) {
      if (isRefusal(error)) return { error: errorName(error) };
      throw error;
    }
  }

  private async paced<T>(category: QuotaCategory, call: () => Promise<T>): Promise<T> {
    return this.pacer.run(category, call);
  }
}

/** The token came from Cognito itself, over TLS: its signature says nothing more. */
function subOf(token: string): string {
  const payload = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()) as { readonly sub: string };
  return payload.sub;
}
