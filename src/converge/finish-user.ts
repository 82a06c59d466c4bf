import { attributesToFinish } from './convergence';
import { UserContext } from './user-context';
import { orFailure } from './user-failure';
import { CreatePlan, NO_REMOVAL, planRemoval, Removal, withGiven } from './user-plan';
import { givenImage, linkedIdentities, linksToMake, linkTo, noteGiving, writeChanges, writesOfOneUser } from './user-writes';
import { randomPassword } from '../cognito/random-password';
import { TargetUser } from '../cognito/user';
import { UserRow } from '../ledger/schema';
import { baselineOf, Link, PlannedImage } from '../state/link';
import { UserRecord } from '../state/run-state';

/** `given`: what the link says afterwards, and of which `revision` it takes the place. */
interface Finish {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly removal?: Removal;
  readonly given?: PlannedImage;
  readonly revision?: number;
}

/**
 * Does everything after the creation; each step may have been done before. Disabling comes last, as Cognito refuses some other calls for a disabled
 * user, and even after another call was refused: users who may not sign in at the source may not sign in at the target.
 */
export async function finishUser(
  context: UserContext, row: UserRow, plan: CreatePlan, user: TargetUser, how: Finish = {},
): Promise<UserRecord> {
  const { attributes = plan.lateAttributes, removal = NO_REMOVAL, given = plan.image, revision } = how;
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
    link: linkTo(context, row, user, givenImage(context, given, refusals), {
      restored: true,
      ...needsPassword && !policy.setPasswords ? { finished: false } : {},
      identities: linkedIdentities(context, row, user, undefined, refusals),
      revision,
    }),
  };
}

/** Finishes a user that an earlier slice or run created and left unfinished: the ledger may have changed since, and taken away what was given. */
export async function finishUserLate(
  context: UserContext, row: UserRow, plan: CreatePlan, user: TargetUser, link: Link | undefined, begun: Link,
): Promise<UserRecord> {
  const { policy, settings } = context;
  const attributes = attributesToFinish(context, plan, user);
  const noted = link ? await noteGiving(context, row, user, link, plan.image.groups) : begun;
  const revision = noted?.revision;
  const base = link && baselineOf(link);
  if (policy.remove !== 'nothing' && base) {
    return finishUser(context, row, plan, user, { attributes, removal: planRemoval(plan.image, user, base, settings), revision });
  }
  return finishUser(context, row, plan, user, { attributes, given: withGiven(plan.image, base), revision });
}
