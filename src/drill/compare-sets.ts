import { compareGroups } from './compare-groups';
import { countedDifference, expectedUser, foundUser, FoundDifference, userDifferences } from './compare-user';
import { comparedFacts } from './compared-facts';
import { Comparing, DrillDiffering, DrillCheckpoint } from './drill-checkpoint';
import { DrillContext } from './drill-context';
import { restoreRunOf } from './restore-scratch';
import { ComparedUser, digested, NO_DIGEST } from './set-digest';
import { withCandidate } from './sign-in';
import { isProviderGroup } from '../cognito/groups';
import { SourceSub } from '../cognito/ids';
import { allPages, Page } from '../cognito/page';
import { signInSettingsOf, SignInSettings } from '../cognito/sign-in-name';
import { paced, TargetPool } from '../cognito/target-pool';
import { GroupImage, TargetUser } from '../cognito/user';
import { KnownSubs, withOwnFirstSub } from '../ledger/claimed-sub';
import { DirectoryAsOf } from '../ledger/directory-as-of';
import { GroupRow, UserRow } from '../ledger/schema';
import { ledgerUserOf, walkLedger } from '../restore/ledger-walk';
import { Checkpoint, NO_TALLY, RestoreRun, tallied } from '../restore/restore-run';
import { isOver } from '../runtime/clock';
import { forEachConcurrently } from '../runtime/concurrency';
import { UserOutcome } from '../state/outcome';
import { RunState } from '../state/run-state';

const USERS_AT_ONCE = 16;
/** A listing lags behind what was written; after this pause it shows every user. */
const SETTLE = 60_000;

export const NOTHING_COMPARED: Comparing = {
  side: 'found', found: NO_DIGEST, expected: NO_DIGEST, counts: NO_TALLY, neededGroups: [], differences: {}, candidates: [],
};

/** What both sides of the comparison work with. */
interface Sides {
  readonly run: RestoreRun;
  readonly directory: DirectoryAsOf;
  /** The ledger as it is. */
  readonly present: KnownSubs;
  readonly state: RunState<Checkpoint>;
  readonly target: TargetPool;
  readonly settings: SignInSettings;
  /** Live groups of the ledger at the moment, without those that Cognito makes for identity providers. */
  readonly groups: ReadonlyMap<string, GroupRow>;
  readonly poolGroups: readonly GroupImage[];
  readonly salt: string;
}

/**
 * Compares, field by field, what the scratch pool holds with what the ledger says of the moment: everybody in the pool first, one by one, and then
 * everybody who has to be there. Neither side is taken from what the restore says that it did, but for why somebody was left out.
 */
export async function compareSets(context: DrillContext, at: DrillCheckpoint): Promise<DrillCheckpoint | undefined> {
  const { store, clock, deadline } = context;
  const sides = await sidesOf(context, at);
  const save = async (compared: Comparing) => store.save({ ...at, compared });
  let compared = at.compared ?? NOTHING_COMPARED;
  const { listsAgainAt } = compared;
  if (listsAgainAt !== undefined && clock.now() < listsAgainAt) await clock.sleep(Math.min(listsAgainAt, deadline) - clock.now());
  while (compared.side === 'found') {
    if (isOver(context)) return undefined;
    const page: Page<TargetUser> = await sides.target.listUsers(compared.cursor);
    compared = await compareFound(context, sides, compared, page);
    await save(compared);
  }
  for await (const page of walkLedger({ run: sides.run, ledger: sides.directory }, compared.position)) {
    if (isOver(context)) return undefined;
    compared = await compareExpected(context, sides, compared, page.rows);
    if (!page.next) break;
    compared = { ...compared, position: page.next };
    await save(compared);
  }
  if (isAnybodyMissing(compared) && listsAgainAt === undefined) {
    await store.forgetCompared();
    await save({ ...NOTHING_COMPARED, listsAgainAt: clock.now() + SETTLE });
    return undefined;
  }
  const needed = at.order.users === 'everybody' ? 'all' : compared.neededGroups;
  const ofGroups = compareGroups([...sides.groups.values()], sides.poolGroups, needed);
  return { ...at, compared, facts: { ...at.facts, ...comparedFacts(at, compared, ofGroups) } };
}

async function sidesOf(context: DrillContext, at: DrillCheckpoint): Promise<Sides> {
  const { ledger: present, stateOf, targetOf, pacer } = context;
  const run = await restoreRunOf(context, at);
  const directory = new DirectoryAsOf(present, run.asOf!);
  const target = paced(targetOf(run.targetUserPoolId), pacer);
  const live = (await directory.groups(run.sourceUserPoolId)).filter(({ name, deletedAt }) =>
    deletedAt === undefined && !isProviderGroup(run.sourceUserPoolId, name));
  return {
    run,
    directory,
    present,
    target,
    state: stateOf(run),
    settings: signInSettingsOf(await target.describeUserPool()),
    groups: new Map(live.map(group => [group.name, group])),
    poolGroups: await allPages(cursor => target.listGroups(cursor)),
    salt: at.order.seed,
  };
}

