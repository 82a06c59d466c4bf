import { SourcePasswords } from './source-passwords.lambda-shared';
import { logError, logTriggerFailure, trigger } from './trigger-clients.lambda-shared';
import { UserMigrationEvent, UserMigrationPorts, migrateUser } from './user-migration';
import { ENV_RESET_PASSWORD_AT_SIGN_IN, ENV_VERIFY_CLIENT_NAME } from '../../runtime/environment';
import { errorName } from '../../runtime/error-name';
import { withPublicErrors } from '../../runtime/public-error';

const { [ENV_RESET_PASSWORD_AT_SIGN_IN]: reset, [ENV_VERIFY_CLIENT_NAME]: verifyClient } = process.env;
const passwords = verifyClient ? new SourcePasswords(trigger.store, trigger.directory, verifyClient) : undefined;

const ports: UserMigrationPorts = {
  switch: trigger.switch,
  directory: trigger.directory,
  settings: trigger.settings,
  followUp: async message => {
    try {
      await trigger.followUpLater(message);
    } catch (error) {
      // PostConfirmation does it, after the new password.
      logError('follow-up not queued', error);
    }
  },
  ...(passwords ? { passwordOwner: async (typed, password) => passwords.userOf(typed, password) } : {}),
};

/** Cognito's UserMigration trigger: a user that the standby pool does not have signs in or has forgotten a password. */
export const handler = withPublicErrors(async (event: UserMigrationEvent): Promise<UserMigrationEvent> => {
  // AWS promises the answer for unknown users where the response is empty. What Cognito sends has every member, and null: that is not documented.
  event.response = {};
  try {
    event.response = await migrateUser(event, ports, { resetPasswordAtSignIn: reset === 'true' }) ?? {};
  } catch (error) {
    // The user is answered as unknown, like any stranger, and tries again.
    logTriggerFailure('user migration', errorName(error));
  }
  return event;
});
