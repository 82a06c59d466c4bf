import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { ApplyAnswer, applyHints, retryAll } from './apply-hints';
import { emitHints, logFailure, logHints } from './apply-telemetry.lambda-shared';
import { delayMessages } from './delay-messages.lambda-shared';
import { Hint } from './hint';
import { Message } from './hint-jobs';
import { KnownSource } from './known-source';
import { NewestEvent } from './newest-event';
import { messageOf } from './read-hint.lambda-shared';
import { cognitoClient } from '../../cognito/cognito-client.lambda-shared';
import { CognitoHintedPool } from '../../cognito/cognito-hinted-pool.lambda-shared';
import { QuotaPacer } from '../../cognito/pacing';
import { quotas } from '../../cognito/quotas.lambda-shared';
import { PoolDescription } from '../../cognito/source-pool';
import { DynamoDbLedgerStore } from '../../ledger/dynamodb-ledger-store.lambda-shared';
import { DynamoDbRecoveredSubs } from '../../ledger/dynamodb-recovered-subs.lambda-shared';
import { DynamoDbWritingRuns } from '../../ledger/dynamodb-writing-runs.lambda-shared';
import { systemClock } from '../../runtime/clock';
import { documentClient } from '../../runtime/document-client.lambda-shared';
import { json, readEnv } from '../../runtime/env.lambda-shared';
import {
  ENV_HINTS_QUEUE_URL, ENV_HISTORY_DAYS, ENV_IGNORED_ATTRIBUTES, ENV_LEDGER_TABLE, ENV_QUOTAS, ENV_QUOTA_SHARE, ENV_RECOVERY_PRINCIPALS,
  ENV_SLICE_SECONDS, ENV_USER_POOL_ID,
} from '../../runtime/environment';
import { withPublicErrors } from '../../runtime/public-error';
import { logger, metrics } from '../../runtime/telemetry.lambda-shared';
import * as z from '../../runtime/zod.lambda-shared';
import { FirstSubs } from '../first-subs';
import { InstanceWatch } from '../incidents/watch.lambda-shared';

const env = readEnv(z.object({
  [ENV_LEDGER_TABLE]: z.string().check(z.minLength(1)),
  [ENV_USER_POOL_ID]: z.string().check(z.minLength(1)),
  [ENV_HINTS_QUEUE_URL]: z.string().check(z.minLength(1)),
  [ENV_QUOTAS]: quotas,
  [ENV_QUOTA_SHARE]: z.coerce.number().check(z.positive(), z.maximum(1)),
  [ENV_SLICE_SECONDS]: z.coerce.number().check(z.positive()),
  [ENV_HISTORY_DAYS]: z.coerce.number().check(z.positive()),
  [ENV_IGNORED_ATTRIBUTES]: json(z.array(z.string())),
  [ENV_RECOVERY_PRINCIPALS]: z.optional(json(z.array(z.string()))),
}));
const poolId = env[ENV_USER_POOL_ID];
const log = logger('apply-hints');
const emitted = metrics(env[ENV_LEDGER_TABLE]);
const cognito = cognitoClient(env[ENV_USER_POOL_ID]);
const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
const dynamodb = documentClient();
const store = new DynamoDbLedgerStore(dynamodb, env[ENV_LEDGER_TABLE]);
const [table, historyDays, ignoredAttributes] = [env[ENV_LEDGER_TABLE], env[ENV_HISTORY_DAYS], env[ENV_IGNORED_ATTRIBUTES]];
const [principals, runs] = [env[ENV_RECOVERY_PRINCIPALS], new DynamoDbWritingRuns(dynamodb, table, poolId)];
const recoveries = principals && { principals, runs };
const firstSubs = new FirstSubs(runs, new DynamoDbRecoveredSubs(dynamodb, table, poolId), systemClock);
const watch = new InstanceWatch({ poolId, ledger: store, dynamodb, table, historyDays, ignoredAttributes, log, emitted });
const newestEvent = new NewestEvent(store, poolId);
const knownSource = new KnownSource(store, poolId, systemClock);
/** Read once: how users sign in is fixed when a pool is created. */
let description: PoolDescription | undefined;

export const handler = withPublicErrors(async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const messages = Records.map(record => messageOf(record, poolId));
  const answer = await apply(messages).catch(error => retryAll(messages, error));
  await watch.flush();
  // The hints are applied already: they need not come again only because this failed.
  await newestEvent.note(answer.eventSeenAt).catch(logFailure(log, 'noteEvent'));
  logHints(log, messages.length, answer);
  emitHints(emitted, answer);
  await delayMessages(sqs, env[ENV_HINTS_QUEUE_URL], answer.retries, Records, logFailure(log, 'delayMessages'));
  return { batchItemFailures: answer.retries.map(({ id }) => ({ itemIdentifier: id })) };
});

async function apply(messages: readonly Message[]): Promise<ApplyAnswer> {
  const deadline = systemClock.now() + env[ENV_SLICE_SECONDS] * 1_000;
  const pacer = new QuotaPacer({ clock: systemClock, quotas: env[ENV_QUOTAS], share: env[ENV_QUOTA_SHARE], until: deadline });
  const pool = new CognitoHintedPool(cognito, poolId, pacer);
  description ??= await pacer.run('UserPoolRead', async () => pool.describe());
  const comparedAt = (await knownSource.read())?.comparedAt;
  const props = { poolId, pool, store, pacer, clock: systemClock, settings: description, historyDays: env[ENV_HISTORY_DAYS], comparedAt, deadline };
  const send = async (hint: Hint) => {
    await sqs.send(new SendMessageCommand({ QueueUrl: env[ENV_HINTS_QUEUE_URL], MessageBody: JSON.stringify(hint) }));
  };
  return applyHints({ ...props, recoveries, firstSubs, send, written: watch.written }, messages);
}
