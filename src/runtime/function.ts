import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, FunctionOptions, IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { LogLevel, LogOptions, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { RETRY_SLICE } from './retry';

/** A slice needs up to a minute after its time is over: the calls in flight, the last page, the checkpoint. */
const SLICE_GRACE = Duration.minutes(1);

/**
 * What every handler of this library has in common. The role is written out instead of using AWSLambdaBasicExecutionRole, which may
 * write to every log group of the account.
 */
export function functionOptions(
  scope: Construct, name: string, work: Duration, logRetention: RetentionDays, roleName?: string,
): FunctionOptions {
  const logGroup = new LogGroup(scope, `${name}Logs`, { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
  const role = new Role(scope, `${name}Role`, {
    roleName,
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: `Execution role of ${name} of ${Stack.of(scope).stackName}`,
    inlinePolicies: {
      Logs: new PolicyDocument({
        statements: [new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] })],
      }),
    },
  });
  return {
    role,
    logGroup,
    architecture: Architecture.ARM_64,
    // Bounded in flight at any size of pool; more memory buys only CPU, which waits for Cognito's quotas.
    memorySize: 256,
    timeout: work.plus(SLICE_GRACE),
    // A state machine calls it and does its own retries: no second copy from an asynchronous invocation.
    retryAttempts: 0,
  };
}

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
