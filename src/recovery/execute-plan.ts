import {
  asPlanned, CHANGED_SINCE, executeGroupLine, executeUserLine, isGroupLineToDo, isUserLineToDo, parkNames, UserLineToDo,
} from './execute-line';
import { EXECUTE_PASSES, ExecutePass, RecoveryCheckpoint } from './recovery-checkpoint';
import { RecoveryContext, SaveRecovery } from './recovery-context';
import { LineResult, PlanHead, RecoveryLine, ReverseLine } from './recovery-line';
import { planIdOf } from './recovery-run';
import { settleNames } from './settle-names';
import { unlessStopped } from '../cognito/pacing';
import { allPages, Page } from '../cognito/page';
import { isOver } from '../runtime/clock';
import { runPipeline, WorkPage } from '../runtime/pipeline';
import { FAILURES_TO_STOP_AT, isHopeless } from '../state/outcome';

/** Users in flight. The quotas bound the pace; a plan is about few users as a rule. */
const USERS_AT_ONCE = 64;

interface LinePage extends WorkPage<UserLineToDo> {
  readonly next?: string;
}

type At = Extract<RecoveryCheckpoint, { readonly phase: 'execute' }>;

/** Executes the lines that have no result yet; answers whether every line has one, or most of them fail. */
export async function executePlan(context: RecoveryContext, head: PlanHead, from: At, save: SaveRecovery): Promise<boolean> {
  const first = from.pass ?? (from.cursor === undefined ? 'groups' : 'rest');
  for (const pass of EXECUTE_PASSES.slice(EXECUTE_PASSES.indexOf(first))) {
    if (ONLY_FOR_NAMES.includes(pass) && !head.movesNames) continue;
    const at: At = pass === from.pass || pass === first ? from : { phase: 'execute', pass };
    if (at !== from) await save(at);
    if (!await doPass(pass, context, at, save)) return false;
  }
  return true;
}

const ONLY_FOR_NAMES: readonly ExecutePass[] = ['check', 'settle', 'park', 'place'];

async function doPass(pass: ExecutePass, context: RecoveryContext, at: At, save: SaveRecovery): Promise<boolean> {
  switch (pass) {
    case 'groups':
      return await unlessStopped(() => executeGroups(context)) ?? false;
    case 'check':
      return doLines(context, at, save, {
        isWanted: line => givesName(line) && line.begunAt === undefined,
        work: async line => await asPlanned(context, line as ReverseLine, false) ? undefined : end(context, line, line, CHANGED_SINCE),
      });
    case 'settle': {
      const { run, clock, retention } = context;
      const done = await settleNames(context, run.execution, clock.now() + retention, { moves: false, cursor: at.cursor }, ({ cursor }) =>
        save({ phase: 'execute', pass, cursor }));
      return done !== undefined;
    }
    case 'park':
      return doLines(context, at, save, { isWanted: givesName, work: async line => parkLine(context, line as ReverseLine) });
    case 'place':
      return doLines(context, at, save, { isWanted: givesName, work: async line => executeLine(context, line) });
    case 'rest':
      return doRest(context, at, save);
  }
}

function givesName(line: UserLineToDo): boolean {
  return line.action === 'reverse' && line.reversal.park !== undefined;
}

async function parkLine(context: RecoveryContext, line: ReverseLine): Promise<LineResult | undefined> {
  const begun = await begin(context, line);
  const result = await parkNames(context, begun, line.begunAt !== undefined);
  return result && end(context, line, begun, result);
}

async function executeLine(context: RecoveryContext, line: UserLineToDo): Promise<LineResult> {
  const begun = await begin(context, line);
  return end(context, line, begun, await executeUserLine(context, begun, line.begunAt !== undefined));
}

/** The last pass, with the same rule as a restore: where nearly everything fails, the rest is left as it is until somebody has found out why. */
async function doRest(context: RecoveryContext, at: At, save: SaveRecovery): Promise<boolean> {
  let { outcomes = {} } = at;
  const isEnough = () => isHopeless(outcomes, FAILURES_TO_STOP_AT);
  const done = await doLines(context, at, async next => save({ ...next, outcomes }), {
    isWanted: () => true,
    work: async line => executeLine(context, line),
    isOver: isEnough,
    note: ({ outcome }) => { outcomes = { ...outcomes, [outcome]: (outcomes[outcome] ?? 0) + 1 }; },
  });
  return done || isEnough();
}

interface LinesWork {
  readonly isWanted: (line: UserLineToDo) => boolean;
  /** What the line came to; undefined where that is for a later pass. */
  readonly work: (line: UserLineToDo) => Promise<LineResult | undefined>;
  readonly isOver?: () => boolean;
  readonly note?: (result: LineResult) => void;
}

async function doLines(
  context: RecoveryContext, { pass, cursor }: At, save: (at: At) => Promise<void>, { isWanted, work, isOver: isEnough, note }: LinesWork,
): Promise<boolean> {
  return runPipeline<UserLineToDo, LinePage, string>({
    pages: linePages(context, isWanted, cursor),
    atOnce: USERS_AT_ONCE,
    isOver: () => isOver(context) || (isEnough?.() ?? false),
    stop: context.stop,
    work: async line => unlessStopped(async () => {
      await context.keepLease();
      const result = await work(line);
      if (result) note?.(result);
      return line.id;
    }),
    commit: async pages => {
      const { next } = pages[pages.length - 1].page;
      if (next !== undefined) await save({ phase: 'execute', pass, cursor: next });
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

async function* linePages(
  { store, run }: RecoveryContext, isWanted: (line: UserLineToDo) => boolean, from?: string,
): AsyncGenerator<LinePage> {
  let cursor = from;
  do {
    const page: Page<RecoveryLine> = await store.lines(planIdOf(run), cursor);
    cursor = page.next;
    yield { items: page.items.filter(isUserLineToDo).filter(isWanted), next: cursor };
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
async function end<L extends RecoveryLine>(context: RecoveryContext, line: L, begun: L, result: LineResult): Promise<LineResult> {
  await write(context, { ...result.outcome === 'skipped' ? line : begun, result } as RecoveryLine);
  return result;
}

async function write({ store, run, clock, retention }: RecoveryContext, line: RecoveryLine): Promise<void> {
  await store.writeLines(planIdOf(run), [line], clock.now() + retention);
}
