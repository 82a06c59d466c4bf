import { DescribedSignIn, signInSettingsOf } from './sign-in-name';
import { SOURCE_SUB_ATTRIBUTE } from '../standby/constants';

/** What DescribeUserPool answers, as far as a restore looks at it; the ledger's part `pool` has the same shape. */
export interface DescribedUserPool extends DescribedSignIn {
  readonly Id?: string;
  readonly AutoVerifiedAttributes?: readonly string[];
  readonly SchemaAttributes?: readonly { readonly Name?: string; readonly Mutable?: boolean }[];
  readonly Policies?: {
    readonly PasswordPolicy?: { readonly MinimumLength?: number };
    readonly SignInPolicy?: { readonly AllowedFirstAuthFactors?: readonly string[] };
  };
}

/** The settings of a pool that decide how a user is made in it. */
export interface TargetSettings {
  readonly usernameAttributes: readonly string[];
  readonly aliasAttributes: readonly string[];
  readonly caseSensitive: boolean;
  readonly autoVerifiedAttributes: readonly string[];
  /** Names of all attributes, custom ones with their prefix, and whether they can change after creation. */
  readonly attributes: ReadonlyMap<string, { readonly mutable: boolean }>;
  readonly hasSourceSub: boolean;
  readonly minimumPasswordLength: number;
  /** False where users have no password: they sign in by a one-time code. */
  readonly signsInByPassword: boolean;
}

export const CUSTOM_SOURCE_SUB = `custom:${SOURCE_SUB_ATTRIBUTE}`;

export function settingsOf(pool: DescribedUserPool): TargetSettings {
  const attributes = new Map((pool.SchemaAttributes ?? []).map(({ Name, Mutable }) => [Name!, { mutable: Mutable ?? true }]));
  const factors = pool.Policies?.SignInPolicy?.AllowedFirstAuthFactors ?? ['PASSWORD'];
  return {
    ...signInSettingsOf(pool),
    autoVerifiedAttributes: pool.AutoVerifiedAttributes ?? [],
    attributes,
    hasSourceSub: attributes.has(CUSTOM_SOURCE_SUB),
    minimumPasswordLength: pool.Policies?.PasswordPolicy?.MinimumLength ?? 8,
    // A pool with passkeys alone still wants a password at creation.
    signsInByPassword: factors.includes('PASSWORD') || !factors.some(factor => factor.endsWith('_OTP')),
  };
}

/** Why users of the source could not be made in the target, whoever they are; undefined where they can. */
export function mismatch(source: DescribedUserPool, target: DescribedUserPool): string | undefined {
  const [from, to] = [settingsOf(source), settingsOf(target)];
  const missing = [...from.attributes.keys()].filter(name => isCustom(name) && !to.attributes.has(name));
  if (missing.length > 0) {
    return `its schema lacks ${missing.join(', ')}, which users of the source pool have: add ${missing.length === 1 ? 'it' : 'them'} to the target pool (custom attributes can be added at any time)`;
  }
  const signInBy = to.usernameAttributes;
  if (signInBy.length > 0 && !(from.usernameAttributes.length > 0 && from.usernameAttributes.every(name => signInBy.includes(name)))) {
    return `its users sign in by ${signInBy.join(' or ')}, those of the source pool by ${from.usernameAttributes.join(' or ') || 'a user name'}: name a target pool that was created with the source pool's sign-in options`;
  }
  if (from.caseSensitive !== to.caseSensitive && !isByPhoneOnly(from)) {
    return from.caseSensitive
      ? 'its sign-in names are not case-sensitive, those of the source pool are, so that two users may differ by case alone: name a target pool that was created case-sensitive'
      : 'its sign-in names are case-sensitive, those of the source pool are not, so that users who type theirs as they are used to could not sign in: name a target pool that was created case-insensitive';
  }
  return undefined;
}

/** Numbers have no case. */
function isByPhoneOnly({ usernameAttributes }: TargetSettings): boolean {
  return usernameAttributes.length > 0 && usernameAttributes.every(name => name === 'phone_number');
}

function isCustom(name: string): boolean {
  return name.startsWith('custom:') || name.startsWith('dev:');
}
