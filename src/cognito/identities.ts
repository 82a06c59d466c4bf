import { isTrue } from './attribute-values';
import { UserImage } from './user';

/** A user of an identity provider, as Cognito links it to one of its own. */
export interface ProviderIdentity {
  readonly provider: string;
  readonly subject: string;
}

/** One entry of the attribute `identities`. */
export interface ListedIdentity extends ProviderIdentity {
  /** `SAML`, `OIDC`, `Google`, ... */
  readonly providerType?: string;
  /** Whether the profile was made for this identity, rather than linked to it later. */
  readonly isPrimary: boolean;
}

/** What AdminLinkProviderForUser takes: which of the values that the provider sends tells the identity. */
export interface IdentityLink extends ProviderIdentity {
  readonly attribute: string;
}

/** `ProviderAttributeName` of a link by the id at the provider, whatever the provider calls it. */
export const COGNITO_SUBJECT = 'Cognito_Subject';
/**
 * Identities of these providers can only be linked by their subject.
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminLinkProviderForUser.html
 */
export const SOCIAL_PROVIDERS: readonly string[] = ['Facebook', 'Google', 'LoginWithAmazon', 'SignInWithApple'];

/**
 * What a user of a pool is:
 * - `native`: a profile of the pool's own, with a name to sign in by,
 * - `linked`: such a profile which users of identity providers sign in as, too,
 * - `federated`: a profile that Cognito made at a sign-in through a provider. Only Cognito can make one.
 */
export type UserKind = 'native' | 'linked' | 'federated';

/** What a listing shows of a user, or the event of a trigger; the status may be missing there. */
export type DescribedUser = Pick<UserImage, 'username' | 'attributes'> & { readonly status?: string };

/** The identities in the attribute `identities`, a JSON text that Cognito writes; none where the attribute is not such a text. */
export function identitiesOf(attribute: string | undefined): ListedIdentity[] {
  if (!attribute) return [];
  try {
    const listed = JSON.parse(attribute) as { providerName?: string; userId?: string; providerType?: string; primary?: unknown }[];
    return listed.flatMap(({ providerName: provider, userId: subject, providerType, primary }) =>
      provider && subject ? [{ provider, subject, providerType, isPrimary: isTrue(primary) }] : []);
  } catch {
    return [];
  }
}

/** The attribute as {@link identitiesOf} reads it; undefined for none. */
export function identitiesText(identities: readonly ListedIdentity[]): string | undefined {
  if (identities.length === 0) return undefined;
  return JSON.stringify(identities.map(({ provider: providerName, subject: userId, providerType, isPrimary: primary }) => (
    { userId, providerName, providerType, primary })));
}

/**
 * The links to make again. What is read of a link does not say by which attribute it was made: `attributes` says so by the provider's name, else it
 * is taken to be the subject.
 */
export function linksOf({ attributes: { identities } }: DescribedUser, attributes: Readonly<Record<string, string>>): IdentityLink[] {
  return identitiesOf(identities).map(({ provider, subject }) => ({ provider, subject, attribute: attributes[provider] ?? COGNITO_SUBJECT }));
}

/** Whether one of the user's links may have been made by another attribute than the one that it is made again by. */
export function isAnyLinkGuessed({ attributes: { identities } }: DescribedUser, attributes: Readonly<Record<string, string>>): boolean {
  return identitiesOf(identities).some(({ provider, providerType }) =>
    attributes[provider] === undefined && !SOCIAL_PROVIDERS.includes(providerType ?? provider));
}

/** The user name that Cognito gives to the profile of an identity; pools that ignore case show it in lower case. */
export function federatedNameOf({ provider, subject }: ProviderIdentity): string {
  return `${provider}_${subject}`;
}

/**
 * What the user is, by the identities. The status does not tell: a linked profile gets EXTERNAL_PROVIDER at a sign-in through the provider, and a
 * federated one CONFIRMED when an administrator sets a password. It counts only where no identity can be read, and for a name that a provider's
 * user can have.
 */
export function userKindOf({ username, attributes, status }: DescribedUser): UserKind {
  const identities = identitiesOf(attributes.identities);
  if (identities.some(identity => isOwn(username, identity))) return 'federated';
  if (identities.length > 0) return 'linked';
  return status === 'EXTERNAL_PROVIDER' && username.includes('_') ? 'federated' : 'native';
}

export function isFederated(user: DescribedUser): boolean {
  return userKindOf(user) === 'federated';
}

/** What this library reads of the event of a trigger about a user. */
export interface EventOfUser {
  readonly userName: string;
  readonly request: { readonly userAttributes: Readonly<Record<string, string>> };
}

/** The user whom a trigger is about. */
export function describedUserOf({ userName: username, request: { userAttributes: attributes } }: EventOfUser): DescribedUser {
  return { username, attributes, status: attributes['cognito:user_status'] };
}

/** Names of the profiles that Cognito makes for the user's identities, where it does not know whom they belong to. */
export function federatedNamesOf(user: DescribedUser): string[] {
  return [...isFederated(user) ? [user.username] : [], ...identitiesOf(user.attributes.identities).map(federatedNameOf)];
}

/**
 * Whether the federated profile is the user's. Names of two providers' users may run together, of `Corp` and `x_7` with `Corp_x` and `7`: where both
 * sides say which provider it is, it has to be the same.
 */
export function isProfileOf(user: DescribedUser, profile: DescribedUser): boolean {
  if (!federatedNamesOf(user).some(name => isSame(name, profile.username))) return false;
  const [here, there] = [user, profile].map(({ attributes: { identities } }) =>
    identitiesOf(identities).filter(identity => isOwn(profile.username, identity)).map(({ provider }) => provider.toLowerCase()));
  return here.length === 0 || there.length === 0 || there.some(provider => here.includes(provider));
}

/** Whether who signs in with the identity comes in as the user. A name tells only where the profile's identity cannot be read. */
export function hasIdentity(user: DescribedUser, identity: ProviderIdentity): boolean {
  const identities = identitiesOf(user.attributes.identities);
  return identities.some(one => isSameIdentity(one, identity)) ||
    (identities.length === 0 && isFederated(user) && isSame(user.username, federatedNameOf(identity)));
}

export function isSameIdentity(a: ProviderIdentity, b: ProviderIdentity): boolean {
  return isSame(a.provider, b.provider) && isSame(a.subject, b.subject);
}

/** Ignoring case: a pool that does so shows a federated profile's name in lower case. */
function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Whether the profile was made for the identity. A long or unusual id need not be in the name as it is listed; the provider's name is. */
function isOwn(username: string, identity: ListedIdentity): boolean {
  const name = username.toLowerCase();
  return name === federatedNameOf(identity).toLowerCase() || (identity.isPrimary && name.startsWith(`${identity.provider.toLowerCase()}_`));
}
