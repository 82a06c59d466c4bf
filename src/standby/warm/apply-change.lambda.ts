import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { applyRecords } from './apply-change';
import { poolIdOf, StreamRecord } from './stream-record';
import { warmContext } from './warm-context.lambda-shared';
import { logger } from '../../runtime/telemetry.lambda-shared';
import { errorName } from '../../runtime/error-name';

const log = logger('apply-change');

/** Follows the ledger's stream. Lambda repeats from the first record that failed. */
export async function handler({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const records = Records as StreamRecord[];
  const { failures, counts, errors } = await applyRecords(await warmContext(poolIdOf(records)), records);
  log.info('changes', { records: Records.length, ...counts });
  for (const error of errors) log.error('change not applied', { error: errorName(error) });
  return { batchItemFailures: failures.map(itemIdentifier => ({ itemIdentifier })) };
}
