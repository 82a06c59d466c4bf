import { DrillFacts } from './drill-facts';
import { DrillVerdict } from './drill-verdict';

/** Parts of the report that a control can rest on. */
type Part = keyof DrillFacts | 'verdict' | 'sequence' | 'previousSha256';

export interface SupportedControl {
  readonly standard: string;
  readonly clause: string;
  /** Members of the report that support it. A part that the drill did not reach is left out. */
  readonly supportedBy: readonly string[];
}

interface Control {
  readonly standard: string;
  readonly clause: string;
  /** What the clause asks for, in our words and in few. */
  readonly asks: string;
  readonly parts: readonly Part[];
}

const RESTORED: readonly Part[] = ['counts', 'comparison', 'signIn', 'verdict'];
const PLAN_TESTED: readonly Part[] = ['scenario', 'objective', 'phases', 'targets', 'measured', 'deviations', 'verdict'];
const INTEGRITY: readonly Part[] = ['moment', 'counts', 'comparison', 'knownLosses', 'verdict'];

/**
 * What a drill supports. It complies with nothing: that is for the organization and its auditor to say, of which a drill of one user pool is a small
 * part.
 */
export const CONTROLS: readonly Control[] = [
  {
    standard: 'SOC 2 (AICPA Trust Services Criteria)',
    clause: 'A1.2',
    asks: 'backup and recovery infrastructure is operated and monitored',
    parts: ['versions', 'templates', 'moment', 'counts', 'comparison', 'verdict'],
  },
  {
    standard: 'SOC 2 (AICPA Trust Services Criteria)',
    clause: 'A1.3',
    asks: 'recovery procedures are tested',
    parts: [...PLAN_TESTED, 'counts', 'comparison'],
  },
  { standard: 'ISO/IEC 27001:2022', clause: 'A.5.30', asks: 'ICT readiness for continuity is planned and tested', parts: PLAN_TESTED },
  { standard: 'ISO/IEC 27001:2022', clause: 'A.8.13', asks: 'backup copies are maintained and regularly tested', parts: INTEGRITY },
  {
    standard: 'DORA, Regulation (EU) 2022/2554',
    clause: 'Article 12(2)',
    asks: 'backup, restoration and recovery procedures are tested periodically',
    parts: [...RESTORED, 'startedAt', 'sequence', 'previousSha256'],
  },
  {
    standard: 'DORA, Regulation (EU) 2022/2554',
    clause: 'Article 12(6)',
    asks: 'recovery time and recovery point objectives of each function',
    parts: ['targets', 'measured', 'verdict'],
  },
  {
    standard: 'DORA, Regulation (EU) 2022/2554',
    clause: 'Article 12(7)',
    asks: 'checks and reconciliations, so that data are of the highest integrity',
    parts: INTEGRITY,
  },
  {
    standard: 'Delegated Regulation (EU) 2024/1774 (RTS on ICT risk management)',
    clause: 'Article 25',
    asks: 'continuity plans are tested, with results and deviations documented',
    parts: [...PLAN_TESTED, 'isolation', 'startedBy', 'approvedBy'],
  },
  {
    standard: 'NIS2, Directive (EU) 2022/2555',
    clause: 'Article 21(2)(c)',
    asks: 'business continuity, such as backup management and disaster recovery',
    parts: [...RESTORED, 'measured'],
  },
  {
    standard: 'Implementing Regulation (EU) 2024/2690',
    clause: 'Annex, 4.2.6',
    asks: 'recovery from backup copies is tested regularly, results are documented',
    parts: [...RESTORED, 'phases', 'deviations'],
  },
  { standard: 'HIPAA Security Rule', clause: '45 CFR 164.308(a)(7)(ii)(D)', asks: 'contingency plans are tested and revised', parts: PLAN_TESTED },
  {
    standard: 'PCI DSS 4.0.1',
    clause: '12.10.2',
    asks: 'the incident response plan is reviewed and tested, business recovery among it',
    parts: PLAN_TESTED,
  },
  { standard: 'NIST SP 800-53 Rev. 5', clause: 'CP-4', asks: 'the contingency plan is tested, and results are reviewed', parts: PLAN_TESTED },
  { standard: 'NIST SP 800-53 Rev. 5', clause: 'CP-9(1)', asks: 'backups are tested for reliability and integrity', parts: INTEGRITY },
  {
    standard: 'NIST SP 800-53 Rev. 5',
    clause: 'CP-10',
    asks: 'systems are recovered to a known state within the objectives',
    parts: ['moment', 'measured', 'targets', ...RESTORED],
  },
];

const OF_THE_REPORT: readonly Part[] = ['verdict', 'sequence', 'previousSha256'];

/** What of the report supports each control; a drill that was not carried out supports none. */
export function supportOf(facts: DrillFacts, { validationStatus }: DrillVerdict): SupportedControl[] {
  return validationStatus === 'STOPPED' ? [] : CONTROLS.map(({ standard, clause, parts }) => ({
    standard, clause, supportedBy: parts.filter(part => OF_THE_REPORT.includes(part) || facts[part as keyof DrillFacts] !== undefined),
  }));
}
