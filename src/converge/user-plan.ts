import { ConvergePolicy, Winner } from './policy';
import { ADDRESSES, Address, addressOf, flagOf, isFlag, isSameValue, isTrue, NameAttribute } from '../cognito/attribute-values';
import { isFederated, userKindOf } from '../cognito/identities';
import { keepsFromRecovery, restorableMfa } from '../cognito/mfa';
import { PoolSettings } from '../cognito/pool-settings';
import { CUSTOM_SOURCE_SUB, firstSubOf } from '../cognito/source-sub';
import { MfaPreference, UserImage } from '../cognito/user';
import { maySignIn } from '../cognito/user-status';
import { UserRow } from '../ledger/schema';
import { Link, PlannedImage } from '../state/link';
import { Reason } from '../state/outcome';

/** How one user of the ledger gets into the target. */
export interface CreatePlan {
  readonly kind: 'create';
  readonly signInName: string;
  readonly image: PlannedImage;
  /** Attributes of the AdminCreateUser call. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Attributes that Cognito takes only once the user is confirmed. */
  readonly lateAttributes: Readonly<Record<string, string>>;
  readonly warnings: readonly Reason[];
}

export type UserPlan =
  | CreatePlan
  | { readonly kind: 'skip'; readonly reason: Reason }
  | { readonly kind: 'fail'; readonly reason: Reason };

/** The changes to a user who is in the target already. */
export interface Convergence {
  /** The attributes to write; empty where none differs. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Present where it has to change. */
  readonly enabled?: boolean;
  /** Groups that the user has to be in, if they are not yet. */
  readonly groups: readonly string[];
  /** Present where it has to be set, unless the target turns out to have it. */
  readonly mfa?: MfaPreference;
  readonly warnings: readonly Reason[];
  /** Attributes that both sides changed, and that the policy does not decide about. */
  readonly conflicts: readonly string[];
}

/** What this library once gave and the ledger no longer has. */
export interface Removal {
  readonly groups: readonly string[];
  readonly attributes: readonly string[];
}

export const NO_REMOVAL: Removal = { groups: [], attributes: [] };

export interface ConvergenceRules {
  /** The user as the library last left them in the target. */
  readonly base?: PlannedImage;
  /**
   * False where the user chose their own password. A flag that they did not earn would let them reset the password of the address's real owner
   * elsewhere, and sign in as that owner wherever an application goes by the address.
   */
  readonly mayVerify: boolean;
  readonly winner: Winner;
  /** The ledger is read as it was: an address that cannot be written back must at least not go on as verified, if it is another one. */
  readonly goesBack?: boolean;
}

const LOST_MFA: Readonly<Record<string, Reason>> = { SOFTWARE_TOKEN_MFA: { code: 'totp-lost' }, WEB_AUTHN: { code: 'passkeys-lost' } };

/** `hasGroup`: whether the target has the group, or gets it from the ledger. */
export function planUser(
  row: UserRow, groups: readonly string[], settings: PoolSettings, hasGroup: (name: string) => boolean,
  unknownAttributes: ConvergePolicy['unknownAttributes'] = 'refuse',
): UserPlan {
  if (row.status === 'UNCONFIRMED') return { kind: 'skip', reason: { code: 'source-unconfirmed' } };
  if (isFederated(row)) return { kind: 'skip', reason: { code: 'source-federated' } };
  if (!row.signInName) return { kind: 'fail', reason: { code: 'no-sign-in-name' } };

  const all = writable(row.attributes);
  const unknown = Object.keys(all).filter(name => !settings.attributes.has(name));
  const attributes = pick(all, name => !unknown.includes(name));
  if (unknown.length > 0 && unknownAttributes === 'refuse') {
    return { kind: 'fail', reason: { code: 'attributes-not-in-schema', attributes: unknown } };
  }

  // Where the preferred user name is an alias to sign in by, Cognito refuses it until the account is confirmed.
  const late = settings.aliasAttributes.includes('preferred_username') ? ['preferred_username'] : [];
  const kept = groups.filter(hasGroup);
  return {
    kind: 'create',
    signInName: row.signInName,
    image: { attributes, enabled: maySignIn(row), groups: kept, mfa: restorableMfa(row.mfa) },
    attributes: {
      ...pick(attributes, name => !late.includes(name)),
      ...(settings.hasSourceSub ? { [CUSTOM_SOURCE_SUB]: firstSubOf(row) } : {}),
    },
    lateAttributes: pick(attributes, name => late.includes(name)),
    warnings: [
      ...(row.status === 'CONFIRMED' ? [] : [{ code: 'source-status', status: row.status } as const]),
      ...(unknown.length > 0 ? [{ code: 'attributes-left-out', attributes: unknown } as const] : []),
      ...(userKindOf(row) === 'linked' ? [{ code: 'identities-not-linked' } as const] : []),
      ...(row.mfa?.enabled ?? []).flatMap(method => LOST_MFA[method] ?? []),
      ...(kept.length < groups.length ? [{ code: 'group-not-restored' } as const] : []),
    ],
  };
}

