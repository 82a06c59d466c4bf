import { GroupCounts } from './restore-run';
import { isOver, SliceContext } from './slice-context';
import { all } from './target-pool';
import { GroupImage, GroupRow } from '../ledger/schema';
import { forEachConcurrently } from '../runtime/concurrency';

const READS_AT_ONCE = 16;

/** Cognito makes a group `<poolId>_<IdP>` for each identity provider's users; the target has, or gets, one of its own name. */
export function isOfIdentityProvider(group: GroupRow): boolean {
  return group.name.startsWith(`${group.poolId}_`);
}

/** What has to be written so that the target's group is as in the ledger; undefined where it is so already. */
export function planGroup(row: GroupRow, current: GroupImage | undefined, roleArn: string | undefined): GroupImage | undefined {
  const wanted: GroupImage = {
    name: row.name,
    description: row.description ?? current?.description,
    precedence: row.precedence ?? current?.precedence,
    // A role of the source usually trusts one identity pool: only the caller knows its counterpart.
    roleArn: roleArn ?? current?.roleArn,
  };
  const isEqual = (['description', 'precedence', 'roleArn'] as const).every(field => current?.[field] === wanted[field]);
  return current && isEqual ? undefined : wanted;
}

/** The target's groups after those of the ledger: created or converged. Undefined where the time is over; done again, it goes on. */
export async function restoreGroups(context: SliceContext, rows: readonly GroupRow[]): Promise<GroupCounts | undefined> {
  const { target, run, groupRoles } = context;
  const counts = { created: 0, changed: 0, unchanged: 0, ofIdentityProviders: 0 };
  const needed = await neededGroups(context, rows);
  const current = new Map((await all(cursor => target.listGroups(cursor))).map(group => [group.name, group]));
  for (const row of rows) {
    if (isOver(context)) return undefined;
    const there = current.get(row.name);
    const plan = planGroup(row, there, groupRoles[row.name]);
    if (isOfIdentityProvider(row)) {
      counts.ofIdentityProviders++;
    } else if (!there && needed(row.name)) {
      counts.created++;
      if (!run.dryRun) await createGroup(context, plan!);
    } else if (there && plan && !isPartial(context)) {
      counts.changed++;
      if (!run.dryRun) await target.updateGroup(plan);
    } else if (there) {
      counts.unchanged++;
    }
  }
  return counts;
}

async function createGroup({ target }: SliceContext, group: GroupImage): Promise<void> {
  try {
    await target.createGroup(group);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'GroupExistsException')) throw error;
  }
}

/** A restore of some users leaves groups as they are, and makes only what these users need. */
function isPartial({ run }: SliceContext): boolean {
  return run.subs !== undefined || run.groups !== undefined;
}

async function neededGroups({ ledger, run }: SliceContext, rows: readonly GroupRow[]): Promise<(name: string) => boolean> {
  if (!run.subs || rows.length === 0) return () => true;
  const names = new Set<string>();
  await forEachConcurrently(run.subs, READS_AT_ONCE, async sub => {
    (await ledger.groupsOfUser(run.sourceUserPoolId, sub)).forEach(name => names.add(name));
  });
  return name => names.has(name);
}
