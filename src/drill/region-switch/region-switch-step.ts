import { createHash } from 'crypto';
import { Clock } from '../../runtime/clock';
import { PublicError } from '../../runtime/public-error';

/** What a step may start; a plan names it in its payload. */
export const REGION_SWITCH_RUNS = ['restore', 'drill'] as const;
export type RegionSwitchRun = typeof REGION_SWITCH_RUNS[number];

/**
 * What Region switch calls the function with: the payload of the plan's step, to which it adds who calls.
 * @see https://docs.aws.amazon.com/arc-region-switch/latest/api/API_Lambdas.html
 */
export interface RegionSwitchEvent {
  readonly PlanArn: string;
  readonly ExecutionId: string;
  readonly StepName: string;
  readonly run: RegionSwitchRun;
  /** Input of the state machine. */
  readonly input?: unknown;
}

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';

export interface PlanExecutions {
  /** Starts an execution, unless there is one of that name. */
  start(run: RegionSwitchRun, name: string, input: string): Promise<void>;
  status(run: RegionSwitchRun, name: string): Promise<ExecutionStatus>;
}

export interface RegionSwitchPort {
  readonly executions: PlanExecutions;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** Until when this call may wait. */
  readonly deadline: number;
}

/** A restore takes minutes at least: looking more often would say nothing. */
const POLL = 10_000;

/** Name of the execution of one step of one execution of a plan, by which a call that is repeated finds it. */
export function executionNameOf({ PlanArn, ExecutionId, StepName, run }: RegionSwitchEvent): string {
  return `region-switch-${createHash('sha256').update(JSON.stringify([PlanArn, ExecutionId, StepName, run])).digest('hex').slice(0, 32)}`;
}

/**
 * Starts a restore or a drill, and waits for its end as long as one call may. Region switch calls again what did not succeed: the next call starts
 * nothing, and goes on waiting.
 * @throws PublicError while it is running, and where it failed
 */
export async function regionSwitchStep(event: RegionSwitchEvent, port: RegionSwitchPort): Promise<{ readonly execution: string }> {
  const { run, input = {} } = event;
  const execution = executionNameOf(event);
  await port.executions.start(run, execution, JSON.stringify(input));
  for (;;) {
    const status = await port.executions.status(run, execution);
    if (status === 'SUCCEEDED') return { execution };
    if (status !== 'RUNNING' && status !== 'PENDING_REDRIVE') {
      throw new PublicError(`the ${run} ${execution} ended with ${status}: its execution says why. A repeated step does not start it again; start `
        + 'the state machine by hand, and then continue the plan');
    }
    if (port.clock.now() + POLL > port.deadline) throw new PublicError(`the ${run} ${execution} is running: Region switch asks again`);
    await port.clock.sleep(POLL);
  }
}
