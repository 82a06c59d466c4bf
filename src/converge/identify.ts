import { RestoreRun } from '../restore/restore-run';
import { Link } from '../state/run-state';
import { PoolSettings } from '../cognito/pool-settings';
import { CreatePlan, sameAttributes } from './user-plan';
import { UserRow } from '../ledger/schema';
import { normalizedName } from '../cognito/sign-in-name';
import { UserImage } from '../cognito/user';
import { CUSTOM_SOURCE_SUB, firstSubOf } from '../cognito/source-sub';

/** A user of the target and what the last restore left about them. */
export interface FoundUser {
  readonly user: UserImage;
  readonly link?: Link;
}

/**
 * Who a user of the target is, seen from a row of the ledger:
 * - `ours`: made by this run, or by an earlier one that was stopped half-way; to be finished like one that was just created,
 * - `existing`: the same person, who was there before; to be converged, their password is theirs,
 * - `other`: somebody else, or nobody knows: whoever signs up first with a name would get what belongs to its owner,
 * - `unconfirmed`: whoever that is has not proved anything.
 */
export type Identity = 'ours' | 'existing' | 'other' | 'unconfirmed';

export type IdentifyingRun = Pick<RestoreRun, 'startedAt' | 'execution' | 'sourceUserPoolId' | 'targetUserPoolId' | 'sourceSubProves'>;

/** Cognito's dates may come without their milliseconds. */
const SECOND = 1_000;

export function identify(plan: CreatePlan, row: UserRow, found: FoundUser, settings: PoolSettings, run: IdentifyingRun): Identity {
  const { user, link } = found;
  if (user.status === 'UNCONFIRMED') return 'unconfirmed';
  if (link && link.sourceSub !== row.sub) return 'other';
  const sourceSub = user.attributes[CUSTOM_SOURCE_SUB];
  if (run.sourceSubProves && sourceSub && sourceSub !== firstSubOf(row)) return 'other';
  if (link) return isOurs(link, run) ? 'ours' : 'existing';
  if (run.sourceUserPoolId === run.targetUserPoolId && user.sub === row.sub) return 'existing';
  if (wasCreatedByARestore(plan, row, user, settings, run)) return 'ours';
  return isThePerson(row, user, settings, run) ? 'existing' : 'other';
}

/** The outcome is written after the link: a link of this run without an outcome is a user who was almost done. */
function isOurs(link: Link, run: IdentifyingRun): boolean {
  return link.restored && (link.finished === false || link.execution === run.execution);
}

/** Killed between the creation and the link. Nobody signs up into FORCE_CHANGE_PASSWORD, so nobody chose a password yet. */
function wasCreatedByARestore(plan: CreatePlan, row: UserRow, user: UserImage, settings: PoolSettings, run: IdentifyingRun): boolean {
  const neverSignedIn = settings.signsInByPassword ? user.status === 'FORCE_CHANGE_PASSWORD' : user.status === 'CONFIRMED';
  if (!neverSignedIn) return false;
  if (settings.hasSourceSub && user.attributes[CUSTOM_SOURCE_SUB] !== firstSubOf(row)) return false;
  if (settings.hasSourceSub && settings.signsInByPassword) return true;
  const createdByThisRun = user.createdAt >= Math.floor(run.startedAt / SECOND) * SECOND;
  return createdByThisRun && sameAttributes({ ...plan.image, attributes: plan.attributes }, user);
}

/** Something that only this person, or an administrator, can bring about. A sign-in name alone is none: anybody may sign up with it. */
function isThePerson(row: UserRow, user: UserImage, settings: PoolSettings, run: IdentifyingRun): boolean {
  if (user.status === 'EXTERNAL_PROVIDER') return false;
  if (run.sourceSubProves && user.attributes[CUSTOM_SOURCE_SUB] === firstSubOf(row)) return true;
  return user.status === 'CONFIRMED' && (['email', 'phone_number'] as const).some(address => provedAddress(row, user, address, settings));
}

/** Both pools made sure that the person receives what is sent to this address. */
function provedAddress(row: UserRow, user: UserImage, address: 'email' | 'phone_number', settings: PoolSettings): boolean {
  const [there, here] = [user, row].map(({ attributes }) => attributes[`${address}_verified`] === 'true' ? attributes[address] : undefined);
  return there !== undefined && here !== undefined && there !== '' && normalizedName(settings, there) === normalizedName(settings, here);
}