/** The plan of a user who has lost names to others. An unverified address is no name, unless the pool takes addresses as user names. */
export function withoutNames(plan: CreatePlan, lost: readonly NameAttribute[], { usernameAttributes }: PoolSettings): CreatePlan {
  if (lost.length === 0) return plan;
  const without = (attributes: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(attributes).flatMap(([name, value]) => {
    const attribute = lost.find(one => name === one || (one !== 'preferred_username' && name === flagOf(one)));
    if (!attribute) return [[name, value]];
    if (attribute === 'preferred_username' || usernameAttributes.includes(attribute)) return [];
    return [[name, name === attribute ? value : 'false']];
  }));
  return {
    ...plan,
    image: { ...plan.image, attributes: without(plan.image.attributes) },
    attributes: without(plan.attributes),
    lateAttributes: without(plan.lateAttributes),
    warnings: [...plan.warnings, ...lost.map(attribute => ({ code: 'name-lost', attribute } as const))],
  };
}

/**
 * The plan of a user who has no password of their own in the target yet. Cognito sends no code for a new one to where the codes of the second factor
 * go: on the only way to a password, it would shut the user out, and has to wait until they have one.
 */
export function withMfaLater(plan: CreatePlan, { signsInByPassword, recovery }: Pick<PoolSettings, 'signsInByPassword' | 'recovery'>): CreatePlan {
  const { mfa, ...image } = plan.image;
  if (!mfa || !signsInByPassword || !keepsFromRecovery(recovery, image.attributes, mfa)) return plan;
  return { ...plan, image, warnings: [...plan.warnings, { code: 'mfa-withheld' }] };
}

/** Whether the user has a second factor at the source that the library has not given them in the target yet. */
export function awaitsMfa(row: Pick<UserRow, 'mfa'>, link: Pick<Link, 'image'> | undefined): boolean {
  return restorableMfa(row.mfa) !== undefined && link?.image.mfa === undefined;
}

/** Whether an administrator may write the attribute: `sub`, `identities` and `cognito:*` are Cognito's own, and one is this library's. */
export function isWritable(name: string): boolean {
  return !['sub', 'identities', CUSTOM_SOURCE_SUB].includes(name) && !name.startsWith('cognito:');
}

/** The attributes that AdminCreateUser takes; empty means absent. */
function writable(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const kept = pick(attributes, (name, value) => value !== '' && isWritable(name));
  // What is read may be `True`, and is not taken back as such.
  return Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, isFlag(name) ? String(isTrue(value)) : value]));
}

/** Whether the user has every attribute of the image. */
export function sameAttributes(image: PlannedImage, user: UserImage): boolean {
  return Object.entries(image.attributes).every(([name, value]) => isSameValue(name, user.attributes[name], value));
}

/**
 * A three-way merge: what the ledger did not change since the baseline stays as it is in the target, even if the target changed it. Without a
 * baseline the ledger is right. This removes nothing; {@link planRemoval} does.
 */
