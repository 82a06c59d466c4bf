import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod';
import { CognitoStandbyPool } from '../../cognito/cognito-standby-pool.lambda-shared';
import { DynamoDbUserLinks } from '../../state/dynamodb-links.lambda-shared';
import { FollowUpContext, followUpMessages } from './follow-up';
import { SourceDirectory } from '../source-directory';
import { pacedStandby } from '../../cognito/standby-pool';
import { DynamoDbLedgerStore } from '../../ledger/dynamodb-ledger-store.lambda-shared';
import { poolSettingsOf, PoolSettings } from '../../cognito/pool-settings';
import { cognitoClient, documentClient } from '../../runtime/aws-clients.lambda-shared';
import { json, quotas, readEnv } from '../../runtime/env.lambda-shared';
import { QuotaPacer } from '../../cognito/pacing';
import { logger } from '../../runtime/telemetry.lambda-shared';
import { systemClock as clock } from '../../runtime/clock';
import {
  ENV_GROUP_ROLES, ENV_LEDGER_TABLE, ENV_QUOTA_SHARE, ENV_QUOTAS, ENV_SOURCE_SUB_PROVES, ENV_STANDBY_TABLE, ENV_STANDBY_USER_POOL_ID,
} from '../../runtime/environment';

const env = readEnv(z.object({
  [ENV_LEDGER_TABLE]: z.string().min(1),
  [ENV_STANDBY_TABLE]: z.string().min(1),
  [ENV_STANDBY_USER_POOL_ID]: z.string().min(1),
  [ENV_GROUP_ROLES]: json(z.record(z.string(), z.string())),
  [ENV_QUOTAS]: quotas,
  [ENV_QUOTA_SHARE]: z.coerce.number().positive().max(1),
  [ENV_SOURCE_SUB_PROVES]: z.enum(['true', 'false']),
}));
const log = logger('follow-up');
const userPoolId = env[ENV_STANDBY_USER_POOL_ID];
const dynamodb = documentClient();
const store = new DynamoDbLedgerStore(dynamodb, env[ENV_LEDGER_TABLE]);
const directory = new SourceDirectory(store, clock);
const pacer = new QuotaPacer({ clock, quotas: env[ENV_QUOTAS], share: env[ENV_QUOTA_SHARE] });
const pool = pacedStandby(new CognitoStandbyPool(cognitoClient(userPoolId), userPoolId), pacer);
let settings: PoolSettings | undefined;
export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const source = await directory.source();
  settings ??= poolSettingsOf(await pool.describeUserPool());
  const context: FollowUpContext = {
    directory,
    pool,
    userPoolId,
    settings,
    clock,
    links: new DynamoDbUserLinks(dynamodb, env[ENV_STANDBY_TABLE], source?.poolId ?? '', userPoolId),
    groupRow: async (poolId, name) => store.group(poolId, name),
    groupRoles: env[ENV_GROUP_ROLES],
    sourceSubProves: env[ENV_SOURCE_SUB_PROVES] === 'true',
  };
  const failures = await followUpMessages(context, Records.map(({ messageId: id, body, attributes }) => (
    { id, body, receives: Number(attributes.ApproximateReceiveCount) })), report => log.info('follow-up', { ...report }));
  return { batchItemFailures: failures.map(itemIdentifier => ({ itemIdentifier })) };
}
