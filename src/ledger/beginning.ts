import { EpochMilliseconds } from '../runtime/flavor';

/** Milliseconds by which our clock, Cognito's and CloudTrail's may differ. AWS keeps clocks within microseconds; dates may be cut to seconds. */
export const CLOCK_SKEW = 1_000;

/**
 * Milliseconds that an answer of Cognito may be behind what is true. Cognito says "eventual consistency" and no number; listings were seen to lag
 * by a second or two, so a minute is for certain. It bounds how much the ledger claims to know, and how long a tombstone is believed.
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html
 */
export const MOST_LAG = 60_000;

/** A stretch of time in which something happened: after `notBefore`, and at `since` at the latest. Milliseconds since the epoch. */
export interface Interval {
  /** Absent where nothing is known of the time before. */
  readonly notBefore?: EpochMilliseconds;
  readonly since: EpochMilliseconds;
}

/**
 * When a row became what it is. The interval itself holds whatever was lost: its ends are looks at Cognito, and Cognito's own dates.
 */
export interface Beginning extends Interval {
  /** What the events of CloudTrail or of a trigger say, where they explain the change: right unless an event between the two looks was lost. */
  readonly byEvent?: Interval;
  /** More than one event moved the row between the two looks: what it was in between is not known. */
  readonly coalesced?: true;
}

/** What changed a row, and who. It is in the ledger alone; the session's name is often an e-mail address, and is masked wherever it is shown. */
export interface Cause {
  /** `sweep`, `recovery:<execution>`, the `triggerSource` of a trigger, or the API call as CloudTrail names it. */
  readonly event: string;
  /** Id of the event, or name of the sweep's execution. */
  readonly id?: string;
  /** When the event happened, by its own account. */
  readonly at?: EpochMilliseconds;
  /** ARN of the IAM role or user whose credentials made the call; absent where users changed themselves. */
  readonly principal?: string;
  /** Name of the session of that role. */
  readonly session?: string;
}
