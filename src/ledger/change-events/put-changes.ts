import { ChangeEventDetail, changeEventOf } from './change-event';
import { Item } from '../schema';

/** A record of the ledger's stream; values as in the table. */
export interface ChangeRecord {
  readonly sequenceNumber: string;
  readonly oldImage?: Item;
  readonly newImage?: Item;
}

export interface ChangesPort {
  /** Puts up to {@link ENTRIES} events on the bus, and answers which of them it did not take, by their place. */
  put(details: readonly ChangeEventDetail[]): Promise<readonly number[]>;
  sleep(milliseconds: number): Promise<void>;
}

export interface ChangesAnswer {
  /** Sequence numbers of the records that are to come again. */
  readonly failures: readonly string[];
  readonly put: number;
}

/** EventBridge takes ten a call. */
const ENTRIES = 10;
/** What it does not take is mostly throttled: after four pauses, 3 seconds in all, the stream brings it again. */
const TRIES = 5;
const FIRST_PAUSE = 200;

/** Tells what the records changed, at least once. What the bus does not take comes again, and what came after it with it. */
export async function putChanges(port: ChangesPort, records: readonly ChangeRecord[]): Promise<ChangesAnswer> {
  let waiting = records.flatMap(({ sequenceNumber, oldImage, newImage }) => {
    const detail = changeEventOf(oldImage, newImage);
    return detail ? [{ sequenceNumber, detail }] : [];
  });
  let put = 0;
  for (let attempt = 1; waiting.length > 0 && attempt <= TRIES; attempt += 1) {
    if (attempt > 1) await port.sleep(FIRST_PAUSE * 2 ** (attempt - 2));
    const refused: typeof waiting = [];
    for (let i = 0; i < waiting.length; i += ENTRIES) {
      const some = waiting.slice(i, i + ENTRIES);
      const failed = await port.put(some.map(({ detail }) => detail));
      refused.push(...failed.map(index => some[index]));
      put += some.length - failed.length;
    }
    waiting = refused;
  }
  return { failures: waiting.map(({ sequenceNumber }) => sequenceNumber), put };
}
