import { PLAN_KEPT } from './constants';
import { presentPool } from './plan-view';
import { RecoveryCheckpoint } from './recovery-checkpoint';
import { RecoveryContext, SaveRecovery } from './recovery-context';
import {
  CreateLine, digestOfGroup, digestOfPresent, GroupLine, groupLineId, LeaveGroupLine, LeaveLine, RecoveryLine, ReverseLine, userLineId,
} from './recovery-line';
import { engineContext, undeletePolicy } from './recovery-policy';
import { planIdOf, Task } from './recovery-run';
import { unlessStopped } from '../cognito/pacing';
import { allPages, Page } from '../cognito/page';
import { undefinedIfNo } from '../cognito/refusals';
import { GroupImage, TargetUser } from '../cognito/user';
import { identify } from '../converge/identify';
import { isEmptyReversal, planUndo, Reversal } from '../converge/reversal';
import { isOver } from '../runtime/clock';
import { runPipeline, WorkPage } from '../runtime/pipeline';
import { Reason } from '../state/outcome';

const USERS_AT_ONCE = 32;

interface UndonePage extends WorkPage<RecoveryLine> {
  readonly next?: string;
}

type UndoTask = Extract<Task, { readonly do: 'undo' }>;

/**
 * Writes the lines that take an executed plan back; answers whether they are whole. Whatever was begun counts, also where the run was stopped
 * half-way. Nobody is deleted: users who came back are disabled.
 */
export async function planUndoOf(
  context: RecoveryContext, { undone, allowMessages }: UndoTask, at: Extract<RecoveryCheckpoint, { readonly phase: 'plan-undo' }>, save: SaveRecovery,
): Promise<boolean> {
  const { store, run, clock, target } = context;
  const groups = new Map((await allPages(cursor => target.listGroups(cursor))).map(group => [group.name, group]));
  return runPipeline<RecoveryLine, UndonePage, readonly RecoveryLine[]>({
    pages: undonePages(context, undone, at.cursor),
    atOnce: USERS_AT_ONCE,
    isOver: () => isOver(context),
    stop: context.stop,
    work: async line => unlessStopped(async () => {
      const undo = await undoOf(context, line, { undone, groups, allowMessages });
      return undo ? [undo] : [];
    }),
    commit: async pages => {
      await store.writeLines(planIdOf(run), pages.flatMap(({ results }) => results.flat()), clock.now() + PLAN_KEPT);
      const { next: cursor } = pages[pages.length - 1].page;
      if (cursor !== undefined) await save({ phase: 'plan-undo', cursor });
    },
  });
}

async function* undonePages({ store }: RecoveryContext, undone: string, from?: string): AsyncGenerator<UndonePage> {
  let cursor = from;
  do {
    const page: Page<RecoveryLine> = await store.lines(undone, cursor);
    cursor = page.next;
    yield { items: page.items.filter(({ begunAt }) => begunAt !== undefined), next: cursor };
  } while (cursor !== undefined);
}

interface UndoRules {
  /** Name of the plan that is taken back. */
  readonly undone: string;
  /** The pool's, by name. */
  readonly groups: ReadonlyMap<string, GroupImage>;
  readonly allowMessages: boolean;
}

async function undoOf(context: RecoveryContext, line: RecoveryLine, rules: UndoRules): Promise<RecoveryLine | undefined> {
  if (line.action === 'leave') return undefined;
  if (line.of === 'group') return undoGroup(line, rules.groups.get(line.group.name));
  return line.action === 'create' ? undoReturn(context, line, rules) : undoReversal(context, line, rules);
}

function undoGroup(line: GroupLine, there: GroupImage | undefined): GroupLine | LeaveGroupLine | undefined {
  const { before, group } = line;
  const of = { of: 'group', id: groupLineId(group.name), change: 'changed', certainty: 'certain', warnings: [] } as const;
  if (!there || line.result?.outcome === 'skipped' || line.result?.outcome === 'failed') return undefined;
  if (!before) return { ...of, action: 'leave', reason: { code: 'group-stays' } };
  if (digestOfGroup(there) === digestOfGroup(before)) return undefined;
  if (digestOfGroup(there) !== digestOfGroup(group)) return { ...of, action: 'leave', reason: { code: 'changed-since-run', fields: ['group'] } };
  return { ...of, action: 'reverse', group: { ...before, description: before.description ?? '' }, before: there };
}

/** The user that the line made; the run may have been stopped before it knew the `sub`. Users that another run had made are not its own. */
async function undoReturn(context: RecoveryContext, line: CreateLine, { undone }: UndoRules): Promise<ReverseLine | LeaveLine | undefined> {
  const { links } = context;
  const linked = line.result?.targetSub ?? await links.targetSubOf(line.row.sub);
  const sub: string | undefined = linked;
  const user = sub === undefined || sub === line.sub ? await half(context, line) : await presentPool(context.target).user(sub);
  if (!user) return undefined;
  const isMade = line.result?.outcome === 'restored' || await isOfLine(context, line, user, undone);
  if (!isMade || !user.enabled) return undefined;
  return ofUser(context, user, { set: {}, unset: [], enabled: false, join: [], leave: [], before: {} }, [{ code: 'disabled-not-deleted' }]);
}

async function half({ target }: RecoveryContext, { plan }: CreateLine): Promise<TargetUser | undefined> {
  return (await undefinedIfNo('user', () => target.getUser(plan.signInName)))?.user;
}

async function isOfLine(context: RecoveryContext, { row, plan, begunAt }: CreateLine, user: TargetUser, undone: string): Promise<boolean> {
  const engine = engineContext(context, actor => undeletePolicy(actor, false), begunAt!);
  const link = (await context.links.ofTargets([user.sub])).get(user.sub);
  return link ? link.sourceSub === row.sub && link.restored && link.execution === undone : identify(engine, plan, row, { user }) === 'ours';
}

async function undoReversal(
  context: RecoveryContext, line: ReverseLine, { groups, allowMessages }: UndoRules,
): Promise<ReverseLine | LeaveLine | undefined> {
  const { settings, run: { sourceUserPoolId: userPoolId }, target } = context;
  const present = presentPool(target);
  const user = await present.user(line.sub);
  if (!user) return leaveUser(line.sub, { code: 'not-in-target' }, []);
  const now = { user, groups: await present.groupsOf(user) };
  const { reversal, warnings } = planUndo(line.reversal, now, { userPoolId, settings, hasGroup: name => groups.has(name), allowMessages });
  if (!isEmptyReversal(reversal)) return ofUser(context, user, reversal, warnings, now.groups);
  return warnings.length > 0 ? leaveUser(line.sub, { code: 'nothing-to-write' }, warnings) : undefined;
}

async function ofUser(
  { target }: RecoveryContext, user: TargetUser, reversal: Reversal, warnings: readonly Reason[], known?: readonly string[],
): Promise<ReverseLine> {
  const groups = known ?? await presentPool(target).groupsOf(user);
  const sub: string = user.sub;
  return {
    of: 'user',
    id: userLineId(sub),
    sub,
    change: 'changed',
    certainty: 'certain',
    warnings,
    action: 'reverse',
    username: user.username,
    reversal,
    digest: digestOfPresent({ user, groups }),
  };
}

function leaveUser(sub: string, reason: Reason, warnings: readonly Reason[]): LeaveLine {
  return { of: 'user', id: userLineId(sub), sub, change: 'changed', certainty: 'certain', warnings, action: 'leave', reason };
}
