import { ApplyContext, observe } from './apply-context';
import { UserJob } from './hint-jobs';
import { Observation } from './row-changes';
import { GroupImage, MfaPreference, UserImage, UserRow } from '../ledger/schema';
import { forEachConcurrently } from '../runtime/concurrency';

/**
 * How often Cognito may answer something older than the event before it is believed: with the queue's delay that is half a minute, and its
 * listings lag by a second or two. An event that does not name its pool may be about somebody of another one, who never turns up.
 */
const PATIENCE = 4;
const PATIENCE_WITHOUT_POOL = 2;
/** A group's membership has no date; an answer against the event is asked for once more. */
const LOOKS_AT_MEMBERSHIP = 2;
const WRITES_AT_A_TIME = 8;
const FEDERATED = 'EXTERNAL_PROVIDER';

interface UserRead {
  readonly seen: Observation;
  readonly image?: UserImage;
  readonly mfa?: MfaPreference;
}

/** Makes the ledger agree with Cognito about one user. False where Cognito does not seem to know of the event yet. */
export async function applyUser(context: ApplyContext, job: UserJob): Promise<boolean> {
  const stored = await context.store.user(context.poolId, job.sub);
  const { seen, image, mfa } = await readUser(context, job, stored);
  if (!image) return applyAbsence(context, job, stored, seen);
  if (job.removes || image.modifiedAt < job.movedAt) {
    if (isPatient(job)) return false;
    context.counts.staleAnswers += 1;
  }
  if (await context.rows.user(image, true, seen, context.settings, mfa)) context.counts.rowsWritten += 1;
  return applyMemberships(context, job, image);
}

/**
 * AdminGetUser, whose quota is four times that of ListUsers and which shows MFA, where the event made the user active anyway; else a look-up by
 * `sub`. A user name can have passed to somebody else: only the very `sub` counts.
 */
async function readUser(context: ApplyContext, job: UserJob, stored: UserRow | undefined): Promise<UserRead> {
  const generatesNames = context.settings.usernameAttributes.length > 0;
  const username = stored?.username ?? (generatesNames ? job.sub : undefined);
  if (job.active && !job.removes && username !== undefined) {
    const read = await readByName(context, job, username);
    if (read.image) return read;
  }
  const found = await context.pacer.run('UserList', async () => {
    const seen = observe(context, lastHint(job));
    return { seen, image: await context.pool.userBySub(job.sub) };
  });
  if (!found.image || !job.active || job.removes || found.image.status === FEDERATED || found.image.username === username) return found;
  const read = await readByName(context, job, found.image.username);
  return read.image ? read : found;
}

async function readByName(context: ApplyContext, job: UserJob, username: string): Promise<UserRead> {
  return context.pacer.run('UserRead', async () => {
    const seen = observe(context, lastHint(job));
    const details = await context.pool.userByName(username);
    return details?.image.sub === job.sub ? { seen, ...details } : { seen };
  });
}

/**
 * Cognito does not know the user. After an event of deletion that is the answer; else it may be too early to ask. There is no limit on how many
 * users may go this way, as there is for a sweep: each has an event of its own, and the tombstones keep everything.
 */
async function applyAbsence(context: ApplyContext, job: UserJob, stored: UserRow | undefined, seen: Observation): Promise<boolean> {
  const isLive = stored !== undefined && stored.deletedAt === undefined;
  if (!job.removes && (isLive || !stored) && isPatient(job)) return false;
  if (!stored) context.counts.unknownUsers += 1;
  if (isLive && await context.rows.buryUser(job.sub, seen)) context.counts.rowsWritten += 1;
  const groups = await context.store.groupsOfUser(context.poolId, job.sub);
  await forEachConcurrently(groups, WRITES_AT_A_TIME, async group => bury(context, group, job.sub, seen));
  return true;
}

async function applyMemberships(context: ApplyContext, job: UserJob, { username }: UserImage): Promise<boolean> {
  if (!job.allGroups && job.groups.size === 0) return true;
  const { seen, listed } = await context.pacer.run('UserResourceRead', async () => {
    const now = observe(context, lastHint(job));
    return { seen: now, listed: await context.pool.groupsOfUser(username) };
  });
  // Deleted since the user was read: the next look sees it.
  if (!listed) return !isPatient(job);
  const groups = new Map(listed.map(group => [group.name, group]));
  const contradicts = [...job.groups].some(([name, enters]) => enters !== undefined && enters !== groups.has(name));
  if (contradicts && job.looks < LOOKS_AT_MEMBERSHIP) return false;

  const known = job.allGroups ? await context.store.groupsOfUser(context.poolId, job.sub) : [];
  const names = new Set(job.allGroups ? [...job.groups.keys(), ...known, ...groups.keys()] : job.groups.keys());
  await forEachConcurrently(names, WRITES_AT_A_TIME, async name => {
    const group = groups.get(name);
    await (group ? enter(context, group, job.sub, seen) : bury(context, name, job.sub, seen));
  });
  return true;
}

/** The group's row first: a sweep looks for members of the groups that the ledger knows. */
async function enter(context: ApplyContext, group: GroupImage, sub: string, seen: Observation): Promise<void> {
  const stored = await context.store.membership(context.poolId, group.name, sub);
  if (stored && stored.deletedAt === undefined) return;
  const known = await context.store.group(context.poolId, group.name);
  if (await context.rows.group(group, known, seen)) context.counts.rowsWritten += 1;
  if (await context.rows.membership(group.name, sub, seen)) context.counts.rowsWritten += 1;
}

async function bury(context: ApplyContext, group: string, sub: string, seen: Observation): Promise<void> {
  if (await context.rows.buryMembership(group, sub, seen)) context.counts.rowsWritten += 1;
}

function isPatient(job: UserJob): boolean {
  return job.looks < (job.isOurs ? PATIENCE : PATIENCE_WITHOUT_POOL);
}

function lastHint(job: UserJob) {
  return job.hints[job.hints.length - 1];
}
