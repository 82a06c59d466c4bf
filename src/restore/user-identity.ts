import { RestoreRun } from './restore-run';
import { Link } from './restore-state';
import { CUSTOM_SOURCE_SUB, TargetSettings } from './target-settings';
import { CreatePlan, firstSubOf, sameAttributes } from './user-plan';
import { UserImage, UserRow } from '../ledger/schema';

/** A user of the target and what the last restore left about them. */
export interface FoundUser {
  readonly user: UserImage;
  readonly link?: Link;
}

/**
 * Who a user of the target is, seen from a row of the ledger:
 * - `ours`: made by this run, or by an earlier one that was stopped half-way; to be finished like one that was just created,
 * - `existing`: the same person, who was there before; to be converged, their password is theirs,
 * - `other`: somebody else with the same sign-in name.
 */
export type Identity = 'ours' | 'existing' | 'other';

/** Cognito's dates may come without their milliseconds. */
const SECOND = 1_000;

export function identify(
  plan: CreatePlan, row: UserRow, { user: found, link }: FoundUser, settings: TargetSettings, run: Pick<RestoreRun, 'startedAt' | 'execution'>,
): Identity {
  const sourceSub = found.attributes[CUSTOM_SOURCE_SUB];
  if (sourceSub && sourceSub !== firstSubOf(row)) return 'other';
  // The outcome is written after the link: a link of this run without an outcome is a user who was almost done.
  if (link) return link.execution === run.execution && link.restored ? 'ours' : 'existing';
  if (!['CONFIRMED', 'FORCE_CHANGE_PASSWORD'].includes(found.status)) return 'existing';

  const createdByThisRun = found.createdAt >= Math.floor(run.startedAt / SECOND) * SECOND;
  if (settings.hasSourceSub) {
    // Only a restore writes source_sub, and nobody knows the first password that it gave: setting another one takes nothing away.
    return sourceSub && (createdByThisRun || found.status === 'FORCE_CHANGE_PASSWORD') ? 'ours' : 'existing';
  }
  return createdByThisRun && sameAttributes({ ...plan.image, attributes: plan.attributes }, found) ? 'ours' : 'existing';
}
