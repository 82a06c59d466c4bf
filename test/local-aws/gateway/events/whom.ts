import { Backend } from '../backend';
import { Attribute, attributesOf, Pools, subOf } from '../pools';
import { AwsAnswer, AwsRequest, claimsOf } from '../request';

interface ProviderUser {
  readonly ProviderName?: string;
  readonly ProviderAttributeValue?: string;
}

interface ListedUser {
  readonly Attributes: readonly Attribute[];
}

/**
 * The `sub` of the user that a call is about, as CloudTrail notes it: asked before the call, which may delete the user.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/logging-using-cloudtrail.html
 * @see docs/evidence.md, Assumed: cloudtrail-events
 */
export class Whom {
  constructor(private readonly backend: Backend, private readonly pools: Pools) {}

  public async before(request: AwsRequest): Promise<string | undefined> {
    const { AccessToken: token, Username, ChallengeResponses, DestinationUser, User } = request.input;
    if (typeof token === 'string') {
      return claimsOf(token)?.sub;
    }
    const username = Username ?? (ChallengeResponses as { USERNAME?: string } | undefined)?.USERNAME;
    const poolId = await this.pools.poolIdOf(request);
    if (poolId === undefined) {
      return undefined;
    }
    if (typeof username === 'string') {
      return this.sub(poolId, username);
    }
    const provider = (DestinationUser ?? User) as ProviderUser | undefined;
    return provider && this.ofProvider(poolId, request.region, provider);
  }

  /** For a user that the call made, or that the token from it names. */
  public after(answer: AwsAnswer): string | undefined {
    const content = JSON.parse(answer.body.toString('utf8') || '{}') as { User?: ListedUser; UserSub?: string; AuthenticationResult?: { IdToken?: string } };
    const idToken = content.AuthenticationResult?.IdToken;
    return content.User ? attributesOf(content.User.Attributes).sub : content.UserSub ?? (idToken && claimsOf(idToken)?.sub);
  }

  private async sub(poolId: string, username: string): Promise<string | undefined> {
    const user = await this.pools.user(poolId, username);
    return user && subOf(user);
  }

  private async ofProvider(poolId: string, region: string, user: ProviderUser): Promise<string | undefined> {
    const { ProviderName: provider, ProviderAttributeValue: value } = user;
    if (!provider || !value || provider === 'Cognito') {
      return value && this.sub(poolId, value);
    }
    const own = await this.sub(poolId, `${provider}_${value}`);
    return own ?? this.linked(poolId, region, provider, value);
  }

  /** Only a look at all users finds one by a linked identity. */
  private async linked(poolId: string, region: string, provider: string, value: string): Promise<string | undefined> {
    let PaginationToken: string | undefined;
    do {
      const page = await this.backend.json<{ Users: ListedUser[]; PaginationToken?: string }>(
        'cognito-idp', 'ListUsers', region, { UserPoolId: poolId, Limit: 60, PaginationToken });
      for (const { Attributes } of page.Users) {
        const { sub, identities } = attributesOf(Attributes);
        const all = JSON.parse(identities || '[]') as { providerName: string; userId: string }[];
        if (all.some(({ providerName, userId }) => providerName === provider && userId === value)) {
          return sub;
        }
      }
      ({ PaginationToken } = page);
    } while (PaginationToken);
    return undefined;
  }
}
