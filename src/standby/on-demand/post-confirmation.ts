import type { FollowUpOutcome } from './follow-up';
import { FollowUp } from './follow-up-message';
import { describedUserOf, isFederated } from '../../cognito/identities';
import { CUSTOM_SOURCE_SUB } from '../../cognito/source-sub';
import { within } from '../../runtime/within';
import { SourceDirectory } from '../source-directory';
import { SwitchReader } from '../switch/switch-reader';

/** What this library reads of the event that Cognito gives to a PostConfirmation trigger. */
export interface ConfirmationEvent {
  readonly triggerSource: string;
  readonly userPoolId: string;
  readonly userName: string;
  readonly request: { readonly userAttributes: Readonly<Record<string, string>> };
}

export interface ConfirmationPorts {
  readonly switch: Pick<SwitchReader, 'of'>;
  readonly directory: SourceDirectory;
  knownSub(userPoolId: string, sub: string): Promise<string | undefined>;
  /** Follows up now. */
  followUp(message: FollowUp): Promise<FollowUpOutcome>;
  /** Leaves it to the queue. */
  enqueue(message: FollowUp): Promise<void>;
}

/** Cognito waits five seconds for start, work and queue together. Twenty groups take one second. */
export const BUDGET = 2_500;
const QUEUE_SHARE = 0.4;

/**
 * A user that set a new password signs in next. Groups are put in place now, for whoever asks the pool: tokens carry the ledger's in any case.
 * Never fails the user: what is not done in time, or is refused, is left to the queue.
 */
export async function onConfirmed(
  event: ConfirmationEvent, ports: ConfirmationPorts, budget = BUDGET,
): Promise<'nothing' | 'done' | 'queued' | 'missed'> {
  const { userName: username, userPoolId, request: { userAttributes: { [CUSTOM_SOURCE_SUB]: sourceSub } } } = event;
  // If the look-up takes too long, the attribute is right in all but a chain of restores.
  let message: FollowUp | undefined = sourceSub ? { sourceSub, username } : undefined;
  const work = async () => {
    // Nothing is given to somebody who may not come in; the first token after the opening asks for it.
    if ((await ports.switch.of(userPoolId)).mode === 'closed') return 'nothing';
    message = await messageFor(event, ports);
    if (!message) return 'nothing';
    const outcome = await ports.followUp(message);
    // A refusal of Cognito may pass; one that stays reaches an operator by way of the queue.
    if (outcome.kind === 'failed' && outcome.reason.code === 'refused') throw new Error(outcome.reason.code);
    return 'done';
  };
  try {
    return await within(AbortSignal.timeout(budget), work());
  } catch {
    try {
      if (!message) return 'missed';
      await within(AbortSignal.timeout(budget * QUEUE_SHARE), ports.enqueue(message));
      return 'queued';
    } catch {
      return 'missed';
    }
  }
}

async function messageFor(event: ConfirmationEvent, ports: ConfirmationPorts): Promise<FollowUp | undefined> {
  const { userPoolId, userName, request: { userAttributes } } = event;
  const { sub, [CUSTOM_SOURCE_SUB]: sourceSub } = userAttributes;
  if (!sourceSub && !isFederated(describedUserOf(event))) return undefined;
  if (await ports.knownSub(userPoolId, sub)) return undefined;
  const row = sourceSub ? await ports.directory.ofStandbyUser(sourceSub, userAttributes, userName) : await ports.directory.findFederated(userName);
  return row && row.deletedAt === undefined ? { sourceSub: row.sub, username: userName } : undefined;
}
