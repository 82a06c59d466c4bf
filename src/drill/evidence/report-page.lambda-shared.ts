import mustache from 'mustache';
import { DrillReport } from './drill-report';
import { PAGE_TEMPLATE } from './page-template';
import { pageView } from './page-view';

/** A report as a page that people read. @param sha256 the report's own digest */
export function reportPage(report: DrillReport, sha256: string): string {
  return mustache.render(PAGE_TEMPLATE, pageView(report, sha256));
}
