import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { UserPoolId } from './ids';
import { naming } from '../runtime/name-operations.lambda-shared';

const MAX_ATTEMPTS = 5;

/**
 * The SDK retries a lost connection or a server error. It leaves throttling to the pacer, which slows down every other call of that
 * quota as well; two layers of retries would spend the quota on refusals.
 */
class RetryAllButThrottling extends StandardRetryStrategy {
  public async refreshRetryTokenForRetry(...[token, errorInfo]: Parameters<StandardRetryStrategy['refreshRetryTokenForRetry']>) {
    if (errorInfo.errorType === 'THROTTLING') throw new Error('the pacer retries throttled calls');
    return super.refreshRetryTokenForRetry(token, errorInfo);
  }
}

/** Cognito in the Region of the user pool; the pool's id begins with the Region. */
export function cognitoClient(userPoolId: UserPoolId): CognitoIdentityProviderClient {
  return naming(new CognitoIdentityProviderClient({ region: userPoolId.split('_')[0], retryStrategy: new RetryAllButThrottling(MAX_ATTEMPTS) }));
}
