import { unlessRefused } from './finish-user';
import { RestoreRun, UserOutcome } from '../restore/restore-run';
import { Link, UserRecord } from '../state/run-state';
import { UserContext } from './user-context';
import { forUser } from './user-failure';
import { Convergence, CreatePlan, planConvergence, sameMfa } from './user-plan';
import { linkTo, setMfa, writesOfOneUser } from './user-writes';
import { digestOf, UserRow } from '../ledger/schema';
import { UserImage } from '../cognito/user';
import { allPages } from '../cognito/page';
import { CUSTOM_SOURCE_SUB, firstSubOf } from '../cognito/source-sub';

export const CHANGED_SINCE_THE_COPY = 'changed in the pool since the copy was made';
/** Cognito's dates may come without their milliseconds. */
const SECOND = 1_000;

/** Brings a person who was in the target before into line with the ledger, as far as it is the ledger that changed. */
export async function converge(context: UserContext, row: UserRow, plan: CreatePlan, user: UserImage, link: Link | undefined): Promise<UserRecord> {
  const change = await changeOf(context, plan, user, link, wasMade(context.run, row, user, link));
  const warnings = [...plan.warnings, ...change.warnings, ...statusWarnings(user)];
  const outcome = (reason: string): UserOutcome => ({ sub: row.sub, outcome: 'already-there', reason, targetSub: user.sub, warnings });

  const differs = hasChanges(change);
  if (differs && changedSinceTheCopy(context.run, row, user)) return { outcome: outcome(CHANGED_SINCE_THE_COPY) };
  if (context.run.dryRun) return { outcome: outcome(differs ? 'would be converged' : 'unchanged') };
  if (differs) warnings.push(...await apply(context, plan, user, change));
  if (!differs && link && digestOf(link.image) === digestOf(plan.image)) return { outcome: outcome('unchanged') };
  return {
    outcome: outcome(differs ? 'converged' : 'unchanged'),
    // Who was once made stays so, by the run that did it.
    link: { ...linkTo(context, row, user, plan.image, { restored: false }), ...(link?.restored ? pickMade(link) : {}) },
  };
}

function pickMade({ restored, execution }: Link): Pick<Link, 'restored' | 'execution'> {
  return { restored, execution };
}

/** Nobody knew the password that a restore or a trigger gave, so whoever has another one now proved to be the person. Others chose theirs. */
function wasMade(run: RestoreRun, row: UserRow, user: UserImage, link: Link | undefined): boolean {
  return link?.restored === true || (run.sourceSubProves === true && user.attributes[CUSTOM_SOURCE_SUB] === firstSubOf(row));
}

/** What is to be written: the plan without what the target turns out to have already. */
async function changeOf(
  context: UserContext, plan: CreatePlan, user: UserImage, link: Link | undefined, mayVerify: boolean,
): Promise<Convergence> {
  const { mfa, ...change } = planConvergence(plan.image, user, link?.image, context.settings, mayVerify);
  const groups = change.groups.length > 0 ? await groupsToJoin(context, user, change.groups) : [];
  if (!mfa || (!link && sameMfa(mfa, (await readAgain(context, user)).mfa))) return { ...change, groups };
  return { ...change, groups, mfa };
}

function hasChanges({ attributes, enabled, groups, mfa }: Convergence): boolean {
  return Object.keys(attributes).length > 0 || enabled !== undefined || groups.length > 0 || mfa !== undefined;
}

/** Answers warnings. Disabling comes last, as Cognito refuses some of the others for a disabled user, and whatever else was refused. */
async function apply(context: UserContext, plan: CreatePlan, user: UserImage, { attributes, enabled, groups, mfa }: Convergence): Promise<string[]> {
  const { target } = context;
  const write = writesOfOneUser(context.clock);
  if (enabled === true) await write('AdminEnableUser', () => target.enableUser(user.username));
  const [warnings, refused] = await unlessRefused(async () => {
    for (const group of groups) await write('AdminAddUserToGroup', () => target.addUserToGroup(user.username, group));
    const refusedMfa = mfa ? await setMfa(context, user, { ...plan.image, mfa }, write) : [];
    if (Object.keys(attributes).length > 0) await write('AdminUpdateUserAttributes', () => target.updateAttributes(user.username, attributes));
    return refusedMfa;
  });
  if (enabled === false) await write('AdminDisableUser', () => target.disableUser(user.username));
  if (refused) throw refused;
  return warnings;
}

/** In the source pool itself the pool is right about what is newer than the copy. */
function changedSinceTheCopy(run: RestoreRun, row: UserRow, user: UserImage): boolean {
  if (run.sourceUserPoolId !== run.targetUserPoolId || user.sub !== row.sub) return false;
  const sameSecond = user.modifiedAt === Math.floor(row.observedAt / SECOND) * SECOND;
  return user.modifiedAt > row.observedAt || (sameSecond && user.modifiedAt > row.modifiedAt);
}

function statusWarnings({ status }: UserImage): string[] {
  if (status === 'CONFIRMED') return [];
  if (status !== 'FORCE_CHANGE_PASSWORD') return [`status in the target is ${status}`];
  return ['status in the target is FORCE_CHANGE_PASSWORD: "forgot password" is refused until an administrator sets a password or the user signs in with the temporary one'];
}

async function groupsToJoin(context: UserContext, user: UserImage, groups: readonly string[]): Promise<string[]> {
  const isIn = new Set(await forUser('AdminListGroupsForUser', () => allPages(cursor => context.target.groupsOfUser(user.username, cursor))));
  return groups.filter(group => !isIn.has(group));
}

async function readAgain(context: UserContext, user: UserImage) {
  return forUser('AdminGetUser', () => context.target.getUser(user.username));
}
