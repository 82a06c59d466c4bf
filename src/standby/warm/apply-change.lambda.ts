import { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { applyRecords } from './apply-change';
import { poolIdOf, StreamRecord } from './stream-record';
import { warmContext } from './warm-context.lambda-shared';
import { errorName } from '../../runtime/error-name';
import { withPublicErrors } from '../../runtime/public-error';
import { logger } from '../../runtime/telemetry.lambda-shared';

const log = logger('apply-change');

/** Follows the ledger's stream. Lambda repeats from the first record that failed. */
export const handler = withPublicErrors(async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const records = Records.map(streamRecord);
  const { failures, counts, warnings, errors } = await applyRecords(await warmContext(poolIdOf(records)), records);
  log.info('changes', { records: records.length, ...counts, warnings });
  for (const error of errors) log.error('change not applied', { error: errorName(error) });
  return { batchItemFailures: failures.map(itemIdentifier => ({ itemIdentifier })) };
});

function streamRecord({ dynamodb: { SequenceNumber = '', Keys = {}, NewImage } = {} }: DynamoDBRecord): StreamRecord {
  // The types of the event and of the SDK describe one JSON, and differ in what is optional.
  const values = (image: object) => unmarshall(image as Record<string, AttributeValue>);
  return { sequenceNumber: SequenceNumber, key: values(Keys), newImage: NewImage && values(NewImage) };
}
