import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Choice, Condition, Fail, IChainable, JitterType, LogLevel, LogOptions, RetryProps, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';

/** After its time is over a slice needs up to a minute: for the calls in flight, the last page and the checkpoint. */
const SLICE_GRACE = Duration.minutes(1);

/** Timeout of a function that works in slices of this length. */
export function sliceTimeout(slice: Duration): Duration {
  return slice.plus(SLICE_GRACE);
}

/**
 * A slice that failed or was killed is called again and goes on from its checkpoint. 2, 4, 8, 16, 32, 60, 60, 60 seconds: eight tries within
 * four minutes (half of that on average, with full jitter), longer than a hiccup of Lambda or DynamoDB. An outage that lasts fails the
 * execution, which can be started again.
 */
export const RETRY_SLICE: RetryProps = {
  errors: ['States.ALL'],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxDelay: Duration.minutes(1),
  maxAttempts: 8,
  jitterStrategy: JitterType.FULL,
};

export interface SliceTaskProps {
  readonly lambdaFunction: IFunction;
  readonly payload: { [key: string]: string };
  readonly resultPath?: string;
}

/** A task that calls a handler of this library, with the library's own retries, and may call nothing else. */
export class SliceTask extends LambdaInvoke {
  /** Without the versions and aliases (`<function>:*`) that LambdaInvoke allows: the handlers have none. */
  protected readonly taskPolicies: PolicyStatement[];

  constructor(scope: Construct, id: string, props: SliceTaskProps) {
    super(scope, id, {
      lambdaFunction: props.lambdaFunction,
      payload: TaskInput.fromObject(props.payload),
      payloadResponseOnly: true,
      // RETRY_SLICE covers all that it would.
      retryOnServiceExceptions: false,
      resultPath: props.resultPath,
    });
    this.taskPolicies = [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [props.lambdaFunction.functionArn] })];
    this.addRetry(RETRY_SLICE);
  }
}

/** Where slices leave their answer: its `status` says what is next, its `message` why an execution failed, its `report` what was done. */
export const SLICE_PATH = '$.slice';

/** What follows a slice, by the status of its answer. `what` names the function in the error of a status that is not known. */
export function nextByStatus(scope: Construct, id: string, what: string, next: Record<string, IChainable>): Choice {
  const choice = new Choice(scope, id);
  Object.entries(next).forEach(([status, state]) => choice.when(Condition.stringEquals(`${SLICE_PATH}.status`, status), state));
  return choice.otherwise(new Fail(scope, 'Unknown answer', {
    error: 'UnknownStatus',
    cause: `the ${what} function answered a status that this state machine does not know`,
  }));
}

/** Fails the execution for the reason that the slice gave. */
export function failForReason(scope: Construct, id: string, error: string): Fail {
  return new Fail(scope, id, { error, causePath: `${SLICE_PATH}.message` });
}

/**
 * Logs every transition of a state machine, without the data: a checkpoint may name users. Log groups for which AWS services deliver logs share
 * one resource policy of 5,120 characters; this prefix takes none of it.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
 */
export function stateMachineLogs(scope: Construct, stateMachineName: string, retention: RetentionDays): LogOptions {
  return {
    destination: new LogGroup(scope, 'StateMachineLogs', {
      logGroupName: `/aws/vendedlogs/states/${stateMachineName}`,
      retention,
      removalPolicy: RemovalPolicy.DESTROY,
    }),
    level: LogLevel.ALL,
    includeExecutionData: false,
  };
}
