import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { SWEEP_STATUS } from '../constants';
import { SweepAnswer, SweepReport } from './sweep';
import { KindCounts } from './sweep-context';
import { SWEEP_METRIC } from '../../runtime/metric-names';

/** What the log says about a slice: counts only. The rows that were refused are named once, with the report at the end. */
export function summaryOf(answer: SweepAnswer): object {
  if (!('checkpoint' in answer)) return answer;
  const { phase, startedAt, counts: { refusedRows: _names, ...counts } } = answer.checkpoint;
  return { status: answer.status, phase, startedAt, counts };
}

/**
 * Counts of a whole sweep, once, at its end. Counts that are mostly zero are left out then: CloudWatch bills a metric for each hour with a value. A
 * slice before the end leaves a sample of 0, by which the alarm on overdue sweeps sees that a long one comes further.
 */
export function emitSweep(metrics: Metrics, answer: SweepAnswer): void {
  const { status } = answer;
  // Powertools warns where there is nothing to publish.
  if (status === SWEEP_STATUS.SKIPPED) return;
  if (status === SWEEP_STATUS.COMPLETE || status === SWEEP_STATUS.CONTINUE) {
    metrics.addMetric(SWEEP_METRIC.SWEEP_COMPLETED, MetricUnit.Count, status === SWEEP_STATUS.COMPLETE ? 1 : 0);
  }
  if ('report' in answer) addReport(metrics, answer.report, status === SWEEP_STATUS.DELETIONS_HELD);
  metrics.publishStoredMetrics();
}

function addReport(metrics: Metrics, report: SweepReport, held: boolean): void {
  const kinds = [report.users, report.groups, report.memberships];
  const sum = (count: (kind: KindCounts) => number) => kinds.reduce((total, kind) => total + count(kind), 0);
  metrics.addMetric(SWEEP_METRIC.USERS_LISTED, MetricUnit.Count, report.users.listed);
  const rare: [string, number][] = [
    [SWEEP_METRIC.ROWS_WRITTEN, sum(kind => kind.written) + report.poolPartsWritten],
    [SWEEP_METRIC.ROWS_REFUSED, report.refused],
    [SWEEP_METRIC.USERS_TOMBSTONED, report.users.tombstoned],
    [SWEEP_METRIC.DELETIONS_HELD, held ? sum(kind => kind.missing) : 0],
    [SWEEP_METRIC.EVENTS_MISSING, report.eventsMissing ? 1 : 0],
    [SWEEP_METRIC.SCHEMA_DRIFT, report.schemaDrift.length],
  ];
  for (const [name, count] of rare) if (count > 0) metrics.addMetric(name, MetricUnit.Count, count);
}
