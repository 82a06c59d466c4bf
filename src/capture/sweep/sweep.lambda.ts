import { CognitoSourcePool } from '../../cognito/cognito-source-pool.lambda-shared';
import { SWEEP_STATUS } from '../constants';
import { SweepAnswer, sweepSlice } from './sweep';
import { SweepCheckpoint } from './sweep-context';
import { readSweepInput } from './sweep-input.lambda-shared';
import { emitSweep, summaryOf } from './sweep-telemetry.lambda-shared';
import { cognitoClient } from '../../cognito/cognito-client.lambda-shared';
import { QuotaPacer } from '../../cognito/pacing';
import { quotas } from '../../cognito/quotas.lambda-shared';
import { DynamoDbLedgerStore } from '../../ledger/dynamodb-ledger-store.lambda-shared';
import { DynamoDbRecoveredSubs } from '../../ledger/dynamodb-recovered-subs.lambda-shared';
import { DynamoDbWritingRuns } from '../../ledger/dynamodb-writing-runs.lambda-shared';
import { systemClock } from '../../runtime/clock';
import { documentClient } from '../../runtime/document-client.lambda-shared';
import { json, readEnv } from '../../runtime/env.lambda-shared';
import {
  ENV_HISTORY_DAYS, ENV_IGNORED_ATTRIBUTES, ENV_LEDGER_TABLE, ENV_QUOTAS, ENV_QUOTA_SHARE, ENV_SLICE_SECONDS, ENV_STANDBY_ATTRIBUTES,
  ENV_USER_POOL_ID,
} from '../../runtime/environment';
import { withPublicErrors } from '../../runtime/public-error';
import { logger, metrics } from '../../runtime/telemetry.lambda-shared';
import * as z from '../../runtime/zod.lambda-shared';
import { FirstSubs } from '../first-subs';
import { InstanceWatch } from '../incidents/watch.lambda-shared';

const env = readEnv(z.object({
  [ENV_LEDGER_TABLE]: z.string().check(z.minLength(1)),
  [ENV_USER_POOL_ID]: z.string().check(z.minLength(1)),
  [ENV_QUOTAS]: quotas,
  [ENV_QUOTA_SHARE]: z.coerce.number().check(z.positive(), z.maximum(1)),
  [ENV_SLICE_SECONDS]: z.coerce.number().check(z.positive()),
  [ENV_HISTORY_DAYS]: z.coerce.number().check(z.positive()),
  [ENV_IGNORED_ATTRIBUTES]: json(z.array(z.string())),
  [ENV_STANDBY_ATTRIBUTES]: json(z.nullable(z.array(z.string()))),
}));
const log = logger('sweep');
const emitted = metrics(env[ENV_LEDGER_TABLE]);
const cognito = cognitoClient(env[ENV_USER_POOL_ID]);
const [poolId, dynamodb] = [env[ENV_USER_POOL_ID], documentClient()];
const store = new DynamoDbLedgerStore(dynamodb, env[ENV_LEDGER_TABLE]);
const [table, historyDays, ignoredAttributes] = [env[ENV_LEDGER_TABLE], env[ENV_HISTORY_DAYS], env[ENV_IGNORED_ATTRIBUTES]];
const watch = new InstanceWatch({ poolId, ledger: store, dynamodb, table, historyDays, ignoredAttributes, log, emitted });
const runs = new DynamoDbWritingRuns(dynamodb, table, poolId);
const firstSubs = new FirstSubs(runs, new DynamoDbRecoveredSubs(dynamodb, table, poolId), systemClock);

/** What the state machine passes: the execution's ARN and input, and the checkpoint of the slice before. */
interface SweepEvent {
  readonly execution: string;
  readonly input: unknown;
  readonly checkpoint: SweepCheckpoint | null;
}

type Answer = SweepAnswer | { readonly status: typeof SWEEP_STATUS.INVALID_INPUT; readonly message: string };

export const handler = withPublicErrors(async (event: SweepEvent): Promise<Answer> => {
  const input = readSweepInput(event.input);
  if ('message' in input) return { status: SWEEP_STATUS.INVALID_INPUT, ...input };

  const pacer = new QuotaPacer({ clock: systemClock, quotas: env[ENV_QUOTAS], share: env[ENV_QUOTA_SHARE] });
  const answer = await sweepSlice({
    poolId,
    source: new CognitoSourcePool(cognito, poolId, pacer),
    store,
    pacer,
    clock: systemClock,
    historyDays: env[ENV_HISTORY_DAYS],
    standbyAttributes: env[ENV_STANDBY_ATTRIBUTES],
    sliceLength: env[ENV_SLICE_SECONDS] * 1_000,
    watch,
    firstSubs,
  }, {
    run: event.execution.slice(event.execution.lastIndexOf(':') + 1),
    allowDeletions: input.allowDeletions,
    checkpoint: event.checkpoint ?? undefined,
  });

  log.info('sweep slice', { execution: event.execution, ...summaryOf(answer) });
  emitSweep(emitted, answer);
  return answer;
});
