import { changeOfRows, factorsSince, isUnchangedUser } from './difference';
import { leastCertain } from './past-reader';
import { planGroupLine } from './plan-groups';
import { PlanView } from './plan-view';
import { RecoveryContext } from './recovery-context';
import { CreateLine, digestOfPresent, LeaveLine, RecoveryLine, ReverseLine, userLineId } from './recovery-line';
import { engineContext, undeletePolicy } from './recovery-policy';
import { Candidate } from './scope-pages';
import { CUSTOM_SOURCE_SUB, firstSubOf } from '../cognito/source-sub';
import { TargetUser } from '../cognito/user';
import { bringPlanned } from '../converge/bring-user';
import { planCreation } from '../converge/plan-creation';
import { isEmptyReversal, planReversal, Reversal } from '../converge/reversal';
import { withOwnFirstSub } from '../ledger/claimed-sub';
import { gradeOf, isCoalesced } from '../ledger/directory-as-of';
import { Grade } from '../ledger/image-at';
import { CAUSE } from '../ledger/incident';
import { UserRow } from '../ledger/schema';
import { Reason } from '../state/outcome';

/** A user of the scope, as they were. */
interface PastLife {
  readonly row: UserRow;
  readonly groups: readonly string[];
  readonly certainty: Grade;
}

/** The lines of one user: their own, and those of groups that they need and the pool has not. None where nothing has changed. */
export async function planUserLines(context: RecoveryContext, view: PlanView, { sub, isUncertain }: Candidate): Promise<RecoveryLine[]> {
  const { then, poolId } = view;
  const row = await then.user(poolId, sub);
  if (!row || row.deletedAt !== undefined) return leaveNewcomer(context, view, sub);
  const { groups: all, grade, isCoalesced: isOfGroups = false } = await context.past.groupsAt(poolId, sub, view.order.asOf);
  const certainty = leastCertain([gradeOf(row), grade, isUncertain ? 'uncertain' : 'certain']);
  const groups = all.filter(group => view.groupsThen.has(group));
  const authors = await authorsOf(context, view, sub);
  if (!authors) return [];
  const user = await view.present.user(sub);
  const line = user
    ? await planReverse(view, { row, groups, certainty }, user, authors.warnings)
    : await planComeback(context, view, { row, groups, certainty });
  if (!line) return [];
  const doubts: Reason[] = isOfGroups || isCoalesced(row) ? [{ code: 'moment-coalesced' }] : [];
  if (authors.isUnknown) return [leave(sub, line.change, { code: 'changed-by-unknown' }, certainty, doubts)];
  return [{ ...line, warnings: [...line.warnings, ...doubts] }, ...groupsToMake(context, view, line)];
}

/** Whether the user differs by the ledger in more than the groups: such a user has a line already when the memberships are compared. */
export async function differsAsUser({ then, now, poolId }: PlanView, sub: string): Promise<boolean> {
  const [past, present] = [await then.user(poolId, sub), await now.user(poolId, sub)];
  const live = (row: UserRow | undefined) => row && row.deletedAt === undefined ? row : undefined;
  return changeOfRows(live(past), live(present), isUnchangedUser) !== undefined;
}

interface Authors {
  readonly warnings: readonly Reason[];
  /** Somebody else made the last of several changes between two looks: nobody knows who made the others. */
  readonly isUnknown?: true;
}

/** Where the scope names who changed the users: undefined where that was somebody else. */
async function authorsOf(
  { past }: RecoveryContext, { order: { scope, asOf }, poolId }: PlanView, sub: string,
): Promise<Authors | undefined> {
  if (scope.of !== 'changed-by') return { warnings: [] };
  const causes = await past.causesSince(poolId, sub, asOf);
  const isOfScope = causes.map(({ event, principal }) => (
    principal === undefined ? scope.orFound === true && event === CAUSE.SWEEP : scope.principals.includes(principal)));
  if (!isOfScope.includes(true)) return causes.some(({ isCoalesced: isLast }) => isLast) ? { warnings: [], isUnknown: true } : undefined;
  return { warnings: isOfScope.includes(false) ? [{ code: 'changed-by-others' }] : [] };
}

/** Somebody who was not there is named, and left alone; a user whom an earlier recovery brought back is no newcomer. */
async function leaveNewcomer(context: RecoveryContext, view: PlanView, sub: string): Promise<LeaveLine[]> {
  const now = await view.now.user(view.poolId, sub);
  const authors = now && now.deletedAt === undefined ? await authorsOf(context, view, sub) : undefined;
  if (!authors || authors.isUnknown) return [];
  if ((await context.recovered.of(sub)).replaces !== undefined) return [];
  return [leave(sub, 'created', { code: 'created-since' }, 'certain')];
}

async function planReverse(
  view: PlanView, { row, groups, certainty }: PastLife, user: TargetUser, authors: readonly Reason[],
): Promise<ReverseLine | LeaveLine | undefined> {
  return view.order.kind === 'undelete' ? undefined : reverseOf(view, { row, groups, certainty }, user, authors);
}

