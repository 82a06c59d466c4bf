import { ChangeMessageVisibilityBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { Retry } from './apply-hints';

/** The most that SQS takes in one call. */
const MESSAGES_PER_CALL = 10;

/**
 * Sets for each message when the queue delivers it again. The queue's visibility timeout is meant for a consumer that died, and much too long for one
 * that wants to look again; it applies where this fails, after a call of `failed`.
 */
export async function delayMessages(
  sqs: SQSClient, queueUrl: string, retries: readonly Retry[], records: readonly SQSRecord[], failed: (error: unknown) => void,
): Promise<void> {
  const receipts = new Map(records.map(record => [record.messageId, record.receiptHandle]));
  for (let from = 0; from < retries.length; from += MESSAGES_PER_CALL) {
    const Entries = retries.slice(from, from + MESSAGES_PER_CALL).map(({ id, afterSeconds }, i) => (
      { Id: String(i), ReceiptHandle: receipts.get(id), VisibilityTimeout: afterSeconds }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries })).catch(failed);
  }
}
