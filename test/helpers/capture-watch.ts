import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { LocalAws } from '../local-aws/local-aws';

export function sqsClient(aws: LocalAws, region: string): SQSClient {
  return new SQSClient({
    region, endpoint: aws.endpoint, credentials: { accessKeyId: aws.account, secretAccessKey: 'local' }, useQueueUrlAsEndpoint: false,
  });
}

export function queueUrl(aws: LocalAws, name: string): string {
  return `${aws.endpoint}/${aws.account}/${name}`;
}

/** The bodies of everything that a queue got so far. */
export async function received(aws: LocalAws, region: string, queueName: string): Promise<string[]> {
  const client = sqsClient(aws, region);
  const bodies: string[] = [];
  for (let empty = 0; empty < 3;) {
    const QueueUrl = queueUrl(aws, queueName);
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }));
    bodies.push(...Messages.map(({ Body }) => Body!));
    empty = Messages.length === 0 ? empty + 1 : 0;
    if (Messages.length === 0) await sleep(500);
  }
  client.destroy();
  return bodies;
}

/** Resolves when no event is on its way and no hint waits, is delayed, or is being worked on. */
export async function drained(aws: LocalAws, region: string, queueName: string, timeoutMs = 150_000): Promise<void> {
  await aws.events.settled(timeoutMs);
  const client = sqsClient(aws, region);
  const end = Date.now() + timeoutMs;
  // A message between two of these states is counted in neither.
  for (let quiet = 0; quiet < 3;) {
    const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({
      QueueUrl: queueUrl(aws, queueName),
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed'],
    }));
    quiet = Object.values(Attributes).every(count => count === '0') ? quiet + 1 : 0;
    if (Date.now() > end) throw new Error(`the queue is not empty after ${timeoutMs} ms: ${JSON.stringify(Attributes)}`);
    await sleep(100);
  }
  client.destroy();
}

/** Milliseconds from event to ledger, of each hint so far, as the consumer's metric has them. */
export async function captureLags(aws: LocalAws, region: string): Promise<number[]> {
  const lines = (await aws.lambdaLogs(region)).flatMap(text => text.split('\n')).filter(line => line.includes('"CaptureLag":'));
  return lines.flatMap(line => (JSON.parse(line.slice(line.indexOf('{'))) as { CaptureLag: number | number[] }).CaptureLag);
}

/** p50 and p99 of some lags, in a sentence. */
export function lagText(lags: readonly number[]): string {
  const sorted = [...lags].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return `${sorted.length} hints, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}
