import { FoundUser, isSameUser } from './identify';
import { isInPlace, UserContext } from './user-context';
import { Convergence, CreatePlan, NO_REMOVAL, planConvergence, planRemoval, planReturn, Removal } from './user-plan';
import { isProviderGroup } from '../cognito/groups';
import { CUSTOM_SOURCE_SUB, isMarkOf } from '../cognito/source-sub';
import { TargetUser } from '../cognito/user';
import { UserRow } from '../ledger/schema';
import { baselineOf } from '../state/link';

/** Cognito's dates may come without their milliseconds. */
const SECOND = 1_000;

/** What the policy writes for a person who was in the target before. */
export function convergenceOf(context: UserContext, row: UserRow, plan: CreatePlan, found: FoundUser): Convergence {
  const { policy, settings } = context;
  return planConvergence(plan.image, found.user, settings, {
    base: policy.baseline === 'last-given' ? found.link?.image : undefined,
    mayVerify: wasMade(context, row, found),
    winner: policy.winner,
    goesBack: policy.remove === 'gained',
  });
}

/** Nobody knew the password that a restore or a trigger set, so a user with a new one proved to be the person. Other users chose their own. */
function wasMade({ sourceSubProves }: UserContext, row: UserRow, { user, link }: FoundUser): boolean {
  return link?.restored === true || (sourceSubProves && isMarkOf(row, user.attributes[CUSTOM_SOURCE_SUB]));
}

/** What is taken away from a user who was in the target before. `isIn`: their groups there. */
export function whatToRemove(context: UserContext, { image }: CreatePlan, { user, link }: FoundUser, isIn: readonly string[]): Removal {
  const { policy, settings, hasGroup, targetUserPoolId } = context;
  switch (policy.remove) {
    case 'nothing':
      return NO_REMOVAL;
    case 'given':
      return link ? planRemoval(image, user, baselineOf(link), settings) : NO_REMOVAL;
    case 'gained':
      // In the source pool itself every group is the source's, but those that Cognito made.
      return planReturn(image, user, isIn.filter(isInPlace(context) ? name => !isProviderGroup(targetUserPoolId, name) : hasGroup), settings);
  }
}

/** In the source pool itself, a change that is newer than the copy is right. */
export function changedSinceTheCopy(context: UserContext, row: UserRow, user: TargetUser): boolean {
  if (!isInPlace(context) || !isSameUser(user, row)) return false;
  const sameSecond = user.modifiedAt === Math.floor(row.observedAt / SECOND) * SECOND;
  return user.modifiedAt > row.observedAt || (sameSecond && user.modifiedAt > row.modifiedAt);
}

/** Nobody has chosen a password yet: what differs is what the ledger changed, or the creation could not take. */
export function attributesToFinish({ settings }: UserContext, plan: CreatePlan, user: TargetUser): Readonly<Record<string, string>> {
  return planConvergence(plan.image, user, settings, { mayVerify: true, winner: 'ledger' }).attributes;
}
