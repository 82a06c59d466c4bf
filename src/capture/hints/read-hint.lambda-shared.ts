import type { SQSRecord } from 'aws-lambda';
import { HINT_VERSION, Hint, ReadHint } from './hint';
import { Message } from './hint-jobs';
import { API_EVENTS, CHALLENGE_EVENTS, CHANGING_CHALLENGES, PAGE_EVENTS } from './user-events';
import { json } from '../../runtime/env.lambda-shared';
import * as z from '../../runtime/zod.lambda-shared';

/** CloudTrail's place-holder for what it may not show. */
const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/** Cognito's own limit for the name of a group and for a `sub`. */
const name = z.string().check(z.minLength(1), z.maxLength(128));
/** The key of an item of DynamoDB: its own limits for both keys are below it. */
const cursor = z.string().check(z.maxLength(4_096));
const time = z.string().check(z.refine(text => !Number.isNaN(Date.parse(text)), 'is no time'));

/** AWS's samples of managed login have an empty `errorCode` where nothing went wrong. */
const NO_ERROR: readonly unknown[] = [undefined, null, ''];

const jsonObject = json(z.record(z.string(), z.unknown()));
/** These fields decide how the rest is read. */
const address = z.object({ version: z.literal(HINT_VERSION), userPoolId: z.string(), source: z.optional(z.unknown()) });
const sent = z.object({
  sub: z.optional(name),
  group: z.optional(name),
  eventName: z._default(name, 'Hint'),
  eventTime: z.optional(time),
  membersFrom: z.optional(cursor),
}).check(z.refine(({ sub, group }) => sub !== undefined || group !== undefined, 'has neither sub nor group'));

/** A field that CloudTrail shows. Fields of a form may occur more than once. One that is hidden, or no name, counts as absent. */
const shown = z.catch(z.optional(z.pipe(
  z.transform((value: unknown) => (Array.isArray(value) ? value[0] as unknown : value)),
  name.check(z.refine(text => text !== HIDDEN)),
)), undefined);
/** An ARN as CloudTrail shows it. A role's name has 64 characters at most and its path 512. */
const arn = z.catch(z.optional(z.string().check(z.startsWith('arn:'), z.maxLength(1_024))), undefined);
/** Users who call with their own token are `Unknown` here, and pages of managed login nobody. */
const identity = z.catch(z.object({
  arn,
  sessionContext: z.catch(z.object({ sessionIssuer: z.catch(z.object({ arn }), {}) }), { sessionIssuer: {} }),
}), { sessionContext: { sessionIssuer: {} } });
const parameters = z.catch(z.object({ userPoolId: shown, groupName: shown, challengeName: shown, sub: shown }), {});
const event = z.object({
  detail: z.object({
    eventName: name,
    eventTime: time,
    eventID: shown,
    eventSource: z.optional(z.unknown()),
    errorCode: z.optional(z.unknown()),
    userIdentity: identity,
    requestParameters: parameters,
    responseElements: z.catch(z.object({ userSub: shown }), {}),
    additionalEventData: z.catch(z.object({ userPoolId: shown, sub: shown, requestParameters: parameters }), { requestParameters: {} }),
  }),
});

/** Reads a record of the queue. */
export function messageOf({ messageId: id, body, attributes }: SQSRecord, poolId: string): Message {
  const sentAt = Number(attributes.SentTimestamp);
  return { id, read: readHint(body, poolId, sentAt), sentAt, receives: Number(attributes.ApproximateReceiveCount) };
}

/** Reads a message for a consumer that looks after one pool. Where the message has no time of an event, `sentAt` is used. */
export function readHint(body: string, poolId: string, sentAt: number): ReadHint {
  const read = jsonObject.safeParse(body);
  if (!read.success) return { unreadable: 'is not a JSON object' };
  return 'detail-type' in read.data ? fromCloudTrail(read.data, poolId) : fromSender(read.data, poolId, sentAt);
}

function fromSender(message: unknown, poolId: string, sentAt: number): ReadHint {
  const to = address.safeParse(message);
  if (!to.success) return { unreadable: whatIsWrong(to.error) };
  const { version, userPoolId } = to.data;
  const source = to.data.source === 'trigger' ? 'trigger' : 'application';
  if (userPoolId !== poolId) return { ignored: 'other-pool', source };
  const about = sent.safeParse(message);
  if (!about.success) return { unreadable: whatIsWrong(about.error) };
  const { sub, group, eventName, eventTime = new Date(sentAt).toISOString(), membersFrom } = about.data;
  return { hint: { version, userPoolId, sub, group, eventName, eventTime, source, ...(membersFrom === undefined ? {} : { membersFrom }) } };
}

/** The envelope that EventBridge puts around an event of CloudTrail. */
function fromCloudTrail(envelope: unknown, poolId: string): ReadHint {
  const read = event.safeParse(envelope);
  if (!read.success) return { unreadable: whatIsWrong(read.error) };
  const { eventName, eventTime, eventID: eventId, eventSource, errorCode, userIdentity, ...detail } = read.data.detail;
  const source = 'cloudtrail';
  const facts = [API_EVENTS, CHALLENGE_EVENTS, PAGE_EVENTS].find(events => Object.hasOwn(events, eventName))?.[eventName];
  if (eventSource !== 'cognito-idp.amazonaws.com' || !facts) return { ignored: 'unrelated-event', source };
  if (!NO_ERROR.includes(errorCode)) return { ignored: 'failed-call', source };
  const { requestParameters: { groupName, challengeName, ...request }, additionalEventData: additional, responseElements: response } = detail;
  const userPoolId = request.userPoolId ?? additional.userPoolId;
  if (userPoolId !== undefined && userPoolId !== poolId) return { ignored: 'other-pool', source };
  if (Object.hasOwn(CHALLENGE_EVENTS, eventName) && challengeName !== undefined && !CHANGING_CHALLENGES.includes(challengeName)) {
    return { ignored: 'unrelated-event', source };
  }
  const hint = { version: HINT_VERSION, userPoolId, eventName, eventTime, eventId, source, ...callerOf(userIdentity) } as const;
  if (facts.changes === 'group') {
    return groupName === undefined ? { ignored: 'no-user', source } : { hint: { ...hint, sub: undefined, group: groupName } };
  }
  const sub = additional.sub ?? additional.requestParameters.sub ?? response.userSub;
  if (sub === undefined) return { ignored: 'no-user', source };
  return { hint: { ...hint, sub, group: facts.changes === 'user' ? undefined : groupName } };
}

/**
 * The role or the IAM user that made the call, and the name of the role's session.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
function callerOf({ arn: own, sessionContext: { sessionIssuer: { arn: issuer } } }: z.infer<typeof identity>): Pick<Hint, 'principal' | 'session'> {
  // Without its issuer a session is called by its role, as principals are shown and told outside of the ledger.
  const principal = issuer ?? own?.replace(/(:assumed-role\/.*)\/[^/]+$/, '$1');
  const [, session] = /:assumed-role\/.*\/([^/]+)$/.exec(own ?? '') ?? [];
  return { ...(principal === undefined ? {} : { principal }), ...(session === undefined ? {} : { session }) };
}

/** The first thing that is wrong, and where. The messages of zod say what was expected, and never what was there. */
function whatIsWrong({ issues: [{ path, message }] }: z.core.$ZodError): string {
  return path.length > 0 ? `${path.join('.')}: ${message}` : message;
}
