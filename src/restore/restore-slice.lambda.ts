import { randomUUID } from 'crypto';
import { Checkpoint, RestoreRun } from './restore-run';
import { emitRestore } from './restore-telemetry.lambda-shared';
import { restoreSlice, SliceAnswer } from './restore-worker';
import { cognitoClient } from '../cognito/cognito-client.lambda-shared';
import { CognitoTargetPool } from '../cognito/cognito-target-pool.lambda-shared';
import { QuotaPacer } from '../cognito/pacing';
import { quotas } from '../cognito/quotas.lambda-shared';
import { DynamoDbLedgerStore } from '../ledger/dynamodb-ledger-store.lambda-shared';
import { systemClock as clock } from '../runtime/clock';
import { documentClient } from '../runtime/document-client.lambda-shared';
import { json, readEnv } from '../runtime/env.lambda-shared';
import { ENV_GROUP_ROLES, ENV_LEDGER_TABLE, ENV_QUOTAS, ENV_SLICE_SECONDS, ENV_STATE_TABLE } from '../runtime/environment';
import { withPublicErrors } from '../runtime/public-error';
import { logger, metrics } from '../runtime/telemetry.lambda-shared';
import * as z from '../runtime/zod.lambda-shared';
import { DynamoDbRunState } from '../state/dynamodb-run-state.lambda-shared';
import { StateItems } from '../state/state-items.lambda-shared';

const env = readEnv(z.object({
  [ENV_LEDGER_TABLE]: z.string().check(z.minLength(1)),
  [ENV_STATE_TABLE]: z.string().check(z.minLength(1)),
  [ENV_GROUP_ROLES]: json(z.record(z.string(), z.string())),
  [ENV_QUOTAS]: quotas,
  [ENV_SLICE_SECONDS]: z.coerce.number().check(z.positive()),
}));
const log = logger('restore-slice');
const emitted = metrics(env[ENV_LEDGER_TABLE]);
const client = documentClient();
const ledger = new DynamoDbLedgerStore(client, env[ENV_LEDGER_TABLE]);
const items = new StateItems(client, env[ENV_STATE_TABLE], clock);

/** Waiting calls may start for this long after the end of a slice, out of the minute that is left before the function's timeout. */
const DRAIN = 40_000;

export const handler = withPublicErrors(async ({ run }: { readonly run: RestoreRun }): Promise<SliceAnswer> => {
  const deadline = clock.now() + env[ENV_SLICE_SECONDS] * 1_000;
  const answer = await restoreSlice({
    run,
    ledger,
    state: new DynamoDbRunState<Checkpoint>({ items, run, slice: randomUUID(), clock }),
    target: new CognitoTargetPool(cognitoClient(run.targetUserPoolId), run.targetUserPoolId),
    pacer: new QuotaPacer({ clock, quotas: env[ENV_QUOTAS], share: run.quotaShare, until: deadline + DRAIN }),
    clock,
    deadline,
    groupRoles: env[ENV_GROUP_ROLES],
  });
  log.info('restore slice', { execution: run.execution, ...answer });
  emitRestore(emitted, run, answer);
  return answer;
});
