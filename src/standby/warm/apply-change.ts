import { Deletions, groupId } from './deletions';
import { completeFederated, followUpTarget, FollowUpContext, GROUP_EXISTS, groupRows, linkIdentities, ON_DEMAND_RUN, standbyUser, unless } from '../on-demand/follow-up';
import { StandbyPool } from '../../cognito/standby-pool';
import { StreamRecord, Subject, subjectOf } from './stream-record';
import { UserLink, Links } from '../../state/links';
import { GroupRow, UserRow, digestOf } from '../../ledger/schema';
import { isOfIdentityProvider, planGroup } from '../../restore/restore-groups';
import { restoreUser, SOMEBODY_ELSE } from '../../converge/bring-user';
import { CreatePlan, PlannedImage, planUser } from '../../converge/user-plan';
import { forEachConcurrently } from '../../runtime/concurrency';
import { UserImage } from '../../cognito/user';
import { firstSubOf } from '../../cognito/source-sub';

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

/** `waiting`: for a name that somebody has who is gone from the source pool; they are brought when that one is deleted. */
export type ChangeOutcome = 'unchanged' | 'applied' | 'scheduled' | 'skipped' | 'waiting' | 'failed';

export interface ChangeAnswer {
  /** Sequence numbers of the records that are to come again. */
  readonly failures: readonly string[];
  readonly counts: Readonly<Partial<Record<ChangeOutcome, number>>>;
  readonly errors: readonly unknown[];
}

export const SUBJECTS_AT_ONCE = 8;
/** Two shards may tell of one user at once, from the row and from a membership: whoever sees that the ledger moved on looks again. */
const LOOKS = 5;
const FEDERATED = 'EXTERNAL_PROVIDER';
const NAMES = ['email', 'phone_number', 'preferred_username'];
const NAME_TAKEN = ['AliasExistsException', 'UsernameExistsException'];
export const GONE = ['ResourceNotFoundException', 'UserNotFoundException'];

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
        const outcome = subject.kind === 'group' ? await followGroup(context, subject.poolId, subject.id) : await followUser(context, subject.id);
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
export async function followUser(context: ChangeContext, sub: string): Promise<ChangeOutcome> {
  let outcome: ChangeOutcome = 'unchanged';
  for (let look = 1; look <= LOOKS; look += 1) {
    const before = await view(context, sub);
    if (!before) return outcome;
    const now = await bring(context, before.row, before.groups);
    if (now !== 'unchanged') outcome = now;
    if (now !== 'applied') return outcome;
    const after = await view(context, sub);
    if (digestOf(before) === digestOf(after)) return outcome;
  }
  throw new Error('the ledger changed a user again and again while they were applied');
}

async function view({ directory }: ChangeContext, sub: string): Promise<{ row: UserRow; groups: string[] } | undefined> {
  const row = await directory.user(sub);
  return row && { row, groups: row.deletedAt === undefined ? (await directory.groupsOf(row)).sort() : [] };
}

async function bring(context: ChangeContext, row: UserRow, groups: readonly string[], isAgain = false): Promise<ChangeOutcome> {
  const { links, deletions, settings, pool } = context;
  if (row.deletedAt !== undefined) {
    await deletions.schedule(row.sub, row.deletedAt + context.grace);
    return 'scheduled';
  }
  if (row.status === FEDERATED) return bringFederated(context, row, groups);
  const own = groupRows(row.poolId, groups);
  const plan = planUser(row, groups, settings, own);
  const link = await linkOf(links, row.sub);
  if (plan.kind !== 'create') {
    if (link && !row.enabled) await keepOut(context, row, link);
    return plan.kind === 'skip' ? 'skipped' : failed(context, row, plan.reason);
  }
  // What was put there last is what the ledger says: Cognito need not be asked.
  const { identities } = row.attributes;
  if (link && digestOf(link.image) === digestOf(plan.image) && link.identities === identities) return 'unchanged';
  const user = link && await standbyUser(pool, usernameOf(context, row, link));
  const record = await restoreUser({
    // A run finishes whom it made itself and has not linked; whoever is linked is compared with what was put there last.
    run: {
      ...ON_DEMAND_RUN,
      execution: link ? 'warm' : 'warm-first',
      subs: [row.sub],
      sourceUserPoolId: row.poolId,
      targetUserPoolId: context.userPoolId,
      sourceSubProves: context.sourceSubProves,
    },
    settings,
    target: followUpTarget(context, row.poolId),
    groups: own,
    clock: context.clock,
    state: links,
  }, { row, groups }, user && { user, link });
  const { outcome, reason = 'unknown' } = record.outcome;
  if (outcome === 'skipped') return 'skipped';
  if (outcome === 'failed') {
    const holders = isAgain || !isAboutNames(reason) ? [] : await holdersOf(context, row, plan);
    if (holders.length === 0) return failed(context, row, reason);
    if (holders.some(holder => gaveUp(holder, row))) return 'waiting';
    // Whoever has the name on the standby changed it in the source pool: their record is on its way.
    for (const holder of holders) await bring(context, holder!, await context.directory.groupsOf(holder!), true);
    return bring(context, row, groups, true);
  }
  if (user && link) await takeAway(pool, user, link, plan, context);
  const now = record.link ?? link;
  if (!now) return 'applied';
  if (link?.identities !== identities) await linkIdentities(pool, row, usernameOf(context, row, now));
  await links.write({ ...now, firstSub: firstSubOf(row), identities });
  return 'applied';
}

