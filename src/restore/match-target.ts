import { isAbout, ledgerUserOf } from './ledger-walk';
import { listTarget, TargetPage } from './listing';
import { restoreContext, takesAway } from './restore-policy';
import { TargetCheckpoint } from './restore-run';
import { Save, SliceContext } from './slice-context';
import { isFederated } from '../cognito/identities';
import { SourceSub } from '../cognito/ids';
import { unlessStopped } from '../cognito/pacing';
import { normalizedName } from '../cognito/sign-in-name';
import { CUSTOM_SOURCE_SUB, isMarkOf } from '../cognito/source-sub';
import { TargetUser } from '../cognito/user';
import { bringUser } from '../converge/bring-user';
import { isSameAccess } from '../converge/complete-federated';
import { FoundUser } from '../converge/identify';
import { byClaim, mayTakeNames } from '../converge/namesakes';
import { isInPlace } from '../converge/user-context';
import { hasName, UserRow } from '../ledger/schema';
import { isOver } from '../runtime/clock';
import { forEachConcurrently, Turns } from '../runtime/concurrency';
import { runPipeline } from '../runtime/pipeline';
import { givenGroups, Link } from '../state/link';
import { ReasonCode } from '../state/outcome';

/** Pages of the target in flight: the listing is one chain of calls, and its users are compared meanwhile. */
const PAGES_AT_ONCE = 8;
const USERS_AT_ONCE = 16;
/** Reasons for users of the target that have the name of a user of the ledger and are not that person. */
const STRANGERS: readonly (ReasonCode | undefined)[] = ['name-of-another', 'name-of-unconfirmed'];

/**
 * Goes through the users that the target has already, before any user is created: those that are in the ledger too are compared and
 * converged. On an empty target this costs one call.
 */
export async function matchTarget(context: SliceContext, checkpoint: TargetCheckpoint, save: Save): Promise<TargetCheckpoint | undefined> {
  let at = checkpoint;
  // Users on two pages in flight may be taken for one row: the second is judged by what became of the first.
  const turns = new Turns();
  const allDone = await runPipeline<readonly TargetUser[], TargetPage, { users: number; unknown: number }>({
    pages: listTarget(context, checkpoint.cursor),
    atOnce: PAGES_AT_ONCE,
    isOver: () => isOver(context),
    stop: context.stop,
    work: async users => unlessStopped(async () => ({ users: users.length, unknown: await matchUsers(context, turns, users) })),
    commit: async pages => {
      const counts = pages.flatMap(page => page.results);
      at = {
        ...at,
        cursor: pages[pages.length - 1].page.next,
        target: counts.reduce((sum, page) => ({ users: sum.users + page.users, unknown: sum.unknown + page.unknown }), at.target),
      };
      if (at.cursor !== undefined) await save(at);
    },
  });
  return allDone ? at : undefined;
}

interface Match {
  readonly row: UserRow;
  readonly found: FoundUser;
}

/** Answers how many of these users the ledger does not know. */
async function matchUsers(context: SliceContext, turns: Turns, users: readonly TargetUser[]): Promise<number> {
  const { state, run } = context;
  const links = await state.links.ofTargets(users.filter(user => takesAway(run) || !isFederated(user)).map(user => user.sub));
  // A restore leaves users of identity providers alone, unless it takes away what this library gave them.
  const candidates = users.filter(user => !isFederated(user) || links.has(user.sub));
  const matched = new Map<SourceSub, Match>();
  await forEachConcurrently(candidates, USERS_AT_ONCE, async user => {
    const link = links.get(user.sub);
    const signed = await rowBySign(context, user, link);
    const row = signed ?? await rowByName(context, user, link);
    if (row && (signed || !matched.has(row.sub))) matched.set(row.sub, { row, found: { user, link } });
    // At an earlier moment, who is not in the ledger may have come since: they are left alone.
    else if (link && run.removeGiven && run.asOf === undefined) await scheduleIfDeleted(context, link);
  });
  await noteFirstSubs(context, candidates, matched);
  const strangers = await turns.take([...matched.keys()], async () => convergeMatched(context, matched));
  return candidates.length - matched.size + strangers;
}

