import { neededGroups } from './needed-groups';
import { Checkpoint, FailedGroup, GroupCounts } from './restore-run';
import { Save, SliceContext } from './slice-context';
import { isRefusal, refusalInWords } from '../converge/user-failure';
import { GroupRow } from '../ledger/schema';
import { GroupImage } from '../cognito/user';
import { allPages } from '../cognito/page';
import { isOver } from '../runtime/clock';

/** Their names travel in the checkpoint, which has to fit into one item of the standby table. */
const MOST_FAILED = 500;
const NO_COUNTS: GroupCounts = { created: 0, changed: 0, unchanged: 0, ofIdentityProviders: 0 };

/** Cognito makes a group `<poolId>_<IdP>` for each identity provider's users; the target has, or gets, one of its own name. */
export function isOfIdentityProvider(group: GroupRow): boolean {
  return group.name.startsWith(`${group.poolId}_`);
}

/**
 * What has to be written so that the target's group is as in the ledger; undefined where it is so already. `base`: what the last restore left,
 * which tells what was removed in the source from what the target has of its own.
 */
export function planGroup(row: GroupRow, current: GroupImage | undefined, roleArn: string | undefined, base?: GroupImage): GroupImage | undefined {
  const wanted: GroupImage = {
    name: row.name,
    // Left out, it would stay as it is.
    description: row.description ?? (base?.description ? '' : current?.description),
    precedence: row.precedence ?? (base?.precedence === undefined ? current?.precedence : undefined),
    // A role of the source usually trusts one identity pool: only the caller knows its counterpart.
    roleArn: roleArn ?? current?.roleArn,
  };
  return current && fieldsOf(current) === fieldsOf(wanted) ? undefined : wanted;
}

function fieldsOf({ description, precedence, roleArn }: GroupImage): string {
  return JSON.stringify([description || null, precedence, roleArn]);
}

/** The target's groups after those of the ledger: created or converged. Undefined where the time is over. */
export async function restoreGroups(
  context: SliceContext, rows: readonly GroupRow[], checkpoint: Checkpoint, save: Save,
): Promise<Checkpoint | undefined> {
  const { target, state, run, groupRoles } = context;
  let at = checkpoint;
  const needed = await neededGroups(context, rows);
  const current = new Map((await allPages(cursor => target.listGroups(cursor))).map(group => [group.name, group]));
  const bases = await state.groupImages();
  const left = [...rows].sort(byName).filter(row => at.groupsDone === undefined || row.name > at.groupsDone);
  for (const row of left) {
    if (isOver(context)) return undefined;
    const there = current.get(row.name);
    const plan = planGroup(row, there, groupRoles[row.name], bases.get(row.name));
    // What a slice had begun when it was killed counts as what it was then.
    const begun = at.groupBegun?.name === row.name && there && !plan ? at.groupBegun : undefined;
    const kind = begun?.kind ?? kindOf(context, row, there, plan, needed);
    let refusal: FailedGroup | undefined;
    if (kind && isWrite(kind) && !run.dryRun) {
      if (!begun) await save(at = { ...at, groupBegun: { name: row.name, kind } });
      refusal = await write(context, row, plan, kind);
    }
    at = { ...at, groupsDone: row.name, groups: counted(at.groups ?? NO_COUNTS, kind, refusal) };
  }
  return { ...at, groups: at.groups ?? NO_COUNTS, groupsDone: undefined, groupBegun: undefined };
}

/** Groups that the target has, or gets: whoever is in another one is told so. */
export function groupsOfTarget(rows: readonly GroupRow[], counts: GroupCounts | undefined): Map<string, GroupRow> {
  const missing = new Set((counts?.failed ?? []).filter(group => group.isMissing).map(group => group.name));
  return new Map(rows.filter(row => !isOfIdentityProvider(row) && !missing.has(row.name)).map(row => [row.name, row]));
}

type Kind = 'created' | 'changed' | 'unchanged' | 'ofIdentityProviders';

function kindOf(
  context: SliceContext, row: GroupRow, there: GroupImage | undefined, plan: GroupImage | undefined, needed: (name: string) => boolean,
): Kind | undefined {
  if (isOfIdentityProvider(row)) return 'ofIdentityProviders';
  if (!there) return needed(row.name) ? 'created' : undefined;
  return plan && !isPartial(context) ? 'changed' : 'unchanged';
}

function isWrite(kind: Kind): kind is 'created' | 'changed' {
  return kind === 'created' || kind === 'changed';
}

/** Answers why the target refuses the group; undefined where it took it. */
async function write(
  { target, state }: SliceContext, row: GroupRow, plan: GroupImage | undefined, kind: 'created' | 'changed',
): Promise<FailedGroup | undefined> {
  try {
    if (plan) await (kind === 'created' ? target.createGroup(plan) : target.updateGroup(plan));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (kind !== 'created' || error.name !== 'GroupExistsException') {
      // A role that this function may not pass is denied, too; a group without one would not be.
      if (!isRefusal(error) && !(plan?.roleArn && error.name.startsWith('AccessDenied'))) throw error;
      const reason = refusalInWords(kind === 'created' ? 'CreateGroup' : 'UpdateGroup', error);
      return { name: row.name, reason, isMissing: kind === 'created' };
    }
  }
  await state.writeGroupImage(imageOf(row));
  return undefined;
}

function counted(counts: GroupCounts, kind: Kind | undefined, refusal: FailedGroup | undefined): GroupCounts {
  if (!kind) return counts;
  if (!refusal) return { ...counts, [kind]: counts[kind] + 1 };
  const failed = [...counts.failed ?? [], refusal];
  if (failed.length > MOST_FAILED) throw new Error(`the target refuses more than ${MOST_FAILED} groups, the last one with: ${refusal.reason}`);
  return { ...counts, failed };
}

function imageOf({ name, description, precedence }: GroupRow): GroupImage {
  return { name, description, precedence };
}

/** A restore of some users leaves groups as they are, and makes only what these users need. */
function isPartial({ run }: SliceContext): boolean {
  return run.subs !== undefined || run.groups !== undefined;
}

/** By code unit, as the positions in a checkpoint are compared. */
function byName(a: GroupRow, b: GroupRow): number {
  return a.name < b.name ? -1 : 1;
}
