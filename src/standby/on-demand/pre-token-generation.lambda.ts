import { DEFAULT_SOURCE_SUB_CLAIM } from '../constants';
import { TokenEvent, TokenPorts, identityOf, tokenResponse } from './token-claims';
import { logError, trigger } from './trigger-clients.lambda-shared';
import { ENV_SOURCE_SUB_CLAIM, ENV_VERIFY_CLIENT_NAME } from '../../runtime/environment';
import { PublicError, withPublicErrors } from '../../runtime/public-error';
import { knownFirstSub } from '../../state/dynamodb-links.lambda-shared';

const { [ENV_SOURCE_SUB_CLAIM]: claim = DEFAULT_SOURCE_SUB_CLAIM, [ENV_VERIFY_CLIENT_NAME]: verifyClient } = process.env;

/** Entries never expire: a `sub` of the source never changes. */
const known = new Map<string, string>();
const MOST_KNOWN = 10_000;

const ports: TokenPorts = {
  directory: trigger.directory,
  knownSub: async (userPoolId, sub) => {
    const found = known.get(sub) ?? await knownFirstSub(trigger.items, userPoolId, sub);
    if (found && known.size < MOST_KNOWN) known.set(sub, found);
    return found;
  },
};

/** Cognito's PreTokenGeneration trigger of the standby pool. */
export const handler = withPublicErrors(async (event: TokenEvent): Promise<TokenEvent> => {
  try {
    const identity = await identityOf(event, ports, { claim, signsInAtOnce: verifyClient !== undefined });
    event.response = tokenResponse(event.version, claim, identity, event.request.groupConfiguration);
  } catch (error) {
    logError('token claims', error);
    // Without the claim, an application that keys on it would take the user for a new one: no token is better than that.
    throw new PublicError('The identity of the user could not be read. Try again.');
  }
  return event;
});
