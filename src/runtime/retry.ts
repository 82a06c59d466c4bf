import { Duration } from 'aws-cdk-lib';

/**
 * A slice that failed or was killed is called again and goes on from its checkpoint. 2, 4, 8, ... 60, 60 seconds: eight tries span about five
 * minutes, longer than a Lambda or DynamoDB hiccup; an outage that lasts fails the execution, which can be started again.
 */
export const RETRY_SLICE = {
  errors: ['States.ALL'],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxDelay: Duration.minutes(1),
  maxAttempts: 8,
};
