import { followUp, FollowUpOutcome } from './follow-up';
import { FollowUp } from './follow-up-message';
import { forEachConcurrently } from '../../runtime/concurrency';
import { json } from '../../runtime/env.lambda-shared';
import { errorName } from '../../runtime/error-name';
import * as z from '../../runtime/zod.lambda-shared';
import { StandbyContext } from '../standby-context';

/** A message of the follow-up queue. */
export interface QueuedFollowUp {
  readonly id: string;
  readonly body: string;
  /** How often the queue has delivered it. */
  readonly receives: number;
}

/** What became of a message, for the log. */
export type FollowUpReport =
  | FollowUpOutcome & { readonly sourceSub: string }
  /** `error`: name of an error that has nothing to do with the user. */
  | { readonly kind: 'error'; readonly error: string; readonly sourceSub: string }
  | { readonly kind: 'unreadable' };

const USERS_AT_ONCE = 8;
/** By this delivery Cognito has made the user, or refused what the trigger answered. */
const LOOKS = 4;

const MESSAGE = json(z.object({
  sourceSub: z.string().check(z.minLength(1)),
  username: z.optional(z.string()),
  since: z.optional(z.number()),
  password: z.optional(z.enum(['set', 'used'])),
}));

/** Follows up on every message; answers the ids of those that are to be delivered again. */
export async function followUpMessages(
  context: StandbyContext, messages: readonly QueuedFollowUp[], report: (what: FollowUpReport) => void,
): Promise<string[]> {
  const failures: string[] = [];
  await forEachConcurrently(messages, USERS_AT_ONCE, async ({ id, body, receives }) => {
    const read = MESSAGE.safeParse(body);
    const what = read.success ? await outcomeOf(context, read.data) : { kind: 'unreadable' } as const;
    if (what.kind !== 'done' || what.warnings) report(what);
    // A message that keeps failing reaches the dead-letter queue, whose alarm tells an operator.
    const isLater = what.kind === 'missing' ? receives < LOOKS : what.kind !== 'done' && what.kind !== 'gone';
    if (isLater) failures.push(id);
  });
  return failures;
}

async function outcomeOf(context: StandbyContext, message: FollowUp): Promise<FollowUpReport> {
  const { sourceSub } = message;
  try {
    return { ...await followUp(context, message), sourceSub };
  } catch (error) {
    return { kind: 'error', error: errorName(error), sourceSub };
  }
}
