import { followUpTarget, FollowUpContext, ON_DEMAND_RUN, ownGroups, standbyUser } from './follow-up';
import { StandbyPool } from './standby-pool';
import { StreamRecord, Subject, subjectOf } from './stream-record';
import { UserLink } from './user-links';
import { GroupRow, UserImage, UserRow, digestOf } from '../ledger/schema';
import { isOfIdentityProvider, planGroup } from '../restore/restore-groups';
import { restoreUser } from '../restore/restore-user';
import { CreatePlan, firstSubOf, planUser } from '../restore/user-plan';
import { forEachConcurrently } from '../runtime/concurrency';

/** Deletions that wait for their time. */
export interface Deletions {
  /** `dueAt` in milliseconds since the epoch; a deletion that is scheduled already keeps its time. */
  schedule(sourceSub: string, dueAt: number): Promise<void>;
  scheduled(): Promise<readonly { readonly sourceSub: string; readonly dueAt: number }[]>;
  cancel(sourceSub: string): Promise<void>;
}

/** What following the ledger works with. */
export interface ChangeContext extends FollowUpContext {
  readonly deletions: Deletions;
  /** Milliseconds that a user stays on the standby after being deleted from the source pool. */
  readonly grace: number;
  /** Keeps what cannot be applied, by name and with the reason, for an operator. */
  setAside(what: SetAside): Promise<void>;
}

export interface SetAside {
  readonly sourceSub?: string;
  readonly group?: string;
  readonly reason: string;
}

export type ChangeOutcome = 'unchanged' | 'applied' | 'scheduled' | 'skipped' | 'failed';

export interface ChangeAnswer {
  /** Sequence numbers of the records that are to come again. */
  readonly failures: readonly string[];
  readonly counts: Readonly<Partial<Record<ChangeOutcome, number>>>;
  readonly errors: readonly unknown[];
}

const SUBJECTS_AT_ONCE = 8;
/** Two shards may tell of one user at once, from the row and from a membership: whoever sees that the ledger moved on looks again. */
const LOOKS = 5;

/**
 * A record says whom to look at, not what to do: the standby is brought to what the ledger says now, so that records may come late, twice or
 * in another order. What concerns one user alone is set aside and holds nobody up; anything else comes again.
 */
export async function applyRecords(context: ChangeContext, records: readonly StreamRecord[]): Promise<ChangeAnswer> {
  const poolId = await context.directory.poolId();
  const counts: Partial<Record<ChangeOutcome, number>> = {};
  const errors: unknown[] = [];
  const failures: string[] = [];
  const jobs = new Map<string, { subject: Subject; sequenceNumbers: string[] }>();
  for (const { dynamodb = {} } of records) {
    const subject = subjectOf(dynamodb);
    if (!subject || subject.poolId !== poolId) continue;
    const key = JSON.stringify(subject);
    const job = jobs.get(key) ?? { subject, sequenceNumbers: [] };
    job.sequenceNumbers.push(dynamodb.SequenceNumber ?? '');
    jobs.set(key, job);
  }
  // Groups first: memberships need them.
  const groups = [...jobs.values()].filter(({ subject }) => subject.kind === 'group');
  const users = [...jobs.values()].filter(({ subject }) => subject.kind === 'user');
  for (const some of [groups, users]) {
    await forEachConcurrently(some, SUBJECTS_AT_ONCE, async ({ subject, sequenceNumbers }) => {
      try {
        const outcome = subject.kind === 'group' ? await applyGroup(context, subject.poolId, subject.id) : await applyUser(context, subject.id);
        counts[outcome] = (counts[outcome] ?? 0) + 1;
      } catch (error) {
        errors.push(error);
        failures.push(...sequenceNumbers);
      }
    });
  }
  return { failures, counts, errors };
}

/** Brings one user of the standby to what the ledger says at the end of it. */
export async function applyUser(context: ChangeContext, sub: string): Promise<ChangeOutcome> {
  let outcome: ChangeOutcome = 'unchanged';
  for (let look = 1; look <= LOOKS; look += 1) {
    const before = await view(context, sub);
    if (!before) return outcome;
    const now = await bring(context, before.row, before.groups);
    if (now !== 'unchanged') outcome = now;
    if (now === 'unchanged' || now === 'skipped' || now === 'failed' || now === 'scheduled') return outcome;
    const after = await view(context, sub);
    if (digestOf(before) === digestOf(after)) return outcome;
  }
  throw new Error('the ledger changed a user again and again while they were applied');
}

async function view({ directory }: ChangeContext, sub: string): Promise<{ row: UserRow; groups: string[] } | undefined> {
  const row = await directory.user(sub);
  return row && { row, groups: row.deletedAt === undefined ? (await directory.groupsOf(row)).sort() : [] };
}

