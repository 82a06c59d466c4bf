import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand, GetQueueUrlCommand, PurgeQueueCommand, ReceiveMessageCommand, SetQueueAttributesCommand, SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { closeQueue, EventLog } from './event-log';

const sqs = mockClient(SQSClient);
const client = new SQSClient({ region: 'us-east-1' });
const message = (sub: string) => ({
  Body: JSON.stringify({ 'detail-type': 'x', 'detail': { sub } }), ReceiptHandle: sub, Attributes: { SentTimestamp: '7' },
});

beforeEach(() => sqs.reset());

test('keeps the events of the run; those of others leave the queue too, and are not kept', async () => {
  sqs.on(DeleteMessageBatchCommand).resolves({ Successful: [], Failed: [] }).on(ReceiveMessageCommand)
    .resolvesOnce({ Messages: [message('ours'), message('other')] })
    .callsFake(async () => sleep(5, {}));
  const log = new EventLog(client, 'url', text => text.includes('ours'));
  log.start();
  while (sqs.commandCalls(DeleteMessageBatchCommand).length === 0) await sleep(1);
  await log.stop();
  expect(log.heard).toEqual([{ detailType: 'x', detail: { sub: 'ours' }, sentAt: 7 }]);
  expect(sqs.commandCalls(DeleteMessageBatchCommand)[0].args[0].input.Entries?.map(({ ReceiptHandle }) => ReceiptHandle)).toEqual(['ours', 'other']);
});

test('a queue that is closed takes nothing any more, and is empty', async () => {
  sqs.on(GetQueueUrlCommand, { QueueName: 'events' }).resolves({ QueueUrl: 'url' }).on(SetQueueAttributesCommand).resolves({}).on(PurgeQueueCommand).resolves({});
  await closeQueue(client, 'events');
  // In this order: what came in between would stay.
  expect(sqs.commandCalls(SetQueueAttributesCommand)[0].args[0].input).toEqual({ QueueUrl: 'url', Attributes: { Policy: '' } });
  expect(sqs.commandCalls(PurgeQueueCommand)[0].calledAfter(sqs.commandCalls(SetQueueAttributesCommand)[0])).toBe(true);
});
