import { NameAttribute } from './attribute-values';
import { undefinedIfNo } from './refusals';
import { normalizedName, SignInSettings } from './sign-in-name';
import { TargetPool } from './target-pool';
import { uniqueNameOf } from './unique-names';
import { TargetUser } from './user';

/** Cognito looks nobody up by a longer name. */
const LONGEST_NAME = 128;

/**
 * The user of the pool who has the value as a name that nobody else may have. By AdminGetUser, which goes by a name as Cognito itself does: a listing
 * lags behind, may miss the same name in other letters, and shows users of identity providers, whose addresses are no names. It makes the user a
 * monthly active one, as the change of name for which somebody asks does.
 */
export async function holderOfName(
  target: Pick<TargetPool, 'getUser'>, settings: SignInSettings, attribute: NameAttribute, value: string,
): Promise<TargetUser | undefined> {
  if (value.length > LONGEST_NAME) return undefined;
  const user = (await undefinedIfNo('user', () => target.getUser(value)))?.user;
  return user && uniqueNameOf(settings, attribute, user.attributes) === normalizedName(settings, value) ? user : undefined;
}
