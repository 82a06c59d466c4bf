import { AGAIN, Applied, ApplyContext, counted, doubted, occasionOf } from './apply-context';
import { UserJob } from './hint-jobs';
import { isFederated } from '../../cognito/identities';
import { GroupImage, MfaPreference, UserImage } from '../../cognito/user';
import { Observation, look } from '../observation';
import { unlessRowRefused } from '../refused-rows';
import { MFA_IS_FRESH } from './user-event';
import { UserRow, items } from '../../ledger/schema';
import { forEachConcurrently } from '../../runtime/concurrency';

/**
 * How often Cognito may answer something older than the event before it is believed. With the queue's delay that is half a minute; Cognito's
 * listings lag by a second or two.
 */
const PATIENCE = 4;
/** Memberships and MFA preferences have no date: an answer that contradicts the event, or shows nothing new, is asked for once more. */
const LOOKS_WITHOUT_DATE = 2;
const MEMBERSHIPS_AT_A_TIME = 8;

interface UserRead {
  readonly seen: Observation;
  readonly image?: UserImage;
  readonly mfa?: MfaPreference;
}

/** Makes the ledger agree with Cognito about one user. Looks again where Cognito does not seem to know of the event yet. */
export async function applyUser(context: ApplyContext, job: UserJob): Promise<Applied> {
  const stored = await context.store.user(context.poolId, job.sub);
  const { seen, image, mfa } = await readUser(context, job, stored);
  if (!image) return applyAbsence(context, job, stored, seen);
  const isOlder = job.removes || image.modifiedAt < job.movedAt;
  const again = isOlder && isPatient(job.removes ? job.removedLooks : job.movedLooks);
  // The user is about to be gone: nothing more is written about them.
  if (again && job.removes) return AGAIN;
  if (isOlder && !again) context.counts.staleAnswers += 1;

  // What is known now is written, even where a later look brings more.
  await counted(context, context.rows.user(image, true, seen, context.settings, mfa && dated(mfa, stored?.mfa, seen)));
  const isSameMfa = mfa !== undefined && stored?.mfa !== undefined && same(mfa, stored.mfa);
  if (isSameMfa) await noteMfaRead(context, job.sub, mfa, seen);
  const gone = doubted(stored, seen);
  if (gone) return gone;
  const memberships = await applyMemberships(context, job, image);
  return again || (isSameMfa && job.mfaLooks < LOOKS_WITHOUT_DATE) ? AGAIN : memberships;
}

/** An unchanged preference keeps its date, so that the row stays the same. */
function dated(mfa: MfaPreference, known: MfaPreference | undefined, seen: Observation): MfaPreference {
  return known && same(mfa, known) ? known : { ...mfa, readAt: seen.observedAt };
}

function same(a: MfaPreference, b: MfaPreference): boolean {
  return a.preferred === b.preferred && [...a.enabled].sort().join() === [...b.enabled].sort().join();
}

/**
 * Notes when an unchanged preference was read, at most twice a day and without a history. If another write wins, the next sign-in notes it.
 */
async function noteMfaRead(context: ApplyContext, sub: string, mfa: MfaPreference, seen: Observation): Promise<void> {
  const row = await context.store.user(context.poolId, sub);
  if (!row?.mfa || row.deletedAt !== undefined || row.observedAt >= seen.observedAt || !same(row.mfa, mfa)) return;
  if (seen.observedAt - (row.mfa.readAt ?? 0) < MFA_IS_FRESH / 2) return;
  // One more than before: another version of the row, though its image is no newer.
  const put = items.user({ ...row, mfa: { ...row.mfa, readAt: seen.observedAt }, observedAt: row.observedAt + 1 });
  await unlessRowRefused(context.counts, context.store.write({ put, replacesObservedAt: row.observedAt }));
}

/**
 * Uses AdminGetUser where the event made the user active anyway: it has four times the quota of ListUsers, and shows MFA. Otherwise looks the user
 * up by `sub`. A user name may belong to another user by now, so only the same `sub` counts.
 */
async function readUser(context: ApplyContext, job: UserJob, stored: UserRow | undefined): Promise<UserRead> {
  const generatesNames = context.settings.usernameAttributes.length > 0;
  const username = stored?.username ?? (generatesNames ? job.sub : undefined);
  if (job.active && !job.removes && username !== undefined) {
    const read = await readByName(context, job, username);
    if (read.image) return read;
  }
  const found = await context.pacer.run('UserList', async () => {
    const { seen, answer } = await look(context, occasionOf(context, job.hints), async () => context.pool.userBySub(job.sub));
    return { seen, image: answer };
  });
  if (!found.image || !job.active || job.removes || isFederated(found.image) || found.image.username === username) return found;
  const read = await readByName(context, job, found.image.username);
  return read.image ? read : found;
}

