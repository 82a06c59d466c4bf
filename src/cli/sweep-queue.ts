import {
  ChangeMessageVisibilityCommand, DeleteMessageCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient,
} from '@aws-sdk/client-sqs';
import { CliError, EXIT } from './cli-error';
import { Clock } from '../runtime/clock';

/** Messages are hidden from everybody while a queue is looked through: for that long, or for a second each where there are more. */
const HIDDEN_SECONDS = 120;
/** The most that SQS hides a message. */
const MOST_HIDDEN_SECONDS = 43_200;
/** What somebody else has hidden comes back by itself. SQS says its numbers up to a minute late. */
const PATIENCE_SECONDS = HIDDEN_SECONDS + 60;
const PAUSE_SECONDS = 5;
/** Empty answers to a long poll until a queue is taken for empty, as long as its number of messages says otherwise. */
const EMPTY_ANSWERS = 3;

/**
 * Looks through all messages of a queue, and deletes those that are asked for; the others can be received again at once. Answers how many those
 * were.
 * @throws CliError where messages of dead letters cannot be seen, as they are hidden by somebody else
 */
export async function sweepQueue(
  client: SQSClient, QueueUrl: string, isWanted: (body: string) => boolean, deletes: boolean, clock: Pick<Clock, 'sleep'>,
): Promise<number> {
  const counted = await countedAtRest(client, QueueUrl, clock);
  const VisibilityTimeout = Math.min(Math.max(HIDDEN_SECONDS, counted), MOST_HIDDEN_SECONDS);
  const seen = new Map<string, string>();
  const wanted = new Set<string>();
  const looked = new Set<string>();
  try {
    for (let empty = 0; empty < EMPTY_ANSWERS;) {
      const asked = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout, WaitTimeSeconds: 1 };
      const { Messages = [] } = await client.send(new ReceiveMessageCommand(asked));
      if (Messages.length === 0) {
        empty = looked.size >= counted ? EMPTY_ANSWERS : empty + 1;
        continue;
      }
      for (const { MessageId = '', ReceiptHandle, Body = '' } of Messages) {
        looked.add(MessageId);
        const isOne = isWanted(Body);
        if (isOne) wanted.add(MessageId);
        if (isOne && deletes) await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        // The newest receipt is the one that counts.
        else seen.set(MessageId, ReceiptHandle!);
      }
    }
  } finally {
    for (const ReceiptHandle of seen.values()) {
      await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    }
  }
  if (looked.size < counted) throw lettersUnseen(QueueUrl, `${counted} messages, of which ${looked.size} could be seen`);
  return wanted.size;
}

/** How many messages of dead letters there are, once none is hidden; 0 of a queue that a function reads: what waits there is on its way. */
async function countedAtRest(client: SQSClient, QueueUrl: string, clock: Pick<Clock, 'sleep'>): Promise<number> {
  for (let waited = 0; ; waited += PAUSE_SECONDS) {
    const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({
      QueueUrl, AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'RedrivePolicy'],
    }));
    const { ApproximateNumberOfMessages: messages = 0, ApproximateNumberOfMessagesNotVisible: hidden = 0, RedrivePolicy: policy } = Attributes;
    if (policy !== undefined) return 0;
    if (Number(hidden) === 0) return Number(messages);
    if (waited >= PATIENCE_SECONDS) throw lettersUnseen(QueueUrl, `${hidden} messages that somebody else has received and that cannot be seen`);
    await clock.sleep(PAUSE_SECONDS * 1_000);
  }
}

function lettersUnseen(queueUrl: string, what: string): CliError {
  return new CliError(EXIT.REFUSED, 'letters-unseen',
    `the queue ${queueUrl.split('/').at(-1)!} has ${what}: they may be about the user; start again once nothing else reads that queue`);
}
