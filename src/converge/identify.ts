import { isInPlace, UserContext } from './user-context';
import { CreatePlan, sameAttributes } from './user-plan';
import { ADDRESSES, AddressAttribute, verifiedAddressOf } from '../cognito/attribute-values';
import { isFederated, userKindOf } from '../cognito/identities';
import { normalizedName } from '../cognito/sign-in-name';
import { CUSTOM_SOURCE_SUB, isMarkOf } from '../cognito/source-sub';
import { TargetUser } from '../cognito/user';
import { UserRow } from '../ledger/schema';
import { Link } from '../state/link';

/** A user of the target and what the library last left about them. */
export interface FoundUser {
  readonly user: TargetUser;
  readonly link?: Link;
  /** Whether the person is known to have a password of their own in the target. */
  readonly hasPassword?: boolean;
}

/**
 * What a user of the target is, seen from a row of the ledger:
 * - `ours`: made by this run, or by an earlier one that was stopped half-way; finished like a user that was just created,
 * - `existing`: the same person, in the target before; converged, and keeps their password,
 * - `other`: somebody else, or unknown: a stranger who signs up first with a name must not get what belongs to its owner,
 * - `unconfirmed`: a user who has not proved anything.
 */
export type Identity = 'ours' | 'existing' | 'other' | 'unconfirmed';

export type IdentifyingContext = Pick<UserContext, 'policy' | 'settings' | 'sourceUserPoolId' | 'targetUserPoolId' | 'sourceSubProves'>;

/** Cognito's dates may come without their milliseconds. */
const SECOND = 1_000;

export function identify(context: IdentifyingContext, plan: CreatePlan, row: UserRow, { user, link }: FoundUser): Identity {
  if (user.status === 'UNCONFIRMED') return 'unconfirmed';
  if (link && link.sourceSub !== row.sub && !isOfReturned(link, row)) return 'other';
  const sourceSub = user.attributes[CUSTOM_SOURCE_SUB];
  if (context.sourceSubProves && sourceSub && !isMarkOf(row, sourceSub)) return 'other';
  if (link) return isOurs(context, link) ? 'ours' : 'existing';
  if (isInPlace(context) && isSameUser(user, row)) return 'existing';
  if (wasCreatedByUs(context, plan, row, user)) return 'ours';
  return isThePerson(context, row, user) ? 'existing' : 'other';
}

/** Whether both are the same user of one pool: only within one pool may a `sub` of the target be compared with one of the source. */
export function isSameUser(user: TargetUser, row: UserRow): boolean {
  const [there, here]: string[] = [user.sub, row.sub];
  return there === here;
}

/** The person was deleted at the source and brought back there, under another `sub`: the link is of the one before. */
function isOfReturned(link: Link, { firstSub }: UserRow): boolean {
  return firstSub !== undefined && link.firstSub === firstSub;
}

/** The outcome is written after the link: a link of this run without an outcome belongs to a user who was almost done. */
function isOurs({ policy: { actor } }: IdentifyingContext, link: Link): boolean {
  return link.restored && (link.finished === false || (actor.kind === 'run' && link.execution === actor.name));
}

/** The run was killed between the creation and the link. No sign-up leads to FORCE_CHANGE_PASSWORD, so nobody has chosen a password yet. */
function wasCreatedByUs({ policy: { actor }, settings }: IdentifyingContext, plan: CreatePlan, row: UserRow, user: TargetUser): boolean {
  const neverSignedIn = settings.signsInByPassword ? user.status === 'FORCE_CHANGE_PASSWORD' : user.status === 'CONFIRMED';
  if (!neverSignedIn) return false;
  if (settings.hasSourceSub && !isMarkOf(row, user.attributes[CUSTOM_SOURCE_SUB])) return false;
  if (settings.hasSourceSub && settings.signsInByPassword) return true;
  const createdByThisRun = actor.kind === 'run' && user.createdAt >= Math.floor(actor.startedAt / SECOND) * SECOND;
  return createdByThisRun && sameAttributes({ ...plan.image, attributes: plan.attributes }, user);
}

/** Whether the user has what only this person, or an administrator, can bring about. A sign-in name proves nothing: anybody may sign up with it. */
function isThePerson(context: IdentifyingContext, row: UserRow, user: TargetUser): boolean {
  if (isFederated(user)) return false;
  if (context.sourceSubProves && isMarkOf(row, user.attributes[CUSTOM_SOURCE_SUB])) return true;
  return isConfirmed(user) && ADDRESSES.some(address => provedAddress(context, row, user, address));
}

/** A sign-in through a linked identity leaves a confirmed user as EXTERNAL_PROVIDER. */
function isConfirmed(user: TargetUser): boolean {
  return user.status === 'CONFIRMED' || (user.status === 'EXTERNAL_PROVIDER' && userKindOf(user) === 'linked');
}

/** Whether both pools verified that the person receives what is sent to this address. */
function provedAddress({ settings }: IdentifyingContext, row: UserRow, user: TargetUser, address: AddressAttribute): boolean {
  const [there, here] = [user, row].map(({ attributes }) => verifiedAddressOf(attributes, address));
  return there !== undefined && here !== undefined && normalizedName(settings, there) === normalizedName(settings, here);
}
