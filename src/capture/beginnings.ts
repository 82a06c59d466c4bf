import { Aspect } from './hints/user-events';
import { ChangeEvent, LookTimes } from './observation';
import { Beginning, Cause, CLOCK_SKEW, Interval, MOST_LAG } from '../ledger/beginning';
import { EpochMilliseconds } from '../runtime/flavor';

/** CloudTrail's times are whole seconds, in milliseconds. */
const WHOLE_SECOND = 1_000;

/**
 * Milliseconds from a change to the call of its trigger: Cognito waits five seconds for each of three calls.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
 */
const TRIGGER_DELAY = 15_000;

const OF_USERS: readonly Aspect[] = ['existence', 'enabled', 'status', 'attributes', 'identities', 'mfa'];

/** What the ledger knew before a write: a row, or that there was none. */
export interface Before {
  /** When a look last showed it. */
  readonly observedAt?: EpochMilliseconds;
  /** Whether a sweep that compared every row found this. */
  readonly isCompared?: boolean;
  /** Cognito's own date of it, if Cognito shows one. */
  readonly changedAt?: EpochMilliseconds;
  readonly began?: Beginning;
  readonly cause?: Cause;
}

/** One write: what was there before, what is there now, and the look that showed it. */
export interface Step {
  readonly seen: LookTimes & { readonly cause: Cause; readonly events?: readonly ChangeEvent[] };
  readonly before: Before;
  /** When Cognito made what was not there before. */
  readonly createdAt?: EpochMilliseconds;
  /** Cognito's own date of what is there now, if it moved with the change. */
  readonly changedAt?: EpochMilliseconds;
  /** What differs. A user who comes or goes differs in `existence` alone. */
  readonly differs: readonly Aspect[];
  /** Whether the user, the group or the membership is there now, and whether the user is enabled. */
  readonly is: Partial<Record<Aspect, boolean>>;
}

/** When a row became what it is now, and who made it so. */
export function beginningOf(step: Step): { readonly began: Beginning; readonly cause: Cause } {
  const interval = soundInterval(step);
  const { events, byEvent } = explanationOf(step, interval);
  const isCoalesced = isChangedLater(step) || events.length > 1;
  return {
    began: { ...interval, ...(byEvent ? { byEvent } : {}), ...(isCoalesced ? { coalesced: true } : {}) },
    cause: events.length > 0 ? causeOfEvent(events[events.length - 1]) : step.seen.cause,
  };
}

/** Cognito made it at one moment and changed it at another: what it was in between is not known. */
function isChangedLater({ createdAt, changedAt }: Step): boolean {
  return createdAt !== undefined && changedAt !== undefined && changedAt > createdAt + CLOCK_SKEW;
}

export function causeOfEvent({ name, id, at, principal, session }: ChangeEvent): Cause {
  return {
    event: name,
    at,
    ...(id === undefined ? {} : { id }),
    ...(principal === undefined ? {} : { principal }),
    ...(session === undefined ? {} : { session }),
  };
}

/** The interval of two beginnings in a row, where what stood between them is not kept. */
export function mergedBeginning(first: Beginning | undefined, { notBefore: _after, byEvent, ...last }: Beginning): Beginning {
  const began = first?.notBefore === undefined ? {} : { notBefore: first.notBefore };
  const told = first?.byEvent && byEvent ? { byEvent: { ...byEvent, notBefore: first.byEvent.notBefore } } : {};
  return { ...began, ...last, ...told, coalesced: true };
}

/** What holds whatever was lost: the last look that showed the state before, the look that shows the state now, and Cognito's own dates. */
function soundInterval({ seen, before, createdAt, changedAt }: Step): Interval {
  const lower = latest([
    shownSince(before.observedAt),
    before.isCompared ? shownSince(seen.comparedAt) : undefined,
    dated(before.changedAt),
    dated(createdAt),
    before.began?.notBefore,
  ]);
  const answered = seen.answeredAt + CLOCK_SKEW;
  const since = changedAt === undefined ? answered : Math.min(answered, changedAt + CLOCK_SKEW);
  if (lower === undefined) return { since };
  if (lower < since) return { notBefore: lower, since };
  // Cognito was further behind than it may be. Both are kept.
  return { notBefore: Math.min(lower, since) - 2 * CLOCK_SKEW, since: answered };
}

