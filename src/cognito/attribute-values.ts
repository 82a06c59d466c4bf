/** Attributes that hold an address, each with a flag `<attribute>_verified`. */
export const ADDRESSES = ['email', 'phone_number'] as const;
export type AddressAttribute = typeof ADDRESSES[number];

/** Attributes that a user may be known by, beside the user name. */
export const NAME_ATTRIBUTES = [...ADDRESSES, 'preferred_username'] as const;
export type NameAttribute = typeof NAME_ATTRIBUTES[number];

export type Attributes = Readonly<Record<string, string>>;

/** An address and whether Cognito, or an administrator, verified that the user receives what is sent to it. */
export interface Address {
  readonly value: string;
  readonly verified: boolean;
}

/** Cognito passes on what a provider or an import wrote: `true`, `True`, in JSON also the boolean. An absent value is false. */
export function isTrue(value: unknown): boolean {
  return String(value).trim().toLowerCase() === 'true';
}

/** The attribute that says whether the address is verified. */
export function flagOf(address: AddressAttribute): string {
  return `${address}_verified`;
}

export function isFlag(name: string): boolean {
  return ADDRESSES.some(address => flagOf(address) === name);
}

export function isAddress(name: string): name is AddressAttribute {
  return (ADDRESSES as readonly string[]).includes(name);
}

/** Undefined where the user has no such address: Cognito also shows an empty one. */
export function addressOf(attributes: Attributes, address: AddressAttribute): Address | undefined {
  const { [address]: value, [flagOf(address)]: flag } = attributes;
  return value ? { value, verified: isTrue(flag) } : undefined;
}

/** The address, where it is verified: until then it may belong to anybody. */
export function verifiedAddressOf(attributes: Attributes, address: AddressAttribute): string | undefined {
  const found = addressOf(attributes, address);
  return found?.verified ? found.value : undefined;
}

/** What the user signs in by, of the attributes that may be a name: an address counts once it is verified. */
export function nameIn(attributes: Attributes, name: string): string | undefined {
  return isAddress(name) ? verifiedAddressOf(attributes, name) : attributes[name];
}

/** Whether two values of an attribute mean the same to Cognito. */
export function isSameValue(name: string, a: string | undefined, b: string | undefined): boolean {
  return a === b || (isFlag(name) && isTrue(a) === isTrue(b));
}

/** An address stands for its flag as well. */
export function unitOf(name: string): string {
  return ADDRESSES.find(address => name === flagOf(address)) ?? name;
}

/** The attributes that the unit stands for. */
export function namesOfUnit(unit: string): string[] {
  return isAddress(unit) ? [unit, flagOf(unit)] : [unit];
}

export function pickUnits(attributes: Attributes, keep: (unit: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => keep(unitOf(name))));
}
