import { ChangeContext, SUBJECTS_AT_ONCE, followUser, namesOf } from './apply-change';
import { WARM_POLICY } from './warm-policy';
import { isRefusal } from '../../cognito/refusals';
import { deleteGroup, deleteUser } from '../../converge/remove';
import { refused } from '../../converge/user-failure';
import { deletionLimit } from '../../ledger/deletion-limit';
import { Incident, incidentOfUser } from '../../ledger/incident';
import { UserRow } from '../../ledger/schema';
import { forEachConcurrently } from '../../runtime/concurrency';
import { GROUP, groupId } from '../../state/deletions';
import { linkOf } from '../../state/links';
import { isGroupHeld } from '../open-incidents';

export interface DeletionsAnswer {
  readonly deleted: number;
  /** Due, but too many at once, of an incident that nobody confirmed, or the standby is held at a moment: an operator decides. */
  readonly held: number;
  /** Those incidents, by id. */
  readonly incidents?: readonly string[];
  /** Were deleted and are back, or are not on the standby. */
  readonly cancelled: number;
  /** Present where time ran out before all were deleted: the next run goes on. */
  readonly left?: number;
}

/**
 * Deletes what is due. More than a few users at once wait for an operator, who says how many there may be; those of an incident wait until it is
 * confirmed, however many they are.
 *
 * @param within milliseconds after which no deletion starts
 */
export async function applyDeletions(context: ChangeContext, users: number, allow = 0, within = Infinity): Promise<DeletionsAnswer> {
  const { clock, deletions, directory } = context;
  const now = clock.now();
  // A value that is no number allows nothing.
  const most = Math.max(deletionLimit(users), Number.isFinite(allow) ? allow : 0);
  let [deleted, held, cancelled, left] = [0, 0, 0, 0];
  const isHeldAtMoment = await context.isHeldAtMoment();
  const gone: { readonly sourceSub: string; readonly row?: UserRow }[] = [];
  const groups: string[] = [];
  const open = await context.openIncidents();
  const incidents = new Set<string>();
  for await (const sourceSub of deletions.due(now)) {
    if (isHeldAtMoment) {
      // They may have been there at that moment. What is due stays due.
      held += 1;
      continue;
    }
    if (sourceSub.startsWith(GROUP)) {
      groups.push(sourceSub.slice(GROUP.length));
      continue;
    }
    if (gone.length > most) {
      // The answer is clear by now, and in the worst case there are millions.
      held += 1;
      continue;
    }
    const row = await directory.user(sourceSub);
    if (row && row.deletedAt === undefined) {
      await deletions.cancel(sourceSub);
      cancelled += 1;
    } else if (!row || row.deletedAt! + context.grace <= now) {
      const incident = row && incidentOfUser(open, row);
      if (incident) {
        incidents.add(incident.id);
        held += 1;
        continue;
      }
      // A user that came back and was deleted once more waits again.
      gone.push({ sourceSub, row });
    }
  }
  await forEachConcurrently(groups, SUBJECTS_AT_ONCE, async name => removeGroup(context, name, open));
  const waiting = incidents.size > 0 ? { incidents: [...incidents].sort() } : {};
  if (gone.length > most) return { deleted, held: gone.length + held, cancelled, ...waiting };

  const errors: unknown[] = [];
  await forEachConcurrently(gone, SUBJECTS_AT_ONCE, async ({ sourceSub, row }) => {
    if (clock.now() - now > within) {
      left += 1;
      return;
    }
    try {
      if (await remove(context, sourceSub)) deleted += 1;
      else cancelled += 1;
      await deletions.cancel(sourceSub);
      if (row) await bringSuccessors(context, row);
    } catch (error) {
      if (!isRefusal(error)) {
        errors.push(error);
        return;
      }
      await context.setAside({ sourceSub, reason: refused('AdminDeleteUser', error) });
      await deletions.cancel(sourceSub);
    }
  });
  // All others are done; these come again.
  if (errors.length > 0) throw errors[0];
  return { deleted, held, cancelled, ...waiting, ...(left > 0 ? { left } : {}) };
}

async function remove(context: ChangeContext, sourceSub: string): Promise<boolean> {
  const link = await linkOf(context.links, sourceSub);
  if (!link) return false;
  const isDeleted = await deleteUser({ policy: WARM_POLICY, target: context.pool }, link);
  await context.links.remove(link);
  return isDeleted;
}

async function removeGroup(
  { clock, deletions, directory, grace, groupRow, pool }: ChangeContext, name: string, open: readonly Incident[],
): Promise<void> {
  const poolId = await directory.poolId();
  const row = poolId === undefined ? undefined : await groupRow(poolId, name);
  if (row && row.deletedAt !== undefined && row.deletedAt + grace > clock.now()) return;
  if (row && isGroupHeld(open, row)) return;
  if (!row || row.deletedAt !== undefined) await deleteGroup({ policy: WARM_POLICY, target: pool }, name);
  await deletions.cancel(groupId(name));
}

/** Users that have one of the names now had to wait for it. */
async function bringSuccessors(context: ChangeContext, row: UserRow): Promise<void> {
  for (const name of new Set(namesOf(row))) {
    const next = await context.directory.find(name);
    if (next && next.deletedAt === undefined) await followUser(context, next.sub);
  }
}
