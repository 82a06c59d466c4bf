import { applyChange } from './converge-user';
import { UserContext } from './user-context';
import { orFailure } from './user-failure';
import { isWritable } from './user-plan';
import { AddressAttribute, addressOf, Attributes, flagOf, isAddress, isSameValue, namesOfUnit, pickUnits, unitOf } from '../cognito/attribute-values';
import { isProviderGroup } from '../cognito/groups';
import { UserPoolId } from '../cognito/ids';
import { PoolSettings } from '../cognito/pool-settings';
import { TargetUser } from '../cognito/user';
import { Reason } from '../state/outcome';

/** A user as they are in the pool, with the names of their groups. */
export interface PresentUser {
  readonly user: TargetUser;
  readonly groups: readonly string[];
}

/** What of a user is taken back to an earlier moment. */
export interface PastUser {
  readonly attributes: Attributes;
  readonly enabled: boolean;
  readonly groups: readonly string[];
}

/** What is written to take a user back, and what it replaces. */
export interface Reversal {
  readonly set: Attributes;
  /** Attributes that the user has gained since. */
  readonly unset: readonly string[];
  /** Present where it has to change. */
  readonly enabled?: boolean;
  readonly join: readonly string[];
  /** Groups that the user has joined since. */
  readonly leave: readonly string[];
  /** The attributes that are set or unset, as they were before; without those that the user had not. */
  readonly before: Attributes;
  /** MFA methods that were switched on since: an attacker's own, it may be. */
  readonly mfaOff?: readonly string[];
  /** Stand-ins for names that others of the plan get: written first, so that users who swapped names find them free. */
  readonly park?: Attributes;
}

export interface ReversalRules {
  readonly userPoolId: UserPoolId;
  readonly settings: PoolSettings;
  /** Whether the pool has the group, or gets it. */
  readonly hasGroup: (name: string) => boolean;
  /** Only these attributes, and neither groups nor the flag `enabled`. An address and its verified flag are one. */
  readonly only?: readonly string[];
  /** Whether Cognito may send a code to an address that was not verified. */
  readonly allowMessages: boolean;
}

export interface PlannedReversal {
  readonly reversal: Reversal;
  readonly warnings: readonly Reason[];
}

/**
 * How the user becomes again what they were. The moment is right about everything: what the user has gained since is taken away, too. Nothing is
 * written that would send the user a message, and a verified flag never lands on another address than the one that it was earned for.
 */
export function planReversal(then: PastUser, now: PresentUser, rules: ReversalRules): PlannedReversal {
  const names = [...Object.keys(then.attributes), ...Object.keys(now.user.attributes)].filter(isWritable);
  const only = rules.only?.map(unitOf);
  const units = [...new Set(names.map(unitOf))].filter(unit => !only || only.includes(unit));
  const { set, unset, warnings } = reverseAttributes(units, then.attributes, now.user.attributes, rules);
  const isOwn = (name: string) => !isProviderGroup(rules.userPoolId, name);
  const [past, present] = [then.groups.filter(isOwn), now.groups.filter(isOwn)];
  const missed = past.filter(name => !present.includes(name));
  const withGroups = !only;
  return {
    reversal: {
      set,
      unset,
      ...withGroups && then.enabled !== now.user.enabled ? { enabled: then.enabled } : {},
      join: withGroups ? missed.filter(rules.hasGroup) : [],
      leave: withGroups ? present.filter(name => !past.includes(name)) : [],
      before: pastValues(now.user.attributes, set, unset),
    },
    warnings: withGroups && missed.some(name => !rules.hasGroup(name)) ? [...warnings, { code: 'group-not-restored' }] : warnings,
  };
}

/**
 * How a reversal is taken back: what it wrote, and nobody has changed since, becomes what it was before. Whatever was written of it counts, so that
 * one that was cut short is taken back, too.
 */
export function planUndo(done: Reversal, now: PresentUser, rules: ReversalRules): PlannedReversal {
  const { attributes, enabled } = now.user;
  const touched = [...Object.keys(done.set), ...done.unset];
  const isAs = (values: Attributes) => (unit: string) => namesOfUnit(unit).filter(name => touched.includes(name))
    .every(name => isSameValue(name, attributes[name], values[name]));
  const units = [...new Set(touched.map(unitOf))];
  const [isSet, isBefore, isParked] = [isAs(done.set), isAs(done.before), isAs({ ...done.before, ...done.park })];
  const isAfter = (unit: string) => isSet(unit) || (isParked(unit) && !isBefore(unit));
  const past = { ...Object.fromEntries(Object.entries(attributes).filter(([name]) => !touched.includes(name))), ...done.before };
  const { set, unset, warnings } = reverseAttributes(units.filter(isAfter), past, attributes, rules);
  const changed = units.filter(unit => !isAfter(unit) && !isBefore(unit));
  const missed = done.leave.filter(name => !now.groups.includes(name));
  return {
    reversal: {
      set,
      unset,
      ...done.enabled === enabled ? { enabled: !enabled } : {},
      join: missed.filter(rules.hasGroup),
      leave: done.join.filter(name => now.groups.includes(name)),
      before: pastValues(attributes, set, unset),
    },
    warnings: [
      ...warnings,
      ...changed.length > 0 ? [{ code: 'changed-since-run', fields: changed } as const] : [],
      ...missed.some(name => !rules.hasGroup(name)) ? [{ code: 'group-not-restored' } as const] : [],
    ],
  };
}

