/** A user of an identity provider, as Cognito links it to one of its own. */
export interface ProviderIdentity {
  readonly provider: string;
  readonly subject: string;
}

/** The identities in the attribute `identities`, a JSON text that Cognito writes; none where the attribute is not such a text. */
export function identitiesOf(attribute: string | undefined): ProviderIdentity[] {
  if (!attribute) return [];
  try {
    const listed = JSON.parse(attribute) as { providerName?: string; userId?: string }[];
    return listed.flatMap(({ providerName, userId }) => providerName && userId ? [{ provider: providerName, subject: userId }] : []);
  } catch {
    return [];
  }
}
