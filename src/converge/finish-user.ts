import { randomPassword } from '../cognito/random-password';
import { UserRecord } from '../state/run-state';
import { UserContext } from './user-context';
import { UserFailure } from './user-failure';
import { CreatePlan, planConvergence } from './user-plan';
import { linkTo, setMfa, Write, writesOfOneUser } from './user-writes';
import { UserRow } from '../ledger/schema';
import { UserImage } from '../cognito/user';

/**
 * Everything after the creation; each step may have been done before. Disabling comes last, as Cognito refuses some of the others for a disabled
 * user, and whatever else was refused: who may not sign in at the source does not at the target.
 */
export async function finish(
  context: UserContext, row: UserRow, plan: CreatePlan, user: UserImage, attributes = plan.lateAttributes,
): Promise<UserRecord> {
  const { target } = context;
  const { image } = plan;
  const write = writesOfOneUser(context.clock);
  const [mfaWarnings, refused] = await unlessRefused(() => fill(context, plan, user, attributes, write));
  if (!image.enabled && user.enabled) await write('AdminDisableUser', () => target.disableUser(user.username));
  if (refused) throw refused;
  if (image.enabled && !user.enabled) await write('AdminEnableUser', () => target.enableUser(user.username));

  return {
    outcome: {
      sub: row.sub, outcome: 'restored', targetSub: user.sub, warnings: [...plan.warnings, ...mfaWarnings], memberships: image.groups.length,
    },
    link: linkTo(context, row, user, image, { restored: true }),
  };
}

/** A user whom an earlier slice, or an earlier restore, created and did not finish: the ledger may have changed since. */
export async function finishLate(context: UserContext, row: UserRow, plan: CreatePlan, user: UserImage): Promise<UserRecord> {
  return finish(context, row, plan, user, planConvergence(plan.image, user, undefined, context.settings).attributes);
}

async function fill(
  { settings, target, ...context }: UserContext, { image }: CreatePlan, user: UserImage, attributes: Readonly<Record<string, string>>, write: Write,
): Promise<string[]> {
  if (settings.signsInByPassword && user.status === 'FORCE_CHANGE_PASSWORD') {
    await write('AdminSetUserPassword', () => target.setPermanentPassword(user.username, randomPassword(settings.minimumPasswordLength)));
  }
  if (Object.entries(attributes).some(([name, value]) => user.attributes[name] !== value)) {
    await write('AdminUpdateUserAttributes', () => target.updateAttributes(user.username, attributes));
  }
  for (const group of image.groups) await write('AdminAddUserToGroup', () => target.addUserToGroup(user.username, group));
  return setMfa({ settings, target, ...context }, user, image, write);
}

export async function unlessRefused(work: () => Promise<string[]>): Promise<[string[], UserFailure?]> {
  try {
    return [await work()];
  } catch (error) {
    if (error instanceof UserFailure) return [[], error];
    throw error;
  }
}
