import { Balance, balanced, Entry, EVEN } from './balance';
import { continued } from './listing';
import { countOf, NO_VERIFICATION, Verification, VerifyCheckpoint } from './restore-run';
import { Save, SliceContext } from './slice-context';
import { unlessStopped } from '../cognito/pacing';
import { Page } from '../cognito/page';
import { undefinedIfNo } from '../cognito/refusals';
import { UserImage } from '../cognito/user';
import { sameAttributes } from '../converge/user-plan';
import { isOver } from '../runtime/clock';
import { forEachConcurrently } from '../runtime/concurrency';
import { Link } from '../state/link';
import { Reason } from '../state/outcome';

export type Counts = Partial<Verification>;

/** What one page of a listing showed. */
interface Seen {
  readonly counts: Counts;
  readonly entries: readonly Entry[];
}

/** One listing is a chain of calls, each of which needs the token of the one before; several listings side by side fill the quota. */
const LISTINGS_AT_ONCE = 4;
const LOOK_UPS_AT_ONCE = 16;
/** A killed slice repeats at most this much of its listings. */
const SAVE_EVERY = 10_000;
/** A listing lags behind what was written; after this pause it shows every user. */
const SETTLE = 60_000;
/** A change this soon after a restore finished a user is the restore's own, as Cognito's clock and ours may differ. */
const OWN_WRITES = 5_000;
export const NOT_THERE: Reason = { code: 'not-in-target' };

/**
 * Lists the target and its groups again, to see that every user that this run created is in the target as the ledger has them, and in their
 * groups. Users are compared one by one, memberships counted.
 */
export async function verify(context: SliceContext, checkpoint: VerifyCheckpoint, save: Save): Promise<VerifyCheckpoint | undefined> {
  // No user was created: there is nothing to compare.
  if (countOf(checkpoint.tally, 'restored') === 0) return checkpoint;
  const end = await listEverything(context, checkpoint, save);
  if (!end || end.listedAgain || !isAnyoneMissing(end)) return end;
  const again: VerifyCheckpoint = { ...end, listings: undefined, listedAgain: true, verification: NO_VERIFICATION, balance: EVEN };
  await save(again);
  if (context.clock.now() + SETTLE >= context.deadline) return undefined;
  await context.clock.sleep(SETTLE);
  return listEverything(context, again, save);
}

/** The first listing is of the users, the others are of the members of one group each. */
async function listEverything(context: SliceContext, checkpoint: VerifyCheckpoint, save: Save): Promise<VerifyCheckpoint | undefined> {
  const groups = checkpoint.tally.memberships > 0 ? [...context.groups.keys()].sort() : [];
  const listings = new Listings(checkpoint, 1 + groups.length);
  let saved: Promise<void> = Promise.resolve();
  let savedAt = context.clock.now();

  await forEachConcurrently(listings.unfinished(), LISTINGS_AT_ONCE, async index => {
    const group = index === 0 ? undefined : groups[index - 1];
    // The next page is on its way while one is compared: the chain waits for Cognito only.
    let ahead: Promise<ListedPage> | undefined;
    // A token is old if an earlier slice got it.
    for (let isOld = listings.cursorOf(index) !== undefined; listings.isOpen(index) && !isOver(context); isOld = false) {
      const page = await unlessStopped(async () => {
        const listed = await (ahead ?? listPage(context, group, listings.cursorOf(index), isOld));
        ahead = listed.next === undefined ? undefined : listPage(context, group, listed.next, false);
        // Its error is met where it is waited for.
        ahead?.catch(() => undefined);
        return { next: listed.next, ...await listed.compare() };
      });
      if (!page) return;
      listings.counted(index, page.next, page);
      if (context.clock.now() - savedAt < SAVE_EVERY) continue;
      savedAt = context.clock.now();
      await (saved = saved.then(() => save(listings.checkpoint())));
    }
  });
  if (listings.areFinished()) return listings.checkpoint();
  await save(listings.checkpoint());
  return undefined;
}

/** Where several listings stand. A page is counted and its cursor moved in one step: a checkpoint counts exactly what is not listed again. */
class Listings {
  private begun: number;
  private verification: Verification;
  private balance: Balance;
  private readonly open: Map<number, string | undefined>;

  constructor(private readonly from: VerifyCheckpoint, private readonly total: number) {
    this.begun = from.listings?.begun ?? 0;
    this.verification = from.verification;
    this.balance = from.balance;
    this.open = new Map(Object.entries(from.listings?.open ?? {}).map(([index, cursor]) => [Number(index), cursor ?? undefined]));
  }

