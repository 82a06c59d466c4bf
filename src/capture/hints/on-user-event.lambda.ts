import { AttributeValue, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { KnownUser, UserEvent, UserEventPorts, onUserEvent } from './user-event';
import { keys } from '../../ledger/schema';
import { limitedTo } from '../../runtime/call-limits';
import { ENV_HINTS_QUEUE_URL, ENV_LEDGER_TABLE, ENV_POOL_HAS_MFA } from '../../runtime/environment';
import { CAPTURE_METRIC, METRIC_DIMENSION, METRIC_NAMESPACE } from '../../runtime/metric-names';

// No zod, no Powertools, no document client: a user waits while this module loads, and they would be half of it.
const limits = limitedTo({ attempts: 2, connection: 500, answer: 1_000 });
const dynamodb = new DynamoDBClient(limits);
// The URL names the queue. Where to send to is left to the configuration of the SDK.
const sqs = new SQSClient({ ...limits, useQueueUrlAsEndpoint: false });

const ports: UserEventPorts = {
  user: async (poolId, sub, abortSignal) => {
    const { pk, sk } = keys.user(poolId, sub);
    // No consistent read: a row that is a moment old costs one hint too many at most.
    const request = new GetItemCommand({ TableName: process.env[ENV_LEDGER_TABLE], Key: { pk: { S: pk }, sk: { S: sk } } });
    const { Item } = await dynamodb.send(request, { abortSignal });
    return Item && knownUser(Item);
  },
  send: async (hint, abortSignal) => {
    await sqs.send(new SendMessageCommand({ QueueUrl: process.env[ENV_HINTS_QUEUE_URL], MessageBody: JSON.stringify(hint) }), { abortSignal });
  },
};

/** Cognito's PostConfirmation and PostAuthentication triggers: whatever happens here, the user's sign-up or sign-in goes on. */
export async function handler(event: UserEvent): Promise<UserEvent> {
  const { kind, problem } = await onUserEvent(event, ports, process.env[ENV_POOL_HAS_MFA] === 'true', Date.now());
  if (kind === 'missed') count(problem);
  return event;
}

function knownUser(item: Record<string, AttributeValue>): KnownUser {
  return {
    username: item.username?.S ?? '',
    enabled: item.enabled?.BOOL ?? false,
    status: item.status?.S ?? '',
    attributes: Object.fromEntries(Object.entries(item.attributes?.M ?? {}).map(([name, value]) => [name, value.S ?? ''])),
    mfaReadAt: Number(item.mfa?.M?.readAt?.N ?? 0),
    isDeleted: item.deletedAt !== undefined,
  };
}

/** A line in CloudWatch's embedded metric format; console.log would put the time before it. */
function count(problem: string | undefined): void {
  const Metrics = [{ Name: CAPTURE_METRIC.TRIGGER_MISSES, Unit: 'Count' }];
  const _aws = { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: METRIC_NAMESPACE, Dimensions: [[METRIC_DIMENSION]], Metrics }] };
  const line = { _aws, [METRIC_DIMENSION]: process.env[ENV_LEDGER_TABLE], [CAPTURE_METRIC.TRIGGER_MISSES]: 1, problem };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
