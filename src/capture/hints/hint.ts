export const HINT_VERSION = 1;

/**
 * Says which user or group may have changed, never what changed: the consumer asks Cognito.
 *
 * An application sends this message too where its own Lambda functions take the pool's trigger slots; `version`, `userPoolId` and `sub` or `group`
 * are enough.
 */
export interface Hint {
  readonly version: typeof HINT_VERSION;
  /** Absent where an event of CloudTrail does not name the pool. */
  readonly userPoolId?: string;
  /** The user, unless only a group changed. */
  readonly sub?: string;
  /** The group that changed, or that the user entered or left; without it all groups of the user are looked at. */
  readonly group?: string;
  /** `triggerSource` of a trigger, or the API call as CloudTrail names it. */
  readonly eventName: string;
  /** ISO 8601. Where Cognito's answer is older than this, it is asked again. */
  readonly eventTime: string;
  readonly eventId?: string;
  readonly source: 'trigger' | 'cloudtrail' | 'application';
  /** ARN of the role or IAM user that made the call, and the name of the role's session; CloudTrail alone says so. */
  readonly principal?: string;
  readonly session?: string;
  /** Where the members of a group that was deleted go on, if an invocation had no time for all of them. Opaque; only the consumer sends it. */
  readonly membersFrom?: string;
}

/** Why a readable message asks for nothing. */
export type IgnoredReason =
  /** Cognito refused the call: nothing changed. */
  | 'failed-call'
  | 'other-pool'
  /** A page of managed login that does not name its user: the trigger or the sweep finds them. */
  | 'no-user'
  /** An event that changes no user, or only continues a sign-in. */
  | 'unrelated-event';

/** What a message of the queue asks for. */
export type ReadHint =
  | { readonly hint: Hint }
  | { readonly ignored: IgnoredReason; readonly source: Hint['source'] }
  /** Why the message is no hint, without anything from its content. */
  | { readonly unreadable: string };
