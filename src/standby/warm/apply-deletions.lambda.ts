import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DeletionsAnswer, applyDeletions } from './apply-deletions';
import { env, store, warmContext } from './warm-context.lambda-shared';
import { ENV_LEDGER_TABLE } from '../../runtime/environment';
import { STANDBY_METRIC } from '../../runtime/metric-names';
import { withPublicErrors } from '../../runtime/public-error';
import { logger, metrics } from '../../runtime/telemetry.lambda-shared';

const log = logger('apply-deletions');
const emitted = metrics(env[ENV_LEDGER_TABLE]);

/** The function has 15 minutes. */
const TIME = 13 * 60_000;

/** Started by a schedule, or by an operator who allows more deletions than a schedule may make. */
export const handler = withPublicErrors(async (event: { readonly allowDeletions?: number }): Promise<DeletionsAnswer> => {
  const context = await warmContext();
  const source = await context.directory.poolId();
  const users = (await store.sources()).find(({ poolId }) => poolId === source)?.users ?? 0;
  const answer = await applyDeletions(context, users, Number(event.allowDeletions ?? 0), TIME);
  log.info('deletions', { ...answer });
  emitted.addMetric(STANDBY_METRIC.DELETIONS_HELD, MetricUnit.Count, answer.held);
  emitted.publishStoredMetrics();
  return answer;
});
