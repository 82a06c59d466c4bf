import { LedgerPage, ledgerUserOf, walkLedger } from './ledger-walk';
import { restoreContext, takesAway } from './restore-policy';
import { outcomeCountsOf, Position, tallied, UsersCheckpoint } from './restore-run';
import { Save, SliceContext } from './slice-context';
import { unlessStopped } from '../cognito/pacing';
import { bringUser } from '../converge/bring-user';
import { UserRow } from '../ledger/schema';
import { isOver } from '../runtime/clock';
import { runPipeline, WorkPage } from '../runtime/pipeline';
import { givenGroups } from '../state/link';
import { linkOf } from '../state/links';
import { FAILURES_TO_STOP_AT, isHopeless, UserOutcome } from '../state/outcome';

/**
 * Users in flight. A handful fills the slowest quota; the rest smooths out stretches of users with many groups and with none, whose
 * calls spend different quotas.
 */
const USERS_AT_ONCE = 256;

/**
 * Where nothing was to be done, to read pages again costs no more than to save that they were read: of a few users, most of the 256 shards are
 * empty, and a second restore of any pool changes nobody.
 */
const PAGES_UNSAVED = 16;

interface UsersPage extends WorkPage<UserRow> {
  readonly live: number;
  readonly later: number;
  /** Outcomes that exist already: of users who are in the target already, or of a slice that was killed. */
  readonly known: readonly UserOutcome[];
  readonly next?: Position;
}

/** Restores every live user who has no outcome yet. Answers the checkpoint after the last page; undefined where the time is over before. */
export async function restoreUsers(context: SliceContext, checkpoint: UsersCheckpoint, save: Save): Promise<UsersCheckpoint | undefined> {
  let at = checkpoint;
  let unsaved = 0;
  let hopeless = isHopeless(outcomeCountsOf(at.tally), FAILURES_TO_STOP_AT);
  const allDone = await runPipeline<UserRow, UsersPage, UserOutcome>({
    pages: usersPages(context, checkpoint.position),
    atOnce: USERS_AT_ONCE,
    isOver: () => isOver(context) || hopeless,
    stop: context.stop,
    work: async row => unlessStopped(async () => {
      const link = takesAway(context.run) ? await linkOf(context.state.links, row.sub) : undefined;
      const given = givenGroups(link);
      const ofUser = restoreContext(context, checkpoint.target.users === 0, given);
      const record = await bringUser(ofUser, await ledgerUserOf(context, row, given));
      await context.state.write([record]);
      return record.outcome;
    }),
    commit: async pages => {
      const tally = pages.reduce((sum, { page, results }) => tallied(sum, page.live, [...page.known, ...results]), at.tally);
      const later = pages.reduce((sum, { page }) => sum + page.later, at.tally.later ?? 0);
      at = { ...at, position: pages[pages.length - 1].page.next, tally: { ...tally, ...context.run.asOf === undefined ? {} : { later } } };
      hopeless = isHopeless(outcomeCountsOf(at.tally), FAILURES_TO_STOP_AT);
      unsaved += pages.length;
      if (!at.position || (unsaved < PAGES_UNSAVED && pages.every(({ results }) => results.length === 0))) return;
      unsaved = 0;
      await save(at);
    },
  }).catch(async (error: unknown) => {
    // The next attempt goes on from here, and does not fail at the same distance again.
    if (unsaved > 0 && at.position) await save(at);
    throw error;
  });
  // The last page has no next one: the time may have been over just then.
  const isWalked = unsaved > 0 && at.position === undefined;
  if (allDone || isWalked || hopeless) return at;
  if (unsaved > 0) await save(at);
  return undefined;
}

async function* usersPages(context: SliceContext, from?: Position): AsyncGenerator<UsersPage> {
  for await (const page of walkLedger(context, from)) yield withOutcomes(page, await context.state.outcomesOf(page.rows.map(row => row.sub)));
}

function withOutcomes({ rows, later, next }: LedgerPage, outcomes: ReadonlyMap<string, UserOutcome>): UsersPage {
  return {
    live: rows.length,
    later,
    items: rows.filter(row => !outcomes.has(row.sub)),
    known: rows.flatMap(row => outcomes.get(row.sub) ?? []),
    next,
  };
}