export function isEmptyReversal({ set, unset, enabled, join, leave, mfaOff = [] }: Reversal): boolean {
  return Object.keys(set).length === 0 && unset.length === 0 && enabled === undefined && join.length === 0 && leave.length === 0
    && mfaOff.length === 0;
}

/** What is left to write of a reversal that may have been cut short. */
export function remainderOf(reversal: Reversal, { user, groups }: PresentUser): Reversal {
  const { set, unset, enabled, join, leave } = reversal;
  const open = Object.keys(set).filter(name => !isSameValue(name, user.attributes[name], set[name]));
  const units = new Set(open.map(unitOf));
  return {
    ...reversal,
    // An address and its flag go in one call.
    set: pickUnits(set, unit => units.has(unit)),
    unset: unset.filter(name => user.attributes[name] !== undefined),
    ...enabled === user.enabled ? { enabled: undefined } : {},
    join: join.filter(name => !groups.includes(name)),
    leave: leave.filter(name => groups.includes(name)),
  };
}

/**
 * The user as they were before a reversal, of which any part may be done; undefined where something that it writes is neither as before nor as after.
 */
export function beforeReversal(reversal: Reversal, { user, groups }: PresentUser): PresentUser | undefined {
  const { set, unset, enabled, join, leave, before, park } = reversal;
  const attributes: Record<string, string> = { ...user.attributes };
  for (const name of [...Object.keys(set), ...unset]) {
    const [now, earlier, later, parked] = [user.attributes[name], before[name], set[name], park?.[name] ?? before[name]];
    if (![earlier, later, parked].some(value => isSameValue(name, now, value))) return undefined;
    if (earlier === undefined) delete attributes[name];
    else attributes[name] = earlier;
  }
  return {
    user: { ...user, attributes, ...enabled === undefined ? {} : { enabled: !enabled } },
    groups: [...groups.filter(name => !join.includes(name) && !leave.includes(name)), ...leave],
  };
}

/** `reason`: why Cognito refused a part of it; absent where all was taken. */
export interface Reversed {
  readonly reason?: Reason;
  readonly warnings?: readonly Reason[];
}

/** Writes a reversal. */
export async function reverse(context: UserContext, user: TargetUser, { set, unset, enabled, join, leave, mfaOff }: Reversal): Promise<Reversed> {
  if (!context.policy.change || context.policy.remove !== 'gained') return { reason: { code: 'left-as-it-is' } };
  const { result: warnings, failure } = await orFailure(() => applyChange(context, user, {
    attributes: set, groups: join, enabled, mfaOff, identities: [], removal: { groups: leave, attributes: unset },
  }));
  return { reason: failure?.reason, warnings };
}

function pastValues(attributes: Attributes, set: Attributes, unset: readonly string[]): Record<string, string> {
  return Object.fromEntries([...Object.keys(set), ...unset].flatMap(name => attributes[name] === undefined ? [] : [[name, attributes[name]]]));
}

interface AttributeWrites {
  readonly set: Record<string, string>;
  readonly unset: string[];
  readonly warnings: Reason[];
}

function reverseAttributes(units: readonly string[], then: Attributes, now: Attributes, rules: ReversalRules): AttributeWrites {
  const writes: AttributeWrites = { set: {}, unset: [], warnings: [] };
  for (const unit of units) {
    if (isAddress(unit)) reverseAddress(unit, then, now, rules, writes);
    else reverseValue(unit, then[unit] || undefined, now[unit] || undefined, rules, writes);
  }
  return writes;
}

function reverseValue(
  name: string, then: string | undefined, now: string | undefined, { settings }: ReversalRules, { set, unset, warnings }: AttributeWrites,
): void {
  if (then === now) return;
  if (settings.attributes.get(name)?.mutable === false) warnings.push({ code: 'attribute-immutable', attribute: name });
  else if (then === undefined) unset.push(name);
  else set[name] = then;
}

function reverseAddress(
  address: AddressAttribute, then: Attributes, now: Attributes, { settings, allowMessages }: ReversalRules, { set, unset, warnings }: AttributeWrites,
): void {
  const [wanted, there] = [addressOf(then, address), addressOf(now, address)];
  const moves = wanted?.value !== there?.value;
  if (!moves && wanted?.verified === there?.verified) return;
  const isFixed = settings.attributes.get(address)?.mutable === false || (!wanted && settings.usernameAttributes.includes(address));
  if (moves && isFixed) {
    warnings.push({ code: 'attribute-immutable', attribute: address });
  } else if (!wanted) {
    unset.push(address, ...now[flagOf(address)] === undefined ? [] : [flagOf(address)]);
  } else if (moves && !wanted.verified && !allowMessages && settings.autoVerifiedAttributes.includes(address)) {
    warnings.push({ code: 'would-notify', attribute: address });
    // Nor may the one that is not the user's be where a reset code goes.
    if (there?.verified) set[flagOf(address)] = 'false';
  } else if (!moves && !wanted.verified) {
    // Written along, the address might count as a new one, to which Cognito sends a code.
    set[flagOf(address)] = 'false';
  } else {
    Object.assign(set, { [address]: wanted.value, [flagOf(address)]: String(wanted.verified) });
  }
}
