import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ChangeContext, SetAside } from './apply-change';
import { cognitoClient } from '../../cognito/cognito-client.lambda-shared';
import { CognitoStandbyPool } from '../../cognito/cognito-standby-pool.lambda-shared';
import { QuotaPacer } from '../../cognito/pacing';
import { poolSettingsOf, PoolSettings } from '../../cognito/pool-settings';
import { quotas } from '../../cognito/quotas.lambda-shared';
import { paced } from '../../cognito/target-pool';
import { sentenceOf } from '../../converge/sentences';
import { DynamoDbIncidentStore } from '../../ledger/dynamodb-incident-store.lambda-shared';
import { DynamoDbLedgerStore } from '../../ledger/dynamodb-ledger-store.lambda-shared';
import { systemClock as clock } from '../../runtime/clock';
import { documentClient } from '../../runtime/document-client.lambda-shared';
import { json, readEnv } from '../../runtime/env.lambda-shared';
import {
  ENV_DELETION_GRACE_SECONDS, ENV_GROUP_ROLES, ENV_LEDGER_TABLE, ENV_LINK_ATTRIBUTES, ENV_QUOTA_SHARE, ENV_QUOTAS, ENV_SET_ASIDE_QUEUE_URL,
  ENV_SOURCE_SUB_PROVES,
  ENV_STATE_TABLE, ENV_STANDBY_USER_POOL_ID,
} from '../../runtime/environment';
import * as z from '../../runtime/zod.lambda-shared';
import { DynamoDbDeletions } from '../../state/dynamodb-deletions.lambda-shared';
import { DynamoDbLinks } from '../../state/dynamodb-links.lambda-shared';
import { stateKeys } from '../../state/keys';
import { readMoment } from '../../state/moment';
import { StateItems } from '../../state/state-items.lambda-shared';
import { readSwitch } from '../../state/switch';
import { openIncidents } from '../open-incidents';
import { SourceDirectory } from '../source-directory';
import { StandbyLedger } from '../standby-ledger';

export const env = readEnv(z.object({
  [ENV_LEDGER_TABLE]: z.string().check(z.minLength(1)),
  [ENV_STATE_TABLE]: z.string().check(z.minLength(1)),
  [ENV_STANDBY_USER_POOL_ID]: z.string().check(z.minLength(1)),
  [ENV_SET_ASIDE_QUEUE_URL]: z.string().check(z.minLength(1)),
  [ENV_GROUP_ROLES]: json(z.record(z.string(), z.string())),
  [ENV_LINK_ATTRIBUTES]: json(z.record(z.string(), z.string())),
  [ENV_QUOTAS]: quotas,
  [ENV_QUOTA_SHARE]: z.coerce.number().check(z.positive(), z.maximum(1)),
  [ENV_DELETION_GRACE_SECONDS]: z.coerce.number().check(z.positive()),
  [ENV_SOURCE_SUB_PROVES]: z.enum(['true', 'false']),
}));
const userPoolId = env[ENV_STANDBY_USER_POOL_ID];
const dynamodb = documentClient();
const items = new StateItems(dynamodb, env[ENV_STATE_TABLE], clock);
const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
export const store = new DynamoDbLedgerStore(dynamodb, env[ENV_LEDGER_TABLE]);
const ledger = new StandbyLedger(store, async () => readMoment(await items.get(stateKeys.moment())), clock);
const directory = new SourceDirectory(ledger, clock);
const pacer = new QuotaPacer({ clock, quotas: env[ENV_QUOTAS], share: env[ENV_QUOTA_SHARE] });
const pool = paced(new CognitoStandbyPool(cognitoClient(userPoolId), userPoolId), pacer);
let settings: PoolSettings | undefined;

/** What both functions of a warm standby work with. */
export async function warmContext(assumedPoolId?: string): Promise<ChangeContext> {
  if (assumedPoolId !== undefined) directory.assume(assumedPoolId);
  settings ??= poolSettingsOf(await pool.describeUserPool());
  return {
    directory,
    pool,
    userPoolId,
    settings,
    clock,
    ledger,
    isHeldAtMoment: async () => await ledger.moment() !== undefined,
    links: new DynamoDbLinks(items, await directory.poolId() ?? '', userPoolId),
    groupRow: async (poolId, name) => ledger.group(poolId, name),
    groupRoles: env[ENV_GROUP_ROLES],
    linkAttributes: env[ENV_LINK_ATTRIBUTES],
    sourceSubProves: env[ENV_SOURCE_SUB_PROVES] === 'true',
    deletions: new DynamoDbDeletions(items, userPoolId),
    openIncidents: async () => {
      const poolId = await directory.poolId();
      if (poolId === undefined) return [];
      const found = await new DynamoDbIncidentStore(dynamodb, env[ENV_LEDGER_TABLE]).incidents(poolId);
      return openIncidents(found, readSwitch(await items.get(stateKeys.switchOf(userPoolId))));
    },
    grace: env[ENV_DELETION_GRACE_SECONDS] * 1_000,
    setAside: async (what: SetAside) => {
      const MessageBody = JSON.stringify({ ...what, message: sentenceOf(what.reason) });
      await sqs.send(new SendMessageCommand({ QueueUrl: env[ENV_SET_ASIDE_QUEUE_URL], MessageBody }));
    },
  };
}
