import { NameAttribute } from './attribute-values';
import { allPages } from './page';
import { normalizedName, SignInSettings } from './sign-in-name';
import { TargetPool } from './target-pool';
import { uniqueNameOf } from './unique-names';
import { TargetUser } from './user';

/** The user of the pool, other than `self`, who has the value as a name that nobody else may have. */
export async function holderOfName(
  target: Pick<TargetPool, 'listUsers'>, settings: SignInSettings, attribute: NameAttribute, value: string, self?: string,
): Promise<TargetUser | undefined> {
  const users: TargetUser[] = await allPages(cursor => target.listUsers(cursor, { attribute, value }));
  const name = normalizedName(settings, value);
  return users.find(({ sub, attributes }) => sub !== self && uniqueNameOf(settings, attribute, attributes) === name);
}
