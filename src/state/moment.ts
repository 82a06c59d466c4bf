import { stateKeys } from './keys';
import { Item } from '../ledger/schema';
import { EpochMilliseconds } from '../runtime/flavor';

/**
 * The moment that a restore holds the standby at: until another one lets it go, everything that follows the ledger for the standby reads it as it was
 * then. Otherwise a sign-in, a token or the next fill would bring back what was just undone. A state table serves one standby.
 */
export interface HeldMoment {
  /** Absent where the standby follows the ledger as it is. */
  readonly asOf?: EpochMilliseconds;
  /** Name of the restore that said so. */
  readonly execution: string;
  /** When it did. */
  readonly since: EpochMilliseconds;
}

/** Together with {@link readMoment}, the only codec of it. */
export function momentItem({ asOf, execution, since }: HeldMoment): Item {
  const iso = (moment: EpochMilliseconds) => new Date(moment).toISOString();
  return { ...stateKeys.moment(), ...(asOf === undefined ? {} : { asOf, heldAt: iso(asOf) }), execution, since: iso(since) };
}

export function readMoment(item: Item | undefined): EpochMilliseconds | undefined {
  return item?.asOf as EpochMilliseconds | undefined;
}

/**
 * How old an answer about the moment may be, in milliseconds: so long after a restore said it, everything reads the ledger so. Asking for every token
 * would cost as much as the rest of it.
 */
export const MOMENT_KEPT = 3_000;
