import { Hint, IgnoredReason, ReadHint } from './hint';
import { factsOf } from './user-events';

/** A message of the hints queue. */
export interface Message {
  readonly id: string;
  readonly read: ReadHint;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  /** How often it was received, this time included. */
  readonly receives: number;
}

/** Hints about one user, or about one group, that one look at Cognito answers. */
interface Job {
  readonly messages: Message[];
  readonly hints: Hint[];
  /** How often the oldest of the messages was looked at, this time included: the next look waits accordingly. */
  looks: number;
  /** How often the newest was. */
  freshLooks: number;
  removes: boolean;
}

/** What an event says of a membership, and how often that was looked at. */
export interface MembershipHint {
  /** Entered (true), left (false) or may have, whichever came last (undefined). */
  readonly enters?: boolean;
  readonly looks: number;
}

export interface UserJob extends Job {
  readonly sub: string;
  /** AdminGetUser makes nobody active who was not. */
  active: boolean;
  /** An answer that dates from before this moment does not know of the event yet. */
  movedAt: number;
  /** How often the newest event of each kind was looked at: an old one must not use up the patience that a new one is owed. */
  movedLooks: number;
  removedLooks: number;
  /** Infinite where no event sets the MFA preference. */
  mfaLooks: number;
  /** Whether an event says of which pool the user is. */
  isOurs: boolean;
  readonly groups: Map<string, MembershipHint>;
  allGroups: boolean;
}

export interface GroupJob extends Job {
  readonly group: string;
}

export interface Jobs {
  readonly users: UserJob[];
  readonly groups: GroupJob[];
  readonly ignored: { readonly message: Message; readonly reason: IgnoredReason }[];
  readonly unreadable: { readonly message: Message; readonly problem: string }[];
  /** When CloudTrail's newest event happened: somebody delivers them. */
  readonly eventSeenAt?: number;
}

const ENTERS: Readonly<Record<string, boolean>> = { AdminAddUserToGroup: true, AdminRemoveUserFromGroup: false };

/** Folds the messages of a batch: ten hints about one user are one look. */
export function jobsOf(messages: readonly Message[], now: number): Jobs {
  const users = new Map<string, UserJob>();
  const groups = new Map<string, GroupJob>();
  const jobs: Jobs & { eventSeenAt?: number } = { users: [], groups: [], ignored: [], unreadable: [] };
  for (const message of messages) {
    const { read } = message;
    if ('unreadable' in read) {
      jobs.unreadable.push({ message, problem: read.unreadable });
      continue;
    }
    if (('hint' in read ? read.hint : read).source === 'cloudtrail') jobs.eventSeenAt = Math.max(jobs.eventSeenAt ?? 0, message.sentAt);
    if ('ignored' in read) {
      jobs.ignored.push({ message, reason: read.ignored });
    } else if (read.hint.sub !== undefined) {
      const { sub } = read.hint;
      const job = users.get(sub) ?? newUserJob(sub);
      users.set(sub, job);
      addToUser(job, message, read.hint, now);
    } else if (read.hint.group !== undefined) {
      const job = groups.get(read.hint.group) ?? { ...newJob(), group: read.hint.group };
      groups.set(job.group, job);
      add(job, message, read.hint);
    }
  }
  jobs.users.push(...users.values());
  jobs.groups.push(...groups.values());
  return jobs;
}

function newJob(): Job {
  return { messages: [], hints: [], looks: 0, freshLooks: Infinity, removes: false };
}

function newUserJob(sub: string): UserJob {
  const none = { movedAt: 0, movedLooks: Infinity, removedLooks: Infinity, mfaLooks: Infinity };
  return { ...newJob(), ...none, sub, active: false, isOurs: false, groups: new Map(), allGroups: false };
}

function add(job: Job, message: Message, hint: Hint): void {
  job.messages.push(message);
  job.hints.push(hint);
  job.looks = Math.max(job.looks, message.receives);
  job.freshLooks = Math.min(job.freshLooks, message.receives);
  job.removes ||= factsOf(hint.eventName).removes ?? false;
}

function addToUser(job: UserJob, message: Message, hint: Hint, now: number): void {
  add(job, message, hint);
  const facts = factsOf(hint.eventName);
  const eventTime = Date.parse(hint.eventTime);
  // Billed by calendar month: active in the last minute of one is not active in the next.
  job.active ||= facts.active === true && monthOf(eventTime) === monthOf(now);
  // CloudTrail keeps whole seconds.
  const moment = Math.floor(eventTime / 1_000) * 1_000;
  if (facts.moves && hint.source === 'cloudtrail' && moment >= job.movedAt) {
    job.movedLooks = moment > job.movedAt ? message.receives : Math.min(job.movedLooks, message.receives);
    job.movedAt = moment;
  }
  if (facts.removes) job.removedLooks = Math.min(job.removedLooks, message.receives);
  if (facts.setsMfa) job.mfaLooks = Math.min(job.mfaLooks, message.receives);
  job.isOurs ||= hint.userPoolId !== undefined;
  if (hint.group === undefined) {
    // An event of a membership that hides its group may be about any.
    job.allGroups ||= hint.source !== 'cloudtrail' || facts.changes === 'membership';
  } else {
    const other = job.groups.get(hint.group);
    job.groups.set(hint.group, {
      enters: other ? undefined : ENTERS[hint.eventName], looks: Math.min(other?.looks ?? Infinity, message.receives),
    });
  }
}

function monthOf(time: number): string {
  return new Date(time).toISOString().slice(0, 7);
}
