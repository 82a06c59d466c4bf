import { Hint } from './hint';
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

export interface ApplyCounts {
  rowsWritten: number;
  /** Rows that DynamoDB does not take; they would not be taken the next time either. */
  rowsRefused: number;
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

/** Counts what a write came to. A row that is refused must not keep the others, and no further try helps it. */
export async function counted(context: ApplyContext, write: Promise<boolean>): Promise<void> {
  try {
    if (await write) context.counts.rowsWritten += 1;
  } catch (error) {
    if (!isRefused(error)) throw error;
    context.counts.rowsRefused += 1;
  }
}

/** As DynamoDB says it of a row by itself, and of one in a transaction. */
function isRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { CancellationReasons: reasons = [] } = error as { CancellationReasons?: readonly { readonly Code?: string }[] };
  return error.name === 'ValidationException' || reasons.some(({ Code }) => Code === 'ValidationError');
}

/** A read that starts now because of this hint; called right before the request leaves, after the pacer let it go. */
export function observe(context: ApplyContext, hint: Hint): Observation {
  const observedAt = context.clock.now();
  const cause = hint.eventId === undefined ? hint.eventName : `${hint.eventName} ${hint.eventId}`;
  return { poolId: context.poolId, observedAt, cause, expiresAt: expiry(observedAt, context.historyDays) };
}
