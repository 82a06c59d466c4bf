import { Cause } from '../../ledger/beginning';
import { DirectoryChange, FIELDS } from '../../ledger/directory-change';
import { CAUSE, IncidentKind } from '../../ledger/incident';
import { fingerprintOf } from '../../ledger/schema';
import { CountedCause, Mark, isSampled, samplingOf } from '../../ledger/timeline';
import { EpochMilliseconds } from '../../runtime/flavor';
import { API_EVENTS } from '../hints/user-events';

/** In so many milliseconds. */
export const WINDOW = 600_000;
/** More than so many users make an incident at any size of pool, and in a large one more than this share of it. */
const FEW = 50;
const SHARE = 0.01;

export function incidentLimit(users: number): number {
  return Math.max(FEW, Math.floor(users * SHARE));
}

/** What a change counts for. */
export interface IncidentSubject {
  readonly kind: IncidentKind;
  readonly group?: string;
  readonly attribute?: string;
  readonly principal?: string;
  /** Found by a sweep, which does not know why: whether the group is gone is asked once there are enough. */
  readonly isUnexplained?: true;
}

const LETTERS = { 'users-gone': 'u', 'attributes-changed': 'a', 'group-gone': 'g', 'pool-replaced': 'p' } as const;
const UNEXPLAINED = '?';

/** The name of a subject in the timeline. The principal is in short, as the causes beside it have its ARN: an item is paid for by its size. */
export function subjectName({ kind, group = '', attribute = group, principal, isUnexplained }: IncidentSubject): string {
  return `${LETTERS[kind]}${isUnexplained ? UNEXPLAINED : '.'}${principalCode(principal)}${attribute}`;
}

/** @param causes those of the same ten minutes */
export function incidentSubjectOf(name: string, causes: readonly CountedCause[]): IncidentSubject {
  const [letter, explained] = name;
  const kind = (Object.keys(LETTERS) as IncidentKind[]).find(one => LETTERS[one] === letter)!;
  const [code, of] = [name.slice(2, 2 + CODE), name.slice(2 + CODE)];
  const principal = causes.find(cause => cause.principal !== undefined && principalCode(cause.principal) === code)?.principal;
  return {
    kind,
    ...(kind === 'group-gone' ? { group: of } : {}),
    ...(kind === 'attributes-changed' ? { attribute: of } : {}),
    ...(principal === undefined ? {} : { principal }),
    ...(explained === UNEXPLAINED ? { isUnexplained: true } : {}),
  };
}

const CODE = 6;

function principalCode(principal: string | undefined): string {
  return principal === undefined ? '-'.repeat(CODE) : fingerprintOf(principal).slice(0, CODE);
}

/** An administrator's call as CloudTrail names it; an answer to a challenge is the user's own, whoever passes it on. */
function isAdministrators(event: string): boolean {
  const facts = Object.hasOwn(API_EVENTS, event) ? API_EVENTS[event] : undefined;
  return facts !== undefined && (event.startsWith('Admin') || facts.changes === 'group');
}

function isGroupCall(event: string): boolean {
  return Object.hasOwn(API_EVENTS, event) && API_EVENTS[event].changes === 'group';
}

/**
 * What a change counts for, by name. What users do themselves never counts, nor what a recovery does, nor what a trigger saw: users cause that by
 * coming. What a sweep finds was done by nobody known.
 */
export function subjectsOf(change: DirectoryChange, cause: Pick<Cause, 'event' | 'principal'>, ignored: ReadonlySet<string>): string[] {
  const isFound = cause.event === CAUSE.SWEEP;
  if (!isFound && !isAdministrators(cause.event)) return [];
  const { kind, effect, group } = change;
  if (kind === 'user' && (effect === 'deleted' || effect === 'disabled')) return [subjectName({ kind: 'users-gone' })];
  if (kind === 'user' && effect === 'changed') {
    const fields: readonly string[] = FIELDS.user;
    return change.changed.filter(name => !fields.includes(name) && !ignored.has(name))
      .map(attribute => subjectName({ kind: 'attributes-changed', attribute, principal: cause.principal }));
  }
  if (kind === 'membership' && effect === 'deleted' && (isFound || isGroupCall(cause.event))) {
    return [subjectName({ kind: 'group-gone', group, ...(isFound ? { isUnexplained: true } : {}) })];
  }
  return [];
}

export interface Stretch {
  readonly first: EpochMilliseconds;
  readonly last: EpochMilliseconds;
}

/**
 * From the first to the last change of all windows with more than `limit` users. Undefined where no ten minutes have so many.
 *
 * @param marks by time
 */
export function crowdedStretch(marks: readonly Mark[], limit: number): Stretch | undefined {
  const sampling = samplingOf(limit);
  const inWindow = new Map<number, number>();
  let users = 0;
  let stretch: Stretch | undefined;
  for (let from = 0, to = 0; to < marks.length; to += 1) {
    const { at, user } = marks[to];
    if (isSampled(user, sampling)) {
      inWindow.set(user, (inWindow.get(user) ?? 0) + 1);
      if (inWindow.get(user) === 1) users += 1;
    }
    for (; at - marks[from].at > WINDOW; from += 1) {
      const left = (inWindow.get(marks[from].user) ?? 0) - 1;
      if (left < 0) continue;
      inWindow.set(marks[from].user, left);
      if (left === 0) users -= 1;
    }
    if (users * sampling > limit) stretch = { first: stretch?.first ?? marks[from].at, last: at };
  }
  return stretch;
}
