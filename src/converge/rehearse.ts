import { makeWay } from './make-way';
import { UserContext } from './user-context';
import { refused } from './user-failure';
import { CreatePlan } from './user-plan';
import { ADDRESSES, Attributes, addressOf, isAddress } from '../cognito/attribute-values';
import { PoolSettings } from '../cognito/pool-settings';
import { CognitoException } from '../cognito/refusals';
import { looksLike } from '../cognito/sign-in-name';
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
  if (await makeWay(context, plan.attributes) === 'taken') return by('AdminCreateUser', 'AliasExistsException');
  return await makeWay(context, plan.lateAttributes) === 'taken' ? by('AdminUpdateUserAttributes', 'AliasExistsException') : undefined;
}

/** The same of a change to somebody who is in the target. */
export async function refusalOfChange(context: UserContext, user: TargetUser, attributes: Attributes): Promise<Reason | undefined> {
  if (Object.keys(attributes).length === 0) return undefined;
  if (!areInSchema(attributes, context.settings)) return by('AdminUpdateUserAttributes', 'InvalidParameterException');
  return await makeWay(context, attributes, user) === 'taken' ? by('AdminUpdateUserAttributes', 'AliasExistsException') : undefined;
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
