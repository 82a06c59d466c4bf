import { Backend } from './backend';
import { Attribute, attributesOf, Pool } from './pools';

/** The names that attributes claim: an address counts once it is verified, except where it is the user name itself. */
export function claimedBy(pool: Pool, attributes: Record<string, string>): Record<string, string> {
  const claimed = Object.entries(attributes).filter(([name, value]) => value !== '' && (
    pool.UsernameAttributes?.includes(name)
    || (pool.AliasAttributes?.includes(name) && (name === 'preferred_username' || attributes[`${name}_verified`] === 'true'))
  ));
  return Object.fromEntries(claimed);
}

/**
 * The user that signs in by the name now. The address of a user of an identity provider is none:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
 */
export async function holdersOf(
  backend: Backend, pool: Pool, region: string, name: string, value: string,
): Promise<{ username: string; sub: string }[]> {
  const { Users: users } = await backend.json<{ Users: { Username: string; UserStatus: string; Attributes: Attribute[] }[] }>(
    'cognito-idp', 'ListUsers', region, { UserPoolId: pool.Id, Filter: `${name} = ${JSON.stringify(value)}` });
  return users.filter(({ UserStatus }) => UserStatus !== 'EXTERNAL_PROVIDER')
    .map(user => ({ username: user.Username, attributes: attributesOf(user.Attributes) }))
    .filter(({ attributes }) => claimedBy(pool, attributes)[name] !== undefined)
    .map(({ username, attributes }) => ({ username, sub: attributes.sub }));
}

/** Names that a creation is claiming at this moment: of two that want the same one, the later waits and then sees the earlier's user. */
export class NameClaims {
  private readonly held = new Map<string, Promise<void>>();

  /** Resolves when no other creation holds any of the names; answers what gives them back. */
  public async take(poolId: string, names: readonly (readonly [name: string, value: string])[]): Promise<() => void> {
    const keys = names.map(([name, value]) => `${poolId}/${name}/${value.toLowerCase()}`);
    for (let busy = this.busy(keys); busy.length > 0; busy = this.busy(keys)) await Promise.all(busy);
    let done: () => void = () => undefined;
    const until = new Promise<void>(resolve => { done = resolve; });
    keys.forEach(key => this.held.set(key, until));
    return () => {
      keys.forEach(key => this.held.delete(key));
      done();
    };
  }

  private busy(keys: readonly string[]): Promise<void>[] {
    return keys.flatMap(key => this.held.get(key) ?? []);
  }
}