/** The moment from which on a look may have been true. */
function shownSince(observedAt: EpochMilliseconds | undefined): EpochMilliseconds | undefined {
  return observedAt === undefined ? undefined : observedAt - MOST_LAG - CLOCK_SKEW;
}

function dated(moment: EpochMilliseconds | undefined): EpochMilliseconds | undefined {
  return moment === undefined ? undefined : moment - CLOCK_SKEW;
}

function latest(moments: readonly (EpochMilliseconds | undefined)[]): EpochMilliseconds | undefined {
  const known = moments.filter(moment => moment !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

interface Explanation {
  /** What made the difference, the oldest first. Empty where it is not explained. */
  readonly events: readonly ChangeEvent[];
  readonly byEvent?: Interval;
}

/**
 * The events between the two looks that together can make each difference. Of events that can not, two or more count as well: one may have undone
 * what another did. A trigger tells of the change right before it, as Cognito's date shows.
 */
function explanationOf(step: Step, interval: Interval): Explanation {
  const { changedAt, differs, is, before, seen: { events = [] } } = step;
  const aspects = OF_USERS.some(aspect => differs.includes(aspect)) ? OF_USERS : differs;
  const between = distinct(events).filter(event => event.sets.some(aspect => aspects.includes(aspect))
    && (event.id === undefined || event.id !== before.cause?.id) && meet(spanOf(event), interval));
  const explains = (event: ChangeEvent, aspect: Aspect) =>
    event.sets.includes(aspect) && (event.leaves === undefined || is[aspect] === undefined || event.leaves === is[aspect]);

  const calls = between.filter(({ source }) => source === 'cloudtrail');
  if (differs.every(aspect => calls.some(event => explains(event, aspect)))) {
    const isAny = differs.includes('existence');
    const counts = (aspect: Aspect) => isAny || differs.includes(aspect) || calls.filter(({ sets }) => sets.includes(aspect)).length > 1;
    const chosen = calls.filter(({ sets }) => sets.some(aspect => aspects.includes(aspect) && counts(aspect)));
    const byEvent = spanWithin(interval, chosen.map(spanOf));
    // Where no event is of the moment of Cognito's date, one that was is lost.
    const isDated = changedAt === undefined || calls.some(event => holds(spanOf(event), changedAt));
    return { events: chosen, ...(byEvent && isDated ? { byEvent } : {}) };
  }
  // A trigger may be about the last of several changes.
  if (changedAt === undefined || isChangedLater(step)) return { events: [] };
  const trigger = between.filter(({ source, at }) => (
    source !== 'cloudtrail' && changedAt > at - TRIGGER_DELAY && changedAt <= at + CLOCK_SKEW)).at(-1);
  if (!trigger) return { events: [] };
  return { events: [trigger], byEvent: spanWithin(interval, [{ notBefore: changedAt - CLOCK_SKEW, since: changedAt + CLOCK_SKEW }]) };
}

/** Each event once, the oldest first: a queue delivers some twice. */
function distinct(events: readonly ChangeEvent[]): ChangeEvent[] {
  const byId = new Map(events.map(event => [event.id ?? `${event.name} ${event.at}`, event]));
  return [...byId.values()].sort((a, b) => a.at - b.at);
}

/** When what the event tells of may have happened. */
function spanOf({ source, at }: ChangeEvent): Required<Interval> {
  return source === 'cloudtrail'
    ? { notBefore: at - CLOCK_SKEW, since: at + WHOLE_SECOND + CLOCK_SKEW }
    : { notBefore: at - TRIGGER_DELAY, since: at + CLOCK_SKEW };
}

function meet(span: Required<Interval>, { notBefore = -Infinity, since }: Interval): boolean {
  return span.since > notBefore && span.notBefore < since;
}

function holds({ notBefore, since }: Required<Interval>, moment: EpochMilliseconds): boolean {
  return moment > notBefore && moment <= since;
}

/** From the first to the last of the spans, within the interval; undefined where nothing is left. */
function spanWithin({ notBefore = -Infinity, since }: Interval, spans: readonly Required<Interval>[]): Interval | undefined {
  const from = Math.max(notBefore, Math.min(...spans.map(span => span.notBefore)));
  const to = Math.min(since, Math.max(...spans.map(span => span.since)));
  return from < to ? { notBefore: from, since: to } : undefined;
}
