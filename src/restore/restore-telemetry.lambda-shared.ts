import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { RESTORE_STATUS } from './constants';
import { RestoreRun } from './restore-run';
import { SliceAnswer } from './restore-worker';
import { RESTORE_METRIC, STANDBY_METRIC } from '../runtime/metric-names';

/** Counts of a whole restore, once, at its end; and in each slice, whether the standby is held at a moment. A dry run counts nothing. */
export function emitRestore(metrics: Metrics, run: RestoreRun, answer: SliceAnswer): void {
  const counts: [string, number][] = run.dryRun || answer.status === RESTORE_STATUS.RUNNING ? [] : [
    ...run.setsMoment ? [[STANDBY_METRIC.HELD, run.asOf === undefined ? 0 : 1] satisfies [string, number]] : [],
    ...'report' in answer ? usersOf(answer) : [],
  ];
  // Powertools warns where there is nothing to publish.
  if (counts.length === 0) return;
  for (const [name, count] of counts) metrics.addMetric(name, MetricUnit.Count, count);
  metrics.publishStoredMetrics();
}

function usersOf({ report: { restored, alreadyThere, skipped, failed } }: Extract<SliceAnswer, { readonly report: object }>): [string, number][] {
  return [
    [RESTORE_METRIC.USERS_RESTORED, restored + alreadyThere],
    [RESTORE_METRIC.USERS_SKIPPED, skipped],
    [RESTORE_METRIC.USERS_FAILED, failed],
  ];
}
