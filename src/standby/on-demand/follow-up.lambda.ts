import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { followUpMessages } from './follow-up-queue.lambda-shared';
import { cognitoClient } from '../../cognito/cognito-client.lambda-shared';
import { CognitoTargetPool } from '../../cognito/cognito-target-pool.lambda-shared';
import { QuotaPacer } from '../../cognito/pacing';
import { PoolSettings, poolSettingsOf } from '../../cognito/pool-settings';
import { quotas } from '../../cognito/quotas.lambda-shared';
import { paced } from '../../cognito/target-pool';
import { DynamoDbLedgerStore } from '../../ledger/dynamodb-ledger-store.lambda-shared';
import { systemClock as clock } from '../../runtime/clock';
import { documentClient } from '../../runtime/document-client.lambda-shared';
import { json, readEnv } from '../../runtime/env.lambda-shared';
import {
  ENV_GROUP_ROLES, ENV_LEDGER_TABLE, ENV_LINK_ATTRIBUTES, ENV_QUOTA_SHARE, ENV_QUOTAS, ENV_SOURCE_SUB_PROVES, ENV_STATE_TABLE,
  ENV_STANDBY_USER_POOL_ID,
} from '../../runtime/environment';
import { withPublicErrors } from '../../runtime/public-error';
import { logger } from '../../runtime/telemetry.lambda-shared';
import * as z from '../../runtime/zod.lambda-shared';
import { DynamoDbLinks } from '../../state/dynamodb-links.lambda-shared';
import { stateKeys } from '../../state/keys';
import { readMoment } from '../../state/moment';
import { StateItems } from '../../state/state-items.lambda-shared';
import { SourceDirectory } from '../source-directory';
import { StandbyLedger } from '../standby-ledger';

const env = readEnv(z.object({
  [ENV_LEDGER_TABLE]: z.string().check(z.minLength(1)),
  [ENV_STATE_TABLE]: z.string().check(z.minLength(1)),
  [ENV_STANDBY_USER_POOL_ID]: z.string().check(z.minLength(1)),
  [ENV_GROUP_ROLES]: json(z.record(z.string(), z.string())),
  [ENV_LINK_ATTRIBUTES]: json(z.record(z.string(), z.string())),
  [ENV_QUOTAS]: quotas,
  [ENV_QUOTA_SHARE]: z.coerce.number().check(z.positive(), z.maximum(1)),
  [ENV_SOURCE_SUB_PROVES]: z.enum(['true', 'false']),
}));
const log = logger('follow-up');
const userPoolId = env[ENV_STANDBY_USER_POOL_ID];
const dynamodb = documentClient();
const items = new StateItems(dynamodb, env[ENV_STATE_TABLE], clock);
const store = new DynamoDbLedgerStore(dynamodb, env[ENV_LEDGER_TABLE]);
const ledger = new StandbyLedger(store, async () => readMoment(await items.get(stateKeys.moment())), clock);
const directory = new SourceDirectory(ledger, clock);
const pacer = new QuotaPacer({ clock, quotas: env[ENV_QUOTAS], share: env[ENV_QUOTA_SHARE] });
const pool = paced(new CognitoTargetPool(cognitoClient(userPoolId), userPoolId), pacer);
let settings: PoolSettings | undefined;

/** Works through the follow-up queue: what the triggers had no time or no room for. */
export const handler = withPublicErrors(async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const source = await directory.source();
  settings ??= poolSettingsOf(await pool.describeUserPool());
  const context = {
    directory,
    pool,
    ledger,
    userPoolId,
    settings,
    clock,
    links: new DynamoDbLinks(items, source?.poolId ?? '', userPoolId),
    groupRow: async (poolId: string, name: string) => ledger.group(poolId, name),
    groupRoles: env[ENV_GROUP_ROLES],
    linkAttributes: env[ENV_LINK_ATTRIBUTES],
    sourceSubProves: env[ENV_SOURCE_SUB_PROVES] === 'true',
  };
  const failures = await followUpMessages(context, Records.map(({ messageId: id, body, attributes }) => (
    { id, body, receives: Number(attributes.ApproximateReceiveCount) })), report => log.info('follow-up', { ...report }));
  return { batchItemFailures: failures.map(itemIdentifier => ({ itemIdentifier })) };
});
