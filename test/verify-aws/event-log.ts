import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand, GetQueueUrlCommand, Message, PurgeQueueCommand, ReceiveMessageCommand, SetQueueAttributesCommand, SQSClient,
} from '@aws-sdk/client-sqs';

/** An event that CloudTrail made and EventBridge put into our queue. */
export interface HeardEvent {
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** When SQS got it, milliseconds since the epoch. */
  readonly sentAt: number;
}

const PAUSE_AFTER_ERROR = 2_000;

/**
 * Every event about Cognito in the Region that is about the run. What other pools of the account do is looked through in memory and not kept. All are
 * taken from the queue from the beginning, so that a busy account does not fill it.
 */
export class EventLog {
  public readonly heard: HeardEvent[] = [];
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  /** @param isOurs whether the text of an event is about the run */
  constructor(private readonly sqs: SQSClient, private readonly queueUrl: string, private readonly isOurs: (text: string) => boolean) {}

  public start(): void {
    this.running = this.run();
  }

  public async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.receive(signal);
      } catch {
        // Whatever it is, the checks that find no event say so.
        await sleep(PAUSE_AFTER_ERROR, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async receive(abortSignal: AbortSignal): Promise<void> {
    const { Messages: messages = [] } = await this.sqs.send(new ReceiveMessageCommand({
      QueueUrl: this.queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5, MessageSystemAttributeNames: ['SentTimestamp'],
    }), { abortSignal });
    if (messages.length === 0) return;
    this.heard.push(...messages.filter(({ Body }) => this.isOurs(Body ?? '')).map(heardEvent));
    await this.sqs.send(new DeleteMessageBatchCommand({
      QueueUrl: this.queueUrl, Entries: messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
    }));
  }
}

/**
 * For a queue that stays: without its policy EventBridge may not send to it any more, and its stack is deleted as it would be with one. What is
 * sent while the policy is being taken away is kept for the hour that the queue keeps anything.
 */
export async function closeQueue(sqs: SQSClient, QueueName: string): Promise<void> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: '' } }));
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
}

function heardEvent({ Body, Attributes }: Message): HeardEvent {
  const event = JSON.parse(Body!) as { 'detail-type': string; 'detail': Record<string, unknown> };
  return { detailType: event['detail-type'], detail: event.detail, sentAt: Number(Attributes?.SentTimestamp) };
}
