import { converge } from './converge-user';
import { finish, finishLate } from './finish-user';
import { isOutdated } from './namesakes';
import { randomPassword } from '../cognito/random-password';
import { Link, UserRecord } from '../state/run-state';
import { LedgerUser, UserContext } from './user-context';
import { forUser, UserFailure } from './user-failure';
import { FoundUser, identify } from './identify';
import { CreatePlan, planUser } from './user-plan';
import { linkTo } from './user-writes';
import { UserRow } from '../ledger/schema';
import { UserImage } from '../cognito/user';
import { allPages } from '../cognito/page';
import { firstSubOf } from '../cognito/source-sub';

export type { LedgerUser, UserContext } from './user-context';

export const SOMEBODY_ELSE = 'the sign-in name belongs to somebody else in the target';
export const NOT_CONFIRMED = 'the sign-in name was taken in the target by a sign-up that is UNCONFIRMED: nothing shows whose it is';
export const NEWER_NAMESAKE = 'another, newer user of the ledger has this sign-in name';
export const DELETED_THERE = 'deleted in the target since the restore of';

/** Brings one user of the ledger into the target. `found`: the user there, where a listing showed one; otherwise one is made. */
export async function restoreUser(context: UserContext, { row, groups }: LedgerUser, found?: FoundUser): Promise<UserRecord> {
  const plan = planUser(row, groups, context.settings, context.groups);
  if (plan.kind !== 'create') return { outcome: { sub: row.sub, outcome: plan.kind === 'skip' ? 'skipped' : 'failed', reason: plan.reason } };
  try {
    if (await isOutdated(context, row, plan.signInName)) return skipped(row, NEWER_NAMESAKE);
    const link = found ? found.link : await linkOf(context, row);
    const there = found ?? await lookUp(context, row, plan, link);
    if (there) return await meet(context, row, plan, there);
    const marked = await lookUpMarked(context, row);
    if (marked) return asLate(context, marked.user, await meet(context, row, plan, marked));
    if (link && wasDeletedThere(context, link)) return skipped(row, `${DELETED_THERE} ${new Date(link.at).toISOString().slice(0, 10)}`);
    if (context.run.dryRun) return { outcome: { sub: row.sub, outcome: 'would-restore', warnings: plan.warnings } };

    const made = await create(context, plan);
    if (!made) return await meetLate(context, row, plan);
    await begin(context, row, plan, made);
    return await finish(context, row, plan, made);
  } catch (error) {
    if (error instanceof UserFailure) return { outcome: { sub: row.sub, outcome: 'failed', reason: error.reason } };
    throw error;
  }
}

function skipped(row: UserRow, reason: string): UserRecord {
  return { outcome: { sub: row.sub, outcome: 'skipped', reason } };
}

/** From here on every later run knows that the user was made by a restore and is to be finished, whatever ends this one. */
async function begin(context: UserContext, row: UserRow, plan: CreatePlan, user: UserImage): Promise<void> {
  await context.state.writeLink?.(linkTo(context, row, user, plan.image, { restored: true, finished: false }));
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

/** A restore of few users does not list the whole target, it looks for each of them; for others a listing did not show whom a link names. */
async function lookUp(context: UserContext, row: UserRow, plan: CreatePlan, link: Link | undefined): Promise<FoundUser | undefined> {
  const { run, settings, target } = context;
  const sub = link?.targetSub ?? (run.subs && run.sourceUserPoolId === run.targetUserPoolId ? row.sub : undefined);
  if (sub) {
    const [bySub] = await allPages(cursor => target.listUsers(cursor, { attribute: 'sub', value: sub }));
    if (bySub) return withLink(context, bySub);
  }
  if (!run.subs) return undefined;
  const attribute = settings.usernameAttributes.find(name => row.attributes[name] === plan.signInName) ?? 'username';
  const [byName] = await allPages(cursor => target.listUsers(cursor, { attribute: attribute as 'email' | 'phone_number' | 'username', value: plan.signInName }));
  return byName && withLink(context, byName);
}

/** Where the source pool was a target once: whoever carries the first `sub` is the person, also under another name and without a link. */
async function lookUpMarked(context: UserContext, row: UserRow): Promise<FoundUser | undefined> {
  const { run, state, target } = context;
  const firstSub = firstSubOf(row);
  if (firstSub === row.sub || !run.sourceSubProves) return undefined;
  const sub = await state.targetSubOfFirst?.(firstSub);
  if (!sub) return undefined;
  const [user] = await allPages(cursor => target.listUsers(cursor, { attribute: 'sub', value: sub }));
  return user && withLink(context, user);
}

async function linkOf({ state }: UserContext, row: UserRow): Promise<Link | undefined> {
  const targetSub = await state.targetSubOf(row.sub);
  const link = targetSub === undefined ? undefined : (await state.linksOfTargets([targetSub])).get(targetSub);
  return link?.sourceSub === row.sub ? link : undefined;
}

async function withLink(context: UserContext, user: UserImage): Promise<FoundUser> {
  return { user, link: (await context.state.linksOfTargets([user.sub])).get(user.sub) };
}

/** Who was there and is gone stays gone, unless asked for. In the source pool itself, they are what a restore is for. */
function wasDeletedThere({ run, targetWasEmpty }: UserContext, link: Link): boolean {
  if (link.finished === false || run.subs || run.restoreDeleted || targetWasEmpty) return false;
  return run.sourceUserPoolId !== run.targetUserPoolId;
}

/** The name is there already: somebody else's, made by this run before it was killed, or the user's own from before. */
async function meet(context: UserContext, row: UserRow, plan: CreatePlan, found: FoundUser): Promise<UserRecord> {
  const { user, link } = found;
  switch (identify(plan, row, found, context.settings, context.run)) {
    case 'other':
      throw new UserFailure(SOMEBODY_ELSE);
    case 'unconfirmed':
      throw new UserFailure(NOT_CONFIRMED);
    case 'ours':
      if (context.run.dryRun) return { outcome: { sub: row.sub, outcome: 'would-restore', warnings: plan.warnings } };
      if (!link) await begin(context, row, plan, user);
      return finishLate(context, row, plan, user);
    case 'existing':
      return converge(context, row, plan, user, link);
  }
}

/** Nobody knew until the creation was refused. */
async function meetLate(context: UserContext, row: UserRow, plan: CreatePlan): Promise<UserRecord> {
  const { user } = await forUser('AdminGetUser', () => context.target.getUser(plan.signInName));
  return asLate(context, user, await meet(context, row, plan, await withLink(context, user)));
}

/** The listing of the target counted them as nobody's. */
function asLate({ run }: UserContext, user: UserImage, { outcome, link }: UserRecord): UserRecord {
  const wasListed = outcome.outcome === 'already-there' && user.createdAt < run.startedAt;
  return { outcome: wasListed ? { ...outcome, late: true } : outcome, link };
}
