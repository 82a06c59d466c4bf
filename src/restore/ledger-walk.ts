import { Position } from './restore-run';
import { SliceContext } from './slice-context';
import { LedgerUser } from '../converge/user-context';
import { withOwnFirstSub } from '../ledger/claimed-sub';
import { gradeOf, isCoalesced, listening } from '../ledger/directory-as-of';
import { Grade, worse } from '../ledger/image-at';
import { UsersPage } from '../ledger/ledger-store';
import { SHARDS, UserRow } from '../ledger/schema';
import { forEachConcurrently } from '../runtime/concurrency';

/** Live users of the ledger that the run is about. */
export interface LedgerPage {
  readonly rows: readonly UserRow[];
  /** How many more there are, who did not exist at the moment of the restore. */
  readonly later: number;
  /** Where the next page begins; absent at the end. */
  readonly next?: Position;
}

const SUBS_PER_PAGE = 100;
const READS_AT_ONCE = 16;

/** What a walk reads of a slice. */
export type WalkContext = Pick<SliceContext, 'run' | 'ledger'>;

/** Goes through all users that the run is about, in a stable order, each of them once. */
export async function* walkLedger(context: WalkContext, from: Position = { part: 0 }): AsyncGenerator<LedgerPage> {
  const { subs, groups } = context.run;
  const parts = subs ? Math.ceil(subs.length / SUBS_PER_PAGE) : groups ? groups.length : SHARDS.length;
  let position: Position | undefined = from;
  while (position && position.part < parts) {
    const page: UsersPage = await pageOf(context, position);
    const following: Position = page.next === undefined ? { part: position.part + 1 } : { part: position.part, cursor: page.next };
    position = following.part < parts ? following : undefined;
    yield { rows: page.items.filter(row => row.deletedAt === undefined), later: page.later ?? 0, next: position };
  }
}

async function pageOf(context: WalkContext, { part, cursor }: Position): Promise<UsersPage> {
  const { ledger, run: { sourceUserPoolId, subs, groups } } = context;
  if (subs) {
    return { items: await usersOf(context, subs.slice(part * SUBS_PER_PAGE, (part + 1) * SUBS_PER_PAGE)) };
  }
  if (groups) {
    const members = await ledger.membersOfGroup(sourceUserPoolId, groups[part], cursor);
    const live = members.items.filter(member => member.deletedAt === undefined).map(member => member.sub);
    return { items: await usersOf(context, live, groups.slice(0, part)), next: members.next };
  }
  return ledger.usersOfShard(sourceUserPoolId, SHARDS[part], cursor);
}

/** A member of several of the named groups belongs to the first of them. */
async function usersOf({ ledger, run }: WalkContext, subs: readonly string[], earlierGroups: readonly string[] = []): Promise<UserRow[]> {
  const found = new Map<string, UserRow>();
  await forEachConcurrently(subs, READS_AT_ONCE, async sub => {
    const isIn = earlierGroups.length > 0 ? await ledger.groupsOfUser(run.sourceUserPoolId, sub, earlierGroups) : [];
    if (isIn.some(group => earlierGroups.includes(group))) return;
    const row = await ledger.user(run.sourceUserPoolId, sub);
    if (row) found.set(sub, row);
  });
  return subs.flatMap(sub => found.get(sub) ?? []);
}

/**
 * The user with their groups; where the pool has no groups, the ledger is not read for every user. `given`: those that the library gave, as the link
 * says.
 */
export async function ledgerUserOf(
  { ledger, present, run, groups }: WalkContext & Pick<SliceContext, 'groups' | 'present'>, found: UserRow, given: readonly string[] = [],
): Promise<LedgerUser> {
  const row = await withOwnFirstSub(found, present);
  let grade: Grade = gradeOf(row);
  let coalesced = isCoalesced(row);
  // A membership that nobody knows to have existed is not given; who else the user was is known.
  const then = listening(ledger, doubt => {
    grade = worse(grade, doubt.grade === 'incomplete' ? 'uncertain' : doubt.grade);
    coalesced ||= doubt.isCoalesced === true;
  });
  const names = groups.size === 0 && given.length === 0
    ? []
    : await then.groupsOfUser(run.sourceUserPoolId, row.sub, [...run.groups ?? [], ...given]);
  return { row, groups: names, grade, isCoalesced: coalesced };
}

/** Whether a restore of some groups is about a user who is in these. Named users are looked up one by one instead. */
export function isAbout({ run }: SliceContext, groups: readonly string[]): boolean {
  return !run.groups || run.groups.some(group => groups.includes(group));
}
