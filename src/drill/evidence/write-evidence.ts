import { pageKey, reportKey, subsKey } from './constants';
import { DifferenceCode, DrillFacts } from './drill-facts';
import { buildReport, DrillReport, ReportLink, sealed, SealedReport } from './drill-report';
import { EvidenceStore } from './evidence-store';

/** A user who is not in the scratch pool as in the ledger. */
export interface DifferingUser {
  /** In the source pool. */
  readonly sub: string;
  readonly code: DifferenceCode;
  readonly field?: string;
}

/** Where a report is. */
export interface WrittenEvidence {
  readonly sequence: number;
  readonly sha256: string;
  readonly report: string;
  readonly page: string;
  /** Absent where nobody is named. */
  readonly subs?: string;
}

/** The last report of the chain, as far as the next one has to know it. */
export interface ChainEnd extends ReportLink {
  readonly id: string;
  readonly endedAt: string;
}

export interface EvidencePort {
  readonly store: EvidenceStore;
  /** Users who differ, and nothing explains it, at most `MOST_DIFFERING`; absent where `sub`s are not written at all. */
  readonly differing?: (drill: string) => Promise<readonly DifferingUser[]>;
  readonly readEnd: (text: string) => ChainEnd;
  readonly readReport: (text: string) => DrillReport;
  /** The report with what its form has, and nothing else. */
  readonly asPublished: (report: DrillReport) => DrillReport;
  readonly toPage: (report: DrillReport, sha256: string) => string;
}

/** Two drills that end at once: the one that loses takes the next place. More losses than this say that the bucket, and not a drill, is at fault. */
const TRIES = 20;

/**
 * Appends the report of a drill to the chain, and writes its page. Called again for the same drill, it finds the report that it wrote, and writes
 * what is missing beside it.
 * @throws Error where no place in the chain can be had
 */
export async function writeEvidence(facts: DrillFacts, port: EvidencePort): Promise<WrittenEvidence> {
  const { report, seal } = await append(facts, port);
  const { sequence } = report;
  const page = pageKey(sequence);
  await port.store.create(page, port.toPage(report, seal.sha256), 'text/html; charset=utf-8');
  const differing = await port.differing?.(facts.id) ?? [];
  const subs = differing.length > 0 ? subsKey(sequence) : undefined;
  if (subs !== undefined) await port.store.create(subs, subsFile(facts, differing), 'application/json');
  return { sequence, sha256: seal.sha256, report: reportKey(sequence), page, ...subs === undefined ? {} : { subs } };
}

async function append(facts: DrillFacts, port: EvidencePort): Promise<{ readonly report: DrillReport; readonly seal: SealedReport }> {
  for (let tries = 0; tries < TRIES; tries++) {
    const last = await port.store.lastReport();
    const end = last === undefined ? undefined : port.readEnd(await port.store.read(last));
    const written = end && await alreadyWritten(facts, end, port);
    if (written !== undefined) return written;
    const report = port.asPublished(buildReport(facts, end));
    const seal = sealed(report);
    // A place of the chain is its first writer's: no two reports have the same one before them.
    if (await port.store.create(reportKey(report.sequence), seal.text, 'application/json')) return { report, seal };
  }
  throw new Error(`the report of drill ${facts.id} found no place in the chain in ${TRIES} tries; look at what else writes to the bucket of the `
    + 'evidence, and start the drill again');
}

/** An answer of S3 may have been lost, and a step of a state machine is repeated. The report, if there is one, was written after the drill began. */
async function alreadyWritten(facts: DrillFacts, end: ChainEnd, { store, readEnd, readReport }: EvidencePort) {
  for (let at = end; ;) {
    if (at.id === facts.id) {
      const text = await store.read(reportKey(at.sequence));
      return { report: readReport(text), seal: { text, sha256: at.sha256 } };
    }
    if (at.sequence === 1 || at.endedAt < facts.startedAt) return undefined;
    at = readEnd(await store.read(reportKey(at.sequence - 1)));
  }
}

/** Each line is of one user and one difference; `more`: lines for which there is no place. */
function subsFile({ id, comparison }: DrillFacts, differing: readonly DifferingUser[]): string {
  const unexplained = (comparison?.differences ?? []).filter(({ code, reason }) => reason === undefined && !code.startsWith('group-'))
    .reduce((sum, { count }) => sum + count, 0);
  return `${JSON.stringify({ drill: id, differing, more: Math.max(0, unexplained - differing.length) }, null, 2)}\n`;
}
