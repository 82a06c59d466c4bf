import type { FollowUpOutcome } from './follow-up';
import { FollowUp } from './follow-up-message';
import { describedUserOf, isFederated } from '../../cognito/identities';
import { CUSTOM_SOURCE_SUB } from '../../cognito/source-sub';
import { awaitsMfa } from '../../converge/user-plan';
import { UserRow } from '../../ledger/schema';
import { within } from '../../runtime/within';
import { Link } from '../../state/link';
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
  linkOf(userPoolId: string, sub: string): Promise<Link | undefined>;
  /** Follows up now. */
  followUp(message: FollowUp): Promise<FollowUpOutcome>;
  /** Leaves it to the queue. */
  enqueue(message: FollowUp): Promise<void>;
}

/** The person has just set a password. */
const RESET = 'PostConfirmation_ConfirmForgotPassword';

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
  let message: FollowUp | undefined = sourceSub ? { sourceSub, username, ...passwordOf(event) } : undefined;
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
  const { triggerSource, userPoolId, userName, request: { userAttributes: { sub, [CUSTOM_SOURCE_SUB]: sourceSub } } } = event;
  const isNew = !sourceSub && !isFederated(describedUserOf(event));
  if (isNew && triggerSource !== RESET) return undefined;
  const link = await ports.linkOf(userPoolId, sub);
  const row = link ? await rowOfWaiting(event, ports, link) : isNew ? undefined : await rowOf(event, ports);
  return row && row.deletedAt === undefined ? { sourceSub: row.sub, username: userName, ...passwordOf(event) } : undefined;
}

async function rowOf(event: ConfirmationEvent, { directory }: ConfirmationPorts): Promise<UserRow | undefined> {
  const { userName, request: { userAttributes } } = event;
  const { [CUSTOM_SOURCE_SUB]: sourceSub } = userAttributes;
  return sourceSub ? directory.ofStandbyUser(sourceSub, userAttributes, userName) : directory.findFederated(describedUserOf(event));
}

/** Of a user who was brought before, nothing is left to give but a second factor that waits for the password. */
async function rowOfWaiting({ triggerSource }: ConfirmationEvent, { directory }: ConfirmationPorts, link: Link): Promise<UserRow | undefined> {
  const row = triggerSource === RESET && link.image.mfa === undefined ? await directory.user(link.sourceSub) : undefined;
  return row && awaitsMfa(row, link) ? row : undefined;
}

function passwordOf({ triggerSource }: ConfirmationEvent): Pick<FollowUp, 'password'> {
  return triggerSource === RESET ? { password: 'set' } : {};
}
