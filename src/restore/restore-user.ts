import { randomPassword } from './password';
import { UserOutcome } from './restore-run';
import { Link, RestoreState, UserRecord } from './restore-state';
import { SliceContext } from './slice-context';
import { all } from './target-pool';
import { forUser, UserFailure } from './user-failure';
import { FoundUser, identify } from './user-identity';
import { CreatePlan, planConvergence, PlannedImage, planUser, sameMfa } from './user-plan';
import { digestOf, UserImage, UserRow } from '../ledger/schema';
import { Clock } from '../runtime/pacing';

export interface LedgerUser {
  readonly row: UserRow;
  /** Names of the groups that the user is in. */
  readonly groups: readonly string[];
}

/** What working on one user needs of a slice; the standby works on single users as well. */
export interface UserContext extends Pick<SliceContext, 'run' | 'settings' | 'target' | 'groups' | 'clock'> {
  readonly state: Pick<RestoreState, 'targetSubOf' | 'linksOfTargets'>;
}

/** Brings one user of the ledger into the target. `found`: the user there, where a listing showed one; otherwise one is made. */
export async function restoreUser(context: UserContext, { row, groups }: LedgerUser, found?: FoundUser): Promise<UserRecord> {
  const plan = planUser(row, groups, context.settings, context.groups);
  if (plan.kind !== 'create') return { outcome: { sub: row.sub, outcome: plan.kind === 'skip' ? 'skipped' : 'failed', reason: plan.reason } };
  try {
    // A restore of few users does not list the whole target, it looks for each of them.
    const there = found ?? (context.run.subs ? await lookUp(context, row, plan) : undefined);
    if (there) return await meet(context, row, plan, there);
    if (context.run.dryRun) return { outcome: { sub: row.sub, outcome: 'would-restore', warnings: plan.warnings } };

    const made = await create(context, plan);
    return made ? await finish(context, row, plan, made) : await meet(context, row, plan, await whoHas(context, plan.signInName));
  } catch (error) {
    if (error instanceof UserFailure) return { outcome: { sub: row.sub, outcome: 'failed', reason: error.reason } };
    throw error;
  }
}

/** Undefined where the sign-in name is taken. */
async function create({ settings, target }: UserContext, plan: CreatePlan): Promise<UserImage | undefined> {
  return forUser('AdminCreateUser', async () => {
    try {
      return await target.createUser({
        username: plan.signInName,
        attributes: plan.attributes,
        // Explicit even where Cognito would choose one: where one-time codes are allowed beside passwords, none means "no password, confirmed".
        temporaryPassword: settings.signsInByPassword ? randomPassword(settings.minimumPasswordLength) : undefined,
      });
    } catch (error) {
      if (error instanceof Error && error.name === 'UsernameExistsException') return undefined;
      throw error;
    }
  });
}

async function whoHas(context: UserContext, signInName: string): Promise<FoundUser> {
  const { user } = await forUser('AdminGetUser', () => context.target.getUser(signInName));
  return withLink(context, user);
}

async function lookUp(context: UserContext, row: UserRow, plan: CreatePlan): Promise<FoundUser | undefined> {
  const { run, settings, state, target } = context;
  const sub = await state.targetSubOf(row.sub) ?? (run.sourceUserPoolId === run.targetUserPoolId ? row.sub : undefined);
  if (sub) {
    const [bySub] = await all(cursor => target.listUsers(cursor, { attribute: 'sub', value: sub }));
    if (bySub) return withLink(context, bySub);
  }
  const attribute = settings.usernameAttributes.find(name => row.attributes[name] === plan.signInName) ?? 'username';
  const [byName] = await all(cursor => target.listUsers(cursor, { attribute: attribute as 'email' | 'phone_number' | 'username', value: plan.signInName }));
  return byName && withLink(context, byName);
}

async function withLink(context: UserContext, user: UserImage): Promise<FoundUser> {
  return { user, link: (await context.state.linksOfTargets([user.sub])).get(user.sub) };
}

/** The name is there already: somebody else's, made by this run before it was killed, or the user's own from before. */
async function meet(context: UserContext, row: UserRow, plan: CreatePlan, found: FoundUser): Promise<UserRecord> {
  const { user, link } = found;
  switch (identify(plan, row, found, context.settings, context.run)) {
    case 'other':
      throw new UserFailure('the sign-in name belongs to somebody else in the target');
    case 'ours':
      if (context.run.dryRun) return { outcome: { sub: row.sub, outcome: 'would-restore', warnings: plan.warnings } };
      return finish(context, row, plan, user);
    case 'existing':
      return converge(context, row, plan, user, link);
  }
}

