import { isEmptyReversal, Reversal } from './reversal';
import { Attributes, flagOf, isAddress, isSameValue, isTrue, NameAttribute, namesOfUnit, pickUnits, unitOf } from '../cognito/attribute-values';
import { PoolSettings } from '../cognito/pool-settings';
import { nobodysName, uniqueNameOf } from '../cognito/unique-names';

/** The value that a reversal gives the user as a name that nobody else may have; undefined where it gives none, or the user has it already. */
export function nameGiven({ set, before }: Reversal, settings: PoolSettings, attribute: NameAttribute): string | undefined {
  const name = uniqueNameOf(settings, attribute, set);
  return name === undefined || name === uniqueNameOf(settings, attribute, before) ? undefined : set[attribute];
}

/** Whether the user, who has these attributes, has another such name after the reversal, or none. */
export function givesUp({ set, unset }: Reversal, settings: PoolSettings, attribute: NameAttribute, attributes: Attributes): boolean {
  const after = Object.fromEntries(Object.entries({ ...attributes, ...set }).filter(([name]) => !unset.includes(name)));
  return uniqueNameOf(settings, attribute, after) !== uniqueNameOf(settings, attribute, attributes);
}

/**
 * The reversal, by which the user first gives up the name: without it, two users who swapped their names would each find the other one's taken. An
 * alias is none while it is not verified. A user name needs a value meanwhile: one that is nobody's and, as verified, makes Cognito send no code.
 */
export function withParked(reversal: Reversal, settings: PoolSettings, attribute: NameAttribute, sub: string): Reversal {
  return { ...reversal, park: { ...reversal.park, ...standIn(settings, attribute, sub) } };
}

/** The reversal without a name that is somebody else's and stays so; undefined where nothing is left of it. */
export function withoutName(reversal: Reversal, attribute: NameAttribute): Reversal | undefined {
  const { set, before, park, ...others } = reversal;
  const isOther = (unit: string) => unit !== attribute;
  // Nor may the address that is not the user's be where a reset code goes.
  const flag = isAddress(attribute) && isTrue(before[flagOf(attribute)]) ? { [flagOf(attribute)]: 'false' } : {};
  const standIns = pickUnits(park ?? {}, isOther);
  const rest: Reversal = {
    ...others,
    set: { ...pickUnits(set, isOther), ...flag },
    before: { ...pickUnits(before, isOther), ...pickFlags(before, flag) },
    ...Object.keys(standIns).length > 0 ? { park: standIns } : {},
  };
  return isEmptyReversal(rest) ? undefined : rest;
}

/** What is left to write so that the user gives up their names. */
export function openStandIns({ park = {}, before }: Reversal, attributes: Attributes): Attributes {
  const isOpen = (name: string) => isSameValue(name, attributes[name], before[name]) && !isSameValue(name, attributes[name], park[name]);
  return unitsOf(park, isOpen);
}

/** What takes the place of the stand-ins that the user has now: `own` is what the reversal gives them, `former` what they gave up. */
export interface InsteadOfStandIns {
  readonly own: Attributes;
  readonly former: Attributes;
}

/** Somebody who has another name by now than the stand-in, even one that is not verified, chose it. */
export function insteadOfStandIns({ park = {}, before, set }: Reversal, attributes: Attributes): InsteadOfStandIns {
  const has = (values: Attributes, unit: string) => namesOfUnit(unit).every(name => isSameValue(name, attributes[name], values[name]));
  const parked = { ...before, ...park };
  const isParked = (unit: string) => has(parked, unit) && !has(before, unit) && !has(set, unit);
  const units = new Set(Object.keys(park).map(unitOf).filter(isParked));
  return { own: pickUnits(set, unit => units.has(unit)), former: pickUnits(before, unit => units.has(unit)) };
}

function unitsOf(values: Attributes, isWanted: (name: string) => boolean): Attributes {
  const units = new Set(Object.keys(values).filter(isWanted).map(unitOf));
  return pickUnits(values, unit => units.has(unit));
}

function pickFlags(before: Attributes, flags: Attributes): Attributes {
  return Object.fromEntries(Object.keys(flags).map(name => [name, before[name]]));
}

function standIn({ usernameAttributes }: PoolSettings, attribute: NameAttribute, sub: string): Attributes {
  if (!isAddress(attribute)) return { [attribute]: nobodysName(attribute, sub) };
  if (!usernameAttributes.includes(attribute)) return { [flagOf(attribute)]: 'false' };
  return { [attribute]: nobodysName(attribute, sub), [flagOf(attribute)]: 'true' };
}