async function reverseOf(
  view: PlanView, { row, groups, certainty }: PastLife, user: TargetUser, authors: readonly Reason[],
): Promise<ReverseLine | LeaveLine | undefined> {
  const { order, poolId, settings } = view;
  const now = { user, groups: await view.present.groupsOf(user) };
  const planned = planReversal(
    { attributes: row.attributes, enabled: row.enabled, groups }, now,
    { userPoolId: poolId, settings, hasGroup: view.hasGroup, only: order.attributes, allowMessages: order.allowMessages },
  );
  const factors = order.attributes ? { warnings: [] } : await factorsGained(view, row);
  const reversal: Reversal = { ...planned.reversal, ...factors.mfaOff ? { mfaOff: factors.mfaOff } : {} };
  const warnings = [...planned.warnings, ...factors.warnings];
  const isEmpty = isEmptyReversal(reversal);
  // Nobody can set a status; that it has changed is part of what has become of the user.
  const isStatusNamed = !order.attributes && row.status !== user.status;
  const all: Reason[] = isStatusNamed ? [...warnings, { code: 'source-status', status: row.status }] : [...warnings];
  if (isEmpty && all.length === 0) return undefined;
  if (certainty === 'incomplete') return leave(row.sub, 'changed', { code: 'moment-unknown' }, certainty);
  if (isEmpty) return leave(row.sub, 'changed', { code: 'nothing-to-write' }, certainty, all);
  return {
    ...ofUser(row.sub, 'changed', certainty, [...all, ...authors]),
    action: 'reverse',
    username: user.username,
    reversal,
    digest: digestOfPresent(now),
  };
}

/**
 * MFA methods that were switched on since, as the copy has it: the pool shows them by a call alone that makes a user a monthly active one. One that
 * nobody had read by then may be the user's own.
 */
async function factorsGained({ now, poolId }: PlanView, then: UserRow): Promise<Pick<Reversal, 'mfaOff'> & { readonly warnings: readonly Reason[] }> {
  const methods = factorsSince(then, await now.user(poolId, then.sub));
  if (methods.length === 0) return { warnings: [] };
  return then.mfa ? { mfaOff: methods, warnings: [{ code: 'mfa-gained', methods }] } : { warnings: [{ code: 'mfa-unknown-before', methods }] };
}

async function planComeback(context: RecoveryContext, view: PlanView, past: PastLife): Promise<CreateLine | ReverseLine | LeaveLine | undefined> {
  const { order } = view;
  const { row, certainty } = past;
  if (order.kind === 'revert') return leave(row.sub, 'deleted', { code: 'not-in-target' }, certainty);
  if (certainty === 'incomplete') return leave(row.sub, 'deleted', { code: 'moment-unknown' }, certainty);
  const own = await withOwnFirstSub(row, {
    user: async (poolId, sub) => view.now.user(poolId, sub), recoveredSub: async (_poolId, sub) => context.recovered.of(sub),
  });
  const first = (await context.recovered.of(row.sub)).firstSub ?? firstSubOf(own);
  const { isNow } = await context.recovered.of(first);
  const back = isNow === undefined || isNow === row.sub ? undefined : await view.present.user(isNow);
  if (back) {
    const cameBack: Reason = { code: 'came-back', sub: isNow };
    if (!row.enabled || back.enabled) return leave(row.sub, 'deleted', cameBack, certainty);
    // An undo has disabled them.
    return reverseOf(view, { ...past, row: { ...row, sub: back.sub as string } }, back, [{ code: cameBack.code }]);
  }
  // However often a user comes back, applications know the first `sub`.
  const carrying = first === row.sub ? own : { ...row, attributes: { ...row.attributes, [CUSTOM_SOURCE_SUB]: first } };
  return rehearsed(context, view, { ...past, row: carrying });
}

/** What bringing the user back would come to: a name may be somebody else's by now. */
async function rehearsed(context: RecoveryContext, view: PlanView, { row, groups, certainty }: PastLife): Promise<CreateLine | LeaveLine> {
  const engine = engineContext(context, actor => undeletePolicy(actor, true), context.clock.now(), { hasGroup: view.hasGroup });
  const plan = await planCreation(engine, { row, groups });
  if (plan.kind !== 'create') return leave(row.sub, 'deleted', plan.reason, certainty);
  const line: CreateLine = { ...ofUser(row.sub, 'deleted', certainty, plan.warnings), action: 'create', row, plan };
  // A difference between two moments says nothing of the pool as it is.
  if (view.order.to !== undefined) return line;
  const { outcome: { outcome, reason } } = await bringPlanned(engine, row, plan);
  return outcome === 'would-restore' ? line : leave(row.sub, 'deleted', reason ?? { code: 'left-as-it-is' }, certainty);
}

/** Groups that the pool has no more are made for those who were in them. */
function groupsToMake(context: RecoveryContext, view: PlanView, line: CreateLine | ReverseLine | LeaveLine): RecoveryLine[] {
  const names = line.action === 'create' ? line.plan.image.groups : line.action === 'reverse' ? line.reversal.join : [];
  return names.filter(name => !view.groupsNow.has(name)).flatMap(name => planGroupLine(context, view, name) ?? []);
}

function ofUser(sub: string, change: RecoveryLine['change'], certainty: Grade, warnings: readonly Reason[] = []) {
  return { of: 'user', id: userLineId(sub), sub, change, certainty, warnings } as const;
}

function leave(
  sub: string, change: RecoveryLine['change'], reason: Reason, certainty: Grade, warnings: readonly Reason[] = [],
): LeaveLine {
  return { ...ofUser(sub, change, certainty, warnings), action: 'leave', reason };
}
