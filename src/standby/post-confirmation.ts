import { FollowUp } from './follow-up-message';
import { SourceDirectory } from './source-directory';
import { CUSTOM_SOURCE_SUB } from '../restore/target-settings';

/** What this library reads of the event that Cognito gives to a PostConfirmation trigger. */
export interface ConfirmationEvent {
  readonly triggerSource: string;
  readonly userPoolId: string;
  readonly userName: string;
  readonly request: { readonly userAttributes: Readonly<Record<string, string>> };
}

export interface ConfirmationPorts {
  readonly directory: SourceDirectory;
  knownSub(userPoolId: string, sub: string): Promise<string | undefined>;
  /** Follows up now. */
  followUp(message: FollowUp): Promise<unknown>;
  /** Has it done soon. */
  enqueue(message: FollowUp): Promise<void>;
}

/** Cognito waits five seconds for the function and its start. Twenty groups take one. */
export const BUDGET = 3_000;

/**
 * A user who set a new password signs in next: groups are put in place now, so that tokens carry them and the trigger that makes those asks
 * nobody. Never fails the user; what does not end in time is left to the queue.
 */
export async function onConfirmed(event: ConfirmationEvent, ports: ConfirmationPorts, budget = BUDGET): Promise<'nothing' | 'done' | 'queued' | 'missed'> {
  let message: FollowUp | undefined;
  try {
    message = await messageFor(event, ports);
    if (!message) return 'nothing';
    await within(budget, ports.followUp(message));
    return 'done';
  } catch {
    try {
      if (!message) return 'missed';
      await ports.enqueue(message);
      return 'queued';
    } catch {
      return 'missed';
    }
  }
}

async function messageFor(
  { userPoolId, userName, request: { userAttributes } }: ConfirmationEvent, ports: ConfirmationPorts,
): Promise<FollowUp | undefined> {
  const { sub, [CUSTOM_SOURCE_SUB]: sourceSub, 'cognito:user_status': status } = userAttributes;
  if (!sourceSub && status !== 'EXTERNAL_PROVIDER') return undefined;
  if (await ports.knownSub(userPoolId, sub)) return undefined;
  const row = sourceSub ? await ports.directory.ofStandbyUser(sourceSub, userAttributes, userName) : await ports.directory.find(userName);
  return row && row.deletedAt === undefined ? { sourceSub: row.sub, username: userName } : undefined;
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error(`took longer than ${milliseconds} ms`), { name: 'Timeout' })), milliseconds);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
