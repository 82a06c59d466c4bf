import { Duration } from 'aws-cdk-lib';
import { JitterType, RetryProps } from 'aws-cdk-lib/aws-stepfunctions';

/**
 * A slice that failed or was killed is called again and goes on from its checkpoint. 2, 4, 8, 16, 32, 60, 60, 60 seconds: eight tries within
 * four minutes (half of that on average, with full jitter), longer than a hiccup of Lambda or DynamoDB; an outage that lasts fails the
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