async function readByName(context: ApplyContext, job: UserJob, username: string): Promise<UserRead> {
  return context.pacer.run('UserRead', async () => {
    const { seen, answer: details } = await look(context, occasionOf(context, job.hints), async () => context.pool.userByName(username));
    return details?.image.sub === job.sub ? { seen, ...details } : { seen };
  });
}

/**
 * Cognito does not know the user. After a deletion event the user is marked as gone, without the limit that a sweep has: each of these users has
 * an event of its own, and tombstones keep everything. Without such an event it may be too early to ask, or Cognito may be wrong: then the sweep
 * decides, as it looks at everybody and stops where too many seem to be gone.
 */
async function applyAbsence(context: ApplyContext, job: UserJob, stored: UserRow | undefined, seen: Observation): Promise<Applied> {
  const isLive = stored !== undefined && stored.deletedAt === undefined;
  // Where the event does not name the pool, a user that nobody knows mostly belongs to another one.
  const mayCome = isLive || (!stored && job.isOurs);
  if (!job.removes && mayCome && isPatient(job.freshLooks)) return AGAIN;
  if (!stored) context.counts.unknownUsers += 1;
  if (!job.removes && isLive) context.counts.usersLeftToSweep += 1;
  if (!job.removes && (isLive || !stored)) return true;
  if (isLive) await counted(context, context.rows.buryUser(job.sub, seen));
  const groups = await context.store.membershipsOfUser(context.poolId, job.sub);
  await forEachConcurrently(groups, MEMBERSHIPS_AT_A_TIME, async group => counted(context, context.rows.buryMembership(group, job.sub, seen)));
  return true;
}

async function applyMemberships(context: ApplyContext, job: UserJob, { username }: UserImage): Promise<Applied> {
  if (!job.allGroups && job.groups.size === 0) return true;
  const { seen, answer: listed } = await context.pacer.run('UserResourceRead', async () => (
    look(context, occasionOf(context, job.hints), async () => context.pool.groupsOfUser(username))));
  // The user was deleted since the first read: the next look sees it.
  if (!listed) return isPatient(job.freshLooks) ? AGAIN : true;
  const groups = new Map(listed.map(group => [group.name, group]));
  const contradicted = new Set([...job.groups].filter(([name, { enters, looks }]) => (
    enters !== undefined && enters !== groups.has(name) && looks < LOOKS_WITHOUT_DATE)).map(([name]) => name));

  const known = job.allGroups ? await context.store.membershipsOfUser(context.poolId, job.sub) : [];
  const names = new Set(job.allGroups ? [...job.groups.keys(), ...known, ...groups.keys()] : job.groups.keys());
  let applied: Applied = contradicted.size > 0 ? AGAIN : true;
  await forEachConcurrently([...names].filter(name => !contradicted.has(name)), MEMBERSHIPS_AT_A_TIME, async name => {
    const group = groups.get(name);
    if (!group) return counted(context, context.rows.buryMembership(name, job.sub, seen));
    const later = await enter(context, group, job, seen);
    if (later && applied === true) applied = later;
  });
  return applied;
}

/**
 * Writes the group's row first, because a sweep looks for members only in the groups that the ledger knows. The list of a user's groups lags behind:
 * a group that was deleted a moment ago is looked at again later. A membership that an event named is written even if it is known, so that an answer
 * from before the event comes too late.
 */
async function enter(context: ApplyContext, group: GroupImage, job: UserJob, seen: Observation): Promise<Applied | undefined> {
  const isNamed = job.groups.has(group.name);
  const stored = await context.store.membership(context.poolId, group.name, job.sub);
  if (!isNamed && stored && stored.deletedAt === undefined) return undefined;
  const known = await context.store.group(context.poolId, group.name);
  const later = doubted(known, seen);
  if (later) return later;
  await counted(context, context.rows.group(group, known, seen));
  await counted(context, context.rows.membership(group.name, job.sub, seen, isNamed));
  return undefined;
}

function isPatient(looks: number): boolean {
  return looks < PATIENCE;
}
