import { RowRefusedError } from '../ledger/row-refused-error';

/** How many rows are named: enough to see what they have in common, and few enough for a log line and for the checkpoint of a sweep. */
const MOST_NAMED = 100;
/** How many rows a sentence names. */
const NAMED_IN_A_SENTENCE = 3;

/** Rows that could not be copied, and cannot be the next time either. */
export interface RefusedRows {
  refused: number;
  /** The first of them, as `user <sub>` or `group <name>`. */
  readonly refusedRows: string[];
  /** How many of them a reader of the past takes for what there is: nothing can say of them that they are not. */
  unmarked: number;
}

export function noRefusals(): RefusedRows {
  return { refused: 0, refusedRows: [], unmarked: 0 };
}

/** Counts a row that DynamoDB will never take and goes on: one row must not stop the copy of all others. Answers whether a row was written. */
export async function unlessRowRefused(rows: RefusedRows, write: Promise<boolean>): Promise<boolean> {
  try {
    return await write;
  } catch (error) {
    if (!(error instanceof RowRefusedError)) throw error;
    addRefusals(rows, { refused: 1, refusedRows: [error.row], unmarked: error.isKnown ? 0 : 1 });
    return false;
  }
}

export function addRefusals(rows: RefusedRows, more: RefusedRows): void {
  rows.refused += more.refused;
  rows.unmarked += more.unmarked;
  rows.refusedRows.push(...more.refusedRows.slice(0, MOST_NAMED - rows.refusedRows.length));
}

/** The first few by name, and how many others there are. */
export function refusedInWords({ refused, refusedRows }: Pick<RefusedRows, 'refused' | 'refusedRows'>): string {
  const named = refusedRows.slice(0, NAMED_IN_A_SENTENCE);
  const others = refused - named.length;
  return `${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}
