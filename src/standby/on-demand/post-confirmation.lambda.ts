import { followUp } from './follow-up';
import { ConfirmationEvent, onConfirmed } from './post-confirmation';
import { logTriggerFailure, logProblem, trigger } from './trigger-clients.lambda-shared';
import { systemClock as clock } from '../../runtime/clock';
import { ENV_GROUP_ROLES, ENV_LINK_ATTRIBUTES, ENV_SOURCE_SUB_PROVES } from '../../runtime/environment';
import { withPublicErrors } from '../../runtime/public-error';
import { DynamoDbLinks, knownLink } from '../../state/dynamodb-links.lambda-shared';

const groupRoles = JSON.parse(process.env[ENV_GROUP_ROLES] ?? '{}') as Record<string, string>;
const linkAttributes = JSON.parse(process.env[ENV_LINK_ATTRIBUTES] ?? '{}') as Record<string, string>;

/** Cognito's PostConfirmation trigger of the standby pool: whatever happens here, the user goes on. */
export const handler = withPublicErrors(async (event: ConfirmationEvent): Promise<ConfirmationEvent> => {
  const { userPoolId } = event;
  const outcome = await onConfirmed(event, {
    directory: trigger.directory,
    switch: trigger.switch,
    linkOf: async (poolId, sub) => knownLink(trigger.items, poolId, sub),
    enqueue: trigger.followUpLater,
    followUp: async message => {
      const source = (await trigger.directory.source())!;
      const done = await followUp({
        directory: trigger.directory,
        links: new DynamoDbLinks(trigger.items, source.poolId, userPoolId),
        ledger: trigger.ledger,
        pool: trigger.standbyPool(userPoolId),
        userPoolId,
        settings: await trigger.settings(userPoolId),
        groupRow: async (poolId, name) => trigger.ledger.group(poolId, name),
        groupRoles,
        linkAttributes,
        sourceSubProves: process.env[ENV_SOURCE_SUB_PROVES] === 'true',
        clock,
      }, message);
      if (done.kind === 'failed') logProblem('follow-up', done.reason.code);
      return done;
    },
  });
  if (outcome === 'queued') logProblem('confirmation', outcome);
  if (outcome === 'missed') logTriggerFailure('confirmation', outcome);
  return event;
});
