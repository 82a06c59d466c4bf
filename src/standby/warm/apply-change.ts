import { StreamRecord, Subject, subjectOf } from './stream-record';
import { WARM_POLICY } from './warm-policy';
import { NAME_ATTRIBUTES } from '../../cognito/attribute-values';
import { isProviderGroup } from '../../cognito/groups';
import { isFederated } from '../../cognito/identities';
import { CognitoException } from '../../cognito/refusals';
import { StandbyPool } from '../../cognito/target-pool';
import { maySignIn } from '../../cognito/user-status';
import { bringGroup } from '../../converge/bring-group';
import { bringUser } from '../../converge/bring-user';
import { isSameAccess } from '../../converge/complete-federated';
import { FoundUser } from '../../converge/identify';
import { keepOut } from '../../converge/remove';
import { planUser, withMfaLater } from '../../converge/user-plan';
import { Incident } from '../../ledger/incident';
import { UserRow, digestOf } from '../../ledger/schema';
import { forEachConcurrently } from '../../runtime/concurrency';
import { PublicError } from '../../runtime/public-error';
import { Deletions, groupId } from '../../state/deletions';
import { givenGroups, Link } from '../../state/link';
import { linkOf, RemovableLinks } from '../../state/links';
import { Reason, ReasonCode } from '../../state/outcome';
import { StandbyContext, standbyUser, standbyUserContext } from '../standby-context';

/** What following the ledger works with. */
export interface ChangeContext extends StandbyContext<StandbyPool> {
  readonly links: RemovableLinks;
  readonly deletions: Deletions;
  /** Whether a restore holds the standby at a moment: nobody is deleted then. */
  readonly isHeldAtMoment: () => Promise<boolean>;
  /** Milliseconds that a user stays on the standby after being deleted from the source pool. */
  readonly grace: number;
  /** Incidents of the source pool that no operator confirmed. */
  readonly openIncidents: () => Promise<readonly Incident[]>;
  /** Keeps what cannot be applied, by `sub` and with the reason, for an operator. */
  setAside(what: SetAside): Promise<void>;
}

export interface SetAside {
  readonly sourceSub: string;
  readonly reason: Reason;
}

/** `waiting`: a user that is gone from the source pool still has the name; this one is brought when that one is deleted. */
export type ChangeOutcome = 'unchanged' | 'applied' | 'scheduled' | 'skipped' | 'waiting' | 'failed';

export interface ChangeAnswer {
  /** Sequence numbers of the records that are to come again. */
  readonly failures: readonly string[];
  readonly counts: Readonly<Partial<Record<ChangeOutcome, number>>>;
  /** What could not be kept, by number of users. */
  readonly warnings: Readonly<Partial<Record<ReasonCode, number>>>;
  readonly errors: readonly unknown[];
}

export const SUBJECTS_AT_ONCE = 8;
/** Two shards may tell of one user at once, by the row and by a membership: the one that sees the ledger move on looks again. */
const LOOKS = 5;
const NAME_TAKEN: readonly CognitoException[] = ['AliasExistsException', 'UsernameExistsException'];

/**
 * A record names a user or group, not what to do: the standby is brought to what the ledger says now, so that records may come late, twice or
 * in another order. A failure of one user alone is set aside and holds up no other; anything else comes again.
 */
