import { DEFAULT_SOURCE_SUB_CLAIM } from '../constants';
import { FollowUp } from './follow-up-message';
import { NO_TOKEN, TokenEvent, TokenPorts, TokenRefused, identityOf, tokenResponse } from './token-claims';
import { countRefusal, logError, logProblem, logTriggerFailure, trigger } from './trigger-clients.lambda-shared';
import { ENV_GROUP_ROLES, ENV_MARKS_USERS, ENV_SOURCE_SUB_CLAIM } from '../../runtime/environment';
import { errorName } from '../../runtime/error-name';
import { STANDBY_METRIC } from '../../runtime/metric-names';
import { PublicError, withPublicErrors } from '../../runtime/public-error';
import { knownLink } from '../../state/dynamodb-links.lambda-shared';

const { [ENV_SOURCE_SUB_CLAIM]: claim = DEFAULT_SOURCE_SUB_CLAIM, [ENV_MARKS_USERS]: marksUsers, [ENV_GROUP_ROLES]: roles = '{}' } = process.env;
const groupRoles = JSON.parse(roles) as Record<string, string>;

/** Users that this instance asked to have compared, with the opening since when: a comparison takes a moment, and tokens are made again and again. */
const asked = new Map<string, number>();
const MOST_ASKED = 10_000;

const ports: TokenPorts = {
  switch: trigger.switch,
  directory: trigger.directory,
  linkOf: async (userPoolId, sub) => knownLink(trigger.items, userPoolId, sub),
  row: async (poolId, sub) => trigger.ledger.user(poolId, sub),
  isOfAnother: async (row, sub) => trigger.ledger.isOfAnother(row, sub),
  candidates: async (poolId, sub) => trigger.ledger.candidateGroups(poolId, sub),
  memberships: async (poolId, sub, groups, isHeld) => trigger.ledger.memberships(poolId, sub, groups, isHeld),
  incidents: trigger.incidents,
  hasSecondFactor: async (userPoolId, username) => (await trigger.standbyPool(userPoolId).getUser(username)).mfa.enabled.length > 0,
  compareAgain,
};

async function compareAgain(message: FollowUp): Promise<void> {
  if (asked.get(message.sourceSub) === message.since) return;
  try {
    await trigger.followUpLater(message);
    if (asked.size >= MOST_ASKED) asked.clear();
    asked.set(message.sourceSub, message.since!);
  } catch (error) {
    // The next token asks again.
    logError('comparison not queued', error);
  }
}

/** Cognito's PreTokenGeneration trigger of the standby pool. Whatever goes wrong, no token is issued: nobody's rights are known then. */
export const handler = withPublicErrors(async (event: TokenEvent): Promise<TokenEvent> => {
  const calledAt = Date.now();
  try {
    const identity = await identityOf(event, ports, { marksUsers: marksUsers === 'true' });
    if (identity) event.response = tokenResponse(event.version, claim, identity, event.request.groupConfiguration, groupRoles);
  } catch (error) {
    if (error instanceof TokenRefused) {
      logProblem('token refused', error.code);
      countRefusal(STANDBY_METRIC.TOKENS_REFUSED, calledAt);
    } else {
      logTriggerFailure('token claims', errorName(error));
    }
    throw new PublicError(NO_TOKEN);
  }
  return event;
});
