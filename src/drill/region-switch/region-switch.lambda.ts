import { SFNClient } from '@aws-sdk/client-sfn';
import { REGION_SWITCH_RUNS, RegionSwitchEvent, regionSwitchStep } from './region-switch-step';
import { SfnExecutions } from './sfn-executions.lambda-shared';
import { systemClock as clock } from '../../runtime/clock';
import { json, readEnv } from '../../runtime/env.lambda-shared';
import { ENV_SLICE_SECONDS, ENV_STATE_MACHINES } from '../../runtime/environment';
import { naming } from '../../runtime/name-operations.lambda-shared';
import { PublicError, withPublicErrors } from '../../runtime/public-error';
import { logger } from '../../runtime/telemetry.lambda-shared';
import * as z from '../../runtime/zod.lambda-shared';

const text = z.string().check(z.minLength(1));
const env = readEnv(z.object({
  [ENV_STATE_MACHINES]: json(z.object({ restore: z.optional(text), drill: z.optional(text) })),
  [ENV_SLICE_SECONDS]: z.coerce.number().check(z.positive()),
}));
const called = z.object({ PlanArn: text, ExecutionId: text, StepName: text, run: z.enum(REGION_SWITCH_RUNS), input: z.optional(z.unknown()) });
const executions = new SfnExecutions(naming(new SFNClient()), env[ENV_STATE_MACHINES]);
const log = logger('region-switch');

export const handler = withPublicErrors(async (event: RegionSwitchEvent) => {
  const read = called.safeParse(event);
  if (!read.success) {
    throw new PublicError('this is no call of a step of a Region switch plan: want PlanArn, ExecutionId and StepName, which Region switch adds, and '
      + `a payload such as {"run": "${REGION_SWITCH_RUNS[0]}", "input": {}}`);
  }
  const done = await regionSwitchStep(read.data, { executions, clock, deadline: clock.now() + env[ENV_SLICE_SECONDS] * 1_000 });
  log.info('step done', { run: read.data.run, ...done });
  return done;
});
