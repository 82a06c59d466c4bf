import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { FollowUp } from './follow-up-message';
import { SourceDirectory } from '../source-directory';
import { StandbyLedger } from '../standby-ledger';
import { StandbySettings } from './standby-settings';
import { CognitoClientReader } from '../../cognito/cognito-client-reader.lambda-shared';
import { CognitoTargetPool } from '../../cognito/cognito-target-pool.lambda-shared';
import { UserPoolId } from '../../cognito/ids';
import { Pacer } from '../../cognito/pacing';
import { writesSourceSub } from '../../cognito/source-sub';
import { DynamoDbIncidentStore } from '../../ledger/dynamodb-incident-store.lambda-shared';
import { DynamoDbLedgerStore } from '../../ledger/dynamodb-ledger-store.lambda-shared';
import { limitedTo } from '../../runtime/call-limits';
import { systemClock } from '../../runtime/clock';
import { ENV_FOLLOW_UP_QUEUE_URL, ENV_LEDGER_TABLE, ENV_STATE_TABLE } from '../../runtime/environment';
import { errorName } from '../../runtime/error-name';
import { METRIC_DIMENSION, METRIC_NAMESPACE, STANDBY_METRIC } from '../../runtime/metric-names';
import { stateKeys } from '../../state/keys';
import { readMoment } from '../../state/moment';
import { StateItems } from '../../state/state-items.lambda-shared';
import { readSwitch } from '../../state/switch';
import { SwitchReader } from '../switch/switch-reader';

// Neither zod nor Powertools: a user waits while a trigger loads. Cognito waits five seconds, so nothing is tried for long.
const { [ENV_LEDGER_TABLE]: ledgerTable = '', [ENV_STATE_TABLE]: stateTable = '', [ENV_FOLLOW_UP_QUEUE_URL]: queueUrl } = process.env;
const limits = limitedTo({ attempts: 2, connection: 500, answer: 1_500 });

/** A user waits: what Cognito throttles is refused, and tried again by the user. */
const UNPACED: Pacer = { run: async (_category, call) => call() };

const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(limits), { marshallOptions: { removeUndefinedValues: true } });
const store = new DynamoDbLedgerStore(dynamodb, ledgerTable);
const cognito = new CognitoIdentityProviderClient(limits);
// The queue's URL only names the queue: the SDK's own configuration says where to send to.
const sqs = new SQSClient({ ...limits, useQueueUrlAsEndpoint: false });

const items = new StateItems(dynamodb, stateTable, systemClock);
const ledger = new StandbyLedger(store, async () => readMoment(await items.get(stateKeys.moment())), systemClock);
const directory = new SourceDirectory(ledger, systemClock);
const standbyPool = (userPoolId: string) => new CognitoTargetPool(cognito, userPoolId);
const settings = new StandbySettings(async userPoolId => standbyPool(userPoolId).describeUserPool(), directory);

export const trigger = {
  store,
  ledger,
  items,
  limits,
  directory,
  standbyPool,
  followUpLater,
  switch: new SwitchReader(async userPoolId => readSwitch(await items.get(stateKeys.switchOf(userPoolId))), systemClock),
  incidents: async (poolId: UserPoolId) => new DynamoDbIncidentStore(dynamodb, ledgerTable).incidents(poolId),
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
  write({ level: 'ERROR', message: what, error: problem });
}

/** A failure that somebody at the pool may have felt, whatever the trigger answers. An alarm counts it, which no other problem has. */
export function logTriggerFailure(what: string, problem: string): void {
  count(STANDBY_METRIC.TRIGGER_FAILURES, { level: 'ERROR', message: what, error: problem });
}

/**
 * Says that an error that Lambda is about to count was meant. Lambda counts it in the minute of the call
 * (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html), and so does this: `calledAt`, epoch milliseconds. While very many are
 * refused, some are under way whenever a minute ends, and the alarm would take them for failures.
 */
export function countRefusal(metric: typeof STANDBY_METRIC.SIGN_UPS_REFUSED | typeof STANDBY_METRIC.TOKENS_REFUSED, calledAt: number): void {
  count(metric, { level: 'INFO' }, calledAt);
}

/** In CloudWatch's embedded metric format. */
function count(metric: string, more: object, at = Date.now()): void {
  const CloudWatchMetrics = [{ Namespace: METRIC_NAMESPACE, Dimensions: [[METRIC_DIMENSION]], Metrics: [{ Name: metric, Unit: 'Count' }] }];
  write({ ...more, _aws: { Timestamp: at, CloudWatchMetrics }, [METRIC_DIMENSION]: ledgerTable, [metric]: 1 });
}

/** One line; console.log would put the time before it. */
function write(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
