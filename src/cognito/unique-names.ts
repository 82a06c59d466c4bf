import { createHash } from 'crypto';
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

/** The longest number of ITU-T E.164 has 15 digits; the country code 999 is given to nobody. */
const NOBODYS_COUNTRY = '+999';
const DIGITS = 12;

/** A name that is nobody's, for a user who has to give up theirs for a moment. The domain `invalid` is nobody's (RFC 2606). */
export function nobodysName(attribute: NameAttribute, sub: string): string {
  switch (attribute) {
    case 'email': return `${sub}@parked.invalid`;
    case 'phone_number': return `${NOBODYS_COUNTRY}${digitsOf(sub)}`;
    case 'preferred_username': return `parked-${sub}`;
  }
}

function digitsOf(sub: string): string {
  const hash = BigInt(`0x${createHash('sha256').update(sub).digest('hex').slice(0, 16)}`);
  return String(hash % 10n ** BigInt(DIGITS)).padStart(DIGITS, '0');
}
