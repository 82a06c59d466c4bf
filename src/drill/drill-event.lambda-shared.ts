import { randomUUID } from 'crypto';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CognitoScratchPools } from './cognito-scratch-pools.lambda-shared';
import { DrillContext } from './drill-context';
import { DrillBeginning, DrillNews } from './drill-worker';
import { DynamoDbDrillStore } from './dynamodb-drill-store.lambda-shared';
import { DrillFacts } from './evidence/drill-facts';
import { DrillVerdict, recoverySecondsOf } from './evidence/drill-verdict';
import { cognitoClient } from '../cognito/cognito-client.lambda-shared';
import { CognitoTargetPool } from '../cognito/cognito-target-pool.lambda-shared';
import { QuotaPacer } from '../cognito/pacing';
import { quotas } from '../cognito/quotas.lambda-shared';
import { DynamoDbLedgerStore } from '../ledger/dynamodb-ledger-store.lambda-shared';
import { DynamoDbSweepHistory } from '../ledger/dynamodb-sweep-history.lambda-shared';
import { Clock } from '../runtime/clock';
import { json, readEnv } from '../runtime/env.lambda-shared';
import {
  ENV_DRILL_NAME, ENV_DRILL_TABLE, ENV_LEDGER_TABLE, ENV_QUOTAS, ENV_SLICE_SECONDS, ENV_STATE_TABLE, ENV_TARGET_USER_POOL_IDS,
} from '../runtime/environment';
import { DRILL_METRIC } from '../runtime/metric-names';
import { metrics } from '../runtime/telemetry.lambda-shared';
import * as z from '../runtime/zod.lambda-shared';
import { DynamoDbRunState } from '../state/dynamodb-run-state.lambda-shared';
import { stateKeys } from '../state/keys';
import { StateItems } from '../state/state-items.lambda-shared';

/** What the state machine passes to every slice. */
export interface DrillEvent extends DrillNews {
  readonly beginning: DrillBeginning;
}

const env = readEnv(z.object({
  [ENV_LEDGER_TABLE]: z.string().check(z.minLength(1)),
  [ENV_STATE_TABLE]: z.string().check(z.minLength(1)),
  [ENV_DRILL_TABLE]: z.string().check(z.minLength(1)),
  [ENV_DRILL_NAME]: z.string().check(z.minLength(1)),
  [ENV_TARGET_USER_POOL_IDS]: json(z.array(z.string())),
  [ENV_QUOTAS]: quotas,
  [ENV_SLICE_SECONDS]: z.coerce.number().check(z.positive()),
  AWS_REGION: z.string(),
}));
const emitted = metrics(env[ENV_LEDGER_TABLE]);

/** Waiting calls may start for this long after the end of a slice, out of the minute that is left before the function's timeout. */
const DRAIN = 40_000;

export function drillContext({ beginning }: DrillEvent, client: DynamoDBDocumentClient, clock: Clock): DrillContext {
  const { order: { quotaShare: share }, facts: { id: execution } } = beginning;
  const { AWS_REGION: region } = env;
  const deadline = clock.now() + env[ENV_SLICE_SECONDS] * 1_000;
  const pacer = new QuotaPacer({ clock, quotas: env[ENV_QUOTAS], share, until: deadline + DRAIN });
  const items = new StateItems(client, env[ENV_DRILL_TABLE], clock);
  return {
    execution,
    owner: env[ENV_DRILL_NAME],
    region,
    ledger: new DynamoDbLedgerStore(client, env[ENV_LEDGER_TABLE]),
    sweeps: new DynamoDbSweepHistory(client, env[ENV_LEDGER_TABLE]),
    store: new DynamoDbDrillStore(items, execution, clock),
    pools: new CognitoScratchPools(cognitoClient(region), pacer),
    targetOf: userPoolId => new CognitoTargetPool(cognitoClient(userPoolId), userPoolId),
    stateOf: run => new DynamoDbRunState({ items, run, slice: randomUUID(), clock }),
    pacer,
    quotas: env[ENV_QUOTAS],
    isRestoreRunning: async () => isAnyLeased(new StateItems(client, env[ENV_STATE_TABLE], clock), clock),
    emit: emitDrill,
    clock,
    deadline,
  };
}

/** A restore has the lease of the pool that it fills. */
async function isAnyLeased(items: StateItems, clock: Clock): Promise<boolean> {
  for (const userPoolId of env[ENV_TARGET_USER_POOL_IDS]) {
    const leaseUntil = (await items.get(stateKeys.lease(userPoolId)))?.leaseUntil;
    if (typeof leaseUntil === 'number' && leaseUntil > clock.now()) return true;
  }
  return false;
}

function emitDrill({ measured }: DrillFacts, { validationStatus, deletionStatus }: DrillVerdict): void {
  if (validationStatus !== 'STOPPED') {
    emitted.addMetric(DRILL_METRIC.SUCCEEDED, MetricUnit.Count, validationStatus === 'SUCCESSFUL' && deletionStatus === 'SUCCESSFUL' ? 1 : 0);
  }
  if (measured) {
    emitted.addMetric(DRILL_METRIC.RTO, MetricUnit.Seconds, recoverySecondsOf(measured));
    emitted.addMetric(DRILL_METRIC.RPO, MetricUnit.Seconds, measured.copyAgeSeconds);
  }
  emitted.publishStoredMetrics();
}
