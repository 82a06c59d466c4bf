import { Backend } from '../backend';
import { Part } from '../part';
import { AwsAnswer, AwsRequest, errorAnswer, jsonAnswer } from '../request';

interface Message { readonly Body: string; readonly ReceiptHandle: string }

/**
 * Messages of a queue of dead letters go back to the queue that they came from, as new messages, after the call has been answered. One that no other
 * queue gives its failures to has none to go back to; one task of a queue at a time.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
export class MessageMoves implements Part {
  public readonly name = 'rules/message-moves';
  public readonly standIn = 'SQS moves dead letters back to the queue that they came from';
  private readonly tasks = new Map<string, Promise<void>>();
  private failure: Error | undefined;

  constructor(private readonly backend: Backend) {}

  public async before({ service, operation, region, input }: AwsRequest): Promise<AwsAnswer | void> {
    if (service !== 'sqs' || operation !== 'StartMessageMoveTask') return undefined;
    const arn = String(input.SourceArn);
    const [from, to] = await Promise.all([this.backend.queueUrl(arn), this.givesTo(region, arn)]);
    if (to === undefined) return errorAnswer('UnsupportedOperation', 'The queue is not the queue of dead letters of another one.');
    if (this.tasks.has(arn)) return errorAnswer('UnsupportedOperation', 'A task of the queue is running.');
    const task = this.move(region, from, to).catch((error: Error) => { this.failure = error; });
    this.tasks.set(arn, task.finally(() => this.tasks.delete(arn)));
    return jsonAnswer(200, { TaskHandle: Buffer.from(arn).toString('base64') });
  }

  public async close(): Promise<void> {
    await Promise.all(this.tasks.values());
    if (this.failure) throw this.failure;
  }

  /** The queue whose failures go to this one; the local AWS has no queue of dead letters of two. */
  private async givesTo(region: string, arn: string): Promise<string | undefined> {
    const { QueueUrls = [] } = await this.backend.json<{ QueueUrls?: string[] }>('sqs', 'ListQueues', region, {});
    for (const QueueUrl of QueueUrls) {
      const { Attributes = {} } = await this.backend.json<{ Attributes?: Record<string, string> }>(
        'sqs', 'GetQueueAttributes', region, { QueueUrl, AttributeNames: ['RedrivePolicy'] });
      const { deadLetterTargetArn } = JSON.parse(Attributes.RedrivePolicy ?? '{}') as { deadLetterTargetArn?: string };
      if (deadLetterTargetArn === arn) return QueueUrl;
    }
    return undefined;
  }

  private async move(region: string, from: string, to: string): Promise<void> {
    for (;;) {
      const { Messages = [] } = await this.backend.json<{ Messages?: Message[] }>('sqs', 'ReceiveMessage', region, { QueueUrl: from, MaxNumberOfMessages: 10 });
      if (Messages.length === 0) return;
      for (const { Body, ReceiptHandle } of Messages) {
        await this.backend.json('sqs', 'SendMessage', region, { QueueUrl: to, MessageBody: Body });
        await this.backend.json('sqs', 'DeleteMessage', region, { QueueUrl: from, ReceiptHandle });
      }
    }
  }
}
