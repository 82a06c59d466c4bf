import { Part } from '../part';
import { Pools } from '../pools';
import { AwsAnswer, AwsRequest, errorAnswer } from '../request';
import { Switches } from '../switches';

/**
 * Linking a user with an identity: older texts of the SDK say that it fails in a pool with an immutable custom attribute, newer ones do not.
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminLinkProviderForUser.html
 */
export class LinkRules implements Part {
  public readonly name = 'rules/links';
  public readonly standIn = 'by a switch, refuses to link users of a pool with an immutable custom attribute';

  constructor(private readonly pools: Pools, private readonly switches: Switches) {}

  public async before(request: AwsRequest): Promise<AwsAnswer | void> {
    if (request.service !== 'cognito-idp' || request.operation !== 'AdminLinkProviderForUser' || request.caller.kind === 'seed'
      || this.switches.of('linkWithImmutable') === 'allowed') {
      return undefined;
    }
    const pool = await this.pools.poolOf(request);
    const immutable = pool?.SchemaAttributes.find(({ Name, Mutable }) => Name.startsWith('custom:') && !Mutable);
    return immutable && errorAnswer('InvalidParameterException', `user.${immutable.Name}: Attribute cannot be updated.\n`);
  }
}
