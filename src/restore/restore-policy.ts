import { isAbout, ledgerUserOf } from './ledger-walk';
import { RestoreRun } from './restore-run';
import { SliceContext } from './slice-context';
import { ConvergePolicy } from '../converge/policy';
import { isInPlace, UserContext } from '../converge/user-context';
import { UserRow } from '../ledger/schema';

/**
 * A restore brings back all users, or those that it names: it makes users, changes those in the target as far as the ledger changed, and removes
 * nothing, unless asked to take away what this library once gave, or to go back to a moment. `targetWasEmpty`: the target held no users when the
 * restore began, so users who were in it once were not deleted one by one.
 */
export function restorePolicy(run: RestoreRun, targetWasEmpty = false): ConvergePolicy {
  const inPlace = isInPlace(run);
  return {
    actor: { kind: 'run', name: run.execution, startedAt: run.startedAt },
    dryRun: run.dryRun,
    setPasswords: true,
    create: true,
    change: true,
    remove: run.asOf !== undefined ? 'gained' : run.removeGiven ? 'given' : 'nothing',
    delete: false,
    // In the source pool itself, a change that is newer than the copy is right.
    winner: inPlace && run.asOf === undefined ? 'newer' : 'ledger',
    // Going back to a moment is right about everything that changed since, whoever changed it.
    baseline: run.asOf === undefined ? 'last-given' : 'none',
    // Users that are gone from another pool stay gone, unless asked for. In the source pool itself they are what a restore is for, and at a moment
    // they were there.
    recreate: run.subs !== undefined || run.restoreDeleted === true || targetWasEmpty || inPlace || run.asOf !== undefined,
    find: run.subs ? 'look-up' : 'listing',
    yieldToNamesakes: true,
    groups: 'there',
    linkIdentities: false,
    unknownAttributes: 'refuse',
    // Only the source pool knows their groups and whether they may sign in; who is not in the target yet comes by a sign-in, not by a restore.
    completeFederated: takesAway(run),
  };
}

/** Whether anything is taken away from users, so that it has to be known what the library gave them. */
export function takesAway({ removeGiven, asOf }: RestoreRun): boolean {
  return removeGiven === true || asOf !== undefined;
}

/** The run leaves alone, even to free a name, those whom it is not about, and those who may never have been. */
async function mayMove(context: SliceContext, row: UserRow): Promise<boolean> {
  const { subs } = context.run;
  if (subs && !subs.includes(row.sub)) return false;
  const { groups, grade } = await ledgerUserOf(context, row);
  return grade !== 'incomplete' && isAbout(context, groups);
}

/**
 * The engine's view of a slice. `given`: groups that the library gave the user; one that is younger than the slice is in the target too, and must
 * not be taken for one that the target lacks.
 */
export function restoreContext(context: SliceContext, targetWasEmpty = false, given: readonly string[] = []): UserContext {
  const { run, settings, target, state: { links }, ledger, groups, groupRoles, passedNames, clock, policyOf } = context;
  const policy = policyOf(run, targetWasEmpty);
  return {
    policy,
    sourceUserPoolId: run.sourceUserPoolId,
    targetUserPoolId: run.targetUserPoolId,
    sourceSubProves: run.sourceSubProves === true,
    settings,
    targetIsEmpty: targetWasEmpty && policy.find === 'listing',
    target,
    links,
    ledger,
    hasGroup: name => groups.has(name) || given.includes(name),
    groupRow: async name => groups.get(name),
    groupRoles,
    mayMove: async row => mayMove(context, row),
    passedNames,
    // A restore links nothing.
    linkAttributes: {},
    clock,
  };
}