export function planConvergence(desired: PlannedImage, current: UserImage, settings: PoolSettings, rules: ConvergenceRules): Convergence {
  const { base, mayVerify, winner, goesBack = false } = rules;
  const attributes: Record<string, string> = {};
  const warnings: Reason[] = [];
  const conflicts: string[] = [];
  const immutable = (name: string) => settings.attributes.get(name)?.mutable === false;
  /** Whether to write a value that the ledger changed; `changedThere`: the target changed it too. */
  const wins = (name: string, changedThere: boolean) => {
    if (changedThere && winner === 'ask') conflicts.push(name);
    return !changedThere || winner === 'ledger' || winner === 'newer';
  };

  // An address and its flag belong together: a flag must never land on an address that it was not earned for.
  for (const address of ADDRESSES) {
    const [wanted, there] = [addressOf(desired.attributes, address), addressOf(current.attributes, address)];
    const before = base && addressOf(base.attributes, address);
    if (wanted === undefined || same(wanted, there) || (base && same(wanted, before))) continue;
    if (!wins(address, base !== undefined && !same(there, before))) continue;
    const moves = current.attributes[address] !== wanted.value;
    if (moves && immutable(address)) {
      warnings.push({ code: 'attribute-immutable', attribute: address });
    } else if (wanted.verified && !mayVerify) {
      warnings.push({ code: 'verified-in-ledger-only', attribute: address });
      if (goesBack && moves && there?.verified) attributes[flagOf(address)] = 'false';
    } else if (moves && !wanted.verified && settings.autoVerifiedAttributes.includes(address)) {
      // Cognito would send a code to the new address, and users must get no messages.
      warnings.push({ code: 'unverified-address', attribute: address });
      // Nor may the one that was given, and that is not the user's any more, be where a reset code goes.
      if (there?.verified && (goesBack || same(there, before))) attributes[flagOf(address)] = 'false';
    } else {
      Object.assign(attributes, { [address]: wanted.value, [flagOf(address)]: String(wanted.verified) });
    }
  }
  for (const [name, value] of Object.entries(desired.attributes)) {
    if (isFlag(name) || (ADDRESSES as readonly string[]).includes(name)) continue;
    if ((base && base.attributes[name] === value) || current.attributes[name] === value) continue;
    if (!wins(name, base !== undefined && current.attributes[name] !== base.attributes[name])) continue;
    if (immutable(name)) warnings.push({ code: 'attribute-immutable', attribute: name });
    else attributes[name] = value;
  }

  // A flag has two values: where the ledger changed it and the target still differs, the target did not change it.
  const enabledChanged = current.enabled !== desired.enabled && (!base || base.enabled !== desired.enabled);
  return {
    attributes,
    ...(enabledChanged ? { enabled: desired.enabled } : {}),
    groups: desired.groups.filter(group => !base?.groups.includes(group)),
    ...(desired.mfa && !sameMfa(desired.mfa, base?.mfa) ? { mfa: desired.mfa } : {}),
    warnings,
    conflicts,
  };
}

/** What the library gave and the ledger no longer has. What others gave, or changed since, stays. */
export function planRemoval(desired: PlannedImage, current: UserImage, base: PlannedImage, settings: PoolSettings): Removal {
  return {
    groups: base.groups.filter(name => !desired.groups.includes(name)),
    attributes: Object.keys(base.attributes).filter(name => desired.attributes[name] === undefined && current.attributes[name] !== undefined
      && isSameValue(name, current.attributes[name], base.attributes[name]) && settings.attributes.get(name)?.mutable !== false),
  };
}

/** What the user has and had not at the moment that the ledger is read at, whoever gave it. `isIn`: groups of the target, without its own. */
export function planReturn(desired: PlannedImage, current: UserImage, isIn: readonly string[], settings: PoolSettings): Removal {
  const gained = Object.keys(writable(current.attributes)).filter(name =>
    desired.attributes[name] === undefined && settings.attributes.get(name)?.mutable === true);
  return {
    groups: isIn.filter(name => !desired.groups.includes(name)),
    // A flag goes with its address, and no other way.
    attributes: gained.filter(name => !isFlag(name) || ADDRESSES.some(address => flagOf(address) === name && gained.includes(address))),
  };
}

/**
 * What the library has given after a change that took nothing away: more than the ledger has now. Otherwise nothing would know later that it may be
 * taken away.
 */
export function withGiven(image: PlannedImage, before: PlannedImage | undefined): PlannedImage {
  if (!before) return image;
  const others = before.groups.filter(name => !image.groups.includes(name));
  return { ...image, attributes: { ...before.attributes, ...image.attributes }, groups: [...image.groups, ...others] };
}

function same(a: Address | undefined, b: Address | undefined): boolean {
  return a?.value === b?.value && a?.verified === b?.verified;
}

export function sameMfa(a: MfaPreference, b: MfaPreference | undefined): boolean {
  return b !== undefined && a.preferred === b.preferred && a.enabled.every(method => b.enabled.includes(method));
}

function pick(from: Readonly<Record<string, string>>, keep: (name: string, value: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(from).filter(([name, value]) => keep(name, value)));
}
