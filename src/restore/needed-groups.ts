import { SliceContext } from './slice-context';
import { Page } from '../cognito/page';
import { GroupRow, MembershipRow } from '../ledger/schema';
import { forEachConcurrently } from '../runtime/concurrency';

const READS_AT_ONCE = 16;
const ALL = (): boolean => true;

/** Which groups a restore needs: for some users those that they are in, for all users every group. */
export async function neededGroups(context: SliceContext, rows: readonly GroupRow[]): Promise<(name: string) => boolean> {
  const { run, clock, deadline } = context;
  if (rows.length === 0 || (!run.subs && !run.groups)) return ALL;
  const names = new Set(run.groups);
  // A million members of a group are between them in nearly every group; finding out exactly is not worth more than half a slice.
  const until = clock.now() + (deadline - clock.now()) / 2;
  for await (const subs of subsOf(context)) {
    await addGroupsOf(context, subs, names);
    if (names.size >= rows.length || clock.now() >= until) return run.subs ? name => names.has(name) : ALL;
  }
  return name => names.has(name);
}

async function* subsOf({ ledger, run: { sourceUserPoolId, subs, groups = [] } }: SliceContext): AsyncGenerator<readonly string[]> {
  if (subs) yield subs;
  for (const group of subs ? [] : groups) {
    let cursor: string | undefined;
    do {
      const page: Page<MembershipRow> = await ledger.membersOfGroup(sourceUserPoolId, group, cursor);
      yield page.items.filter(member => member.deletedAt === undefined).map(member => member.sub);
      cursor = page.next;
    } while (cursor !== undefined);
  }
}

async function addGroupsOf({ ledger, run }: SliceContext, subs: readonly string[], names: Set<string>): Promise<void> {
  await forEachConcurrently(subs, READS_AT_ONCE, async sub => {
    (await ledger.groupsOfUser(run.sourceUserPoolId, sub, run.groups)).forEach(name => names.add(name));
  });
}
