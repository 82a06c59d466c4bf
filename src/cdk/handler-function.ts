import * as path from 'path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { InlinePolicyRole } from './inline-policy-role';

export interface HandlerFunctionProps {
  /** The handler's file below `src/`, without `.lambda.ts`: `capture/sweep/sweep`. The build bundles it to the same path below `assets/`. */
  readonly handler: string;
  readonly description: string;
  readonly timeout: Duration;
  /** Megabytes. */
  readonly memorySize?: number;
  readonly environment: Record<string, string>;
  readonly logRetention: RetentionDays;
  /** A concrete name, where another stack adds a permission to the role. */
  readonly roleName?: string;
  /** Called by a clock that does not wait for it. Lambda would call it again where it failed; the next tick does. */
  readonly isAsynchronous?: boolean;
}

/**
 * A trigger of a user pool. Cognito itself waits for five seconds. CPU comes with memory, and a user waits while the function loads.
 */
export const TRIGGER = { timeout: Duration.seconds(5), memorySize: 512 };

/**
 * Memory in flight is bounded at any size of pool. Lambda gives 14 % of a processor with this much, enough for one hint, one check or one change at
 * a time; the functions that work on a whole pool say how much they were measured to need.
 */
const MEMORY_SIZE = 256;

/**
 * A function of this library: one bundled handler, on the one runtime that the handlers are tested on, with a role and a log group of its own.
 * The role is written out instead of using AWSLambdaBasicExecutionRole, which may write to every log group of the account.
 */
export class HandlerFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: HandlerFunctionProps) {
    const logGroup = new LogGroup(scope, `${id}Logs`, { retention: props.logRetention, removalPolicy: RemovalPolicy.DESTROY });
    const role = new InlinePolicyRole(scope, `${id}Role`, {
      roleName: props.roleName,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    role.addToPolicy(new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }));
    super(scope, id, {
      // The CDK's own constant: a runtime made here would be added to the list from which the CDK computes the versions of everybody's functions.
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(path.join(__dirname, '..', '..', 'assets', `${props.handler}.lambda`)),
      description: props.description,
      environment: props.environment,
      memorySize: props.memorySize ?? MEMORY_SIZE,
      timeout: props.timeout,
      // A caller that waits for the answer does its own retries; Lambda repeats asynchronous calls only.
      retryAttempts: props.isAsynchronous ? 0 : undefined,
      role,
      logGroup,
    });
  }
}
