import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { writeSwitch } from './dynamodb-switch.lambda-shared';
import { switchInput } from './switch-input.lambda-shared';
import { SignOutAnswer, SignOutCheckpoint, signOutSlice, TurnAnswer, turnSwitch } from './turn-switch';
import { CognitoClientReader } from '../../cognito/cognito-client-reader.lambda-shared';
import { cognitoClient } from '../../cognito/cognito-client.lambda-shared';
import { CognitoStandbyPool } from '../../cognito/cognito-standby-pool.lambda-shared';
import { QuotaPacer } from '../../cognito/pacing';
import { quotas } from '../../cognito/quotas.lambda-shared';
import { paced } from '../../cognito/target-pool';
import { systemClock as clock } from '../../runtime/clock';
import { documentClient } from '../../runtime/document-client.lambda-shared';
import { readEnv } from '../../runtime/env.lambda-shared';
import {
  ENV_LEDGER_TABLE, ENV_QUOTA_SHARE, ENV_QUOTAS, ENV_SLICE_SECONDS, ENV_STANDBY_GAPS, ENV_STANDBY_USER_POOL_ID, ENV_STATE_TABLE,
} from '../../runtime/environment';
import { STANDBY_METRIC } from '../../runtime/metric-names';
import { withPublicErrors } from '../../runtime/public-error';
import { logger, metrics } from '../../runtime/telemetry.lambda-shared';
import * as z from '../../runtime/zod.lambda-shared';
import { stateKeys } from '../../state/keys';
import { StateItems } from '../../state/state-items.lambda-shared';
import { readSwitch } from '../../state/switch';

const [text, number] = [z.string().check(z.minLength(1)), z.coerce.number().check(z.positive())];
const env = readEnv(z.object({
  [ENV_LEDGER_TABLE]: text,
  [ENV_STATE_TABLE]: text,
  [ENV_STANDBY_USER_POOL_ID]: text,
  [ENV_QUOTAS]: quotas,
  [ENV_QUOTA_SHARE]: number,
  [ENV_SLICE_SECONDS]: number,
  [ENV_STANDBY_GAPS]: text,
}));
const log = logger('turn-switch');
const emitted = metrics(env[ENV_LEDGER_TABLE]);
const [userPoolId, table, dynamodb] = [env[ENV_STANDBY_USER_POOL_ID], env[ENV_STATE_TABLE], documentClient()];
const items = new StateItems(dynamodb, table, clock);
const pacing = { clock, quotas: env[ENV_QUOTAS], share: env[ENV_QUOTA_SHARE] };
const pool = paced(new CognitoStandbyPool(cognitoClient(userPoolId), userPoolId), new QuotaPacer(pacing));

/** `checkpoint`: where the sign-out of everybody stands, once the switch is turned. `startedAt`: ISO 8601. */
type SwitchEvent = { readonly checkpoint: SignOutCheckpoint } | { readonly execution: string; readonly startedAt: string; readonly input: unknown };

export const handler = withPublicErrors(async (event: SwitchEvent): Promise<TurnAnswer | SignOutAnswer> => {
  const deadline = clock.now() + env[ENV_SLICE_SECONDS] * 1_000;
  if ('checkpoint' in event) return signOutSlice(event.checkpoint, { pool, clock, deadline });
  const input = switchInput(event.input);
  if ('status' in input) return input;
  const answer = await turnSwitch({ execution: event.execution, startedAt: Date.parse(event.startedAt), input }, {
    userPoolId,
    gaps: JSON.parse(env[ENV_STANDBY_GAPS]) as string[],
    clients: new CognitoClientReader(cognitoClient(userPoolId), new QuotaPacer({ ...pacing, until: deadline }), userPoolId),
    clock,
    read: async () => readSwitch(await items.get(stateKeys.switchOf(userPoolId))),
    write: async (state, before) => writeSwitch(dynamodb, table, userPoolId, state, before),
  });
  log.info('switch', { execution: event.execution, status: answer.status, mode: input.mode });
  if ('report' in answer) emitted.addMetric(STANDBY_METRIC.OPENED, MetricUnit.Count, answer.report.to === 'closed' ? 0 : 1);
  emitted.publishStoredMetrics();
  return answer;
});
