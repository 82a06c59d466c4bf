import { RecoveryContext } from './recovery-context';
import { CreateLine, digestOfGroup, digestOfPresent, GroupLine, LineResult, RecoveryLine, ReverseLine } from './recovery-line';
import { engineContext, revertPolicy, undeletePolicy } from './recovery-policy';
import { Attributes } from '../cognito/attribute-values';
import { allPages } from '../cognito/page';
import { undefinedIfNo } from '../cognito/refusals';
import { GroupImage, TargetUser } from '../cognito/user';
import { writeGroup } from '../converge/bring-group';
import { bringPlanned } from '../converge/bring-user';
import { beforeReversal, isEmptyReversal, PresentUser, remainderOf, reverse } from '../converge/reversal';
import { InsteadOfStandIns, insteadOfStandIns, openStandIns } from '../converge/reversal-names';
import { Reason } from '../state/outcome';

export type UserLineToDo = CreateLine | ReverseLine;

export const CHANGED_SINCE: LineResult = { outcome: 'skipped', reason: { code: 'changed-since-plan' } };

export function isUserLineToDo(line: RecoveryLine): line is UserLineToDo {
  return line.of === 'user' && line.action !== 'leave' && line.result === undefined;
}

export function isGroupLineToDo(line: RecoveryLine): line is GroupLine {
  return line.of === 'group' && line.action !== 'leave' && line.result === undefined;
}

/**
 * Executes one line. `isAgain`: an earlier slice had begun it, and may have written any part of it. The time of the first attempt is kept before the
 * first call: a user who has the name, and was made since, is this line's own.
 */
export async function executeUserLine(context: RecoveryContext, line: UserLineToDo, isAgain: boolean): Promise<LineResult> {
  return line.action === 'create' ? bringBack(context, line) : takeBack(context, line, isAgain);
}

async function bringBack(context: RecoveryContext, line: CreateLine): Promise<LineResult> {
  const engine = engineContext(context, actor => undeletePolicy(actor, false), line.begunAt!);
  const { outcome, link } = await bringPlanned(engine, line.row, line.plan);
  if (link) await context.links.write(link);
  const { outcome: what, reason, warnings, targetSub } = outcome;
  // The plan's own warnings are in the line.
  return { outcome: what, reason, warnings: warnings?.filter(warning => !isIn(line.plan.warnings, warning)), targetSub };
}

/**
 * The user and their groups are read right before the first write, and compared with what the plan was made from. Cognito has no conditional write:
 * what changes during that one call is overwritten.
 */
async function takeBack(context: RecoveryContext, line: ReverseLine, isAgain: boolean): Promise<LineResult> {
  const now = await asPlanned(context, line, isAgain);
  if (!now) return leaveChanged(context, line);
  const rest = remainderOf(line.reversal, now);
  const { reason, warnings = [] } = isEmptyReversal(rest) ? {} : await reverse(engineContext(context, revertPolicy, line.begunAt!), now.user, rest);
  const parked = reason ? await takeBackNames(context, line, ['former']) : [];
  const all = [...warnings, ...parked];
  const said = all.length > 0 ? { warnings: all } : {};
  return reason ? { outcome: 'failed', reason, ...said } : { outcome: 'already-there', reason: { code: 'converged' }, ...said };
}

/**
 * Lets the user give up the names that others of the plan get. Answers what the line comes to where that cannot be; undefined where it is to be gone
 * on with.
 */
export async function parkNames(context: RecoveryContext, line: ReverseLine, isAgain: boolean): Promise<LineResult | undefined> {
  const now = await asPlanned(context, line, isAgain);
  if (!now) return leaveChanged(context, line);
  const set = openStandIns(line.reversal, now.user.attributes);
  const reason = await writeAttributes(context, line, now.user, set);
  return reason && { outcome: 'failed', reason };
}

/** Somebody who changed while others waited for the name that they gave up: the own one is free by now, and all else stays. */
async function leaveChanged(context: RecoveryContext, line: ReverseLine): Promise<LineResult> {
  const parked = await takeBackNames(context, line, ['own', 'former']);
  return parked.length > 0 ? { ...CHANGED_SINCE, warnings: parked } : CHANGED_SINCE;
}

/** Gives the user a name again in place of a stand-in: the first of these that is not somebody else's by now. */
async function takeBackNames(
  context: RecoveryContext, line: ReverseLine, names: readonly (keyof InsteadOfStandIns)[],
): Promise<readonly Reason[]> {
  const now = line.reversal.park && await presentUser(context, line);
  if (!now) return [];
  const instead = insteadOfStandIns(line.reversal, now.user.attributes);
  if (Object.keys(instead.former).length === 0) return [];
  for (const name of names) {
    const set = instead[name];
    if (Object.keys(set).length > 0 && !await writeAttributes(context, line, now.user, set)) return [];
  }
  return [{ code: 'name-parked' }];
}

async function writeAttributes(context: RecoveryContext, line: ReverseLine, user: TargetUser, set: Attributes): Promise<Reason | undefined> {
  if (Object.keys(set).length === 0) return undefined;
  const { reason } = await reverse(engineContext(context, revertPolicy, line.begunAt!), user, { set, unset: [], join: [], leave: [], before: {} });
  return reason;
}

/** As they are, if that is what the plan was made from, or what an earlier slice has made of it. */
export async function asPlanned(context: RecoveryContext, line: ReverseLine, isAgain: boolean): Promise<PresentUser | undefined> {
  const now = await presentUser(context, line);
  const before = now && (isAgain ? beforeReversal(line.reversal, now) : now);
  return before && digestOfPresent(before) === line.digest ? now : undefined;
}

/** As they are, the user read last; undefined where the user is gone, or another one has the name. */
async function presentUser({ target }: RecoveryContext, { username, sub }: ReverseLine): Promise<PresentUser | undefined> {
  const groups = await undefinedIfNo('user', () => allPages(cursor => target.groupsOfUser(username, cursor)));
  const found = groups && await undefinedIfNo('user', () => target.getUser(username));
  const foundSub: string | undefined = found?.user.sub;
  return found && foundSub === sub ? { user: found.user, groups } : undefined;
}

/** `there`: the pool's group of that name. */
export async function executeGroupLine(context: RecoveryContext, line: GroupLine, there: GroupImage | undefined): Promise<LineResult> {
  const done: LineResult = line.action === 'create' ? { outcome: 'restored' } : { outcome: 'already-there', reason: { code: 'converged' } };
  if (there && digestOfGroup(there) === digestOfGroup(line.group)) return done;
  // Somebody has made it, changed it or deleted it since.
  if (line.before ? !there || digestOfGroup(there) !== digestOfGroup(line.before) : there) return CHANGED_SINCE;
  const reason = await writeGroup(engineContext(context, revertPolicy, line.begunAt!), line.group, line.before ? 'changed' : 'created');
  return reason ? { outcome: 'failed', reason } : done;
}

function isIn(reasons: readonly Reason[], reason: Reason): boolean {
  return reasons.some(one => JSON.stringify(one) === JSON.stringify(reason));
}
