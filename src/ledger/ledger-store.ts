import { IsHeld } from './live-memberships';
import { RecoveredSub } from './recovered-subs';
import { GroupRow, HistoryKind, HistoryRow, Item, Key, MembershipRow, PoolPartRow, SourceRow, SweepRow, UserRow } from './schema';
import { SourceSub, UserPoolId } from '../cognito/ids';
import { Page } from '../cognito/page';
import { LookUpKind } from '../cognito/sign-in-name';
import { EpochMilliseconds, EpochSeconds } from '../runtime/flavor';

/** Reads the ledger, in the replica of the table in one Region. Tombstones are included everywhere: look at `deletedAt`. */
export interface LedgerReader {
  sources(): Promise<SourceRow[]>;
  user(poolId: UserPoolId, sub: SourceSub): Promise<UserRow | undefined>;
  usersOfShard(poolId: UserPoolId, shard: string, cursor?: string): Promise<UsersPage>;
  /** The `sub`s of live users that have this name, as the pool's settings normalise it: as their sign-in name, or as a name of another kind. */
  subsBySignInName(poolId: UserPoolId, name: string, kind?: LookUpKind): Promise<SourceSub[]>;
  groups(poolId: UserPoolId): Promise<GroupRow[]>;
  /**
   * Names of the groups that the user is in now (liveMemberships), read consistently. `candidates`: groups that the caller knows the user may be in,
   * such as those that a record names and those that the library gave them: the index of memberships may not know of them yet.
   */
  groupsOfUser(poolId: UserPoolId, sub: SourceSub, candidates?: readonly string[]): Promise<string[]>;
  membersOfGroup(poolId: UserPoolId, group: string, cursor?: string): Promise<Page<MembershipRow>>;
  poolParts(poolId: UserPoolId): Promise<PoolPartRow[]>;
}

/** Users of one shard. */
export interface UsersPage extends Page<UserRow> {
  /** How many more there are of this page, who did not exist at the moment that is read; absent where the ledger is read as it is. */
  readonly later?: number;
}

/** The ledger with its past: what was replaced is kept for as long as the history is. */
export interface LedgerHistory extends LedgerReader {
  group(poolId: UserPoolId, name: string): Promise<GroupRow | undefined>;
  poolPart(poolId: UserPoolId, part: string): Promise<PoolPartRow | undefined>;
  /** See `subsBySignInName`; users who are gone are among them, and those whose history has the name. */
  subsEverBySignInName(poolId: UserPoolId, name: string, kind?: LookUpKind): Promise<SourceSub[]>;
  subsByFederatedName(poolId: UserPoolId, name: string): Promise<SourceSub[]>;
  /** Those of the groups that the user is in (liveMemberships), read consistently. */
  memberships(poolId: UserPoolId, sub: SourceSub, groups: readonly string[], isHeld?: IsHeld): Promise<string[]>;
  /** The rows of these memberships, whether the user has left or not, read consistently. */
  membershipRows(poolId: UserPoolId, sub: SourceSub, groups: readonly string[]): Promise<MembershipRow[]>;
  /** Groups that the user may be in, as the index of memberships knows: which rows to read, and no right by itself. */
  candidateGroups(poolId: UserPoolId, sub: SourceSub): Promise<string[]>;
  /** What is known of a `sub` of somebody who was brought back, read consistently. */
  recoveredSub(poolId: UserPoolId, sub: string): Promise<RecoveredSub>;
  /** What was replaced of one row, newest first. `id`: as `idOfRow` says it. */
  history(poolId: UserPoolId, kind: HistoryKind, id: string, cursor?: string): Promise<Page<HistoryRow>>;
}

/** What a listing is compared with, from the digest index, without the row. */
export interface UserDigest {
  readonly sub: SourceSub;
  readonly digest: string;
  readonly deletedAt?: EpochMilliseconds;
}

/** One row to write, and what it replaces. */
export interface RowChange {
  readonly put: Item;
  /** `observedAt` of the row that `put` was decided on; absent where there was none. The write happens only if the table still has that row. */
  readonly replacesObservedAt?: EpochMilliseconds;
  /** Image of the replaced row, written in the same transaction. */
  readonly history?: Item;
  /** The replaced row where there is no history of it, because it changes too often: for who wants to know what differs. It is not written. */
  readonly notKept?: Item;
  /** Items that lead to the row, and those that led to the replaced one, written in the same transaction. */
  readonly pointers?: readonly Item[];
}

/** What capture does with the ledger, in the primary Region's replica. */
export interface LedgerStore extends LedgerReader {
  /** All users of one shard with a `sub` that begins with the prefix, tombstones included. */
  digestsOfShard(poolId: UserPoolId, shard: string, subPrefix?: string): AsyncIterable<UserDigest>;
  group(poolId: UserPoolId, name: string): Promise<GroupRow | undefined>;
  membership(poolId: UserPoolId, group: string, sub: SourceSub): Promise<MembershipRow | undefined>;
  /** Names of the groups that live rows have the user in, whatever became of the groups. */
  membershipsOfUser(poolId: UserPoolId, sub: SourceSub): Promise<string[]>;
  /**
   * False where another writer changed the row since it was read: read it again and decide anew. Throws a RowRefusedError for a row that DynamoDB
   * will never take.
   */
  write(change: RowChange): Promise<boolean>;
  /**
   * Marks a row, if it is still the one that was to be replaced: what was to replace it was refused. The first mark stays. Answers whether the row
   * has one; some have no room for it.
   */
  markRefused(change: Pick<RowChange, 'replacesObservedAt'> & { readonly put: Key }, refusedAt: EpochMilliseconds): Promise<boolean>;

  /** Takes or extends the right to sweep the pool; false while another execution holds it. Times in milliseconds since the epoch. */
  lease(poolId: UserPoolId, owner: string, now: EpochMilliseconds, until: EpochMilliseconds): Promise<boolean>;
  /** Gives the right back; `completed` is recorded with it. */
  release(poolId: UserPoolId, owner: string, completed?: CompletedSweep): Promise<void>;
  /** Keeps a sweep that came to its end. */
  keepSweep(sweep: SweepRow): Promise<void>;

  /** Records that CloudTrail delivered an event at this moment; milliseconds since the epoch. */
  noteEvent(poolId: UserPoolId, seenAt: EpochMilliseconds): Promise<void>;

  /** Keeps a list for a later slice, in place of the one with the same name; `expiresAt` in seconds since the epoch. */
  saveList(poolId: UserPoolId, list: string, values: Iterable<string> | AsyncIterable<string>, expiresAt: EpochSeconds): Promise<void>;
  /** The lists with names that begin with the prefix, in chunks, in a stable order. */
  loadLists(poolId: UserPoolId, prefix: string): AsyncIterable<ListChunk>;
}

/** What is recorded of a sweep that came to its end. */
export interface CompletedSweep extends Pick<SourceRow, 'firstSweptAt' | 'comparedAt' | 'historyDays' | 'historyDaysBefore' | 'historyDaysSince'> {
  readonly sweepStartedAt: EpochMilliseconds;
  readonly sweptAt: EpochMilliseconds;
  /** Live users in the ledger after it. */
  readonly users: number;
}

export interface ListChunk {
  readonly list: string;
  readonly values: readonly string[];
}
