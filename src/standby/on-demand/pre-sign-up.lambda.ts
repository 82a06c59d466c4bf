import { SignUpEvent, SignUpRefused, guardSignUp } from './sign-up-guard';
import { countRefusal, logTriggerFailure, trigger } from './trigger-clients.lambda-shared';
import { errorName } from '../../runtime/error-name';
import { STANDBY_METRIC } from '../../runtime/metric-names';
import { PublicError, withPublicErrors } from '../../runtime/public-error';

/** Cognito's PreSignUp trigger of the standby pool: keeps the names of users that have not come yet. */
export const handler = withPublicErrors(async (event: SignUpEvent): Promise<SignUpEvent> => {
  const calledAt = Date.now();
  try {
    await guardSignUp(event, trigger);
  } catch (error) {
    if (error instanceof SignUpRefused) {
      countRefusal(STANDBY_METRIC.SIGN_UPS_REFUSED, calledAt);
      throw error;
    }
    // It is not known whether the name is taken: a sign-up can wait.
    logTriggerFailure('sign-up guard', errorName(error));
    throw new PublicError('Sign-up is not possible at the moment. Try again.');
  }
  return event;
});
