import { Assumption, INFERRED, Observation, unobservable } from './assumption';
import { MadeCall, madeCalls, REFUSED } from './cloudtrail-calls';
import { About, shapeOf } from './event-shape';
import { lagObservation, LAG_ASSUMED } from './lag';
import { CLOUDTRAIL_FIXTURES, CloudTrailFixture, cloudTrailEvent, EXAMPLE_CALL } from '../../capture/hints/fixtures/cloudtrail-events';
import { HeardEvent } from '../event-log';
import { Port, until } from '../port';

/** Calls that take a code that only the user gets to see. */
const BY_CODE = ['ConfirmSignUp', 'ConfirmForgotPassword', 'VerifyUserAttribute'];
/** CloudTrail keeps whole seconds, and the clocks of two machines differ. */
const CLOCKS_MS = 5_000;

const BY_NAME = 'found by its name, the only one of the run since the call';

export interface Match {
  readonly event: HeardEvent;
  /** Nothing else tells that it is the event of the call. */
  readonly byName: boolean;
}

/** For every event that is assumed to come, that it comes and looks so; which events a page of managed login makes takes a browser. */
export const CLOUDTRAIL: readonly Assumption[] = [
  ...CLOUDTRAIL_FIXTURES.map(assumptionOf),
  {
    id: 'cloudtrail.refused',
    what: 'Event of a call that was refused',
    assumed: 'has an errorCode',
    source: 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html',
    check: async port => withEvent(port, REFUSED, ({ detail }) => ({
      observed: detail.errorCode ? `errorCode ${String(detail.errorCode)}` : 'no errorCode', holds: Boolean(detail.errorCode),
    })),
  },
  {
    id: 'cloudtrail.lag',
    what: 'Time from a call to its event in a queue',
    assumed: LAG_ASSUMED,
    source: INFERRED,
    check: async port => {
      const { milliseconds, missing } = await lagsOf(port, await madeCalls(port));
      return lagObservation(milliseconds, missing, port.patience.event);
    },
  },
];

function assumptionOf(fixture: CloudTrailFixture): Assumption {
  const { eventName, mark, source } = fixture;
  const assumed = shapeOf(cloudTrailEvent(eventName)!.detail, aboutOf(fixture, { ...EXAMPLE_CALL, address: '@', challengeName: 'NEW_PASSWORD_REQUIRED' }));
  const [id, what, from] = [`cloudtrail.${eventName}`, `Event of ${eventName}`, `${mark}: ${source}`];
  if (fixture.caller === 'endpoint') return unobservable(id, what, assumed, from, 'a page of managed login, which takes a domain and a browser');
  if (BY_CODE.includes(eventName)) return unobservable(id, what, assumed, from, 'the call takes a code that Cognito sends to the user');
  return {
    id,
    what,
    assumed,
    source: from,
    check: async port => withEvent(port, eventName, ({ detail }, { about }) => {
      const observed = shapeOf(detail, aboutOf(fixture, { userPoolId: port.deployed.probePool, clientId: port.deployed.probeClient, ...about }));
      return { observed, holds: observed === assumed };
    }),
  };
}

/** What an event may be asked about: a group is nobody, and only answers to challenges name one. */
function aboutOf({ eventName, names }: CloudTrailFixture, { userPoolId, clientId, sub, groupName, address, challengeName }: About): About {
  return {
    userPoolId,
    clientId,
    address,
    ...(names === 'group' ? {} : { sub }),
    ...(names.includes('group') ? { groupName } : {}),
    ...(eventName.endsWith('RespondToAuthChallenge') ? { challengeName } : {}),
  };
}

/** Of all calls that were answered as they should be: how long their events took, and how many did not arrive within the patience. */
export async function lagsOf(port: Port, calls: ReadonlyMap<string, MadeCall>): Promise<{ milliseconds: number[]; missing: number }> {
  const answered = [...calls].filter(([name, { error }]) => !error || name === REFUSED);
  const milliseconds: number[] = [];
  for (const [name, call] of answered) {
    const match = await eventOf(port, name, call);
    if (match) milliseconds.push(match.event.sentAt - Date.parse(String(match.event.detail.eventTime)));
  }
  return { milliseconds, missing: answered.length - milliseconds.length };
}

async function withEvent(port: Port, name: string, look: (event: HeardEvent, call: MadeCall) => Observation): Promise<Observation> {
  const call = (await madeCalls(port)).get(name);
  if (!call || (call.error && name !== REFUSED)) return { failed: call?.error ?? 'the call was not made' };
  const match = await eventOf(port, name, call);
  if (match) {
    const seen = look(match.event, call);
    return match.byName ? { ...seen, observed: `${seen.observed}; ${BY_NAME}` } : seen;
  }
  const { event: patience, firstEvent } = port.patience;
  return port.events.heard.length > 0
    ? { notObserved: `no event within ${minutes(patience)}` }
    : { notObserved: `no event of Cognito at all within ${minutes(firstEvent)}: is there a trail in ${port.source.name} (--create-trail makes one)?` };
}

/** Waited for as long as the patience is, from the call on. */
async function eventOf(port: Port, name: string, call: MadeCall): Promise<Match | undefined> {
  const { event: patience, firstEvent } = port.patience;
  const left = () => call.calledAt + (port.events.heard.length > 0 ? patience : firstEvent) - Date.now();
  let match: Match | undefined;
  while (match === undefined && left() > 0) {
    match = await until(port, Math.min(left(), port.patience.poll), async () => Promise.resolve(matching(port.events.heard, name, call)));
  }
  return match ?? matching(port.events.heard, name, call);
}

/**
 * The event of a call: CloudTrail repeats the call's request id; where it does not, the user and the group tell. An event without a user is taken
 * by its name where it is the only one since the call: what is heard is about the run's own pools, in which each call is made once.
 */
export function matching(heard: readonly HeardEvent[], name: string, { about, calledAt, requestId }: MadeCall): Match | undefined {
  const [eventName] = name.split(' ');
  const candidates = heard.filter(({ detail }) => detail.eventName === eventName
    && Boolean(detail.errorCode) === (name === REFUSED) && Date.parse(String(detail.eventTime)) >= calledAt - CLOCKS_MS);
  const naming = (value: string | undefined) => (value ? candidates.filter(({ detail }) => JSON.stringify(detail).includes(value)) : []);
  const event = candidates.find(({ detail }) => requestId !== undefined && detail.requestID === requestId)
    ?? naming(about.sub)[0] ?? naming(about.groupName)[0];
  if (event) return { event, byName: false };
  const nameless = candidates.filter(({ detail }) => !(detail.additionalEventData as { sub?: string } | undefined)?.sub);
  return nameless.length === 1 ? { event: nameless[0], byName: true } : undefined;
}

function minutes(milliseconds: number): string {
  return `${Math.round(milliseconds / 6_000) / 10} minutes`;
}
