import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, FunctionOptions } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** A slice needs up to a minute after its time is over: the calls in flight, the last page, the checkpoint. */
const SLICE_GRACE = Duration.minutes(1);

/**
 * What every handler of this library has in common. The role is written out instead of using AWSLambdaBasicExecutionRole, which may
 * write to every log group of the account.
 */
export function functionOptions(scope: Construct, name: string, work: Duration, logRetention: RetentionDays): FunctionOptions {
  const logGroup = new LogGroup(scope, `${name}Logs`, { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
  const role = new Role(scope, `${name}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: `Execution role of ${name} of ${Stack.of(scope).stackName}`,
    inlinePolicies: {
      Logs: new PolicyDocument({
        statements: [new PolicyStatement({ effect: Effect.ALLOW, actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] })],
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
