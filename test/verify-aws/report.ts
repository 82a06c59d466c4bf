import Table from 'cli-table3';
import { AS_ASSUMED, DIFFERS, Row } from './verify';

export const EXIT = { AS_ASSUMED: 0, FAILED: 1, DIFFERS: 2 } as const;

export interface Report {
  readonly run: string;
  readonly region: string;
  readonly replicaRegion: string;
  readonly startedAt: string;
  readonly rows: readonly Row[];
  /** What is still there, with the command that removes it. */
  readonly left: readonly string[];
}

const WIDTHS = [28, 42, 42, 24];

/** Without the ids, which are in the file. */
export function tableOf(rows: readonly Row[]): string {
  const table = new Table({ head: ['Assumption', 'Assumed', 'Observed', 'Verdict'], style: { head: [], border: [] } });
  const cells = ({ what, assumed, observed, verdict }: Row) => [what, assumed, observed, verdict].map((text, column) => folded(text, WIDTHS[column]));
  table.push(...rows.map(cells));
  return table.toString();
}

/** In lines of at most so many characters: between words, and inside those that are longer than a line, such as a path in an event. */
export function folded(text: string, width: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const [first, ...others] = word.match(new RegExp(`.{1,${width}}`, 'g')) ?? [''];
    const last = lines[lines.length - 1];
    const joined = last === '' ? first : `${last} ${first}`;
    if (joined.length <= width) lines[lines.length - 1] = joined;
    else lines.push(first);
    lines.push(...others);
  }
  return lines.join('\n');
}

export function summaryOf(rows: readonly Row[]): string {
  const count = (verdict: string) => rows.filter(row => row.verdict === verdict).length;
  const [held, different] = [count(AS_ASSUMED), count(DIFFERS)];
  return `${rows.length} assumptions: ${held} as assumed, ${different} different, ${rows.length - held - different} not observed`;
}

/** The report as a file; times and ids of the run, and no address of anybody. */
export function jsonOf(report: Report): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

export function exitCodeOf({ rows, left }: Pick<Report, 'rows' | 'left'>): number {
  if (left.length > 0) return EXIT.FAILED;
  return rows.some(({ verdict }) => verdict === DIFFERS) ? EXIT.DIFFERS : EXIT.AS_ASSUMED;
}
