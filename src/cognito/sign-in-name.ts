import { ADDRESSES, AddressAttribute, addressOf, NAME_ATTRIBUTES, NameAttribute, nameIn, verifiedAddressOf } from './attribute-values';
import { DescribedUser, federatedNamesOf, isFederated } from './identities';

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
  /** Names of the federated profiles that Cognito makes where it does not know the identities; not the user's own name. */
  readonly federated?: readonly string[];
}

/** A kind of name that a user may type. */
export type LookUpKind = Exclude<keyof LookUpNames, 'federated'>;

/** The kind of name that an attribute is. */
export const LOOK_UP_KINDS = {
  email: 'email', phone_number: 'phone', preferred_username: 'preferredUsername',
} as const satisfies Record<NameAttribute, LookUpKind>;

/**
 * The name that AdminCreateUser takes to make this user again. Where the pool generates user names, that is the e-mail address or the
 * phone number. A pool that allows both does not say which one the user signed up with: a verified one is preferred, then the e-mail
 * address. Nobody types the name of a federated user, `<Provider>_<id>`; it only identifies the user.
 */
export function signInNameOf(settings: SignInSettings, user: DescribedUser): string | undefined {
  if (settings.usernameAttributes.length === 0 || isFederated(user)) return user.username;
  const allowed = ADDRESSES.filter(name => settings.usernameAttributes.includes(name) && addressOf(user.attributes, name));
  const chosen = allowed.find(name => verifiedAddressOf(user.attributes, name)) ?? allowed[0];
  return chosen && user.attributes[chosen];
}

/** Whether Cognito takes the name for an address of this kind. */
export function looksLike(address: AddressAttribute, name: string): boolean {
  return address === 'email' ? /^[^@\s]+@[^@\s]+$/.test(name) : /^\+\d{3,15}$/.test(name);
}

/** The name as the pool compares it: a pool that ignores case takes `A@b.c` for `a@b.c`. */
export function normalizedName(settings: SignInSettings, name: string): string {
  return settings.caseSensitive === false ? name.toLowerCase() : name;
}

/** Everything that the pool lets this user sign in by. An address counts once it is verified: until then it may belong to anybody. */
export function lookUpNamesOf(settings: SignInSettings, user: DescribedUser): LookUpNames | undefined {
  const name = signInNameOf(settings, user);
  const names: { [kind in LookUpKind]?: string } = name === undefined ? {} : { name: normalizedName(settings, name) };
  for (const attribute of name === undefined || isFederated(user) ? [] : NAME_ATTRIBUTES) {
    const value = nameIn(user.attributes, attribute);
    if (!value || !mayBe(settings, attribute)) continue;
    const normalized = normalizedName(settings, value);
    if (normalized !== names.name) names[LOOK_UP_KINDS[attribute]] = normalized;
  }
  const federated = [...new Set(federatedNamesOf(user).map(one => normalizedName(settings, one)))].filter(one => one !== names.name);
  if (name === undefined && federated.length === 0) return undefined;
  return { ...names, ...(federated.length > 0 ? { federated } : {}) };
}

/** The kinds of name to try for what a user typed: its form does not tell the kind, and each pool has few. */
export function kindsToLookUp(settings: SignInSettings): LookUpKind[] {
  const aliases = Object.entries(LOOK_UP_KINDS).filter(([attribute]) => mayBe(settings, attribute) && !isOnlyName(settings, attribute));
  return ['name', ...aliases.map(([, kind]) => kind)];
}

function mayBe(settings: SignInSettings, attribute: string): boolean {
  return settings.usernameAttributes.includes(attribute) || (settings.aliasAttributes?.includes(attribute) ?? false);
}

/** Where users sign in by e-mail alone, say, the address is the sign-in name already. */
function isOnlyName(settings: SignInSettings, attribute: string): boolean {
  return settings.usernameAttributes.length === 1 && settings.usernameAttributes[0] === attribute;
}
