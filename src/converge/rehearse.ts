import { UserContext } from './user-context';
import { refused } from './user-failure';
import { CreatePlan } from './user-plan';
import { ADDRESSES, Attributes, addressOf, isAddress, NameAttribute } from '../cognito/attribute-values';
import { allPages } from '../cognito/page';
import { PoolSettings } from '../cognito/pool-settings';
import { CognitoException } from '../cognito/refusals';
import { looksLike, normalizedName } from '../cognito/sign-in-name';
import { TargetPool } from '../cognito/target-pool';
import { uniqueAttributesOf, uniqueNameOf } from '../cognito/unique-names';
import { TargetUser } from '../cognito/user';
import { Reason } from '../state/outcome';

/**
 * Why Cognito would refuse the values of a new user, as far as it can be known without trying; undefined where nothing speaks against them. A dry
 * run asks this; a run asks Cognito, which has the last word.
 */
export function refusalOfValues(plan: CreatePlan, settings: PoolSettings): Reason | undefined {
  return isFormRight(plan.signInName, settings) && areValuesRight(plan, settings) ? undefined : by('AdminCreateUser', 'InvalidParameterException');
}

/** The same of names that somebody in the target has. Cognito looks at the sign-in name first. */
export async function refusalOfNames(context: UserContext, plan: CreatePlan): Promise<Reason | undefined> {
  if (context.targetIsEmpty) return undefined;
  if (await isNameTaken(context, plan.attributes)) return by('AdminCreateUser', 'AliasExistsException');
  return await isNameTaken(context, plan.lateAttributes) ? by('AdminUpdateUserAttributes', 'AliasExistsException') : undefined;
}

/** The same of a change to somebody who is in the target. */
export async function refusalOfChange(context: UserContext, user: TargetUser, attributes: Attributes): Promise<Reason | undefined> {
  if (Object.keys(attributes).length === 0) return undefined;
  if (!areInSchema(attributes, context.settings)) return by('AdminUpdateUserAttributes', 'InvalidParameterException');
  const isTaken = await isNameTaken(context, { ...user.attributes, ...attributes }, user);
  return isTaken ? by('AdminUpdateUserAttributes', 'AliasExistsException') : undefined;
}

function by(operation: string, name: CognitoException): Reason {
  return refused(operation, { name, message: '' });
}

/** A pool that generates user names takes addresses, and one with an address as alias takes none that could be mistaken for one. */
function isFormRight(signInName: string, { usernameAttributes, aliasAttributes }: PoolSettings): boolean {
  const kinds = ADDRESSES.filter(kind => looksLike(kind, signInName));
  return usernameAttributes.length > 0 ? kinds.some(kind => usernameAttributes.includes(kind)) : !kinds.some(kind => aliasAttributes.includes(kind));
}

function areValuesRight({ attributes, lateAttributes }: CreatePlan, settings: PoolSettings): boolean {
  const all = { ...attributes, ...lateAttributes };
  return (settings.signsInByPassword || ADDRESSES.some(address => addressOf(all, address))) && areInSchema(all, settings);
}

function areInSchema(attributes: Attributes, settings: PoolSettings): boolean {
  return Object.entries(attributes).every(([name, value]) =>
    (!isAddress(name) || looksLike(name, value)) && settings.attributes.get(name)?.takes(value) !== false);
}

/** Whether somebody else in the target signs in by one of the names. The sign-in name itself is looked up elsewhere: it may be the person's own. */
async function isNameTaken({ target, settings }: UserContext, attributes: Attributes, self?: TargetUser): Promise<boolean> {
  for (const attribute of uniqueAttributesOf(settings)) {
    const name = uniqueNameOf(settings, attribute, attributes);
    if (name !== undefined && await holderOfName(target, settings, attribute, attributes[attribute], self?.sub)) return true;
  }
  return false;
}

/** The user of the pool, other than `self`, who has the value as a name that nobody else may have. */
export async function holderOfName(
  target: Pick<TargetPool, 'listUsers'>, settings: PoolSettings, attribute: NameAttribute, value: string, self?: string,
): Promise<TargetUser | undefined> {
  const users: TargetUser[] = await allPages(cursor => target.listUsers(cursor, { attribute, value }));
  const name = normalizedName(settings, value);
  return users.find(({ sub, attributes }) => sub !== self && uniqueNameOf(settings, attribute, attributes) === name);
}