/** Answers how many of these users only have the name of their row's. */
async function convergeMatched(context: SliceContext, matched: ReadonlyMap<SourceSub, Match>): Promise<number> {
  const { state, run } = context;
  const outcomes = await state.outcomesOf([...matched.keys()]);
  let strangers = 0;
  await forEachConcurrently(matched.values(), USERS_AT_ONCE, async ({ row, found }) => {
    const known = outcomes.get(row.sub);
    // A stranger with the name may be listed before or after the person, who is known by another sign.
    if (known && !STRANGERS.includes(known.reason?.code)) {
      if (known.targetSub && known.targetSub !== found.user.sub) strangers++;
      return;
    }
    const given = givenGroups(found.link);
    const user = await ledgerUserOf(context, row, given);
    const { groups } = user;
    if (!isAbout(context, groups)) return;
    // What was given besides, attributes, is looked at where the ledger goes back.
    const isAsGiven = () => run.asOf === undefined && found.link!.giving === undefined && isSameAccess(found.link!.image, row, groups);
    if (isFederated(found.user) && (!isFederated(row) || isAsGiven())) return;
    const { outcome, link } = await bringUser(restoreContext(context, false, given), user, found);
    const isStranger = STRANGERS.includes(outcome.reason?.code);
    if (isStranger) strangers++;
    // Refused something, they are the person all the same: others with the name are told apart by it.
    await state.write([{ outcome: isStranger ? outcome : { ...outcome, targetSub: outcome.targetSub ?? found.user.sub }, link }]);
  });
  return strangers;
}

/** The user is gone from the source pool, and the follower missed it. When they go, and whether too many go at once, is decided as always. */
async function scheduleIfDeleted({ ledger, state, run, clock }: SliceContext, { sourceSub }: Link): Promise<void> {
  const row = await ledger.user(run.sourceUserPoolId, sourceSub);
  if (!run.dryRun && (!row || row.deletedAt !== undefined)) await state.deletions.schedule(sourceSub, row?.deletedAt ?? clock.now());
}

/** In a chain of restores the target's users are marked with other `sub`s than the rows have: the creation asks for the mark. */
async function noteFirstSubs({ state, run }: SliceContext, users: readonly TargetUser[], matched: ReadonlyMap<string, Match>): Promise<void> {
  const known = new Set([...matched.values()].map(({ found }) => found.user.sub));
  const marked = users.filter(user => user.attributes[CUSTOM_SOURCE_SUB] && !known.has(user.sub));
  if (run.sourceSubProves && marked.length > 0) {
    await state.writeFirstSubs(new Map(marked.map(user => [user.attributes[CUSTOM_SOURCE_SUB], user.sub])));
  }
}

/** The live row of this user, who was linked by an earlier restore, is of the same pool, or is marked with the row's `sub`. */
async function rowBySign(context: SliceContext, user: TargetUser, link: Link | undefined): Promise<UserRow | undefined> {
  const { ledger, run } = context;
  const { sourceUserPoolId, sourceSubProves } = run;
  const sourceSub = sourceSubProves ? user.attributes[CUSTOM_SOURCE_SUB] : undefined;
  for (const sub of [link?.sourceSub as string | undefined, isInPlace(run) ? user.sub as string : undefined, sourceSub]) {
    const row = sub && await ledger.user(sourceUserPoolId, sub);
    if (row && row.deletedAt === undefined) return row;
  }
  return undefined;
}

/** The live row that has that sign-in name: this user may be the person, which restoring the row decides. */
async function rowByName(context: SliceContext, user: TargetUser, link: Link | undefined): Promise<UserRow | undefined> {
  // The link names a user who is no longer in the ledger.
  if (link) return undefined;
  const sourceSub = context.run.sourceSubProves ? user.attributes[CUSTOM_SOURCE_SUB] : undefined;
  const row = await rowOfSignInName(context, user);
  if (!row || (sourceSub && !isMarkOf(row, sourceSub))) return undefined;
  // The person may be in the target under another name; then this name is somebody else's now.
  const linked = await context.state.links.targetSubOf(row.sub);
  return linked === undefined || linked === user.sub ? row : undefined;
}

async function rowOfSignInName(context: SliceContext, user: TargetUser): Promise<UserRow | undefined> {
  const { ledger, run: { sourceUserPoolId } } = context;
  let owner: UserRow | undefined;
  for (const name of signInNamesOf(context, user)) {
    for (const sub of await ledger.subsBySignInName(sourceUserPoolId, name)) {
      const row = await ledger.user(sourceUserPoolId, sub);
      if (row && hasName(row, name) && mayTakeNames(row) && (!owner || byClaim(row, owner) < 0)) owner = row;
    }
  }
  return owner;
}

function signInNamesOf({ settings }: SliceContext, user: TargetUser): string[] {
  const names = settings.usernameAttributes.length === 0 ? [user.username] : settings.usernameAttributes.flatMap(name => user.attributes[name] ?? []);
  return names.map(name => normalizedName(settings, name));
}
