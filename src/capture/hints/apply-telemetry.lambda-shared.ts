import { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';
import { ApplyAnswer } from './apply-hints';
import { errorName } from '../../runtime/error-name';
import { CAPTURE_METRIC, SWEEP_METRIC } from '../../runtime/metric-names';

/** Counts of one batch; those that are zero are left out. */
export function emitHints(emitted: Metrics, answer: ApplyAnswer): void {
  const { 'no-user': withoutUser = 0, ...others } = answer.ignored;
  const counts: [string, number][] = [
    [CAPTURE_METRIC.HINTS_IGNORED, Object.values(others).reduce((sum, count) => sum + count, 0)],
    [CAPTURE_METRIC.HINTS_WITHOUT_USER, withoutUser],
    [CAPTURE_METRIC.HINTS_RETRIED, answer.retries.length],
    [CAPTURE_METRIC.STALE_ANSWERS, answer.staleAnswers],
    [CAPTURE_METRIC.ROWS_CAPTURED, answer.rowsWritten],
    [CAPTURE_METRIC.USERS_LEFT_TO_SWEEP, answer.usersLeftToSweep],
    [SWEEP_METRIC.ROWS_REFUSED, answer.refused],
  ];
  for (const [name, count] of counts) if (count > 0) emitted.addMetric(name, MetricUnit.Count, count);
  for (const lag of answer.lags) emitted.addMetric(CAPTURE_METRIC.CAPTURE_LAG, MetricUnit.Milliseconds, lag);
  emitted.publishStoredMetrics();
}

/** Errors by name, without their messages: what a service says about a request may repeat what was in it. Refused rows are named by their ids. */
export function logHints(log: Logger, messages: number, { errors, lags, eventSeenAt: _seen, ...answer }: ApplyAnswer): void {
  const level = errors.length > 0 || answer.refused > 0 || answer.unreadable.length > 0 ? 'error' : 'info';
  log[level]('hints', { messages, ...answer, retries: answer.retries.length, applied: lags.length, errors: errors.map(errorName) });
}

/** Logs an error that does not stop the hints from being applied. */
export function logFailure(log: Logger, what: string): (error: unknown) => void {
  return error => log.error(what, { error: errorName(error) });
}
