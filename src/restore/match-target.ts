import { groupsOf } from './ledger-walk';
import { listTarget, TargetPage, unlessStopped } from './listing';
import { runPipeline } from './pipeline';
import { Checkpoint } from './restore-run';
import { restoreUser } from './restore-user';
import { isOver, Save, SliceContext } from './slice-context';
import { CUSTOM_SOURCE_SUB } from './target-settings';
import { FoundUser } from './user-identity';
import { firstSubOf } from './user-plan';
import { UserImage, UserRow } from '../ledger/schema';
import { normalizedName } from '../ledger/sign-in-name';
import { forEachConcurrently } from '../runtime/concurrency';

/** Pages of the target in flight: the listing is one chain of calls, its users are compared beside it. */
const PAGES_AT_ONCE = 8;
const USERS_AT_ONCE = 16;

/**
 * Looks at everybody who is in the target already: whoever is in the ledger too is compared and converged, before anybody is created. On
 * an empty target this costs one call.
 */
export async function matchTarget(context: SliceContext, checkpoint: Checkpoint, save: Save): Promise<Checkpoint | undefined> {
  let at = checkpoint;
  const allDone = await runPipeline<readonly UserImage[], TargetPage, { users: number; unknown: number }>({
    pages: listTarget(context, checkpoint.cursor),
    atOnce: PAGES_AT_ONCE,
    isOver: () => isOver(context),
    stop: context.stop,
    work: async users => unlessStopped(async () => ({ users: users.length, unknown: await matchUsers(context, users) })),
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

/** Answers how many of them are nobody's in the ledger. */
async function matchUsers(context: SliceContext, users: readonly UserImage[]): Promise<number> {
  const { state } = context;
  const candidates = users.filter(user => user.status !== 'EXTERNAL_PROVIDER');
  const links = await state.linksOfTargets(candidates.map(user => user.sub));
  const matched = new Map<string, { row: UserRow; found: FoundUser }>();
  await forEachConcurrently(candidates, USERS_AT_ONCE, async user => {
    const link = links.get(user.sub);
    const row = await rowOf(context, user, link?.sourceSub);
    if (row && !matched.has(row.sub)) matched.set(row.sub, { row, found: { user, link } });
  });
  const outcomes = await state.outcomesOf([...matched.keys()]);
  await forEachConcurrently([...matched.values()].filter(({ row }) => !outcomes.has(row.sub)), USERS_AT_ONCE, async ({ row, found }) => {
    const groups = await groupsOf(context, row.sub);
    if (isAbout(context, row.sub, groups)) await state.write([await restoreUser(context, { row, groups }, found)]);
  });
  return candidates.length - matched.size;
}

function isAbout({ run }: SliceContext, sub: string, groups: readonly string[]): boolean {
  return (!run.subs || run.subs.includes(sub)) && (!run.groups || run.groups.some(group => groups.includes(group)));
}

/** The live row of the person: known from an earlier restore, marked with the row's `sub`, or the only one with that sign-in name. */
async function rowOf(context: SliceContext, user: UserImage, linkedSub: string | undefined): Promise<UserRow | undefined> {
  const { ledger, run: { sourceUserPoolId, targetUserPoolId } } = context;
  const sourceSub = user.attributes[CUSTOM_SOURCE_SUB];
  const isThem = (row: UserRow | undefined): row is UserRow =>
    row !== undefined && row.deletedAt === undefined && (!sourceSub || firstSubOf(row) === sourceSub);
  for (const sub of [linkedSub, sourceUserPoolId === targetUserPoolId ? user.sub : undefined, sourceSub]) {
    const row = sub && await ledger.user(sourceUserPoolId, sub);
    if (row && isThem(row)) return row;
  }
  const bySignInName = new Set<string>();
  for (const name of signInNamesOf(context, user)) (await ledger.subsBySignInName(sourceUserPoolId, name)).forEach(sub => bySignInName.add(sub));
  if (bySignInName.size !== 1) return undefined;
  const row = await ledger.user(sourceUserPoolId, [...bySignInName][0]);
  return isThem(row) ? row : undefined;
}

function signInNamesOf({ settings }: SliceContext, user: UserImage): string[] {
  const names = settings.usernameAttributes.length === 0 ? [user.username] : settings.usernameAttributes.flatMap(name => user.attributes[name] ?? []);
  return names.map(name => normalizedName(settings, name));
}
