import { Pacer } from '../../cognito/pacing';
import { PoolDescription, SourcePool } from '../../cognito/source-pool';
import { LedgerStore } from '../../ledger/ledger-store';
import { SourceRow } from '../../ledger/schema';
import { Clock } from '../../runtime/clock';
import { EpochMilliseconds } from '../../runtime/flavor';
import { ChangeWatch } from '../incidents/change-watch';
import { Observer, Occasion } from '../observation';
import { RefusedRows } from '../refused-rows';
import { RowWriter } from '../row-writer';

/** Ledger writes in flight for one page: enough to hide DynamoDB's latency behind Cognito's quota. */
export const WRITES_AT_A_TIME = 16;
/** Shards or groups listed in parallel: one listing is a chain of calls, and Cognito answers fewer of them a second than its quota allows. */
export const LISTINGS_AT_A_TIME = 4;

/** What happened to the rows of one kind. */
export interface KindCounts {
  /** Seen in Cognito. */
  listed: number;
  /** Live in the ledger before this sweep. */
  known: number;
  written: number;
  /** Live in the ledger, and absent from a complete listing. */
  missing: number;
  tombstoned: number;
}

export interface SweepCounts extends RefusedRows {
  readonly users: KindCounts;
  readonly groups: KindCounts;
  readonly memberships: KindCounts;
  poolPartsWritten: number;
  /** Name of the error with which Cognito refused to describe its configuration. */
  configurationError?: string;
  /** Members of a group could not be compared, because the group was deleted meanwhile. */
  isUncompared?: true;
  /** Whether a user with a `sub` that is not hexadecimal turned up. */
  othersSeen: boolean;
}

/** Where the listing of one group's members, or the search for users that no prefix holds, stopped when a slice was over. */
export interface PendingListing {
  /** Name of the group; empty for the search. */
  readonly group: string;
  readonly token: string;
  /** Name of the list of users that are in the ledger and were not in the listing so far. */
  readonly unseenList: string;
}

/** What a sweep knows in every phase. */
export interface SweepProgress {
  readonly startedAt: EpochMilliseconds;
  /** Digits of `sub` that this sweep lists by. */
  readonly digits: number;
  /** Counts so far; the phases add to them. */
  readonly counts: SweepCounts;
  /** Slices that ended in order: only the lists that they kept are complete. */
  readonly slices: readonly string[];
}

export interface ShardsStep {
  readonly phase: 'shards';
  /** Shards that were begun. */
  readonly done: number;
  /** Prefixes that are listed before the next shard, because a shard was split or not finished. */
  readonly prefixes: readonly string[];
}

export interface OthersStep {
  readonly phase: 'others';
  /** Absent until a slice was over in the middle of it. */
  readonly pending?: PendingListing;
}

export interface GroupsStep {
  readonly phase: 'groups';
  /** Where a slice stopped in the middle, and its list of groups that are in the ledger and were not in the listing so far. */
  readonly pending?: { readonly cursor: string; readonly unseenList: string };
}

export interface MembersStep {
  readonly phase: 'members';
  /** The last group that was begun. Groups up to it were compared, or are in `pending`. Absent before the first one. */
  readonly group?: string;
  readonly pending: readonly PendingListing[];
}

export interface ConfigurationStep {
  readonly phase: 'configuration';
  /** Where a slice stopped in the middle, and its list of parts that are in the ledger and were not in the configuration so far. */
  readonly pending?: { readonly cursor: string; readonly unseenList: string };
}

export interface DeletionsStep {
  readonly phase: 'deletions';
  /** Missing rows that were looked at. */
  readonly done: number;
}

/** Where a sweep goes on: a phase, and how far it came in it. */
export type SweepStep = ShardsStep | OthersStep | GroupsStep | MembersStep | ConfigurationStep | DeletionsStep;

/** What the state machine carries from one slice to the next. */
export type SweepCheckpoint = SweepProgress & SweepStep;

/** What every phase of a slice works with. */
export interface SweepContext extends Observer {
  /** Name of the state machine's execution. */
  readonly run: string;
  /** What the writes of this sweep are attributed to. */
  readonly occasion: Occasion;
  /** Tells this slice from every other attempt at the same work. */
  readonly slice: string;
  readonly source: SourcePool;
  readonly store: LedgerStore;
  readonly rows: RowWriter;
  readonly pacer: Pacer;
  readonly clock: Clock;
  readonly pool: PoolDescription;
  /** What was known of the pool when the slice began; absent before the first sweep. */
  readonly known?: SourceRow;
  /** Custom attributes of the standby pool; null where they are not known. */
  readonly standbyAttributes: readonly string[] | null;
  readonly watch?: Pick<ChangeWatch, 'flush' | 'sweepEnded'>;
  /** When this slice has to hand over, milliseconds since the epoch. */
  readonly deadline: EpochMilliseconds;
}
