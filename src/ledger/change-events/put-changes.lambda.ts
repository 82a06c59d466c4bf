import { AttributeValue } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { CHANGE_EVENT, ChangeEventDetail } from './change-event';
import { ChangeRecord, putChanges } from './put-changes';
import { systemClock } from '../../runtime/clock';
import { readEnv } from '../../runtime/env.lambda-shared';
import { ENV_EVENT_BUS_NAME } from '../../runtime/environment';
import { naming } from '../../runtime/name-operations.lambda-shared';
import { withPublicErrors } from '../../runtime/public-error';
import { logger } from '../../runtime/telemetry.lambda-shared';
import * as z from '../../runtime/zod.lambda-shared';
import { Item } from '../schema';

const env = readEnv(z.object({ [ENV_EVENT_BUS_NAME]: z.string().check(z.minLength(1)) }));
const log = logger('put-changes');
const events = naming(new EventBridgeClient({}));

/** Follows the ledger's stream. Lambda repeats from the first record that failed. */
export const handler = withPublicErrors(async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const { failures, put: told } = await putChanges({ put, sleep: async milliseconds => systemClock.sleep(milliseconds) }, Records.map(changeRecord));
  log.info('changes told', { records: Records.length, told, failures: failures.length });
  return { batchItemFailures: failures.map(itemIdentifier => ({ itemIdentifier })) };
});

async function put(details: readonly ChangeEventDetail[]): Promise<readonly number[]> {
  const { Entries = [] } = await events.send(new PutEventsCommand({
    Entries: details.map(detail => ({
      EventBusName: env[ENV_EVENT_BUS_NAME],
      Source: CHANGE_EVENT.SOURCE,
      DetailType: CHANGE_EVENT.DETAIL_TYPE,
      Detail: JSON.stringify(detail),
      Time: new Date(detail.at),
    })),
  }));
  return Entries.flatMap(({ ErrorCode }, index) => ErrorCode === undefined ? [] : [index]);
}

function changeRecord({ dynamodb: { SequenceNumber = '', OldImage, NewImage } = {} }: DynamoDBRecord): ChangeRecord {
  // The types of the event and of the SDK describe one JSON, and differ in what is optional.
  const values = (image?: object) => image && unmarshall(image as Record<string, AttributeValue>) as Item;
  return { sequenceNumber: SequenceNumber, oldImage: values(OldImage), newImage: values(NewImage) };
}
