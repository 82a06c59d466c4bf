import { DynamoDbRecoveryStore } from './dynamodb-recovery-store.lambda-shared';
import { RecoveryEvent, RecoveryValidation, validateRecovery } from './recovery-input.lambda-shared';
import { DynamoDbIncidentStore } from '../ledger/dynamodb-incident-store.lambda-shared';
import { DynamoDbLedgerStore } from '../ledger/dynamodb-ledger-store.lambda-shared';
import { systemClock as clock } from '../runtime/clock';
import { documentClient } from '../runtime/document-client.lambda-shared';
import { readEnv } from '../runtime/env.lambda-shared';
import { ENV_LEDGER_TABLE, ENV_RECOVERY_TABLE, ENV_USER_POOL_ID } from '../runtime/environment';
import { withPublicErrors } from '../runtime/public-error';
import { logger } from '../runtime/telemetry.lambda-shared';
import * as z from '../runtime/zod.lambda-shared';
import { StateItems } from '../state/state-items.lambda-shared';

const env = readEnv(z.object({
  [ENV_LEDGER_TABLE]: z.string().check(z.minLength(1)),
  [ENV_RECOVERY_TABLE]: z.string().check(z.minLength(1)),
  [ENV_USER_POOL_ID]: z.string().check(z.minLength(1)),
}));
const log = logger('validate-recovery');
const client = documentClient();
const ledger = new DynamoDbLedgerStore(client, env[ENV_LEDGER_TABLE]);
const incidents = new DynamoDbIncidentStore(client, env[ENV_LEDGER_TABLE]);
const items = new StateItems(client, env[ENV_RECOVERY_TABLE], clock);
const userPoolId = env[ENV_USER_POOL_ID];

export const handler = withPublicErrors(async (event: RecoveryEvent): Promise<RecoveryValidation> => {
  const run = { execution: event.execution, startedAt: Date.parse(event.startedAt), sourceUserPoolId: userPoolId, targetUserPoolId: userPoolId };
  const validation = await validateRecovery(event, {
    userPoolId,
    ledger,
    // It only reads plans: what a run writes is another function's.
    store: new DynamoDbRecoveryStore({ items, run, slice: 'validate', clock, retention: 0 }),
    incident: async id => incidents.incident(userPoolId, id),
    incidents: async () => incidents.incidents(userPoolId),
  });
  // The message may quote the input; the execution shows it, the log need not.
  log.info('recovery validated', { execution: event.execution, valid: validation.valid });
  return validation;
});
