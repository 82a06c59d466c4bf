import { neededGroups } from './needed-groups';
import { FailedGroup, GroupCounts, GroupsCheckpoint } from './restore-run';
import { Save, SliceContext } from './slice-context';
import { isProviderGroup } from '../cognito/groups';
import { allPages } from '../cognito/page';
import { GroupImage } from '../cognito/user';
import { writeGroup } from '../converge/bring-group';
import { planGroup } from '../converge/group-plan';
import { sentenceOf } from '../converge/sentences';
import { GroupRow } from '../ledger/schema';
import { isOver } from '../runtime/clock';
import { PublicError } from '../runtime/public-error';

/** The names of failed groups travel in the checkpoint, which has to fit into one item of the state table. */
const MOST_FAILED = 500;

/** Creates the ledger's groups in the target, or converges those that it has. Undefined where the time is over. */
export async function restoreGroups(
  context: SliceContext, rows: readonly GroupRow[], checkpoint: GroupsCheckpoint, save: Save,
): Promise<GroupsCheckpoint | undefined> {
  const { target, state, run, groupRoles } = context;
  let at = checkpoint;
  const needed = await neededGroups(context, rows);
  const current = new Map((await allPages(cursor => target.listGroups(cursor))).map(group => [group.name, group]));
  const bases = await state.groupImages();
  const left = [...rows].sort(byName).filter(row => at.groupsDone === undefined || row.name > at.groupsDone);
  for (const row of left) {
    if (isOver(context)) return undefined;
    const there = current.get(row.name);
    // At an earlier moment, all that the target has beyond it was gained since.
    const plan = planGroup(row, there, groupRoles[row.name], run.asOf === undefined ? bases.get(row.name) : there);
    // A group that a slice had begun when it was killed counts as what it was to that slice.
    const begun = at.groupBegun?.name === row.name && there && !plan ? at.groupBegun : undefined;
    const kind = begun?.kind ?? kindOf(context, row, there, plan, needed);
    let refusal: FailedGroup | undefined;
    if (kind && isWrite(kind) && !run.dryRun) {
      if (!begun) await save(at = { ...at, groupBegun: { name: row.name, kind } });
      refusal = await write(context, row, plan, kind);
    }
    at = { ...at, groupsDone: row.name, groups: countGroup(at.groups, kind, refusal) };
  }
  return at;
}

/** Groups that the target has, or gets: a user who is in another group gets a warning. */
export function groupsOfTarget(rows: readonly GroupRow[], counts: GroupCounts): Map<string, GroupRow> {
  const missing = new Set((counts.failed ?? []).filter(group => group.isMissing).map(group => group.name));
  return new Map(rows.filter(row => !isProviderGroup(row.poolId, row.name) && !missing.has(row.name)).map(row => [row.name, row]));
}

type Kind = 'created' | 'changed' | 'unchanged' | 'ofIdentityProviders';

function kindOf(
  context: SliceContext, row: GroupRow, there: GroupImage | undefined, plan: GroupImage | undefined, needed: (name: string) => boolean,
): Kind | undefined {
  if (isProviderGroup(row.poolId, row.name)) return 'ofIdentityProviders';
  if (!there) return needed(row.name) ? 'created' : undefined;
  return plan && !isPartial(context) ? 'changed' : 'unchanged';
}

function isWrite(kind: Kind): kind is 'created' | 'changed' {
  return kind === 'created' || kind === 'changed';
}

/** Answers why the target refuses the group; undefined where the target took it. */
async function write(
  context: SliceContext, row: GroupRow, plan: GroupImage | undefined, kind: 'created' | 'changed',
): Promise<FailedGroup | undefined> {
  const reason = plan && await writeGroup(context, plan, kind);
  if (reason) return { name: row.name, reason, isMissing: kind === 'created' };
  await context.state.writeGroupImage(row);
  return undefined;
}

function countGroup(counts: GroupCounts, kind: Kind | undefined, refusal: FailedGroup | undefined): GroupCounts {
  if (!kind) return counts;
  if (!refusal) return { ...counts, [kind]: counts[kind] + 1 };
  const failed = [...counts.failed ?? [], refusal];
  if (failed.length > MOST_FAILED) {
    throw new PublicError(`the target refuses more than ${MOST_FAILED} groups, the last one with: ${sentenceOf(refusal.reason)}`);
  }
  return { ...counts, failed };
}

/** A restore of some users leaves existing groups as they are, and makes only the groups that these users need. */
function isPartial({ run }: SliceContext): boolean {
  return run.subs !== undefined || run.groups !== undefined;
}

/** By code unit, as the positions in a checkpoint are compared. */
function byName(a: GroupRow, b: GroupRow): number {
  return a.name < b.name ? -1 : 1;
}
