import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { FollowUp } from './follow-up-message';
import { SourceDirectory } from '../source-directory';
import { liveMemberships } from './live-memberships';
import { StandbySettings } from './standby-settings';
import { CognitoClientReader } from '../../cognito/cognito-client-reader.lambda-shared';
import { CognitoTargetPool } from '../../cognito/cognito-target-pool.lambda-shared';
import { Pacer } from '../../cognito/pacing';
import { writesSourceSub } from '../../cognito/source-sub';
import { SourceSub, UserPoolId } from '../../cognito/ids';
import { DynamoDbLedgerStore } from '../../ledger/dynamodb-ledger-store.lambda-shared';
import { systemClock } from '../../runtime/clock';
import { ENV_FOLLOW_UP_QUEUE_URL, ENV_LEDGER_TABLE, ENV_STATE_TABLE } from '../../runtime/environment';
import { errorName } from '../../runtime/error-name';
import { stateKeys } from '../../state/keys';
import { StateItems } from '../../state/state-items.lambda-shared';
import { readSwitch } from '../../state/switch';
import { SwitchReader } from '../switch/switch-reader';

// Neither zod nor Powertools: a user waits while a trigger loads. Cognito waits five seconds, so nothing is tried for long.
const { [ENV_LEDGER_TABLE]: ledgerTable = '', [ENV_STATE_TABLE]: stateTable = '', [ENV_FOLLOW_UP_QUEUE_URL]: queueUrl } = process.env;
const limits = { maxAttempts: 2, requestHandler: { connectionTimeout: 500, requestTimeout: 1_500 } };

/** A user waits: what Cognito throttles is refused, and tried again by the user. */
const UNPACED: Pacer = { run: async (_category, call) => call() };

const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(limits), { marshallOptions: { removeUndefinedValues: true } });
const store = new DynamoDbLedgerStore(dynamodb, ledgerTable);
const cognito = new CognitoIdentityProviderClient(limits);
// The queue's URL only names the queue: the SDK's own configuration says where to send to.
const sqs = new SQSClient({ ...limits, useQueueUrlAsEndpoint: false });

const directory = new SourceDirectory(store, systemClock);
const items = new StateItems(dynamodb, stateTable, systemClock);
/** The same consistent batches, of the ledger. */
const ledgerItems = new StateItems(dynamodb, ledgerTable, systemClock);
const standbyPool = (userPoolId: string) => new CognitoTargetPool(cognito, userPoolId);
const settings = new StandbySettings(async userPoolId => standbyPool(userPoolId).describeUserPool(), directory);

export const trigger = {
  store,
  items,
  limits,
  directory,
  standbyPool,
  followUpLater,
  switch: new SwitchReader(async userPoolId => readSwitch(await items.get(stateKeys.switchOf(userPoolId))), systemClock),
  memberships: async (poolId: UserPoolId, sub: SourceSub, groups: readonly string[]) => liveMemberships(
    async keys => ledgerItems.getAll(keys), poolId, sub, groups),
  settings: async (userPoolId: string) => settings.of(userPoolId),
  mayWriteSourceSub,
};

/** At every such sign-up: the client's permissions may have changed, and hardly any sign-up brings the attribute. */
async function mayWriteSourceSub(userPoolId: string, clientId: string): Promise<boolean> {
  return writesSourceSub(await new CognitoClientReader(cognito, UNPACED, userPoolId).writeAttributesOf(clientId));
}

/** After a moment: first the trigger answers, then Cognito makes the user. */
const FOLLOW_UP_AFTER_SECONDS = 1;

async function followUpLater(message: FollowUp): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message), DelaySeconds: FOLLOW_UP_AFTER_SECONDS }));
}

/** Errors of a trigger, by name: Cognito's messages may quote the user. */
export function logError(what: string, error: unknown): void {
  logProblem(what, errorName(error));
}

/** `problem`: a code, or the name of an error. */
export function logProblem(what: string, problem: string): void {
  process.stdout.write(`${JSON.stringify({ level: 'ERROR', message: what, error: problem })}\n`);
}
