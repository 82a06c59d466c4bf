import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PlanExecutions, ExecutionStatus, RegionSwitchRun } from './region-switch-step';
import { isExecutionTaken } from '../../cognito/refusals';
import { PublicError } from '../../runtime/public-error';

/** PlanExecutions of the state machines of this library. */
export class SfnExecutions implements PlanExecutions {
  /** @param machines ARN of each state machine that may be started */
  constructor(private readonly sfn: SFNClient, private readonly machines: Readonly<Partial<Record<RegionSwitchRun, string>>>) {}

  /** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
  public async start(run: RegionSwitchRun, name: string, input: string): Promise<void> {
    try {
      // Of a running execution with that name and input it answers as if it had started it.
      await this.sfn.send(new StartExecutionCommand({ stateMachineArn: this.machine(run), name, input }));
    } catch (error) {
      if (!isExecutionTaken(error)) throw error;
    }
  }

  public async status(run: RegionSwitchRun, name: string): Promise<ExecutionStatus> {
    const executionArn = `${this.machine(run).replace(':stateMachine:', ':execution:')}:${name}`;
    const { status } = await this.sfn.send(new DescribeExecutionCommand({ executionArn }));
    return status!;
  }

  private machine(run: RegionSwitchRun): string {
    const arn = this.machines[run];
    if (arn !== undefined) return arn;
    throw new PublicError(`run is ${run}, for which there is no state machine: want ${Object.keys(this.machines).join(' or ')}`);
  }
}