/** Cognito makes users of identity providers. Of those who came, what only the source pool knows is followed. */
async function bringFederated(context: ChangeContext, row: UserRow, groups: readonly string[]): Promise<ChangeOutcome> {
  const { links, pool } = context;
  const link = await linkOf(links, row.sub);
  const isSame = (image: PlannedImage) => image.enabled === row.enabled && digestOf([...image.groups].sort()) === digestOf([...groups].sort());
  if (!link || isSame(link.image)) return 'skipped';
  const user = await standbyUser(pool, row.username);
  if (user?.sub !== link.targetSub) return 'skipped';
  for (const group of link.image.groups.filter(name => !groups.includes(name))) {
    await unless(GONE, () => pool.removeUserFromGroup(user.username, group));
  }
  if (link.image.enabled !== row.enabled) await (row.enabled ? pool.enableUser(user.username) : pool.disableUser(user.username));
  await completeFederated(context, row, groups, user);
  return 'applied';
}

export async function linkOf(links: Links, sourceSub: string): Promise<UserLink | undefined> {
  const targetSub = await links.targetSubOf(sourceSub);
  return targetSub === undefined ? undefined : (await links.linksOfTargets([targetSub])).get(targetSub);
}

function isAboutNames(reason: string): boolean {
  return reason === SOMEBODY_ELSE || NAME_TAKEN.some(error => reason.includes(error));
}

/** The rows, undefined where there is none any more, of source users other than this one who have one of their names on the standby. */
async function holdersOf({ directory, links, pool }: ChangeContext, row: UserRow, plan: CreatePlan): Promise<(UserRow | undefined)[]> {
  const names = new Set([plan.signInName, ...namesIn(row)]);
  const users = await Promise.all([...names].map(async name => standbyUser(pool, name)));
  const known = await links.linksOfTargets([...new Set(users.flatMap(user => user?.sub ?? []))]);
  const others = [...known.values()].filter(link => link.sourceSub !== row.sub);
  return Promise.all(others.map(async link => directory.user(link.sourceSub)));
}

/** What a user may be known by, besides the user name. */
export function namesIn({ attributes }: UserRow): string[] {
  return NAMES.flatMap(name => attributes[name] || []);
}

/** Deleted, or made again without anybody having seen the deletion yet: the name is free when they go. */
function gaveUp(holder: UserRow | undefined, row: UserRow): boolean {
  return !holder || holder.deletedAt !== undefined || (holder.signInName === row.signInName && holder.observedAt < row.observedAt);
}

/** Whatever else of a user cannot be applied. */
async function keepOut(context: ChangeContext, row: UserRow, link: UserLink): Promise<void> {
  const user = await standbyUser(context.pool, usernameOf(context, row, link));
  if (user?.sub === link.targetSub && user.enabled) await context.pool.disableUser(user.username);
}

/** What this library once put there and the source pool took away since. What the user got on the standby itself stays. */
async function takeAway(
  pool: StandbyPool, user: UserImage, { image: base }: UserLink, { image }: CreatePlan, { settings }: ChangeContext,
): Promise<void> {
  for (const group of base.groups.filter(name => !image.groups.includes(name))) {
    await unless(GONE, () => pool.removeUserFromGroup(user.username, group));
  }
  const attributes = Object.keys(base.attributes).filter(name => image.attributes[name] === undefined
    && user.attributes[name] === base.attributes[name] && settings.attributes.get(name)?.mutable !== false);
  if (attributes.length > 0) await pool.deleteAttributes(user.username, attributes);
}

/** In a pool that generates user names, it is the `sub`. */
function usernameOf({ settings }: ChangeContext, row: UserRow, link: UserLink): string {
  return settings.usernameAttributes.length > 0 ? link.targetSub : row.username;
}

async function followGroup({ pool, groupRow, groupRoles, deletions, grace }: ChangeContext, poolId: string, name: string): Promise<ChangeOutcome> {
  const row = await groupRow(poolId, name);
  if (!row || isOfIdentityProvider(row)) return 'skipped';
  if (row.deletedAt !== undefined) {
    // Not yet: of a group that is made again at once, nobody would come to know that its members had been lost. They leave one by one.
    await deletions.schedule(groupId(name), row.deletedAt + grace);
    return 'scheduled';
  }
  await makeGroup(pool, row, groupRoles[name]);
  return 'applied';
}

async function makeGroup(pool: StandbyPool, row: GroupRow, roleArn: string | undefined): Promise<void> {
  const wanted = planGroup(row, undefined, roleArn)!;
  if (!await unless(GROUP_EXISTS, () => pool.createGroup(wanted))) await pool.updateGroup(wanted);
}

async function failed(context: ChangeContext, row: UserRow, reason: string): Promise<ChangeOutcome> {
  await context.setAside({ sourceSub: row.sub, reason });
  return 'failed';
}
