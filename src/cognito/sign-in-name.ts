import { UserImage } from './user';
import { isFederated } from './user-status';


/** Attributes that hold an address, each with a flag `<attribute>_verified`. */
export const ADDRESSES = ['email', 'phone_number'] as const;

/** Attributes that a user may be known by, beside the user name. */
export const NAME_ATTRIBUTES = [...ADDRESSES, 'preferred_username'] as const;

/** What decides how users of a pool sign in; fixed when the pool is created. */
export interface SignInSettings {
  /** `UsernameAttributes` of the pool: `email`, `phone_number`; empty where users choose a user name. */
  readonly usernameAttributes: readonly string[];
  /** `AliasAttributes`: what a user may sign in by besides the user name. No aliases where it is left out. */
  readonly aliasAttributes?: readonly string[];
  /** `UsernameConfiguration.CaseSensitive`; true where it is left out, as in Cognito. */
  readonly caseSensitive?: boolean;
}

/** The part of DescribeUserPool's answer that says how users sign in; the ledger's part `pool` has it too. */
export interface DescribedSignIn {
  readonly UsernameAttributes?: readonly string[];
  readonly AliasAttributes?: readonly string[];
  readonly UsernameConfiguration?: { readonly CaseSensitive?: boolean };
}

export function signInSettingsOf(pool: DescribedSignIn): Required<SignInSettings> {
  return {
    usernameAttributes: pool.UsernameAttributes ?? [],
    aliasAttributes: pool.AliasAttributes ?? [],
    caseSensitive: pool.UsernameConfiguration?.CaseSensitive ?? true,
  };
}

/** What one user may type to sign in, in the form that look-ups use. */
export interface LookUpNames {
  /** The sign-in name: a user name, or the address where the pool generates user names. */
  readonly name?: string;
  /** The other names, unless they equal the sign-in name. */
  readonly email?: string;
  readonly phone?: string;
  readonly preferredUsername?: string;
}

export type LookUpKind = keyof LookUpNames;

const ALIASES = { email: 'email', phone_number: 'phone', preferred_username: 'preferredUsername' } as const satisfies Record<string, LookUpKind>;

/**
 * The name that AdminCreateUser takes to make this user again. Where the pool generates user names, that is the e-mail address or the
 * phone number. A pool that allows both does not say which one the user signed up with: a verified one is preferred, then the e-mail
 * address. Nobody types the name of a federated user, `<Provider>_<id>`; it only identifies the user.
 */
export function signInNameOf(
  settings: SignInSettings, user: Pick<UserImage, 'username' | 'attributes'> & { readonly status?: string },
): string | undefined {
  if (settings.usernameAttributes.length === 0 || isFederated(user)) return user.username;
  const allowed = ['email', 'phone_number'].filter(name => settings.usernameAttributes.includes(name) && user.attributes[name]);
  const chosen = allowed.find(name => user.attributes[`${name}_verified`] === 'true') ?? allowed[0];
  return chosen && user.attributes[chosen];
}

/** The name as the pool compares it: a pool that ignores case takes `A@b.c` for `a@b.c`. */
export function normalizedName(settings: SignInSettings, name: string): string {
  return settings.caseSensitive === false ? name.toLowerCase() : name;
}

/** Everything that the pool lets this user sign in by. An address counts once it is verified: until then it may belong to anybody. */
export function lookUpNamesOf(settings: SignInSettings, user: Pick<UserImage, 'username' | 'attributes' | 'status'>): LookUpNames | undefined {
  const name = signInNameOf(settings, user);
  if (name === undefined) return undefined;
  const names: { [kind in LookUpKind]?: string } = { name: normalizedName(settings, name) };
  if (isFederated(user)) return names;
  for (const [attribute, kind] of Object.entries(ALIASES)) {
    const value = user.attributes[attribute];
    const isProved = attribute === 'preferred_username' || user.attributes[`${attribute}_verified`] === 'true';
    if (!value || !mayBe(settings, attribute) || !isProved) continue;
    const normalized = normalizedName(settings, value);
    if (normalized !== names.name) names[kind] = normalized;
  }
  return names;
}

/** The kinds of name to try for what a user typed: its form does not tell the kind, and each pool has few. */
export function kindsToLookUp(settings: SignInSettings): LookUpKind[] {
  const aliases = Object.entries(ALIASES).filter(([attribute]) => mayBe(settings, attribute) && !isOnlyName(settings, attribute));
  return ['name', ...aliases.map(([, kind]) => kind)];
}

function mayBe(settings: SignInSettings, attribute: string): boolean {
  return settings.usernameAttributes.includes(attribute) || (settings.aliasAttributes?.includes(attribute) ?? false);
}

/** Where users sign in by e-mail alone, say, the address is the sign-in name already. */
function isOnlyName(settings: SignInSettings, attribute: string): boolean {
  return settings.usernameAttributes.length === 1 && settings.usernameAttributes[0] === attribute;
}
