import { Hint } from './hint';
import { CauseName } from './recovery-calls';
import { factsOf } from './user-events';
import { Pacer } from '../../cognito/pacing';
import { SignInSettings } from '../../cognito/sign-in-name';
import { HintedPool } from '../../cognito/source-pool';
import { LedgerStore } from '../../ledger/ledger-store';
import { Clock } from '../../runtime/clock';
import { EpochMilliseconds } from '../../runtime/flavor';
import { ChangeEvent, Observation, Observer, Occasion } from '../observation';
import { RefusedRows, unlessRowRefused } from '../refused-rows';
import { GONE_FOR_SURE } from '../row-changes';
import { RowWriter } from '../row-writer';

/** What is needed to apply a hint. */
export interface ApplyContext extends Observer {
  readonly pool: HintedPool;
  readonly store: LedgerStore;
  readonly rows: RowWriter;
  readonly pacer: Pacer;
  readonly clock: Clock;
  readonly settings: SignInSettings;
  /** From when on nothing new is begun, milliseconds since the epoch. */
  readonly deadline: EpochMilliseconds;
  /** Sends a message to the queue of hints. */
  readonly send: (hint: Hint) => Promise<void>;
  readonly counts: ApplyCounts;
  readonly causeName: CauseName;
}

export interface ApplyCounts extends RefusedRows {
  rowsWritten: number;
  /** Answers that stayed older than the event until they were believed. */
  staleAnswers: number;
  /** Users that neither the pool nor the ledger knows: they are of another pool, or were created and deleted since. */
  unknownUsers: number;
  /** Users that the ledger knows and Cognito does not, although no event deleted them. A sweep decides, as it notices when there are too many. */
  usersLeftToSweep: number;
  /** Groups that were made again and have more members than an invocation can list: a sweep looks at them. */
  groupsLeftToSweep: number;
}

/**
 * True where nothing is left to do; otherwise when to look again, if not after the usual time. `membersFrom`: the time was over in the middle of a
 * group's members, and another message goes on there.
 */
export type Applied = true | { readonly afterSeconds?: number } | { readonly membersFrom: string };

export const AGAIN: Applied = {};

/** When to look again at something that an answer shows although it was found gone a moment ago; undefined where the answer may be believed. */
export function doubted(stored: { readonly deletedAt?: number } | undefined, seen: Observation): { readonly afterSeconds?: number } | undefined {
  if (stored?.deletedAt === undefined) return undefined;
  const rest = stored.deletedAt + GONE_FOR_SURE - seen.observedAt;
  return rest > 0 ? { afterSeconds: Math.ceil(rest / 1_000) } : undefined;
}

/** Counts the result of a write. Another try would not help a row that is refused. */
export async function counted(context: ApplyContext, write: Promise<boolean>): Promise<void> {
  if (await unlessRowRefused(context.counts, write)) context.counts.rowsWritten += 1;
}

/** What the writes are attributed to: the events that explain them, else the name of the newest one, and nobody. */
export function occasionOf({ causeName }: Pick<ApplyContext, 'causeName'>, hints: readonly Hint[]): Occasion {
  const newest = hints[hints.length - 1];
  const { eventId, eventTime } = newest;
  const cause = { event: causeName(newest), ...(eventId === undefined ? {} : { id: eventId }), at: Date.parse(eventTime) };
  return { cause, events: hints.map(hint => eventOf(hint, causeName(hint))) };
}

function eventOf({ eventName, eventId: id, eventTime, source, group, principal, session }: Hint, name: string): ChangeEvent {
  const { sets, leaves } = factsOf(eventName);
  return { name, at: Date.parse(eventTime), source, sets, leaves, group, id, principal, session };
}
