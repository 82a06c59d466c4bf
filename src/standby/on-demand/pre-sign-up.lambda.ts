import { SignUpEvent, SignUpRefused, guardSignUp } from './sign-up-guard';
import { logError, trigger } from './trigger-clients.lambda-shared';
import { PublicError, withPublicErrors } from '../../runtime/public-error';

/** Cognito's PreSignUp trigger of the standby pool: keeps the names of users that have not come yet. */
export const handler = withPublicErrors(async (event: SignUpEvent): Promise<SignUpEvent> => {
  try {
    await guardSignUp(event, trigger);
  } catch (error) {
    if (error instanceof SignUpRefused) throw error;
    // It is not known whether the name is taken: a sign-up can wait.
    logError('sign-up guard', error);
    throw new PublicError('Sign-up is not possible at the moment. Try again.');
  }
  return event;
});