export async function applyRecords(context: ChangeContext, records: readonly StreamRecord[]): Promise<ChangeAnswer> {
  const poolId = await context.directory.poolId();
  const counts: Partial<Record<ChangeOutcome, number>> = {};
  const warnings: Partial<Record<ReasonCode, number>> = {};
  const note: Note = reasons => new Set(reasons.map(({ code }) => code)).forEach(code => { warnings[code] = (warnings[code] ?? 0) + 1; });
  const errors: unknown[] = [];
  const failures: string[] = [];
  const jobs = new Map<string, { subject: Subject; sequenceNumbers: string[]; groups: string[] }>();
  for (const record of records) {
    const subject = subjectOf(record);
    if (!subject || subject.poolId !== poolId) continue;
    const key = JSON.stringify([subject.kind, subject.id]);
    const job = jobs.get(key) ?? { subject, sequenceNumbers: [], groups: [] };
    job.sequenceNumbers.push(record.sequenceNumber);
    if (subject.group !== undefined) job.groups.push(subject.group);
    jobs.set(key, job);
  }
  // Groups first: memberships need them.
  const groups = [...jobs.values()].filter(({ subject }) => subject.kind === 'group');
  const users = [...jobs.values()].filter(({ subject }) => subject.kind === 'user');
  for (const some of [groups, users]) {
    await forEachConcurrently(some, SUBJECTS_AT_ONCE, async ({ subject: { kind, poolId: of, id }, sequenceNumbers, groups: named }) => {
      try {
        const outcome = kind === 'group' ? await followGroup(context, of, id) : await followUser(context, id, named, note);
        counts[outcome] = (counts[outcome] ?? 0) + 1;
      } catch (error) {
        errors.push(error);
        failures.push(...sequenceNumbers);
      }
    });
  }
  return { failures, counts, warnings, errors };
}

type Note = (warnings: readonly Reason[]) => void;

/**
 * Brings one user of the standby to what the ledger says when this returns.
 *
 * @param groups groups that records say the user entered or left
 */
export async function followUser(
  context: ChangeContext, sub: string, groups: readonly string[] = [], note: Note = () => undefined,
): Promise<ChangeOutcome> {
  let outcome: ChangeOutcome = 'unchanged';
  for (let look = 1; look <= LOOKS; look += 1) {
    const before = await view(context, sub, groups);
    if (!before) return outcome;
    const now = await bring({ ...context, note }, before.row, before.groups);
    if (now !== 'unchanged') outcome = now;
    if (now !== 'applied') return outcome;
    const after = await view(context, sub, groups);
    if (digestOf(before) === digestOf(after)) return outcome;
  }
  throw new PublicError('the ledger changed a user again and again while they were applied');
}

async function view(context: ChangeContext, sub: string, named: readonly string[]): Promise<{ row: UserRow; groups: string[] } | undefined> {
  const row = await context.directory.user(sub);
  return row && { row, groups: row.deletedAt === undefined ? (await groupsInLedger(context, row, named)).sort() : [] };
}

/** Those that the library gave are asked for as well: the index may not know of them yet, and what it does not know of would be taken away. */
async function groupsInLedger({ directory, links }: ChangeContext, row: UserRow, named: readonly string[] = []): Promise<string[]> {
  return directory.groupsOf(row, [...named, ...givenGroups(await linkOf(links, row.sub))]);
}

/** `isAgain`: after the users that had this one's names were brought. */
async function bring(
  context: ChangeContext & { readonly note: Note }, row: UserRow, groups: readonly string[], isAgain = false,
): Promise<ChangeOutcome> {
  const { links, deletions } = context;
  if (row.deletedAt !== undefined) {
    await deletions.schedule(row.sub, row.deletedAt + context.grace);
    return 'scheduled';
  }
  const link = await linkOf(links, row.sub);
  if (!await isToBeBrought(context, row, groups, link)) return isFederated(row) ? 'skipped' : 'unchanged';
  const found = link && await linkedUser(context, row, link);
  // Cognito makes users of identity providers at their first sign-in: until then there is no user to bring.
  if (isFederated(row) && !found) return 'skipped';
  const { outcome, link: given } = await bringUser(standbyUserContext(context, row.poolId, WARM_POLICY), { row, groups }, found);
  if (given) await links.write(given);
  context.note(outcome.warnings ?? []);
  if (outcome.outcome !== 'failed' && outcome.outcome !== 'skipped') return 'applied';
  if (link && !maySignIn(row)) await keepOut({ policy: WARM_POLICY, target: context.pool }, (await linkedUser(context, row, link))?.user);
  if (outcome.outcome === 'skipped') return 'skipped';
  const holders = isAgain || !isAboutNames(outcome.reason!) ? [] : await holdersOf(context, row);
  if (holders.length === 0) {
    await context.setAside({ sourceSub: row.sub, reason: outcome.reason! });
    return 'failed';
  }
  if (holders.some(holder => gaveUp(holder, row))) return 'waiting';
  // Users that hold the name on the standby changed theirs in the source pool: their record is on its way.
  for (const holder of holders) await bring(context, holder!, await groupsInLedger(context, holder!), true);
  return bring(context, row, groups, true);
}