  /** Listings that an earlier slice began, then those not begun yet. */
  public* unfinished(): Generator<number> {
    yield* [...this.open.keys()];
    while (this.begun < this.total) {
      const index = this.begun++;
      this.open.set(index, undefined);
      yield index;
    }
  }

  public isOpen(index: number): boolean {
    return this.open.has(index);
  }

  public cursorOf(index: number): string | undefined {
    return this.open.get(index);
  }

  public counted(index: number, next: string | undefined, { counts, entries }: Seen): void {
    this.verification = addedUp(this.verification, counts);
    this.balance = balanced(this.balance, entries, -1);
    if (next === undefined) this.open.delete(index);
    else this.open.set(index, next);
  }

  public areFinished(): boolean {
    return this.begun === this.total && this.open.size === 0;
  }

  public checkpoint(): VerifyCheckpoint {
    const open = Object.fromEntries([...this.open].map(([index, cursor]) => [index, cursor ?? null]));
    return { ...this.from, verification: this.verification, balance: this.balance, listings: { begun: this.begun, open } };
  }
}

interface ListedPage {
  readonly next?: string;
  readonly compare: () => Promise<Seen>;
}

async function listPage(context: SliceContext, group: string | undefined, cursor: string | undefined, isOld: boolean): Promise<ListedPage> {
  if (group === undefined) {
    const page: Page<UserImage> = await continued(isOld, () => context.target.listUsers(cursor));
    return { next: page.next, compare: () => compareUsers(context, page.items) };
  }
  const page: Page<string> = await continued(isOld, () => membersOf(context, group, cursor));
  return { next: page.next, compare: () => compareMembers(context, group, page.items) };
}

/** A group that the target lacks has no members: a restore of some users makes only the groups that they need. */
async function membersOf({ target }: SliceContext, group: string, cursor: string | undefined): Promise<Page<string>> {
  return await undefinedIfNo('group', () => target.listUsersInGroup(group, cursor)) ?? { items: [] };
}

async function compareMembers(context: SliceContext, group: string, subs: readonly string[]): Promise<Seen> {
  const members = [...(await ownLinks(context, subs)).values()].filter(link => link.image.groups.includes(group));
  return { counts: { memberships: members.length }, entries: members.map(link => ({ sub: link.sourceSub, memberships: 1 })) };
}

async function compareUsers(context: SliceContext, users: readonly UserImage[]): Promise<Seen> {
  const links = await ownLinks(context, users.map(user => user.sub));
  const counts = { users: 0, different: 0, changedSince: 0 };
  await forEachConcurrently(users.filter(user => links.has(user.sub)), LOOK_UPS_AT_ONCE, async user => {
    const link = links.get(user.sub)!;
    counts.users++;
    const verdict = isAsPlanned(link, user) ? 'same' : await lookAgain(context, link, user);
    if (verdict !== 'same') counts[verdict]++;
  });
  return { counts, entries: [...links.values()].map(link => ({ sub: link.sourceSub, users: 1 })) };
}

export function isAsPlanned({ image }: Link, user: UserImage): boolean {
  return user.status === 'CONFIRMED' && user.enabled === image.enabled && sameAttributes(image, user);
}

/** A listing lags behind, and people change their data as soon as they can sign in: only what neither explains is a difference. */
export async function lookAgain(context: SliceContext, link: Link, listed: UserImage): Promise<'same' | 'different' | 'changedSince'> {
  const user = await now(context, listed.username);
  if (user && isAsPlanned(link, user)) return 'same';
  if (user && user.modifiedAt > link.at + OWN_WRITES) return 'changedSince';
  await context.state.writeDifference(link.sourceSub, user ? { code: 'differs' } : NOT_THERE);
  return 'different';
}

async function now({ target }: SliceContext, username: string): Promise<UserImage | undefined> {
  return (await undefinedIfNo('user', () => target.getUser(username)))?.user;
}

export function isAnyoneMissing({ tally, verification }: VerifyCheckpoint): boolean {
  return verification.users < countOf(tally, 'restored') || verification.memberships < tally.memberships;
}

/** Links of users that this very run restored, by `sub` in the target; without users that failed half-way. */
export async function ownLinks({ state, run }: SliceContext, targetSubs: readonly string[]): Promise<Map<string, Link>> {
  const links = await state.links.ofTargets(targetSubs);
  return new Map([...links].filter(([, link]) => link.restored && link.finished !== false && link.execution === run.execution));
}

export function addedUp(a: Verification, b: Counts): Verification {
  return {
    users: a.users + (b.users ?? 0),
    memberships: a.memberships + (b.memberships ?? 0),
    different: a.different + (b.different ?? 0),
    changedSince: a.changedSince + (b.changedSince ?? 0),
  };
}
