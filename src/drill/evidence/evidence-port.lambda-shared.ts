import { EvidenceStore } from './evidence-store';
import { reportPage } from './report-page.lambda-shared';
import { chainEnd, drillReport } from './report-schema.lambda-shared';
import { EvidencePort } from './write-evidence';

/** How evidence is written, but for where. */
export function evidencePort(store: EvidenceStore, differing?: EvidencePort['differing']): EvidencePort {
  return {
    store,
    differing,
    readEnd: text => chainEnd.parse(JSON.parse(text)),
    readReport: text => drillReport.parse(JSON.parse(text)),
    asPublished: report => drillReport.parse(report),
    toPage: reportPage,
  };
}
