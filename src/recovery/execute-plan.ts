import { executeGroupLine, executeUserLine, isGroupLineToDo, isUserLineToDo, UserLineToDo } from './execute-line';
import { RecoveryCheckpoint } from './recovery-checkpoint';
import { RecoveryContext, SaveRecovery } from './recovery-context';
import { LineResult, RecoveryLine } from './recovery-line';
import { planIdOf } from './recovery-run';
import { unlessStopped } from '../cognito/pacing';
import { allPages, Page } from '../cognito/page';
import { isOver } from '../runtime/clock';
import { runPipeline, WorkPage } from '../runtime/pipeline';

/** Users in flight. The quotas bound the pace; a plan is about few users as a rule. */
const USERS_AT_ONCE = 64;

interface LinePage extends WorkPage<UserLineToDo> {
  readonly next?: string;
}

/** Executes the lines that have no result yet; answers whether every line has one. */
export async function executePlan(
  context: RecoveryContext, at: Extract<RecoveryCheckpoint, { readonly phase: 'execute' }>, save: SaveRecovery,
): Promise<boolean> {
  if (at.cursor === undefined && !await unlessStopped(() => executeGroups(context))) return false;
  return runPipeline<UserLineToDo, LinePage, string>({
    pages: linePages(context, at.cursor),
    atOnce: USERS_AT_ONCE,
    isOver: () => isOver(context),
    stop: context.stop,
    work: async line => unlessStopped(async () => {
      await context.keepLease();
      const begun = await begin(context, line);
      await end(context, line, begun, await executeUserLine(context, begun, line.begunAt !== undefined));
      return line.id;
    }),
    commit: async pages => {
      const { next: cursor } = pages[pages.length - 1].page;
      if (cursor !== undefined) await save({ phase: 'execute', cursor });
    },
  });
}

/** Groups come first, and one after the other: users are put into them. */
async function executeGroups(context: RecoveryContext): Promise<boolean> {
  const { store, run, target } = context;
  let groups: ReadonlyMap<string, Parameters<typeof executeGroupLine>[2]> | undefined;
  let cursor: string | undefined;
  do {
    const page: Page<RecoveryLine> = await store.lines(planIdOf(run), cursor);
    for (const line of page.items.filter(isGroupLineToDo)) {
      if (isOver(context)) return false;
      await context.keepLease();
      groups ??= new Map((await allPages(from => target.listGroups(from))).map(group => [group.name, group]));
      const begun = await begin(context, line);
      await end(context, line, begun, await executeGroupLine(context, begun, groups.get(line.group.name)));
    }
    // Lines of users follow those of groups.
    cursor = page.items.some(({ of }) => of === 'user') ? undefined : page.next;
  } while (cursor !== undefined);
  return true;
}

async function* linePages({ store, run }: RecoveryContext, from?: string): AsyncGenerator<LinePage> {
  let cursor = from;
  do {
    const page: Page<RecoveryLine> = await store.lines(planIdOf(run), cursor);
    cursor = page.next;
    yield { items: page.items.filter(isUserLineToDo), next: cursor };
  } while (cursor !== undefined);
}

/** From here on every later slice knows that the line may have been executed in part. What it replaces is kept with it. */
async function begin<L extends RecoveryLine>(context: RecoveryContext, line: L): Promise<L> {
  if (line.begunAt !== undefined) return line;
  const begun = { ...line, begunAt: context.clock.now() };
  await write(context, begun);
  return begun;
}

/** A line that was skipped at its first look was never begun: where somebody else has done the same since, there is nothing of it to take back. */
async function end<L extends RecoveryLine>(context: RecoveryContext, line: L, begun: L, result: LineResult): Promise<void> {
  await write(context, { ...result.outcome === 'skipped' ? line : begun, result } as RecoveryLine);
}

async function write({ store, run, clock, retention }: RecoveryContext, line: RecoveryLine): Promise<void> {
  await store.writeLines(planIdOf(run), [line], clock.now() + retention);
}
