import { API_EVENTS, CHALLENGE_EVENTS, CHANGING_CHALLENGES, PAGE_EVENTS } from './user-events';

export const HINT_VERSION = 1;

/**
 * Says who may have changed, never what: whoever reads it asks Cognito.
 *
 * This is also the message that an application sends whose own Lambda functions take the pool's trigger slots; `version`, `userPoolId` and `sub`
 * or `group` are enough.
 */
export interface Hint {
  readonly version: typeof HINT_VERSION;
  /** Absent where an event of CloudTrail does not say. */
  readonly userPoolId?: string;
  /** The user, unless only a group changed. */
  readonly sub?: string;
  /** The group that changed, or that the user entered or left; without it all groups of the user are looked at. */
  readonly group?: string;
  /** `triggerSource` of a trigger, or the API call as CloudTrail names it. */
  readonly eventName: string;
  /** ISO 8601. An answer of Cognito that is older is asked for again. */
  readonly eventTime: string;
  readonly eventId?: string;
  readonly source: 'trigger' | 'cloudtrail' | 'application';
}

/** Why a readable message asks for nothing. */
export type IgnoredReason =
  /** The call was refused by Cognito: nothing changed. */
  | 'failed-call'
  | 'other-pool'
  /** A page of managed login that does not say who signed up there: the trigger or the sweep finds them. */
  | 'no-user'
  /** An event that changes no user, or only continues a sign-in. */
  | 'unrelated-event';

export type Read =
  | { readonly hint: Hint }
  | { readonly ignored: IgnoredReason; readonly source: Hint['source'] }
  | { readonly unreadable: string };

type Fields = Readonly<Record<string, unknown>>;

/** CloudTrail's place-holder for what it may not show. */
const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';
/** Cognito's own limit for the name of a group and for a `sub`. */
const MAX_NAME = 128;

/** What a message of the queue asks for, for a consumer that looks after one pool. `sentAt` stands in for the time of an event without one. */
export function readHint(body: string, poolId: string, sentAt: number): Read {
  const message = parsed(body);
  if (!isFields(message)) return { unreadable: 'is not a JSON object' };
  return 'detail-type' in message ? fromCloudTrail(message, poolId) : fromSender(message, poolId, sentAt);
}

function fromSender(message: Fields, poolId: string, sentAt: number): Read {
  const { version, userPoolId, eventName = 'Hint', eventTime = new Date(sentAt).toISOString() } = message;
  if (version !== HINT_VERSION) return { unreadable: `has version ${typeof version === 'number' ? version : 'none'}, not ${HINT_VERSION}` };
  if (typeof userPoolId !== 'string') return { unreadable: 'has no userPoolId' };
  const source = message.source === 'trigger' ? 'trigger' : 'application';
  if (userPoolId !== poolId) return { ignored: 'other-pool', source };
  if (!isName(message.sub) && message.sub !== undefined) return { unreadable: 'has a sub that is none' };
  if (!isName(message.group) && message.group !== undefined) return { unreadable: 'has a group that is none' };
  if (message.sub === undefined && message.group === undefined) return { unreadable: 'has neither sub nor group' };
  if (!isName(eventName) || !isTime(eventTime)) return { unreadable: 'has an eventName or eventTime that is none' };
  return { hint: { version: HINT_VERSION, userPoolId, sub: message.sub, group: message.group, eventName, eventTime, source } };
}

/** The envelope that EventBridge puts around an event of CloudTrail. */
function fromCloudTrail(envelope: Fields, poolId: string): Read {
  const { detail } = envelope;
  if (!isFields(detail) || !isName(detail.eventName) || !isTime(detail.eventTime)) return { unreadable: 'is no event of CloudTrail' };
  const source = 'cloudtrail';
  const { eventName, eventTime } = detail;
  const request = fields(detail.requestParameters);
  const facts = [API_EVENTS, CHALLENGE_EVENTS, PAGE_EVENTS].find(events => Object.hasOwn(events, eventName))?.[eventName];
  if (detail.eventSource !== 'cognito-idp.amazonaws.com' || !facts) return { ignored: 'unrelated-event', source };
  // AWS's samples of managed login have an empty one where nothing went wrong.
  if (detail.errorCode !== undefined && detail.errorCode !== null && detail.errorCode !== '') return { ignored: 'failed-call', source };
  const additional = fields(detail.additionalEventData);
  const userPoolId = shown(request.userPoolId) ?? shown(additional.userPoolId);
  if (userPoolId !== undefined && userPoolId !== poolId) return { ignored: 'other-pool', source };
  const challenge = shown(request.challengeName);
  if (Object.hasOwn(CHALLENGE_EVENTS, eventName) && challenge !== undefined && !CHANGING_CHALLENGES.includes(challenge)) {
    return { ignored: 'unrelated-event', source };
  }
  const sub = shown(additional.sub) ?? shown(fields(additional.requestParameters).sub) ?? shown(fields(detail.responseElements).userSub);
  const group = facts.changes === 'user' ? undefined : shown(request.groupName);
  if (facts.changes === 'group' ? !group : !sub) return { ignored: 'no-user', source };
  const eventId = shown(detail.eventID);
  return { hint: { version: HINT_VERSION, userPoolId, sub: facts.changes === 'group' ? undefined : sub, group, eventName, eventTime, eventId, source } };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME;
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

/** A field that CloudTrail shows; those of a form may occur more than once. */
function shown(value: unknown): string | undefined {
  const [first] = Array.isArray(value) ? value as unknown[] : [value];
  return isName(first) && first !== HIDDEN ? first : undefined;
}
