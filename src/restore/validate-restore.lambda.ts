import { RestoreEvent, validateRestore, Validation } from './restore-input.lambda-shared';
import { LOOKS_AT_CLIENTS } from './source-sub-writers';
import { CognitoClientReader } from '../cognito/cognito-client-reader.lambda-shared';
import { cognitoClient } from '../cognito/cognito-client.lambda-shared';
import { CognitoTargetPool } from '../cognito/cognito-target-pool.lambda-shared';
import { QuotaPacer } from '../cognito/pacing';
import { DescribedUserPool } from '../cognito/pool-settings';
import { quotas } from '../cognito/quotas.lambda-shared';
import { undefinedOn } from '../cognito/refusals';
import { DynamoDbLedgerStore } from '../ledger/dynamodb-ledger-store.lambda-shared';
import { systemClock as clock } from '../runtime/clock';
import { documentClient } from '../runtime/document-client.lambda-shared';
import { json, readEnv } from '../runtime/env.lambda-shared';
import { ENV_LEDGER_TABLE, ENV_QUOTAS, ENV_STANDBY_USER_POOL_ID, ENV_STATE_TABLE, ENV_TARGET_USER_POOL_IDS } from '../runtime/environment';
import { withPublicErrors } from '../runtime/public-error';
import { logger } from '../runtime/telemetry.lambda-shared';
import * as z from '../runtime/zod.lambda-shared';
import { stateKeys } from '../state/keys';
import { readMoment } from '../state/moment';
import { StateItems } from '../state/state-items.lambda-shared';
import { readSwitch } from '../state/switch';

const env = readEnv(z.object({
  [ENV_LEDGER_TABLE]: z.string().check(z.minLength(1)),
  [ENV_STATE_TABLE]: z.string().check(z.minLength(1)),
  [ENV_STANDBY_USER_POOL_ID]: z.string(),
  [ENV_TARGET_USER_POOL_IDS]: json(z.array(z.string())),
  [ENV_QUOTAS]: quotas,
}));
const log = logger('validate-restore');
const dynamodb = documentClient();
const ledger = new DynamoDbLedgerStore(dynamodb, env[ENV_LEDGER_TABLE]);
const items = new StateItems(dynamodb, env[ENV_STATE_TABLE], clock);

export const handler = withPublicErrors(async (event: RestoreEvent): Promise<Validation> => {
  const pacer = new QuotaPacer({ clock, quotas: env[ENV_QUOTAS], share: 1, until: clock.now() + LOOKS_AT_CLIENTS });
  const validation = await validateRestore(event, {
    ledger,
    standbyUserPoolId: env[ENV_STANDBY_USER_POOL_ID],
    targetUserPoolIds: env[ENV_TARGET_USER_POOL_IDS],
    describeUserPool,
    heldMoment: async () => readMoment(await items.get(stateKeys.moment())),
    switchOf: async userPoolId => readSwitch(await items.get(stateKeys.switchOf(userPoolId))),
    clientsOf: userPoolId => new CognitoClientReader(cognitoClient(userPoolId), pacer, userPoolId),
  });
  // The message may quote the input; the execution shows it, the log need not.
  log.info('restore validated', { execution: event.execution, valid: validation.valid });
  return validation;
});

async function describeUserPool(userPoolId: string): Promise<DescribedUserPool | undefined> {
  return undefinedOn(['ResourceNotFoundException'], () => new CognitoTargetPool(cognitoClient(userPoolId), userPoolId).describeUserPool());
}
