import { CognitoIdentityProviderClient, DescribeUserPoolClientCommand, ListUserPoolClientsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { ClientReader } from './client-reader';
import { Pacer } from './pacing';
import { Page } from './page';

/** The most that Cognito puts on one page. */
const PAGE = 60;

/** A pool's app clients through Cognito's API. */
export class CognitoClientReader implements ClientReader {
  constructor(private readonly client: CognitoIdentityProviderClient, private readonly pacer: Pacer, private readonly userPoolId: string) {}

  public async listClients(cursor?: string): Promise<Page<string>> {
    const { UserPoolClients = [], NextToken } = await this.pacer.run('UserPoolClientRead', () => this.client.send(new ListUserPoolClientsCommand({
      UserPoolId: this.userPoolId, MaxResults: PAGE, NextToken: cursor,
    })));
    return { items: UserPoolClients.map(client => client.ClientId!), next: NextToken };
  }

  public async writeAttributesOf(clientId: string): Promise<readonly string[] | undefined> {
    const { UserPoolClient } = await this.pacer.run('UserPoolClientRead', () => this.client.send(new DescribeUserPoolClientCommand({
      UserPoolId: this.userPoolId, ClientId: clientId,
    })));
    return UserPoolClient!.WriteAttributes;
  }
}
