import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { RESTORE_STATUS } from './constants';
import { RestoreRun } from './restore-run';
import { SliceAnswer, SliceProgress } from './restore-worker';
import { RESTORE_METRIC, STANDBY_METRIC } from '../runtime/metric-names';

/**
 * Counts of a whole restore, once, at its end; and in each slice, how far it is, and whether the standby is held at a moment. A dry run counts
 * nothing.
 */
export function emitRestore(metrics: Metrics, run: RestoreRun, answer: SliceAnswer): void {
  if (run.dryRun || answer.status === RESTORE_STATUS.RUNNING || answer.status === RESTORE_STATUS.YIELDED) return;
  const percent = percentOf(answer.progress);
  const counts: [string, number][] = [
    ...run.setsMoment ? [[STANDBY_METRIC.HELD, run.asOf === undefined ? 0 : 1] satisfies [string, number]] : [],
    ...'report' in answer ? usersOf(answer) : [],
  ];
  // Powertools warns where there is nothing to publish.
  if (percent === undefined && counts.length === 0) return;
  if (percent !== undefined) metrics.addMetric(RESTORE_METRIC.PROGRESS, MetricUnit.Percent, percent);
  for (const [name, count] of counts) metrics.addMetric(name, MetricUnit.Count, count);
  metrics.publishStoredMetrics();
}

/** The users to expect are those of the last sweep: there may be more of them by now. */
function percentOf({ phase, done, total }: SliceProgress): number | undefined {
  if (phase === 'done') return 100;
  if (total === undefined || total === 0) return undefined;
  // Groups come first, and who is in the target: nobody has an outcome by then.
  return phase === 'groups' || phase === 'target' ? 0 : Math.min(100, Math.floor(done / total * 100));
}

function usersOf({ report: { restored, alreadyThere, skipped, failed } }: Extract<SliceAnswer, { readonly report: object }>): [string, number][] {
  return [
    [RESTORE_METRIC.USERS_RESTORED, restored + alreadyThere],
    [RESTORE_METRIC.USERS_SKIPPED, skipped],
    [RESTORE_METRIC.USERS_FAILED, failed],
  ];
}
