import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC, SWEEP_STATUS } from './constants';
import { SweepAnswer, SweepReport } from './sweep';
import { KindCounts } from './sweep-context';

/** What the log says of a slice: counts only. A checkpoint also holds names of groups. */
export function summaryOf(answer: SweepAnswer): object {
  if (!('checkpoint' in answer)) return answer;
  const { phase, startedAt, counts } = answer.checkpoint;
  return { status: answer.status, phase, startedAt, counts };
}

/** Counts of a whole sweep, once, at its end. */
export function emit(metrics: Metrics, status: SweepAnswer['status'], report: SweepReport): void {
  const kinds = [report.users, report.groups, report.memberships];
  const sum = (count: (kind: KindCounts) => number) => kinds.reduce((total, kind) => total + count(kind), 0);
  const held = status === SWEEP_STATUS.DELETIONS_HELD;
  metrics.addMetric(METRIC.SWEEP_COMPLETED, MetricUnit.Count, status === SWEEP_STATUS.COMPLETE ? 1 : 0);
  metrics.addMetric(METRIC.SWEEP_DURATION, MetricUnit.Seconds, report.seconds);
  metrics.addMetric(METRIC.USERS_LISTED, MetricUnit.Count, report.users.listed);
  metrics.addMetric(METRIC.ROWS_WRITTEN, MetricUnit.Count, sum(kind => kind.written) + report.poolPartsWritten);
  metrics.addMetric(METRIC.ROWS_REFUSED, MetricUnit.Count, report.refused);
  metrics.addMetric(METRIC.USERS_TOMBSTONED, MetricUnit.Count, report.users.tombstoned);
  metrics.addMetric(METRIC.DELETIONS_HELD, MetricUnit.Count, held ? sum(kind => kind.missing) : 0);
  metrics.addMetric(METRIC.EVENTS_MISSING, MetricUnit.Count, report.eventsMissing ? 1 : 0);
  metrics.publishStoredMetrics();
}
