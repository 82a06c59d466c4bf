import { createHash } from 'crypto';
import { supportOf, SupportedControl } from './controls';
import { DrillDeviation, DrillFacts } from './drill-facts';
import { DrillVerdict, verdictOfDrill } from './drill-verdict';

/** Of the report's form. A change that takes something from its readers gets a new one. */
export const REPORT_VERSION = 1;

/** The report before this one, which it vouches for; absent in the first one. */
export interface ReportLink {
  readonly sequence: number;
  readonly sha256: string;
}

/** A deviation that somebody is to look at. The report is never changed: who and by when is written on a copy of it. */
export interface OpenDeviation extends DrillDeviation {
  readonly owner: null;
  readonly dueDate: null;
}

/** The report of one drill, without its own digest. */
export interface DrillReport extends Omit<DrillFacts, 'deviations'> {
  readonly reportVersion: typeof REPORT_VERSION;
  /** 1 in the first report of the chain. */
  readonly sequence: number;
  /** Own digest of the report before it: 64 hexadecimal digits, or null in the first one. */
  readonly previousSha256: string | null;
  readonly verdict: DrillVerdict;
  readonly deviations?: readonly OpenDeviation[];
  readonly controls: readonly SupportedControl[];
}

/** @param previous the last report of the chain */
export function buildReport(facts: DrillFacts, previous?: ReportLink): DrillReport {
  const { deviations, startedBy, approvedBy, ...others } = facts;
  const approver = approvedBy && roleArnOf(approvedBy.roleArn);
  const verdict = verdictOfDrill(facts);
  const starter = startedBy.roleArn === undefined ? undefined : roleArnOf(startedBy.roleArn);
  return {
    ...others,
    startedBy: { how: startedBy.how, ...starter === undefined ? {} : { roleArn: starter } },
    ...approver === undefined ? {} : { approvedBy: { roleArn: approver } },
    ...deviations ? { deviations: deviations.map(deviation => ({ ...deviation, owner: null, dueDate: null })) } : {},
    reportVersion: REPORT_VERSION,
    sequence: (previous?.sequence ?? 0) + 1,
    previousSha256: previous?.sha256 ?? null,
    verdict,
    controls: supportOf(facts, verdict),
  };
}

/**
 * The role behind a principal; undefined for any other principal. The name of a session, and of a user, may be that of a person, and the report holds
 * no personal data.
 */
export function roleArnOf(principalArn: string): string | undefined {
  if (/^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(principalArn)) return principalArn;
  const [, partition, account, role] = /^arn:([\w-]+):sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\//.exec(principalArn) ?? [];
  return role === undefined ? undefined : `arn:${partition}:iam::${account}:role/${role}`;
}

/** What a report is as a file. */
export interface SealedReport {
  readonly text: string;
  readonly sha256: string;
}

/**
 * The one form of a report as bytes: members by name, two spaces, and at the end, in a line of its own, the SHA-256 of every byte before that line.
 * `docs/drill-reports.md` verifies it with tools that every system has.
 */
export function sealed(report: DrillReport): SealedReport {
  const open = JSON.stringify(sortedByName(report), null, 2).replace(/\n\}$/, ',\n');
  const sha256 = createHash('sha256').update(open).digest('hex');
  return { text: `${open}  "sha256": "${sha256}"\n}\n`, sha256 };
}

/** Two states of one fact have the same bytes, in whatever order a state machine returns its members. */
function sortedByName(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedByName);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sortedByName(member)]));
}
