import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CognitoStandbyPool } from './cognito-standby-pool.lambda-shared';
import { ENV_FOLLOW_UP_QUEUE_URL, ENV_LEDGER_TABLE, ENV_STANDBY_TABLE } from './constants';
import { FollowUp } from './follow-up-message';
import { SourceDirectory } from './source-directory';
import { DynamoDbLedgerStore } from '../ledger/dynamodb-ledger-store.lambda-shared';
import { TargetSettings, settingsOf } from '../restore/target-settings';
import { systemClock } from '../runtime/system-clock';

// Neither zod nor Powertools: a user waits while a trigger loads. Cognito waits five seconds, so nothing is tried for long.
const { [ENV_LEDGER_TABLE]: ledgerTable = '', [ENV_STANDBY_TABLE]: standbyTable = '', [ENV_FOLLOW_UP_QUEUE_URL]: queueUrl } = process.env;
const limits = { maxAttempts: 2, requestHandler: { connectionTimeout: 500, requestTimeout: 1_500 } };

const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(limits), { marshallOptions: { removeUndefinedValues: true } });
const store = new DynamoDbLedgerStore(dynamodb, ledgerTable);
const cognito = new CognitoIdentityProviderClient(limits);
// The queue's URL names the queue, not where to send to: that is for the SDK's own configuration to say.
const sqs = new SQSClient({ ...limits, useQueueUrlAsEndpoint: false });

export const trigger = {
  dynamodb,
  store,
  standbyTable,
  limits,
  directory: new SourceDirectory(store, systemClock),
  standbyPool: (userPoolId: string) => new CognitoStandbyPool(cognito, userPoolId),
  followUpLater,
  settings,
};

/** After a moment: first the trigger answers, then Cognito makes the user. */
const FOLLOW_UP_AFTER_SECONDS = 1;

async function followUpLater(message: FollowUp): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message), DelaySeconds: FOLLOW_UP_AFTER_SECONDS }));
}

/** What of a pool's settings matters here is fixed when the pool is made, but for attributes that are added: a new instance sees them. */
const known = new Map<string, Promise<TargetSettings>>();

function settings(userPoolId: string): Promise<TargetSettings> {
  const asked = known.get(userPoolId) ?? trigger.standbyPool(userPoolId).describeUserPool().then(settingsOf);
  known.set(userPoolId, asked);
  asked.catch(() => known.delete(userPoolId));
  return asked;
}

/** Errors of a trigger, by name: Cognito's messages may quote the user. */
export function logError(what: string, error: unknown): void {
  process.stdout.write(`${JSON.stringify({ level: 'ERROR', message: what, error: error instanceof Error ? error.name : 'Unknown' })}\n`);
}
