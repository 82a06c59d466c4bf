import { DescribedUserPool, poolSettingsOf } from '../cognito/pool-settings';
import { isCustomName } from '../cognito/schema';
import { SignInSettings } from '../cognito/sign-in-name';

/** Why the pools' settings do not let users of the source be made in the target; undefined where they do. */
export function mismatch(source: DescribedUserPool, target: DescribedUserPool): string | undefined {
  const [from, to] = [poolSettingsOf(source), poolSettingsOf(target)];
  return schemaMismatch([...from.attributes.keys()], [...to.attributes.keys()]) ?? signInMismatch(from, to);
}

/** The part of it that can be mended in the target, of the names of all attributes, custom ones with their prefix. */
export function schemaMismatch(from: readonly string[], to: readonly string[]): string | undefined {
  const missing = from.filter(name => isCustomName(name) && !to.includes(name));
  return missing.length > 0
    ? `its schema lacks ${missing.join(', ')}, which users of the source pool have: add ${missing.length === 1 ? 'it' : 'them'} to the `
      + 'target pool (custom attributes can be added at any time)'
    : undefined;
}

/** The part of it that is fixed when a pool is created. */
export function signInMismatch(from: Required<SignInSettings>, to: Required<SignInSettings>): string | undefined {
  // Both ways: a pool that generates user names takes addresses only, and one that does not would keep an address as a user name for ever.
  const [fromBy, toBy] = [from.usernameAttributes, to.usernameAttributes];
  if (fromBy.length === 0 ? toBy.length > 0 : !fromBy.every(name => toBy.includes(name))) {
    return `its users sign in by ${toBy.join(' or ') || 'a user name'}, those of the source pool by ${fromBy.join(' or ') || 'a user name'}: `
      + 'name a target pool that was created with the source pool\'s sign-in options';
  }
  if (from.caseSensitive !== to.caseSensitive && !isByPhoneOnly(from)) {
    return from.caseSensitive
      ? 'its sign-in names are not case-sensitive, those of the source pool are, so that two users may differ by case alone: name a target pool '
        + 'that was created case-sensitive'
      : 'its sign-in names are case-sensitive, those of the source pool are not, so that users who type theirs as they are used to could not sign '
        + 'in: name a target pool that was created case-insensitive';
  }
  return undefined;
}

/** Phone numbers have no case. */
function isByPhoneOnly({ usernameAttributes }: SignInSettings): boolean {
  return usernameAttributes.length > 0 && usernameAttributes.every(name => name === 'phone_number');
}
