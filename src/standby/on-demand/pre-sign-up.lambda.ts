import { SignUpEvent, SignUpRefused, guardSignUp } from './sign-up-guard';
import { logError, trigger } from './trigger-clients.lambda-shared';

/** Cognito's PreSignUp trigger of the standby pool: keeps the names of users that have not come yet. */
export async function handler(event: SignUpEvent): Promise<SignUpEvent> {
  try {
    await guardSignUp(event, trigger);
  } catch (error) {
    if (error instanceof SignUpRefused) throw error;
    // It is not known whether the name is taken: a sign-up can wait.
    logError('sign-up guard', error);
    throw new Error('Sign-up is not possible at the moment. Try again.');
  }
  return event;
}
