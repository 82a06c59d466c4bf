import { AGAIN, Applied, ApplyContext, ApplyCounts } from './apply-context';
import { applyGroup } from './apply-group';
import { applyUser } from './apply-user';
import { Hint, IgnoredReason } from './hint';
import { GroupJob, Message, UserJob, jobsOf } from './hint-jobs';
import { causeNames, Recoveries } from './recovery-calls';
import { factsOf } from './user-events';
import { forEachConcurrently } from '../../runtime/concurrency';
import { FirstSubReader } from '../first-subs';
import { noRefusals } from '../refused-rows';
import { OnWritten, RowWriter } from '../row-writer';

export interface ApplyProps extends Omit<ApplyContext, 'rows' | 'counts' | 'causeName'> {
  /** Absent where no recovery may write the pool. */
  readonly recoveries?: Recoveries;
  /** Absent where nobody can have come back. */
  readonly firstSubs?: FirstSubReader;
  /** Is told of each row that is written. */
  readonly written?: OnWritten;
}

/** A message that the queue is to deliver again, and when. */
export interface Retry {
  readonly id: string;
  readonly afterSeconds: number;
}

export interface ApplyAnswer extends ApplyCounts {
  readonly retries: readonly Retry[];
  /** Milliseconds from the event to the ledger, for each hint that was applied. */
  readonly lags: readonly number[];
  readonly ignored: Readonly<Partial<Record<IgnoredReason, number>>>;
  /** What is wrong with each message that is no hint. */
  readonly unreadable: readonly string[];
  readonly errors: readonly unknown[];
  /** When CloudTrail's newest event was delivered, if there was one. */
  readonly eventSeenAt?: number;
}

/** Users looked at in parallel: enough to hide Cognito's latency behind this consumer's share of its quotas. */
const JOBS_AT_A_TIME = 16;
/** Share of the time left after the users that groups have: one that is deleted may have millions of members, and others wait for the queue. */
const SHARE_OF_GROUPS = 0.5;
/** Retries come after 2, 4, 8 ... seconds: ten deliveries take 17 minutes, longer than a hiccup of Cognito or DynamoDB. */
const LONGEST_RETRY_SECONDS = 900;

/** Applies a batch of hints. Nothing is dropped silently: what is not applied is counted, retried or left for the dead-letter queue. */
export async function applyHints(props: ApplyProps, messages: readonly Message[]): Promise<ApplyAnswer> {
  const counts: ApplyCounts = noCounts();
  const jobs = jobsOf(messages, props.clock.now());
  const causeName = await causeNames(props.recoveries, [...jobs.users, ...jobs.groups].flatMap(({ hints }) => hints));
  const context: ApplyContext = { ...props, rows: new RowWriter(props.store, props.poolId, props.written, props.firstSubs), counts, causeName };
  // No delay: a message that is no hint never becomes one, so it should reach the dead-letter queue soon.
  const retries: Retry[] = jobs.unreadable.map(({ message }) => ({ id: message.id, afterSeconds: 0 }));
  const lags: number[] = [];
  const errors: unknown[] = [];

  const run = async <J extends UserJob | GroupJob>(job: J, apply: (what: J) => Promise<Applied>) => {
    let applied: Applied = AGAIN;
    try {
      applied = await apply(job);
      if (applied !== true && 'membersFrom' in applied) {
        // A message of its own, which was never received: a group of any size is worked through, and never ends among the dead letters.
        await props.send({ ...removalOf(job), membersFrom: applied.membersFrom });
        return;
      }
    } catch (error) {
      errors.push(error);
      applied = AGAIN;
    }
    if (applied === true) {
      lags.push(...job.hints.map(hint => Math.max(0, props.clock.now() - Date.parse(hint.eventTime))));
    } else {
      const { afterSeconds = afterLooks(job.looks) } = applied as { readonly afterSeconds?: number };
      retries.push(...job.messages.map(({ id }) => ({ id, afterSeconds })));
    }
  };
  // Users first: what a group takes is not known. Users do not need its row, as they write it themselves where it is new.
  await forEachConcurrently(jobs.users, JOBS_AT_A_TIME, async job => run(job, user => applyUser(context, user)));
  if (jobs.groups.length > 0) {
    const now = props.clock.now();
    const deadline = now + (props.deadline - now) * SHARE_OF_GROUPS;
    await forEachConcurrently(jobs.groups, JOBS_AT_A_TIME, async job => run(job, group => applyGroup({ ...context, deadline }, group)));
  }

  const ignored: Partial<Record<IgnoredReason, number>> = {};
  for (const { reason } of jobs.ignored) ignored[reason] = (ignored[reason] ?? 0) + 1;
  return { ...counts, retries, lags, errors, ignored, unreadable: jobs.unreadable.map(({ problem }) => problem), eventSeenAt: jobs.eventSeenAt };
}

/** For when nothing could be looked at: each message comes again after the time that its number of deliveries asks for. */
export function retryAll(messages: readonly Message[], error: unknown): ApplyAnswer {
  const retries = messages.map(({ id, receives }) => ({ id, afterSeconds: afterLooks(receives) }));
  return { ...noCounts(), retries, lags: [], errors: [error], ignored: {}, unreadable: [] };
}

/** The newest hint that says that the group is gone, if one does: the one that goes on must say it too. */
function removalOf({ hints }: UserJob | GroupJob): Hint {
  const { eventId: _id, ...hint } = hints.filter(({ eventName }) => factsOf(eventName).removes).at(-1) ?? hints[hints.length - 1];
  return hint;
}

function afterLooks(looks: number): number {
  return Math.min(2 ** looks, LONGEST_RETRY_SECONDS);
}

function noCounts(): ApplyCounts {
  return { rowsWritten: 0, ...noRefusals(), staleAnswers: 0, unknownUsers: 0, usersLeftToSweep: 0, groupsLeftToSweep: 0 };
}
