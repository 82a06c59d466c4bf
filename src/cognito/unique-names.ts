import { Attributes, nameIn, NAME_ATTRIBUTES, NameAttribute } from './attribute-values';
import { normalizedName, SignInSettings } from './sign-in-name';

/** The attributes of which no two users of the pool have one value. */
export function uniqueAttributesOf({ usernameAttributes, aliasAttributes = [] }: SignInSettings): NameAttribute[] {
  return NAME_ATTRIBUTES.filter(attribute => usernameAttributes.includes(attribute) || aliasAttributes.includes(attribute));
}

/** What no other user may have. A pool that takes addresses as user names has each once, verified or not; an alias counts once it is verified. */
export function uniqueNameOf(settings: SignInSettings, attribute: NameAttribute, attributes: Attributes): string | undefined {
  const name = settings.usernameAttributes.includes(attribute) ? attributes[attribute] : nameIn(attributes, attribute);
  return name ? normalizedName(settings, name) : undefined;
}
