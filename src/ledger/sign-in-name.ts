import { UserImage } from './schema';

/** What decides how users of a pool sign in; fixed when the pool is created. */
export interface SignInSettings {
  /** `UsernameAttributes` of the pool: `email`, `phone_number`; empty where users choose a user name. */
  readonly usernameAttributes: readonly string[];
}

/**
 * The name that AdminCreateUser takes to make this user again. Where the pool generates user names, that is the e-mail address or the
 * phone number. A pool that allows both does not say which one the user signed up with: a verified one is preferred, then the e-mail
 * address.
 */
export function signInNameOf(settings: SignInSettings, user: Pick<UserImage, 'username' | 'attributes'>): string | undefined {
  if (settings.usernameAttributes.length === 0) return user.username;
  const allowed = ['email', 'phone_number'].filter(name => settings.usernameAttributes.includes(name) && user.attributes[name]);
  const chosen = allowed.find(name => user.attributes[`${name}_verified`] === 'true') ?? allowed[0];
  return chosen && user.attributes[chosen];
}