interface ComparedOne {
  readonly found: ComparedUser;
  readonly differences: readonly FoundDifference[];
  readonly candidate?: TargetUser;
}

/** One page of the pool: who each of them is, and how they differ. */
async function compareFound(context: DrillContext, sides: Sides, before: Comparing, page: Page<TargetUser>): Promise<Comparing> {
  const links = await sides.state.links.ofTargets(page.items.map(({ sub }) => sub));
  const outcomes = await sides.state.outcomesOf([...links.values()].map(({ sourceSub }) => sourceSub));
  const all: ComparedOne[] = [];
  await forEachConcurrently(page.items, USERS_AT_ONCE, async user => {
    const sourceSub = links.get(user.sub)?.sourceSub;
    all.push(await compareOne(sides, user, sourceSub === undefined ? undefined : outcomes.get(sourceSub)));
  });
  await context.store.noteFound(all.map(({ found }) => found.sub));
  const candidates = all.flatMap(({ candidate }) => candidate ?? []).sort((a, b) => (a.sub < b.sub ? -1 : 1))
    .reduce((chosen, user) => withCandidate(chosen, sides.settings, user), before.candidates);
  return noteDifferences(context, {
    ...before,
    side: page.next === undefined ? 'expected' : 'found',
    cursor: page.next,
    found: digested(before.found, sides.salt, all.map(({ found }) => found)),
    candidates,
  }, all.flatMap(({ found: { sub }, differences }) => differences.map(difference => ({ sub, ...difference }))));
}

async function compareOne(sides: Sides, user: TargetUser, outcome: UserOutcome | undefined): Promise<ComparedOne> {
  const { run, directory, present, target, groups, poolGroups } = sides;
  const isIn = groups.size === 0 ? [] : await allPages(cursor => target.groupsOfUser(user.username, cursor));
  const isTheirs = outcome?.outcome === 'restored' && outcome.targetSub === user.sub;
  const there = isTheirs ? await directory.user(run.sourceUserPoolId, outcome.sub) : undefined;
  const row = there && await withOwnFirstSub(there, present);
  if (!row || row.deletedAt !== undefined) {
    // Nobody of the ledger: the only name is the one in this pool.
    const { sub }: { readonly sub: string } = user;
    return { found: foundUser(sub, user, isIn), differences: [{ code: 'user-not-expected' }] };
  }
  const expected = expectedUser(row, await directory.groupsOfUser(run.sourceUserPoolId, row.sub, run.groups), outcome!.warnings);
  const found = foundUser(row.sub, user, isIn);
  const both = { row, expected, user, found, warnings: outcome!.warnings, groups: new Set(poolGroups.map(({ name }) => name)) };
  return { found, differences: userDifferences(both), candidate: user };
}

/** One page of the ledger: whether everybody who has to be in the pool was found there. */
async function compareExpected(context: DrillContext, sides: Sides, before: Comparing, rows: readonly UserRow[]): Promise<Comparing> {
  const { run, directory, state, salt } = sides;
  const subs = rows.map(({ sub }) => sub);
  const [outcomes, found] = await Promise.all([state.outcomesOf(subs), context.store.foundOf(subs)]);
  const expected: ComparedUser[] = [];
  const missing: SourceSub[] = [];
  await forEachConcurrently(rows, USERS_AT_ONCE, async row => {
    const outcome = outcomes.get(row.sub);
    if (outcome && outcome.outcome !== 'restored') return;
    const { groups } = await ledgerUserOf({ run, ledger: directory, present: sides.present, groups: sides.groups }, row);
    expected.push(expectedUser(row, groups, outcome?.warnings));
    if (!found.has(row.sub)) missing.push(row.sub);
  });
  return noteDifferences(context, {
    ...before,
    expected: digested(before.expected, salt, expected),
    counts: tallied(before.counts, rows.length, [...outcomes.values()]),
    neededGroups: run.subs ? [...new Set([...before.neededGroups, ...expected.flatMap(({ groups }) => groups)])] : [],
  }, missing.map(sub => ({ sub, code: 'user-missing' })));
}

async function noteDifferences({ store }: DrillContext, compared: Comparing, users: readonly DrillDiffering[]): Promise<Comparing> {
  if (users.length === 0) return compared;
  // The file names those that nothing explains.
  await store.noteDiffering(users.filter(({ reason }) => reason === undefined));
  return { ...compared, differences: users.reduce((all, { sub: _sub, ...difference }) => countedDifference(all, difference), compared.differences) };
}

function isAnybodyMissing({ differences }: Comparing): boolean {
  return Object.keys(differences).some(key => (JSON.parse(key) as FoundDifference).code === 'user-missing');
}
