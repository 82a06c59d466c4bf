import Table from 'cli-table3';
import { AS_ASSUMED, DIFFERS, hasFailed, Row } from './verify';

export const EXIT = { AS_ASSUMED: 0, FAILED: 1, DIFFERS: 2 } as const;

/** What exitCodeOf does, for people; a run that throws or is interrupted also ends with 1. */
export const EXIT_CODES = `Exit code, the first that is true:
  1  the run was interrupted, failed as a whole, or left something behind
  2  something differs
  1  a check failed, or nothing was checked
  0  all is as assumed, or was not observed for the reason in its row
`;

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
  const [held, different, failed] = [count(AS_ASSUMED), count(DIFFERS), rows.filter(hasFailed).length];
  const unseen = rows.length - held - different - failed;
  return `${rows.length} assumptions: ${held} as assumed, ${different} different, ${unseen} not observed, ${failed} whose check failed`;
}

/** The report as a file; times and ids of the run, and no address of anybody. */
export function jsonOf(report: Report): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

export function exitCodeOf({ rows, left }: Pick<Report, 'rows' | 'left'>): number {
  if (left.length > 0) return EXIT.FAILED;
  if (rows.some(({ verdict }) => verdict === DIFFERS)) return EXIT.DIFFERS;
  return rows.length === 0 || rows.some(hasFailed) ? EXIT.FAILED : EXIT.AS_ASSUMED;
}
