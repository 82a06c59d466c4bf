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
  /** How often the oldest of the messages was looked at, this time included. It decides how long the next look waits. */
  looks: number;
  /** How often the newest message was looked at. */
  freshLooks: number;
  removes: boolean;
}

/** What events say about a membership, and how often it was looked at. */
export interface MembershipHint {
  /** True: the user entered. False: the user left. Undefined: there are several events, and their order is not known. */
  readonly enters?: boolean;
  readonly looks: number;
}

export interface UserJob extends Job {
  readonly sub: string;
  /** The user is active this month anyway, so AdminGetUser costs nothing. */
  active: boolean;
  /** An answer that dates from before this moment was given without knowing of the event. */
  movedAt: number;
  /** How often the newest event of each kind was looked at: an old event must not use up the patience for a new one. */
  movedLooks: number;
  removedLooks: number;
  /** Infinity where no event sets the MFA preference. */
  mfaLooks: number;
  /** Whether an event names the pool of the user. */
  isOurs: boolean;
  readonly groups: Map<string, MembershipHint>;
  allGroups: boolean;
}

export interface GroupJob extends Job {
  readonly group: string;
  /** Where an earlier invocation stopped with the members. Absent where any of the hints is new: the members begin anew. */
  membersFrom?: string;
}

export interface Jobs {
  readonly users: UserJob[];
  readonly groups: GroupJob[];
  readonly ignored: { readonly message: Message; readonly reason: IgnoredReason }[];
  readonly unreadable: { readonly message: Message; readonly problem: string }[];
  /** When CloudTrail's newest event was sent: a sign that its events are delivered at all. */
  readonly eventSeenAt?: number;
}

const ENTERS: Readonly<Record<string, boolean>> = { AdminAddUserToGroup: true, AdminRemoveUserFromGroup: false };

/** Merges the messages of a batch: ten hints about one user need one look. */
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
      const known = groups.get(read.hint.group);
      const job: GroupJob = known ?? { ...newJob(), group: read.hint.group };
      groups.set(job.group, job);
      add(job, message, read.hint);
      job.membersFrom = known ? earlier(known.membersFrom, read.hint.membersFrom) : read.hint.membersFrom;
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
  // Users are billed by calendar month: a user active in the last minute of one is not active in the next.
  job.active ||= facts.active === true && monthOf(eventTime) === monthOf(now);
  // CloudTrail's times are whole seconds.
  const moment = Math.floor(eventTime / 1_000) * 1_000;
  if (facts.moves && hint.source === 'cloudtrail' && moment >= job.movedAt) {
    job.movedLooks = moment > job.movedAt ? message.receives : Math.min(job.movedLooks, message.receives);
    job.movedAt = moment;
  }
  if (facts.removes) job.removedLooks = Math.min(job.removedLooks, message.receives);
  if (facts.setsMfa) job.mfaLooks = Math.min(job.mfaLooks, message.receives);
  job.isOurs ||= hint.userPoolId !== undefined;
  if (hint.group === undefined) {
    // An event of a membership that hides its group may be about any group.
    job.allGroups ||= hint.source !== 'cloudtrail' || facts.changes === 'membership';
  } else {
    const other = job.groups.get(hint.group);
    job.groups.set(hint.group, {
      enters: other ? undefined : ENTERS[hint.eventName], looks: Math.min(other?.looks ?? Infinity, message.receives),
    });
  }
}

/** Of two places in one listing, which begin alike. */
function earlier(one: string | undefined, other: string | undefined): string | undefined {
  return one === undefined || other === undefined ? undefined : [one, other].sort()[0];
}

function monthOf(time: number): string {
  return new Date(time).toISOString().slice(0, 7);
}