/** Everything after the creation; each step may have been done before. */
async function finish(context: UserContext, row: UserRow, plan: CreatePlan, user: UserImage): Promise<UserRecord> {
  const { settings, target } = context;
  const { image } = plan;
  const write = writesOfOneUser(context.clock);
  if (settings.signsInByPassword && user.status === 'FORCE_CHANGE_PASSWORD') {
    await write('AdminSetUserPassword', () => target.setPermanentPassword(user.username, randomPassword(settings.minimumPasswordLength)));
  }
  if (Object.entries(plan.lateAttributes).some(([name, value]) => user.attributes[name] !== value)) {
    await write('AdminUpdateUserAttributes', () => target.updateAttributes(user.username, plan.lateAttributes));
  }
  if (!image.enabled && user.enabled) await write('AdminDisableUser', () => target.disableUser(user.username));
  for (const group of image.groups) await write('AdminAddUserToGroup', () => target.addUserToGroup(user.username, group));
  const mfaWarnings = await setMfa(context, user, image, write);

  return record(context, row, user, image, {
    sub: row.sub,
    outcome: 'restored',
    targetSub: user.sub,
    warnings: [...plan.warnings, ...mfaWarnings],
    memberships: image.groups.length,
  });
}

async function converge(context: UserContext, row: UserRow, plan: CreatePlan, user: UserImage, link: Link | undefined): Promise<UserRecord> {
  const { run, settings, target } = context;
  const change = planConvergence(plan.image, user, link?.image, settings);
  const groups = change.groups.length > 0 ? await groupsToJoin(context, user, change.groups) : [];
  const mfa = change.mfa && !(link === undefined && sameMfa(change.mfa, (await forUser('AdminGetUser', () => target.getUser(user.username))).mfa)) ? change.mfa : undefined;
  const differs = Object.keys(change.attributes).length > 0 || change.enabled !== undefined || groups.length > 0 || mfa !== undefined;
  const warnings = [...plan.warnings, ...change.warnings, ...(user.status === 'CONFIRMED' ? [] : [`status in the target is ${user.status}`])];
  if (run.dryRun) return { outcome: { sub: row.sub, outcome: 'already-there', reason: differs ? 'would be converged' : 'unchanged', targetSub: user.sub, warnings } };

  const write = writesOfOneUser(context.clock);
  if (Object.keys(change.attributes).length > 0) await write('AdminUpdateUserAttributes', () => target.updateAttributes(user.username, change.attributes));
  if (change.enabled === true) await write('AdminEnableUser', () => target.enableUser(user.username));
  if (change.enabled === false) await write('AdminDisableUser', () => target.disableUser(user.username));
  for (const group of groups) await write('AdminAddUserToGroup', () => target.addUserToGroup(user.username, group));
  if (mfa) warnings.push(...await setMfa(context, user, { ...plan.image, mfa }, write));

  return record(context, row, user, plan.image, {
    sub: row.sub, outcome: 'already-there', reason: differs ? 'converged' : 'unchanged', targetSub: user.sub, warnings,
  }, link);
}

async function groupsToJoin(context: UserContext, user: UserImage, groups: readonly string[]): Promise<string[]> {
  const isIn = new Set(await forUser('AdminListGroupsForUser', () => all(cursor => context.target.groupsOfUser(user.username, cursor))));
  return groups.filter(group => !isIn.has(group));
}

/** A refused preference is worth a warning, not the user: they can set it themselves. */
async function setMfa(context: UserContext, user: UserImage, { mfa }: PlannedImage, write: Write): Promise<string[]> {
  if (!mfa) return [];
  try {
    await write('AdminSetUserMFAPreference', () => context.target.setMfaPreference(user.username, mfa));
    return [];
  } catch (error) {
    if (error instanceof UserFailure) return ['MFA preference refused by the target'];
    throw error;
  }
}

function record(context: UserContext, row: UserRow, user: UserImage, image: PlannedImage, outcome: UserOutcome, before?: Link): UserRecord {
  if (before && outcome.reason === 'unchanged' && digestOf(before.image) === digestOf(image)) return { outcome };
  const restored = outcome.outcome === 'restored';
  return { outcome, link: { sourceSub: row.sub, targetSub: user.sub, image, execution: context.run.execution, restored, at: context.clock.now() } };
}

type Write = (operation: string, call: () => Promise<void>) => Promise<void>;

/** Cognito allows about ten writes a second on one user: somebody in many groups would run into it when few others are in flight. */
const WRITES_WITHOUT_PAUSE = 3;
const PAUSE = 100;

function writesOfOneUser(clock: Clock): Write {
  let writes = 0;
  return async (operation, call) => {
    if (writes++ >= WRITES_WITHOUT_PAUSE) await clock.sleep(PAUSE);
    await forUser(operation, call);
  };
}
