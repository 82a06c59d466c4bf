import { Hint } from './hint';
import { Pacer } from '../../cognito/pacing';
import { SignInSettings } from '../../cognito/sign-in-name';
import { HintedPool } from '../../cognito/source-pool';
import { LedgerStore } from '../../ledger/ledger-store';
import { Clock } from '../../runtime/clock';
import { Observation, Observer } from '../observation';
import { RefusedRows, unlessRowRefused } from '../refused-rows';
import { GONE_FOR_SURE } from '../row-changes';
import { RowWriter } from '../row-writer';

/** What applying a hint works with. */
export interface ApplyContext extends Observer {
  readonly pool: HintedPool;
  readonly store: LedgerStore;
  readonly rows: RowWriter;
  readonly pacer: Pacer;
  readonly clock: Clock;
  readonly settings: SignInSettings;
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

/** For the history: the newest of the hints that one look answers. */
export function causeOf(hints: readonly Hint[]): string {
  const { eventName, eventId } = hints[hints.length - 1];
  return eventId === undefined ? eventName : `${eventName} ${eventId}`;
}
