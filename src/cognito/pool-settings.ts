import { AddressAttribute } from './attribute-values';
import { recoveryAddresses } from './mfa';
import { DescribedSignIn, signInSettingsOf } from './sign-in-name';
import { CUSTOM_SOURCE_SUB } from './source-sub';

/** Cognito gives limits as text. */
export interface DescribedAttribute {
  readonly Name?: string;
  readonly Mutable?: boolean;
  readonly AttributeDataType?: string;
  readonly StringAttributeConstraints?: { readonly MinLength?: string; readonly MaxLength?: string };
  readonly NumberAttributeConstraints?: { readonly MinValue?: string; readonly MaxValue?: string };
}

/** What DescribeUserPool answers, as far as a restore looks at it; the ledger's part `pool` has the same shape. */
export interface DescribedUserPool extends DescribedSignIn {
  readonly Id?: string;
  readonly AutoVerifiedAttributes?: readonly string[];
  readonly SchemaAttributes?: readonly DescribedAttribute[];
  readonly AccountRecoverySetting?: { readonly RecoveryMechanisms?: readonly { readonly Name?: string }[] };
  readonly MfaConfiguration?: string;
  readonly LambdaConfig?: { readonly DefineAuthChallenge?: string };
  readonly Policies?: {
    readonly PasswordPolicy?: { readonly MinimumLength?: number };
    readonly SignInPolicy?: { readonly AllowedFirstAuthFactors?: readonly string[] };
  };
}

export interface AttributeSettings {
  readonly mutable: boolean;
  /** Whether a value is within the limits of the schema. */
  takes(value: string): boolean;
}

/** The settings of a pool that decide how a user is made in it. */
export interface PoolSettings {
  readonly usernameAttributes: readonly string[];
  readonly aliasAttributes: readonly string[];
  readonly caseSensitive: boolean;
  readonly autoVerifiedAttributes: readonly string[];
  /** Names of all attributes, custom ones with their prefix, and whether they can change after creation. */
  readonly attributes: ReadonlyMap<string, AttributeSettings>;
  readonly hasSourceSub: boolean;
  readonly minimumPasswordLength: number;
  /** False where users have no password: they sign in by a one-time code. */
  readonly signsInByPassword: boolean;
  /** Whether who signs in with this pool has a password: nobody does by a one-time code, a passkey or challenges of the pool's own. */
  readonly signsInByPasswordOnly: boolean;
  /** False where the pool asks nobody for a second factor. */
  readonly hasMfa: boolean;
  /** To which addresses codes for a new password go, if they are verified. */
  readonly recovery: readonly AddressAttribute[];
}

export function poolSettingsOf(pool: DescribedUserPool): PoolSettings {
  const attributes = new Map((pool.SchemaAttributes ?? []).map(attribute => [attribute.Name!, attributeSettingsOf(attribute)]));
  const factors = pool.Policies?.SignInPolicy?.AllowedFirstAuthFactors ?? ['PASSWORD'];
  return {
    ...signInSettingsOf(pool),
    autoVerifiedAttributes: pool.AutoVerifiedAttributes ?? [],
    attributes,
    hasSourceSub: attributes.has(CUSTOM_SOURCE_SUB),
    minimumPasswordLength: pool.Policies?.PasswordPolicy?.MinimumLength ?? 8,
    // A pool with passkeys alone still requires a password at creation.
    signsInByPassword: factors.includes('PASSWORD') || !factors.some(factor => factor.endsWith('_OTP')),
    signsInByPasswordOnly: factors.every(factor => factor === 'PASSWORD') && pool.LambdaConfig?.DefineAuthChallenge === undefined,
    hasMfa: pool.MfaConfiguration !== 'OFF',
    recovery: recoveryAddresses(pool.AccountRecoverySetting?.RecoveryMechanisms?.map(({ Name = '' }) => Name)),
  };
}

function attributeSettingsOf(attribute: DescribedAttribute): AttributeSettings {
  const { MinLength, MaxLength } = attribute.StringAttributeConstraints ?? {};
  const { MinValue, MaxValue } = attribute.NumberAttributeConstraints ?? {};
  const isNumber = attribute.AttributeDataType === 'Number';
  return {
    mutable: attribute.Mutable ?? true,
    takes: value => isNumber ? isBetween(Number(value), MinValue, MaxValue) : isBetween(value.length, MinLength, MaxLength),
  };
}

/** Something that is no number is within no limits. */
function isBetween(value: number, least = '-Infinity', most = 'Infinity'): boolean {
  return value >= Number(least) && value <= Number(most);
}
