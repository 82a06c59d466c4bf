import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { CognitoScratchPools } from './cognito-scratch-pools.lambda-shared';
import { drillKeys } from './drill-keys';
import { watchDrills } from './watch-drills';
import { cognitoClient } from '../cognito/cognito-client.lambda-shared';
import { QuotaPacer } from '../cognito/pacing';
import { systemClock as clock } from '../runtime/clock';
import { documentClient } from '../runtime/document-client.lambda-shared';
import { readEnv } from '../runtime/env.lambda-shared';
import { ENV_DRILL_INTERVAL_DAYS, ENV_DRILL_NAME, ENV_DRILL_TABLE, ENV_LEDGER_TABLE } from '../runtime/environment';
import { DRILL_METRIC } from '../runtime/metric-names';
import { withPublicErrors } from '../runtime/public-error';
import { logger, metrics } from '../runtime/telemetry.lambda-shared';
import * as z from '../runtime/zod.lambda-shared';
import { StateItems } from '../state/state-items.lambda-shared';

const env = readEnv(z.object({
  [ENV_LEDGER_TABLE]: z.string().check(z.minLength(1)),
  [ENV_DRILL_TABLE]: z.string().check(z.minLength(1)),
  [ENV_DRILL_NAME]: z.string().check(z.minLength(1)),
  [ENV_DRILL_INTERVAL_DAYS]: z.coerce.number().check(z.positive()),
  AWS_REGION: z.string(),
}));
const log = logger('watch-drills');
const emitted = metrics(env[ENV_LEDGER_TABLE]);
const items = new StateItems(documentClient(), env[ENV_DRILL_TABLE], clock);

/** It asks a few times a day, and leaves the quota to others. */
const SHARE = 0.1;

export const handler = withPublicErrors(async (): Promise<void> => {
  const now = clock.now();
  const kept = await items.update(drillKeys.lock(), {
    UpdateExpression: 'SET watchedSince = if_not_exists(watchedSince, :now)',
    ExpressionAttributeValues: { ':now': now },
    ReturnValues: 'ALL_NEW',
  });
  const watched = await watchDrills({
    owner: env[ENV_DRILL_NAME],
    // The id of a pool begins with its Region.
    pools: new CognitoScratchPools(cognitoClient(`${env.AWS_REGION}_`), new QuotaPacer({ clock, share: SHARE })),
    passedAt: kept?.passedAt as number | undefined,
    since: kept?.watchedSince as number,
    intervalDays: env[ENV_DRILL_INTERVAL_DAYS],
    now,
  });
  log.info('drills watched', { ...watched });
  emitted.addMetric(DRILL_METRIC.POOL_AGE, MetricUnit.Seconds, watched.poolAge);
  emitted.addMetric(DRILL_METRIC.OVERDUE, MetricUnit.Count, watched.isOverdue ? 1 : 0);
  emitted.publishStoredMetrics();
});
