import { Hint } from './hint';
import { Observation } from './row-changes';
import { RowWriter } from './row-writer';
import { HintedPool } from './source-pool';
import { expiry } from './sweep-context';
import { LedgerStore } from '../ledger/ledger-store';
import { SignInSettings } from '../ledger/sign-in-name';
import { Clock, Pacer } from '../runtime/pacing';

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
  /** Cognito kept answering something older than the event, and was believed in the end. */
  staleAnswers: number;
  /** Neither the pool nor the ledger knows the user: of another pool, or created and deleted since. */
  unknownUsers: number;
}

/** A read that starts now because of this hint; called right before the request leaves, after the pacer let it go. */
export function observe(context: ApplyContext, hint: Hint): Observation {
  const observedAt = context.clock.now();
  const cause = hint.eventId === undefined ? hint.eventName : `${hint.eventName} ${hint.eventId}`;
  return { poolId: context.poolId, observedAt, cause, expiresAt: expiry(observedAt, context.historyDays) };
}
