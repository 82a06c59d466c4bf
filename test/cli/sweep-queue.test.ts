import { ChangeMessageVisibilityCommand, DeleteMessageCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { sweepQueue } from '../../src/cli/sweep-queue';

const sqs = mockClient(SQSClient);
const message = (id: string, receipt = id) => ({ MessageId: id, ReceiptHandle: receipt, Body: id });
const attributes = (messages: number, hidden: number, more = {}) =>
  ({ Attributes: { ApproximateNumberOfMessages: `${messages}`, ApproximateNumberOfMessagesNotVisible: `${hidden}`, ...more } });
let slept = 0;
const clock = { sleep: async (milliseconds: number) => { slept += milliseconds; } };
const sweep = async (deletes: boolean) =>
  sweepQueue(new SQSClient({ region: 'us-east-1' }), 'https://sqs/1/dead', body => body.startsWith('mine'), deletes, clock);

beforeEach(() => {
  sqs.reset();
  slept = 0;
  sqs.on(ReceiveMessageCommand).resolves({});
});

test('messages that somebody else has hidden are waited for, and seen', async () => {
  sqs.on(GetQueueAttributesCommand).resolvesOnce(attributes(0, 1)).resolvesOnce(attributes(0, 1)).resolves(attributes(1, 0));
  sqs.on(ReceiveMessageCommand).resolvesOnce({ Messages: [message('mine')] }).resolves({});
  expect([await sweep(true), slept]).toEqual([1, 10_000]);
});

test('messages that stay hidden, or are fewer than the queue says, are refused: the receipt would say more than was seen', async () => {
  sqs.on(GetQueueAttributesCommand).resolves(attributes(0, 2));
  await expect(sweep(true)).rejects.toMatchObject({ exit: 3, code: 'letters-unseen', message: expect.stringContaining('the queue dead has 2 messages') });
  expect([slept, sqs.commandCalls(ReceiveMessageCommand)]).toEqual([180_000, []]);
  sqs.on(GetQueueAttributesCommand).resolves(attributes(2, 0));
  sqs.on(ReceiveMessageCommand).resolvesOnce({ Messages: [message('other')] }).resolves({});
  await expect(sweep(true)).rejects.toMatchObject({ exit: 3, message: expect.stringContaining('2 messages, of which 1 could be seen') });
  expect(sqs.commandCalls(ChangeMessageVisibilityCommand)).toHaveLength(1);
});

test('what comes back meanwhile is no end: only an empty answer is; the newest receipt lets it go', async () => {
  sqs.on(GetQueueAttributesCommand).resolves(attributes(300, 0));
  const first = Array.from({ length: 10 }, (_, i) => message(`other-${i}`));
  sqs.on(ReceiveMessageCommand).resolvesOnce({ Messages: first }).resolvesOnce({ Messages: first.map(({ MessageId }) => message(MessageId, 'again')) })
    .resolvesOnce({ Messages: [message('mine'), ...Array.from({ length: 289 }, (_, i) => message(`more-${i}`))] }).resolves({});
  expect(await sweep(true)).toBe(1);
  expect(sqs.commandCalls(DeleteMessageCommand).map(({ args: [{ input }] }) => input.ReceiptHandle)).toEqual(['mine']);
  expect(sqs.commandCalls(ChangeMessageVisibilityCommand).slice(0, 10).every(({ args: [{ input }] }) => input.ReceiptHandle === 'again')).toBe(true);
  expect(sqs.commandCalls(ReceiveMessageCommand)[0].args[0].input).toMatchObject({ VisibilityTimeout: 300 });
});

test('a queue that a function reads is looked through as it is', async () => {
  sqs.on(GetQueueAttributesCommand).resolves(attributes(5, 5, { RedrivePolicy: '{}' }));
  expect([await sweep(false), slept]).toEqual([0, 0]);
});
