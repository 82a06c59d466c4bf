import { PoolSettings } from '../cognito/pool-settings';
import { UserRow } from '../ledger/schema';
import { MfaPreference, UserImage } from '../cognito/user';
import { CUSTOM_SOURCE_SUB, firstSubOf } from '../cognito/source-sub';

/** A user as a restore puts them into the target; kept in the standby table, as the base that later changes are told from. */
export interface PlannedImage {
  readonly attributes: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly groups: readonly string[];
  readonly mfa?: MfaPreference;
}

/** How one user of the ledger gets into the target. */
export interface CreatePlan {
  readonly kind: 'create';
  readonly signInName: string;
  readonly image: PlannedImage;
  /** Attributes of the AdminCreateUser call. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Attributes that Cognito takes only once the user is confirmed. */
  readonly lateAttributes: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

export type UserPlan = CreatePlan | { readonly kind: 'skip' | 'fail'; readonly reason: string };

/** What a restore changes about a user who is in the target already. */
export interface Convergence {
  /** The attributes to write; empty where none differs. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Present where it has to change. */
  readonly enabled?: boolean;
  /** Groups that the user has to be in, if they are not yet. */
  readonly groups: readonly string[];
  /** Present where it has to be set, unless it is already so. */
  readonly mfa?: MfaPreference;
  readonly warnings: readonly string[];
}

/** An address and its flag belong together: a flag must never land on an address that it was not earned for. */
const ADDRESSES = ['email', 'phone_number'] as const;
const FLAG_OF = { email: 'email_verified', phone_number: 'phone_number_verified' } as const;
const FLAGS: readonly string[] = Object.values(FLAG_OF);

/** MFA methods that an administrator can switch on for a user. */
export const RESTORABLE_MFA: readonly string[] = ['SMS_MFA', 'EMAIL_OTP'];
const LOST_MFA: Readonly<Record<string, string>> = { SOFTWARE_TOKEN_MFA: 'TOTP must be enrolled again', WEB_AUTHN: 'passkeys must be registered again' };

/** `restoredGroups`: names of the groups that the target has or gets from the ledger. */
export function planUser(
  row: UserRow, groups: readonly string[], settings: PoolSettings, restoredGroups: { has(name: string): boolean },
): UserPlan {
  if (row.status === 'UNCONFIRMED') return { kind: 'skip', reason: 'UNCONFIRMED: creating the user would confirm an address that nobody proved' };
  if (row.status === 'EXTERNAL_PROVIDER') return { kind: 'skip', reason: 'EXTERNAL_PROVIDER: Cognito creates the user at the next federated sign-in' };
  if (!row.signInName) return { kind: 'fail', reason: 'no sign-in name: the user has neither of the attributes that the source pool signs in by' };

  const attributes = writable(row.attributes);
  const unknown = Object.keys(attributes).filter(name => !settings.attributes.has(name));
  if (unknown.length > 0) return { kind: 'fail', reason: `attributes that the target's schema lacks: ${unknown.join(', ')}` };

  // Cognito refuses a preferred user name as long as an account is not confirmed, where it is an alias to sign in by.
  const late = settings.aliasAttributes.includes('preferred_username') ? ['preferred_username'] : [];
  const kept = groups.filter(group => restoredGroups.has(group));
  return {
    kind: 'create',
    signInName: row.signInName,
    image: { attributes, enabled: row.enabled, groups: kept, mfa: restorable(row.mfa) },
    attributes: {
      ...pick(attributes, name => !late.includes(name)),
      ...(settings.hasSourceSub ? { [CUSTOM_SOURCE_SUB]: firstSubOf(row) } : {}),
    },
    lateAttributes: pick(attributes, name => late.includes(name)),
    warnings: [
      ...(row.status === 'CONFIRMED' ? [] : [`status was ${row.status}`]),
      ...(row.attributes.identities ? ['linked identities are not linked again'] : []),
      ...(row.mfa?.enabled ?? []).flatMap(method => LOST_MFA[method] ?? []),
      ...(kept.length < groups.length ? ['member of a group that is not restored'] : []),
    ],
  };
}

/** What AdminCreateUser may be sent: `sub`, `identities` and `cognito:*` are Cognito's own; empty means absent. */
function writable(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return pick(attributes, (name, value) => value !== '' && !['sub', 'identities', CUSTOM_SOURCE_SUB].includes(name) && !name.startsWith('cognito:'));
}

function restorable(mfa: MfaPreference | undefined): MfaPreference | undefined {
  const enabled = mfa?.enabled.filter(method => RESTORABLE_MFA.includes(method)) ?? [];
  if (enabled.length === 0) return undefined;
  return mfa!.preferred && enabled.includes(mfa!.preferred) ? { enabled, preferred: mfa!.preferred } : { enabled };
}

/** Whether two users have the same attributes, as far as a restore writes them; an absent flag is a false one. */
export function sameAttributes(image: PlannedImage, user: UserImage): boolean {
  return Object.entries(image.attributes).every(([name, value]) =>
    user.attributes[name] === value || (FLAGS.includes(name) && isTrue(user.attributes[name]) === isTrue(value)));
}

/**
 * Three-way: what the ledger did not change since the last restore (`base`) stays as it is in the target, whoever changed it there. Without
 * a base the ledger is right. Nothing is ever removed.
 *
 * `mayVerify`: false where the user chose their own password. A flag that they did not earn would let them reset the password of whoever owns
 * the address elsewhere, and sign in as them wherever an application goes by the address.
 */
export function planConvergence(
  desired: PlannedImage, current: UserImage, base: PlannedImage | undefined, settings: PoolSettings, mayVerify = true,
): Convergence {
  const attributes: Record<string, string> = {};
  const warnings: string[] = [];
  const immutable = (name: string) => settings.attributes.get(name)?.mutable === false;

  for (const address of ADDRESSES) {
    const wanted = addressOf(desired.attributes, address);
    if (wanted === undefined || same(wanted, addressOf(current.attributes, address))) continue;
    if (base && same(wanted, addressOf(base.attributes, address))) continue;
    const moves = current.attributes[address] !== wanted.value;
    if (moves && immutable(address)) {
      warnings.push(`${address} differs and cannot change in the target`);
    } else if (wanted.verified && !mayVerify) {
      warnings.push(`${address} is verified in the ledger only: left as it is in the target, where its owner can verify it`);
    } else if (moves && !wanted.verified && settings.autoVerifiedAttributes.includes(address)) {
      // Cognito would send a code to it, and a restore sends nobody anything.
      warnings.push(`${address} differs and is not verified: left as it is in the target`);
    } else {
      Object.assign(attributes, { [address]: wanted.value, [FLAG_OF[address]]: String(wanted.verified) });
    }
  }
  for (const [name, value] of Object.entries(desired.attributes)) {
    if (FLAGS.includes(name) || (ADDRESSES as readonly string[]).includes(name)) continue;
    if ((base && base.attributes[name] === value) || current.attributes[name] === value) continue;
    if (immutable(name)) warnings.push(`${name} differs and cannot change in the target`);
    else attributes[name] = value;
  }

  const enabledChanged = current.enabled !== desired.enabled && (!base || base.enabled !== desired.enabled);
  return {
    attributes,
    ...(enabledChanged ? { enabled: desired.enabled } : {}),
    groups: desired.groups.filter(group => !base?.groups.includes(group)),
    ...(desired.mfa && !sameMfa(desired.mfa, base?.mfa) ? { mfa: desired.mfa } : {}),
    warnings,
  };
}

function addressOf(attributes: Readonly<Record<string, string>>, address: typeof ADDRESSES[number]) {
  return attributes[address] ? { value: attributes[address], verified: isTrue(attributes[FLAG_OF[address]]) } : undefined;
}

function same(a: { value: string; verified: boolean }, b: { value: string; verified: boolean } | undefined): boolean {
  return a.value === b?.value && a.verified === b.verified;
}

export function sameMfa(a: MfaPreference, b: MfaPreference | undefined): boolean {
  return b !== undefined && a.preferred === b.preferred && a.enabled.every(method => b.enabled.includes(method));
}

function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === 'true';
}

function pick(from: Readonly<Record<string, string>>, keep: (name: string, value: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(from).filter(([name, value]) => keep(name, value)));
}