async function bring(context: ChangeContext, row: UserRow, groups: readonly string[]): Promise<ChangeOutcome> {
  const { links, deletions, settings, pool } = context;
  if (row.deletedAt !== undefined) {
    await deletions.schedule(row.sub, row.deletedAt + context.grace);
    return 'scheduled';
  }
  const own = ownGroups(row.poolId, groups);
  const plan = planUser(row, groups, settings, own);
  if (plan.kind !== 'create') return plan.kind === 'skip' ? 'skipped' : failed(context, row, plan.reason);

  const targetSub = await links.targetSubOf(row.sub);
  const link = targetSub === undefined ? undefined : (await links.linksOfTargets([targetSub])).get(targetSub);
  // What was put there last is what the ledger says: Cognito need not be asked.
  if (link && digestOf(link.image) === digestOf(plan.image)) return 'unchanged';
  const user = link && await standbyUser(pool, usernameOf(context, row, link));
  const record = await restoreUser({
    // A run finishes whom it made itself and has not linked; whoever is linked is compared with what was put there last.
    run: { ...ON_DEMAND_RUN, execution: link ? 'warm' : 'warm-first', subs: [row.sub], sourceUserPoolId: row.poolId, targetUserPoolId: context.userPoolId },
    settings,
    target: followUpTarget(context, row.poolId),
    groups: own,
    clock: context.clock,
    state: links,
  }, { row, groups }, user && { user, link });
  const { outcome, reason } = record.outcome;
  if (outcome === 'skipped') return 'skipped';
  if (outcome === 'failed') return failed(context, row, reason ?? 'unknown');
  if (user && link) await takeAway(pool, user, link, plan, context);
  if (record.link) await links.write({ ...record.link, firstSub: firstSubOf(row) });
  return 'applied';
}

/** What this library once put there and the source pool took away since. What the user got on the standby itself stays. */
async function takeAway(
  pool: StandbyPool, user: UserImage, { image: base }: UserLink, { image }: CreatePlan, { settings }: ChangeContext,
): Promise<void> {
  for (const group of base.groups.filter(name => !image.groups.includes(name))) {
    await unlessGone(() => pool.removeUserFromGroup(user.username, group));
  }
  const attributes = Object.keys(base.attributes).filter(name => image.attributes[name] === undefined
    && user.attributes[name] === base.attributes[name] && settings.attributes.get(name)?.mutable !== false);
  if (attributes.length > 0) await pool.deleteAttributes(user.username, attributes);
}

/** In a pool that generates user names, it is the `sub`. */
function usernameOf({ settings }: ChangeContext, row: UserRow, link: UserLink): string {
  return settings.usernameAttributes.length > 0 ? link.targetSub : row.username;
}

async function applyGroup({ pool, groupRow, groupRoles }: ChangeContext, poolId: string, name: string): Promise<ChangeOutcome> {
  const row = await groupRow(poolId, name);
  if (!row || isOfIdentityProvider(row)) return 'skipped';
  if (row.deletedAt !== undefined) {
    await unlessGone(() => pool.deleteGroup(name));
    return 'applied';
  }
  await makeGroup(pool, row, groupRoles[name]);
  return 'applied';
}

async function makeGroup(pool: StandbyPool, row: GroupRow, roleArn: string | undefined): Promise<void> {
  const wanted = planGroup(row, undefined, roleArn)!;
  try {
    await pool.createGroup(wanted);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'GroupExistsException')) throw error;
    await pool.updateGroup(wanted);
  }
}

async function failed(context: ChangeContext, row: UserRow, reason: string): Promise<ChangeOutcome> {
  await context.setAside({ sourceSub: row.sub, reason });
  return 'failed';
}

async function unlessGone(call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof Error && ['ResourceNotFoundException', 'UserNotFoundException'].includes(error.name))) throw error;
  }
}

export interface DeletionsAnswer {
  readonly deleted: number;
  /** Due, but too many at once: an operator decides. */
  readonly held: number;
  /** Were deleted and are back, or are not on the standby. */
  readonly cancelled: number;
}

/** As with the sweep: fewer than these are believed at any size of pool, and more only if they are a small part of it. */
const FEW = 50;
const SHARE = 0.05;

/** Deletes whose time has come. More than a few at once stop for an operator, who says how many there may be. */
export async function applyDeletions(context: ChangeContext, users: number, allow = 0): Promise<DeletionsAnswer> {
  const now = context.clock.now();
  const due = (await context.deletions.scheduled()).filter(({ dueAt }) => dueAt <= now);
  let [deleted, cancelled] = [0, 0];
  const gone: string[] = [];
  for (const { sourceSub } of due) {
    const row = await context.directory.user(sourceSub);
    if (row && row.deletedAt === undefined) {
      await context.deletions.cancel(sourceSub);
      cancelled += 1;
    } else {
      gone.push(sourceSub);
    }
  }
  if (gone.length > Math.max(FEW, users * SHARE, allow)) return { deleted, held: gone.length, cancelled };
  await forEachConcurrently(gone, SUBJECTS_AT_ONCE, async sourceSub => {
    if (await remove(context, sourceSub)) deleted += 1;
    else cancelled += 1;
    await context.deletions.cancel(sourceSub);
  });
  return { deleted, held: 0, cancelled };
}

async function remove(context: ChangeContext, sourceSub: string): Promise<boolean> {
  const { links, pool } = context;
  const targetSub = await links.targetSubOf(sourceSub);
  const link = targetSub === undefined ? undefined : (await links.linksOfTargets([targetSub])).get(targetSub);
  if (!link) return false;
  const row = await context.directory.user(sourceSub);
  const name = context.settings.usernameAttributes.length > 0 ? link.targetSub : row?.username;
  const user = name === undefined ? undefined : await standbyUser(pool, name);
  // Only whom the map names, and only while it is still that user.
  if (user && user.sub === link.targetSub) await unlessGone(() => pool.deleteUser(user.username));
  await links.remove(link);
  return user !== undefined;
}
