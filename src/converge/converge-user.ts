import { changedSinceTheCopy, convergenceOf, whatToRemove } from './convergence';
import { refusalOfChange } from './rehearse';
import { UserContext } from './user-context';
import { forUser, orFailure } from './user-failure';
import { Convergence, CreatePlan, sameMfa, withGiven } from './user-plan';
import {
  givenImage, isEmpty, linkedIdentities, linksToMake, linkTo, noteGiving, UserChanges, writeChanges, writesOfOneUser,
} from './user-writes';
import { allPages } from '../cognito/page';
import { TargetUser } from '../cognito/user';
import { digestOf, UserRow } from '../ledger/schema';
import { baselineOf, Link } from '../state/link';
import { Reason, UserOutcome } from '../state/outcome';
import { UserRecord } from '../state/run-state';

/** Everything that is written for a user who was in the target before. */
interface Change extends UserChanges {
  readonly enabled?: boolean;
}

/** Brings a person who was in the target before into line with the ledger, as far as the policy lets it. */
export async function converge(
  context: UserContext, row: UserRow, plan: CreatePlan, user: TargetUser, link: Link | undefined,
): Promise<UserRecord> {
  const { policy } = context;
  const convergence = convergenceOf(context, row, plan, { user, link });
  const warnings = [...plan.warnings, ...convergence.warnings, ...statusWarnings(user)];
  const outcome = (reason: Reason): UserOutcome => ({ sub: row.sub, outcome: 'already-there', reason, targetSub: user.sub, warnings });
  if (!policy.change) return { outcome: outcome({ code: 'left-as-it-is' }) };
  if (convergence.conflicts.length > 0) return { outcome: outcome({ code: 'changed-on-both-sides', attributes: convergence.conflicts }) };

  const change = await changeOf(context, row, plan, user, link, convergence);
  const differs = !isEmpty(change) || change.enabled !== undefined;
  if (differs && policy.winner === 'newer' && changedSinceTheCopy(context, row, user)) return { outcome: outcome({ code: 'changed-since-copy' }) };
  if (policy.dryRun) {
    const refusal = await refusalOfChange(context, user, change.attributes);
    return { outcome: refusal ? { sub: row.sub, outcome: 'failed', reason: refusal } : outcome({ code: differs ? 'would-converge' : 'unchanged' }) };
  }
  let revision = link?.revision;
  if (differs) {
    revision = (await noteGiving(context, row, user, link, change.groups))?.revision;
    warnings.push(...await applyChange(context, user, change));
  }
  const image = givenImage(context, policy.remove !== 'nothing' || !link ? plan.image : withGiven(plan.image, baselineOf(link)), warnings);
  const identities = linkedIdentities(context, row, user, link, warnings);
  if (!differs && link && !link.giving && digestOf(link.image) === digestOf(image) && link.identities === identities) {
    return { outcome: outcome({ code: 'unchanged' }) };
  }
  return {
    outcome: outcome({ code: differs ? 'converged' : 'unchanged' }),
    // A user that an earlier run made keeps that mark, and that run's name.
    link: { ...linkTo(context, row, user, image, { restored: false, identities, revision }), ...(link?.restored ? pickMade(link) : {}) },
  };
}

function pickMade({ restored, execution }: Link): Pick<Link, 'restored' | 'execution'> {
  return { restored, execution };
}

/** What to write: the plan without what the target turns out to have already. */
async function changeOf(
  context: UserContext, row: UserRow, plan: CreatePlan, user: TargetUser, link: Link | undefined, convergence: Convergence,
): Promise<Change> {
  const { policy } = context;
  const { attributes, enabled, mfa } = convergence;
  const isIn = policy.remove === 'gained' || convergence.groups.length > 0 ? await groupsThere(context, user) : [];
  const groups = convergence.groups.filter(group => !isIn.includes(group));
  const isCompared = link && policy.baseline === 'last-given';
  const isSet = !mfa || (!isCompared && sameMfa(mfa, (await readAgain(context, user)).mfa));
  return {
    attributes,
    enabled,
    groups,
    ...(isSet ? {} : { mfa }),
    identities: linksToMake(context, row, user, link),
    removal: whatToRemove(context, plan, { user, link }, isIn),
  };
}

/**
 * Carries a change out; answers warnings. Disabling comes last, as Cognito refuses some other calls for a disabled user, and even after another call
 * was refused.
 */
export async function applyChange(context: UserContext, user: TargetUser, { enabled, ...changes }: Change): Promise<readonly Reason[]> {
  const { target } = context;
  const write = writesOfOneUser(context.clock);
  if (enabled === true) await write('AdminEnableUser', () => target.enableUser(user.username));
  const { result: warnings = [], failure } = await orFailure(() => writeChanges(context, user, changes, write));
  if (enabled === false) await write('AdminDisableUser', () => target.disableUser(user.username));
  if (failure) throw failure;
  return warnings;
}

function statusWarnings({ status }: TargetUser): Reason[] {
  return status === 'CONFIRMED' ? [] : [{ code: 'target-status', status }];
}

async function groupsThere(context: UserContext, user: TargetUser): Promise<string[]> {
  return forUser('AdminListGroupsForUser', () => allPages(cursor => context.target.groupsOfUser(user.username, cursor)));
}

async function readAgain(context: UserContext, user: TargetUser) {
  return forUser('AdminGetUser', () => context.target.getUser(user.username));
}
