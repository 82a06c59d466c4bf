import { randomUUID } from 'crypto';
import { PLAN_KEPT } from './constants';
import { DynamoDbRecoveryStore } from './dynamodb-recovery-store.lambda-shared';
import { LedgerPast } from './ledger-past';
import { RecoveryRun } from './recovery-run';
import { RecoveryAnswer, recoverySlice } from './recovery-worker';
import { cognitoClient } from '../cognito/cognito-client.lambda-shared';
import { CognitoTargetPool } from '../cognito/cognito-target-pool.lambda-shared';
import { QuotaPacer } from '../cognito/pacing';
import { quotas } from '../cognito/quotas.lambda-shared';
import { DynamoDbLedgerStore } from '../ledger/dynamodb-ledger-store.lambda-shared';
import { DynamoDbRecoveredSubs } from '../ledger/dynamodb-recovered-subs.lambda-shared';
import { systemClock as clock } from '../runtime/clock';
import { documentClient } from '../runtime/document-client.lambda-shared';
import { json, readEnv } from '../runtime/env.lambda-shared';
import { ENV_GROUP_ROLES, ENV_HISTORY_DAYS, ENV_LEDGER_TABLE, ENV_QUOTAS, ENV_RECOVERY_TABLE, ENV_SLICE_SECONDS } from '../runtime/environment';
import { withPublicErrors } from '../runtime/public-error';
import { logger } from '../runtime/telemetry.lambda-shared';
import * as z from '../runtime/zod.lambda-shared';
import { StateItems } from '../state/state-items.lambda-shared';

const env = readEnv(z.object({
  [ENV_LEDGER_TABLE]: z.string().check(z.minLength(1)),
  [ENV_RECOVERY_TABLE]: z.string().check(z.minLength(1)),
  [ENV_GROUP_ROLES]: json(z.record(z.string(), z.string())),
  [ENV_QUOTAS]: quotas,
  [ENV_SLICE_SECONDS]: z.coerce.number().check(z.positive()),
  [ENV_HISTORY_DAYS]: z.coerce.number().check(z.positive()),
}));
const log = logger('recovery-slice');
const client = documentClient();
const ledger = new DynamoDbLedgerStore(client, env[ENV_LEDGER_TABLE]);
const items = new StateItems(client, env[ENV_RECOVERY_TABLE], clock);
const retention = Math.max(PLAN_KEPT, env[ENV_HISTORY_DAYS] * 86_400_000);

/** Waiting calls may start for this long after the end of a slice, out of the minute that is left before the function's timeout. */
const DRAIN = 40_000;

export const handler = withPublicErrors(async ({ run }: { readonly run: RecoveryRun }): Promise<RecoveryAnswer> => {
  const deadline = clock.now() + env[ENV_SLICE_SECONDS] * 1_000;
  const answer = await recoverySlice({
    run,
    past: new LedgerPast(ledger),
    store: new DynamoDbRecoveryStore({ items, run, slice: randomUUID(), clock, retention }),
    recovered: new DynamoDbRecoveredSubs(client, env[ENV_LEDGER_TABLE], run.sourceUserPoolId),
    target: new CognitoTargetPool(cognitoClient(run.targetUserPoolId), run.targetUserPoolId),
    pacer: new QuotaPacer({ clock, quotas: env[ENV_QUOTAS], share: run.quotaShare, until: deadline + DRAIN }),
    clock,
    deadline,
    groupRoles: env[ENV_GROUP_ROLES],
    retention,
  });
  const { status } = answer;
  log.info('recovery slice', { execution: run.execution, status, ...'report' in answer ? { outcomes: answer.report.outcomes } : {} });
  return answer;
});
