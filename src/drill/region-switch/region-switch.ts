import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { RegionSwitchRun } from './region-switch-step';
import { HandlerFunction } from '../../cdk/handler-function';
import { sliceTimeout } from '../../cdk/slice-task';
import { ENV_SLICE_SECONDS, ENV_STATE_MACHINES } from '../../runtime/environment';

export interface RegionSwitchProps {
  /** Concrete name of each state machine of this Region that a step may start. */
  readonly stateMachineNames: Readonly<Partial<Record<RegionSwitchRun, string>>>;
  readonly logRetention: RetentionDays;
}

/** AWS does not say how long Region switch waits for one call. It calls again, so short calls lose nothing. */
const WAIT = Duration.minutes(1);

/** The function that a custom Lambda step of a Region switch plan calls. The plan's role has to be allowed to invoke it. */
export class RegionSwitch extends Construct {
  public readonly lambdaFunction: IFunction;

  constructor(scope: Construct, id: string, props: RegionSwitchProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const arnsOf = (resource: string, end: string) => Object.values(props.stateMachineNames).map(name => stack.formatArn({
      service: 'states', resource, resourceName: `${name}${end}`, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }));
    const machines = Object.keys(props.stateMachineNames).map((run, i) => [run, arnsOf('stateMachine', '')[i]]);
    const step = new HandlerFunction(this, 'Step', {
      handler: 'drill/region-switch/region-switch',
      description: 'Starts a restore or a drill for a Region switch plan, and waits for it',
      timeout: sliceTimeout(WAIT),
      environment: {
        [ENV_STATE_MACHINES]: stack.toJsonString(Object.fromEntries(machines)),
        [ENV_SLICE_SECONDS]: String(WAIT.toSeconds()),
      },
      logRetention: props.logRetention,
    });
    step.addToRolePolicy(new PolicyStatement({ actions: ['states:StartExecution'], resources: arnsOf('stateMachine', '') }));
    step.addToRolePolicy(new PolicyStatement({ actions: ['states:DescribeExecution'], resources: arnsOf('execution', ':region-switch-*') }));
    this.lambdaFunction = step;
  }
}
