import { Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { ACCOUNT, EVERYTHING, PRIMARY, REPLICA, make, permissions, statementsOf, synth, text } from '../../helpers/templates';

const BUS = `arn:aws:events:${REPLICA}:${ACCOUNT}:event-bus/directory`;
const given = { props: (_app: unknown, stack: Stack) => ({ changeEvents: EventBus.fromEventBusArn(stack, 'Changes', BUS) }) };
const { replica, primary } = synth(given);

test('nothing is made for it unless it is asked for', () => {
  const { replica: without, primary: other } = synth();
  expect(JSON.stringify([without.toJSON(), other.toJSON()])).not.toContain('ChangeEvents');
  expect(JSON.stringify(primary.toJSON())).not.toContain('ChangeEvents');
});

test('one function reads the stream, and puts events on this bus and no other', () => {
  expect(permissions(statementsOf(replica, 'ChangeEventsPutChangesRole'))).toEqual([
    'dynamodb:DescribeStream on ${LedgerTable.StreamArn}',
    'dynamodb:GetRecords on ${LedgerTable.StreamArn}',
    'dynamodb:GetShardIterator on ${LedgerTable.StreamArn}',
    'dynamodb:ListStreams on ${LedgerTable.StreamArn}',
    `events:PutEvents on ${BUS}`,
    'logs:CreateLogStream on ${ChangeEventsPutChangesLogs.Arn}',
    'logs:PutLogEvents on ${ChangeEventsPutChangesLogs.Arn}',
    'sqs:GetQueueAttributes on ${ChangeEventsDeadLetterQueue.Arn}',
    'sqs:GetQueueUrl on ${ChangeEventsDeadLetterQueue.Arn}',
    'sqs:SendMessage on ${ChangeEventsDeadLetterQueue.Arn}',
  ]);
});

test('a batch that the bus does not take is halved, kept for 20 hours, and then set aside', () => {
  replica.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    BatchSize: 100,
    BisectBatchOnFunctionError: true,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    MaximumRecordAgeInSeconds: 20 * 3_600,
    StartingPosition: 'TRIM_HORIZON',
  });
});

test('its alarms are there with it', () => {
  const made = make(given).dr.alarms.map(alarm => alarm.node.path).filter(path => path.includes('ChangeEvents'));
  expect(made.map(path => path.split('/').pop())).toEqual(['DeadLetters', 'Behind']);
});

test('with a key of the customer it may read the stream through DynamoDB', () => {
  const everything = synth(EVERYTHING);
  const decrypt = statementsOf(everything.replica, 'ChangeEventsPutChangesRole').find(({ Action }) => Action === 'kms:Decrypt');
  expect(text(decrypt!.Resource)).toContain(`arn:aws:kms:${REPLICA}`);
  expect(JSON.stringify(decrypt!.Condition)).toContain('kms:ViaService');
});

test('a bus of another Region is refused, with the way out', () => {
  expect(() => make({ props: (_app, stack) => ({ changeEvents: EventBus.fromEventBusName(stack, 'Changes', 'directory') }) }))
    .toThrow(`changeEvents is a bus of ${PRIMARY}; give one of ${REPLICA}`);
});
