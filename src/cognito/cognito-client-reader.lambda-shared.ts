import {
  CognitoIdentityProviderClient, DescribeUserPoolClientCommand, ListUserPoolClientsCommand, UserPoolClientType,
} from '@aws-sdk/client-cognito-identity-provider';
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
    return (await this.describe(clientId)).WriteAttributes;
  }

  public async tokenSecondsOf(clientId: string): Promise<number> {
    const { AccessTokenValidity: access, IdTokenValidity: id, TokenValidityUnits: units } = await this.describe(clientId);
    return Math.max(seconds(access, units?.AccessToken), seconds(id, units?.IdToken));
  }

  private async describe(clientId: string): Promise<UserPoolClientType> {
    const { UserPoolClient } = await this.pacer.run('UserPoolClientRead', () => this.client.send(new DescribeUserPoolClientCommand({
      UserPoolId: this.userPoolId, ClientId: clientId,
    })));
    return UserPoolClient!;
  }
}

const SECONDS: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 };

/** Hours, unless a unit is said; one hour where nothing is, or nothing by default. */
function seconds(validity: number | undefined, unit = 'hours'): number {
  return (validity || 1) * (validity ? SECONDS[unit] : SECONDS.hours);
}
