import { drillContext, DrillEvent } from './drill-event.lambda-shared';
import { DrillAnswer, drillSlice } from './drill-worker';
import { systemClock as clock } from '../runtime/clock';
import { documentClient } from '../runtime/document-client.lambda-shared';
import { withPublicErrors } from '../runtime/public-error';
import { logger } from '../runtime/telemetry.lambda-shared';

const log = logger('drill-slice');
const client = documentClient();

export const handler = withPublicErrors(async (event: DrillEvent): Promise<DrillAnswer> => {
  const answer = await drillSlice(drillContext(event, client, clock), event.beginning, event);
  log.info('drill slice', { execution: event.beginning.facts.id, status: answer.status });
  return answer;
});
