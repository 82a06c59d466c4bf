import { UserContext } from './user-context';
import { orFailure } from './user-failure';
import { CreatePlan, planConvergence, planRemoval, withGiven } from './user-plan';
import { baselineOf, linkedIdentities, linksToMake, linkTo, noteGiving, NO_REMOVAL, writeChanges, writesOfOneUser } from './user-writes';
import { randomPassword } from '../cognito/random-password';
import { TargetUser } from '../cognito/user';
import { UserRow } from '../ledger/schema';
import { Link } from '../state/link';
import { UserRecord } from '../state/run-state';

/**
 * Does everything after the creation; each step may have been done before. Disabling comes last, as Cognito refuses some other calls for a disabled
 * user, and even after another call was refused: users who may not sign in at the source may not sign in at the target.
 */
export async function finishUser(
  context: UserContext, row: UserRow, plan: CreatePlan, user: TargetUser, attributes = plan.lateAttributes, removal = NO_REMOVAL, given = plan.image,
): Promise<UserRecord> {
  const { policy, settings, target } = context;
  const { image } = plan;
  const write = writesOfOneUser(context.clock);
  const needsPassword = settings.signsInByPassword && user.status === 'FORCE_CHANGE_PASSWORD';
  const { result: refusals = [], failure } = await orFailure(() => writeChanges(context, user, {
    password: needsPassword && policy.setPasswords ? randomPassword(settings.minimumPasswordLength) : undefined,
    attributes: Object.entries(attributes).some(([name, value]) => user.attributes[name] !== value) ? attributes : {},
    groups: image.groups,
    mfa: image.mfa,
    identities: linksToMake(context, row, user),
    removal,
  }, write));
  if (!image.enabled && user.enabled) await write('AdminDisableUser', () => target.disableUser(user.username));
  if (failure) throw failure;
  if (image.enabled && !user.enabled) await write('AdminEnableUser', () => target.enableUser(user.username));

  const warnings = [...plan.warnings, ...refusals];
  return {
    outcome: { sub: row.sub, outcome: 'restored', targetSub: user.sub, warnings, memberships: image.groups.length },
    link: linkTo(context, row, user, given, {
      restored: true,
      ...needsPassword && !policy.setPasswords ? { finished: false } : {},
      identities: linkedIdentities(context, row, user, undefined, refusals),
    }),
  };
}

/** Finishes a user that an earlier slice or run created and left unfinished: the ledger may have changed since, and taken away what was given. */
export async function finishUserLate(
  context: UserContext, row: UserRow, plan: CreatePlan, user: TargetUser, link: Link | undefined,
): Promise<UserRecord> {
  const { policy, settings } = context;
  const { attributes } = planConvergence(plan.image, user, settings, { mayVerify: true, winner: 'ledger' });
  if (link) await noteGiving(context, row, user, link, plan.image.groups);
  const base = link && baselineOf(link);
  if (policy.remove === 'given' && base) {
    return finishUser(context, row, plan, user, attributes, planRemoval(plan.image, user, base, settings));
  }
  return finishUser(context, row, plan, user, attributes, NO_REMOVAL, withGiven(plan.image, base));
}
