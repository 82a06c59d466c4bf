import { GroupRow, Item, MembershipRow, PoolPartRow, SourceRow, UserRow } from './schema';
import { Page } from '../cognito/page';
import { LookUpKind } from '../cognito/sign-in-name';

/** Reads the ledger, in the replica of the table in one Region. Tombstones are included everywhere: look at `deletedAt`. */
export interface LedgerReader {
  sources(): Promise<SourceRow[]>;
  user(poolId: string, sub: string): Promise<UserRow | undefined>;
  usersOfShard(poolId: string, shard: string, cursor?: string): Promise<Page<UserRow>>;
  /** The `sub`s of live users that have this name, as the pool's settings normalise it: as their sign-in name, or as a name of another kind. */
  subsBySignInName(poolId: string, name: string, kind?: LookUpKind): Promise<string[]>;
  groups(poolId: string): Promise<GroupRow[]>;
  /** Names of the groups that the user is in now. */
  groupsOfUser(poolId: string, sub: string): Promise<string[]>;
  membersOfGroup(poolId: string, group: string, cursor?: string): Promise<Page<MembershipRow>>;
  poolParts(poolId: string): Promise<PoolPartRow[]>;
}

/** What a listing is compared with, from the digest index, without the row. */
export interface UserDigest {
  readonly sub: string;
  readonly digest: string;
  readonly deletedAt?: number;
}

/** One row to write, and what it replaces. */
export interface RowChange {
  readonly put: Item;
  /** `observedAt` of the row that `put` was decided on; absent where there was none. The write happens only if the table still has that row. */
  readonly replacesObservedAt?: number;
  /** Image of the replaced row, written in the same transaction. */
  readonly history?: Item;
}

/** What capture does with the ledger, in the primary Region's replica. */
export interface LedgerStore extends LedgerReader {
  /** All users of one shard with a `sub` that begins with the prefix, tombstones included. */
  digestsOfShard(poolId: string, shard: string, subPrefix?: string): AsyncIterable<UserDigest>;
  group(poolId: string, name: string): Promise<GroupRow | undefined>;
  membership(poolId: string, group: string, sub: string): Promise<MembershipRow | undefined>;
  /**
   * False where another writer changed the row since it was read: read it again and decide anew. Throws a RowRefusedError for a row that DynamoDB
   * will never take.
   */
  write(change: RowChange): Promise<boolean>;

  /** Takes or extends the right to sweep the pool; false while another execution holds it. Times in milliseconds since the epoch. */
  lease(poolId: string, owner: string, now: number, until: number): Promise<boolean>;
  /** Gives the right back; `completed` is recorded with it. */
  release(poolId: string, owner: string, completed?: { sweepStartedAt: number; sweptAt: number; users: number }): Promise<void>;

  /** Records that CloudTrail delivered an event at this moment; milliseconds since the epoch. */
  noteEvent(poolId: string, seenAt: number): Promise<void>;

  /** Keeps a list for a later slice, in place of the one with the same name; `expiresAt` in seconds since the epoch. */
  saveList(poolId: string, list: string, values: Iterable<string> | AsyncIterable<string>, expiresAt: number): Promise<void>;
  /** The lists with names that begin with the prefix, in chunks, in a stable order. */
  loadLists(poolId: string, prefix: string): AsyncIterable<ListChunk>;
}

export interface ListChunk {
  readonly list: string;
  readonly values: readonly string[];
}
