import { PlanView } from './plan-view';
import { RecoveryContext } from './recovery-context';
import { groupImageOf, groupLineId, GroupLine, LeaveGroupLine } from './recovery-line';
import { planGroup } from '../converge/group-plan';
import { gradeOf } from '../ledger/directory-as-of';
import { Grade } from '../ledger/image-at';
import { Reason } from '../state/outcome';

/** The lines of the groups that the scope is about by themselves. Groups that users need come with the users. */
export function planGroupLines(context: Pick<RecoveryContext, 'groupRoles'>, view: PlanView): (GroupLine | LeaveGroupLine)[] {
  const { order: { kind, scope, attributes }, groupsThen, groupsNow, groupsUnknown } = view;
  if (kind === 'undelete' || attributes || (scope.of !== 'everybody' && scope.of !== 'groups')) return [];
  const named = (name: string) => scope.of === 'everybody' || scope.groups.includes(name);
  const lines = [...groupsThen.keys()].filter(named).flatMap(name => planGroupLine(context, view, name) ?? []);
  const newcomers = [...groupsNow.keys()].filter(name => named(name) && !groupsThen.has(name) && !groupsUnknown.has(name));
  return [
    ...lines,
    ...newcomers.map(name => leave(name, 'created', { code: 'created-since' }, 'certain')),
    ...[...groupsUnknown].filter(named).map(name => leave(name, 'changed', { code: 'moment-unknown' }, 'incomplete')),
  ];
}

function leave(name: string, change: LeaveGroupLine['change'], reason: Reason, certainty: Grade): LeaveGroupLine {
  return { of: 'group', id: groupLineId(name), change, certainty, warnings: [], action: 'leave', reason };
}

/** The line of one group of that moment; undefined where it is as it was. */
export function planGroupLine(
  { groupRoles }: Pick<RecoveryContext, 'groupRoles'>, view: PlanView, name: string,
): GroupLine | LeaveGroupLine | undefined {
  const row = view.groupsThen.get(name);
  if (!row) return undefined;
  const before = view.groupsNow.get(name);
  // With the group itself as baseline, a description that it has gained goes.
  const group = planGroup(groupImageOf(row), before, groupRoles[name], before);
  // A role gives rights in AWS: which one this function may pass is said beforehand, and nowhere else.
  const isRoleLost = groupRoles[name] === undefined && (row.roleArn ?? '') !== (before?.roleArn ?? '');
  const isPrecedenceGained = row.precedence === undefined && before?.precedence !== undefined;
  const warnings: Reason[] = isRoleLost ? [{ code: 'group-role' }] : [];
  if (isPrecedenceGained) warnings.push({ code: 'group-precedence' });
  const line = { of: 'group', id: groupLineId(name), certainty: gradeOf(row), warnings } as const;
  if (!group) return isRoleLost ? { ...line, action: 'leave', change: 'changed', reason: { code: 'nothing-to-write' } } : undefined;
  return before ? { ...line, action: 'reverse', change: 'changed', group, before } : { ...line, action: 'create', change: 'deleted', group };
}