/** Whether the ledger differs from what was put there last; if not, Cognito need not be asked. */
async function isToBeBrought(
  { settings }: ChangeContext, row: UserRow, groups: readonly string[], link: Link | undefined,
): Promise<boolean> {
  // For users of identity providers, only what the source pool alone knows is followed, once they came.
  if (isFederated(row)) return link !== undefined && (link.giving !== undefined || !isSameAccess(link.image, row, groups));
  // The link of a user that was not finished says what they were to get. A run that made the user is at work on them, or a later one finishes them.
  if (!link || link.giving || (link.finished === false && link.execution === WARM_POLICY.actor.name)) return true;
  const plan = planUser(row, groups, settings, () => true);
  if (plan.kind !== 'create' || link.identities !== row.attributes.identities) return true;
  // A second factor that waits for the user's password is brought by the follow-up, once they have one.
  const { image } = link.image.mfa ? plan : withMfaLater(plan, settings);
  return digestOf(link.image) !== digestOf(image);
}

/** The user of the link. Another one may have the user name by now, and must not get what the link says of its own. */
async function linkedUser(context: ChangeContext, row: UserRow, link: Link): Promise<FoundUser | undefined> {
  const user = await standbyUser(context.pool, usernameOf(context, row, link));
  return user?.sub === link.targetSub ? { user, link } : undefined;
}

function isAboutNames(reason: Reason): boolean {
  return reason.code === 'name-of-another' || (reason.code === 'refused' && (NAME_TAKEN as readonly string[]).includes(reason.error));
}

/** Rows of other source users that have one of this user's names on the standby; undefined where there is no row any more. */
async function holdersOf({ directory, links, pool }: ChangeContext, row: UserRow): Promise<(UserRow | undefined)[]> {
  const users = await Promise.all([...new Set(namesOf(row))].map(async name => standbyUser(pool, name)));
  const known = await links.ofTargets([...new Set(users.flatMap(user => user?.sub ?? []))]);
  const others = [...known.values()].filter(link => link.sourceSub !== row.sub);
  return Promise.all(others.map(async link => directory.user(link.sourceSub)));
}

/** What a user may be known by. */
export function namesOf({ attributes, signInName }: UserRow): string[] {
  return [signInName ?? [], ...NAME_ATTRIBUTES.map(name => attributes[name] || [])].flat();
}

/** Whether the holder was deleted, or made again before the deletion was seen: the name is free when it goes. */
function gaveUp(holder: UserRow | undefined, row: UserRow): boolean {
  return !holder || holder.deletedAt !== undefined || (holder.signInName === row.signInName && holder.observedAt < row.observedAt);
}

/** The `sub`, in a pool that generates user names; a federated user has Cognito's own name in both pools. */
function usernameOf({ settings }: ChangeContext, row: UserRow, link: Link): string {
  return settings.usernameAttributes.length > 0 && !isFederated(row) ? link.targetSub : row.username;
}

async function followGroup(context: ChangeContext, poolId: string, name: string): Promise<ChangeOutcome> {
  const { pool, groupRow, groupRoles, deletions, grace } = context;
  const row = await groupRow(poolId, name);
  if (!row || isProviderGroup(row.poolId, row.name)) return 'skipped';
  if (row.deletedAt !== undefined) {
    // Not yet: if the group is made again at once, nothing would tell that its members were lost. They leave one by one.
    await deletions.schedule(groupId(name), row.deletedAt + grace);
    return 'scheduled';
  }
  await bringGroup({ target: pool, groupRoles }, row);
  return 'applied';
}
