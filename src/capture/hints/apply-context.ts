import { Hint } from './hint';
import { RefusedRows, unlessRowRefused } from '../refused-rows';
import { GONE_FOR_SURE, Observation } from '../row-changes';
import { RowWriter } from '../row-writer';
import { HintedPool } from '../../cognito/source-pool';
import { expiry } from '../sweep/sweep-context';
import { LedgerStore } from '../../ledger/ledger-store';
import { SignInSettings } from '../../cognito/sign-in-name';
import { Pacer } from '../../cognito/pacing';
import { Clock } from '../../runtime/clock';

/** What applying a hint works with. */
export interface ApplyContext {
  readonly poolId: string;
  readonly pool: HintedPool;
  readonly store: LedgerStore;
  readonly rows: RowWriter;
  readonly pacer: Pacer;
  readonly clock: Clock;
  readonly settings: SignInSettings;
  readonly historyDays: number;
  /** When nothing new may be begun, milliseconds since the epoch. */
  readonly deadline: number;
  readonly counts: ApplyCounts;
}

export interface ApplyCounts extends RefusedRows {
  rowsWritten: number;
  /** Cognito kept answering something older than the event, and was believed in the end. */
  staleAnswers: number;
  /** Neither the pool nor the ledger knows the user: of another pool, or created and deleted since. */
  unknownUsers: number;
  /** The ledger knows the user, Cognito does not, and no event deleted them: that is for a sweep to say, which notices when there are too many. */
  usersLeftToSweep: number;
}

/** True where a look came to its end; else when to look again, if not after the usual time. */
export type Applied = true | { readonly afterSeconds?: number };

export const AGAIN: Applied = {};

/** When to look again at something that an answer shows and that was found gone a moment ago; undefined where it may be believed. */
export function doubted(stored: { readonly deletedAt?: number } | undefined, seen: Observation): Applied | undefined {
  if (stored?.deletedAt === undefined) return undefined;
  const rest = stored.deletedAt + GONE_FOR_SURE - seen.observedAt;
  return rest > 0 ? { afterSeconds: Math.ceil(rest / 1_000) } : undefined;
}

/** Counts what a write came to. No further try helps a row that is refused. */
export async function counted(context: ApplyContext, write: Promise<boolean>): Promise<void> {
  if (await unlessRowRefused(context.counts, write)) context.counts.rowsWritten += 1;
}

/** A read that starts now because of this hint; called right before the request leaves, after the pacer let it go. */
export function observe(context: ApplyContext, hint: Hint): Observation {
  const observedAt = context.clock.now();
  const cause = hint.eventId === undefined ? hint.eventName : `${hint.eventName} ${hint.eventId}`;
  return { poolId: context.poolId, observedAt, cause, expiresAt: expiry(observedAt, context.historyDays) };
}
