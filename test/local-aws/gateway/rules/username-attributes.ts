import { Backend } from '../backend';
import { Part } from '../part';
import { attributesOf, Pool, Pools } from '../pools';
import { AwsAnswer, AwsRequest, errorAnswer } from '../request';
import { NameClaims, claimedBy, holdersOf } from '../sign-in-names';
import { Switches } from '../switches';

/**
 * Where the e-mail address and the phone number both are user names, neither can be a second user's, whichever of them names a new one.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
 * @see docs/evidence.md, Assumed: second-address
 */
export class UsernameAttributeRules implements Part {
  public readonly name = 'rules/username-attributes';
  public readonly standIn = 'in pools that sign in by e-mail or phone, each address is one user\'s, also for creations at the same moment';
  private readonly releases = new WeakMap<AwsRequest, () => void>();

  constructor(
    private readonly backend: Backend, private readonly pools: Pools, private readonly claims: NameClaims, private readonly switches: Switches,
  ) {}

  public async before(request: AwsRequest): Promise<AwsAnswer | void> {
    if (request.service !== 'cognito-idp' || request.operation !== 'AdminCreateUser' || request.caller.kind === 'seed') return undefined;
    const pool = await this.pools.poolOf(request);
    if (!pool || !hasSeveralUserNames(pool)) return undefined;
    const names = claimedBy(pool, attributesOf(request.input.UserAttributes));
    this.releases.set(request, await this.claims.take(pool.Id, Object.entries(names)));
    for (const [name, value] of Object.entries(names)) {
      if ((await holdersOf(this.backend, pool, request.region, name, value)).length > 0) {
        return errorAnswer(this.switches.of('secondAddress'), `An account with the given ${name} already exists.`);
      }
    }
    return undefined;
  }

  public after(request: AwsRequest): void {
    this.releases.get(request)?.();
    // Once: somebody else may hold the names by now.
    this.releases.delete(request);
  }

  public dropped(request: AwsRequest): void {
    this.after(request);
  }
}

export function hasSeveralUserNames(pool: Pool): boolean {
  return (pool.UsernameAttributes?.length ?? 0) > 1;
}
