import { createHash } from 'crypto';
import { Cause } from './beginning';
import { ChangeEffect, DirectoryChange } from './directory-change';
import { Item, Key, SCHEMA_VERSION, digestOf } from './schema';
import { SourceSub, UserPoolId } from '../cognito/ids';
import { EpochMilliseconds, EpochSeconds } from '../runtime/flavor';

/**
 * How many users, groups and memberships changed in each minute, by cause. One item holds ten minutes, and there is none where nothing changed:
 * it stays around 1 KB, and DynamoDB asks for a whole unit for each KB of an item at each update.
 *
 * Beside the counts an item has marks of users, by what they count for: who watches for incidents wants to know of how many users, not of how many
 * calls, and a set takes the same mark twice without counting it twice.
 */
export const BUCKET = 600_000;
const MINUTE = 60_000;
const SECOND = 1_000;

/** Causes of one item that are told apart with their principal. More of them are counted by their event alone, so that no item grows without end. */
export const MOST_CAUSES = 40;
/** Marks of one kind in one item: 512 users, the most that a mark is needed of (see {@link samplingOf}), once in each of the ten minutes. */
export const MOST_MARKS = 5_120;
/**
 * Marks in one item of all names that begin alike, which are of one kind of incident: nine bytes each, of the 400 KB that an item may have. Where
 * there are so many, of so many attributes or groups, an incident has been raised; another kind's are not crowded out.
 */
const MOST_MARKS_ALIKE = 12_000;
/** Up to so many users each one is marked; of more, a share that is a power of two. */
const MARKED_USERS = 512;

/** What changes are counted by: the call, and whose credentials made it. */
export type CountedCause = Pick<Cause, 'event' | 'principal'>;

export interface TimelineCount {
  /** The beginning of the minute, milliseconds since the epoch. */
  readonly minute: EpochMilliseconds;
  readonly kind: DirectoryChange['kind'];
  readonly effect: ChangeEffect;
  readonly cause: CountedCause;
  readonly count: number;
}

export interface Mark {
  /** Whole seconds of the event, milliseconds since the epoch. */
  readonly at: EpochMilliseconds;
  /** 30 bits of a hash of the user's `sub`. */
  readonly user: number;
}

export interface TimelineBucket {
  readonly startsAt: EpochMilliseconds;
  readonly counts: readonly TimelineCount[];
  readonly marks: ReadonlyMap<string, readonly Mark[]>;
}

/** One change, as it is counted. */
export interface TimelineEntry {
  readonly at: EpochMilliseconds;
  readonly kind: DirectoryChange['kind'];
  readonly effect: ChangeEffect;
  readonly cause: CountedCause;
  /** What the change counts for, beyond the count of its minute. */
  readonly marksOf: readonly string[];
  readonly sub?: SourceSub;
}

/** What is added to one item, in one update. */
export interface TimelineUpdate {
  readonly key: Key;
  readonly counters: Readonly<Record<string, number>>;
  readonly causes: Readonly<Record<string, CountedCause>>;
  readonly marks: Readonly<Record<string, readonly string[]>>;
  readonly expiresAt: EpochSeconds;
}

const KIND_LETTERS = { user: 'u', group: 'g', membership: 'm' } as const;
const EFFECT_LETTERS = { created: 'c', changed: 'h', disabled: 'o', deleted: 'd' } as const;
/** First letters of an item's attributes: each update adds to some of them. */
const COUNTER = 'n:';
const CAUSE = 'c:';
const MARKS = 's:';
/** By which updates each function instance was the last: an update that is tried again after an answer was lost counts once. */
export const WRITER = 'w:';

/** How many updates an instance has made to an item. */
export interface TimelineWriter {
  readonly id: string;
  readonly update: number;
}

export function timelinePartition(poolId: UserPoolId): string {
  return `${poolId}#T`;
}

export function timelineKey(poolId: UserPoolId, at: EpochMilliseconds): Key {
  return { pk: timelinePartition(poolId), sk: new Date(bucketAt(at)).toISOString().slice(0, '2026-11-02T10:30'.length) };
}

/** When the ten minutes of an item begin. */
export function bucketStart({ sk }: Pick<Key, 'sk'>): EpochMilliseconds {
  return Date.parse(`${sk}:00Z`);
}

export function bucketAt(at: EpochMilliseconds): EpochMilliseconds {
  return Math.floor(at / BUCKET) * BUCKET;
}

export function minuteAt(at: EpochMilliseconds): EpochMilliseconds {
  return Math.floor(at / MINUTE) * MINUTE;
}

/** Of how many users one is marked, where so many are needed to tell: 1 up to {@link MARKED_USERS}, and a power of two beyond. */
export function samplingOf(users: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(users / MARKED_USERS)));
}

export function userMark(sub: SourceSub): number {
  return Math.floor(createHash('sha256').update(sub).digest().readUInt32BE(0) / 4);
}

export function isSampled(user: number, sampling: number): boolean {
  return user % sampling === 0;
}

/**
 * The updates that count these entries, one for each ten minutes that they fall into.
 *
 * @param known what is known of the items: marks that are there need not be added, and causes beyond the most are folded
 * @param sampling of how many users one is marked; the first and the last mark of each kind always are, as they say when it began and ended
 */
export function timelineUpdates(
  poolId: UserPoolId, entries: readonly TimelineEntry[], known: ReadonlyMap<EpochMilliseconds, Item>, sampling: number, expiresAt: EpochSeconds,
): TimelineUpdate[] {
  const starts = [...new Set(entries.map(({ at }) => bucketAt(at)))].sort((a, b) => a - b);
  return starts.map(startsAt => {
    const some = entries.filter(({ at }) => bucketAt(at) === startsAt);
    const counters: Record<string, number> = {};
    const causes: Record<string, CountedCause> = {};
    const item = known.get(startsAt);
    const knownCauses = new Set(Object.keys(item ?? {}).filter(name => name.startsWith(CAUSE)).map(name => name.slice(CAUSE.length)));
    for (const entry of some) {
      const cause = folded(entry.cause, new Set([...knownCauses, ...Object.keys(causes)]));
      const code = codeOf(cause);
      causes[code] = cause;
      const minute = Math.floor((entry.at - startsAt) / MINUTE);
      const name = `${minute}${KIND_LETTERS[entry.kind]}${EFFECT_LETTERS[entry.effect]}${code}`;
      counters[name] = (counters[name] ?? 0) + 1;
    }
    return { key: timelineKey(poolId, startsAt), counters, causes, marks: marksOf(some, startsAt, item, sampling), expiresAt };
  });
}

function folded({ event, principal }: CountedCause, known: ReadonlySet<string>): CountedCause {
  const cause = principal === undefined ? { event } : { event, principal };
  return known.size < MOST_CAUSES || known.has(codeOf(cause)) ? cause : { event };
}

/** 36 bits: enough to tell the few causes of ten minutes apart. */
function codeOf(cause: CountedCause): string {
  return digestOf([cause.event, cause.principal ?? null]).slice(0, 6);
}

function marksOf(
  entries: readonly TimelineEntry[], startsAt: EpochMilliseconds, item: Item | undefined, sampling: number,
): Record<string, readonly string[]> {
  const marks: Record<string, readonly string[]> = {};
  const bucket = item && timelineBucket(item);
  const alike = new Map<string, number>();
  bucket?.marks.forEach((some, of) => alike.set(of[0], (alike.get(of[0]) ?? 0) + some.length));
  for (const of of new Set(entries.flatMap(({ marksOf: names }) => names))) {
    const there = bucket?.marks.get(of) ?? [];
    // Once a minute is enough to say when: a user that is changed each second must not fill the item.
    const seen = new Set(there.map(minuteOfUser));
    const added: Mark[] = [];
    const sorted = entries.filter(({ marksOf: names, sub }) => sub !== undefined && names.includes(of)).sort((a, b) => a.at - b.at);
    sorted.forEach((entry, index) => {
      const mark: Mark = { at: Math.floor(entry.at / SECOND) * SECOND, user: userMark(entry.sub!) };
      const isEdge = index === 0 || index === sorted.length - 1;
      const fits = isSampled(mark.user, sampling) && there.length + added.length < MOST_MARKS && (alike.get(of[0]) ?? 0) < MOST_MARKS_ALIKE;
      if (seen.has(minuteOfUser(mark)) || !(isEdge || fits)) return;
      seen.add(minuteOfUser(mark));
      added.push(mark);
      alike.set(of[0], (alike.get(of[0]) ?? 0) + 1);
    });
    if (added.length > 0) marks[of] = added.map(mark => encodeMark(mark, startsAt));
  }
  return marks;
}

function minuteOfUser({ at, user }: Mark): string {
  return `${minuteAt(at)} ${user}`;
}

/** Two characters of 36 for the second of ten minutes, six for the user. */
function encodeMark({ at, user }: Mark, startsAt: EpochMilliseconds): string {
  return ((at - startsAt) / SECOND).toString(36).padStart(2, '0') + user.toString(36).padStart(6, '0');
}

function decodeMark(text: string, startsAt: EpochMilliseconds): Mark {
  return { at: startsAt + parseInt(text.slice(0, 2), 36) * SECOND, user: parseInt(text.slice(2), 36) };
}

/** The attributes of the item that an update adds to: numbers, sets, and what is set where it is new. */
export function timelineChanges({ counters, causes, marks }: TimelineUpdate): {
  readonly add: Readonly<Record<string, number | ReadonlySet<string>>>; readonly set: Readonly<Record<string, CountedCause>>;
} {
  return {
    add: {
      ...Object.fromEntries(Object.entries(counters).map(([name, count]) => [COUNTER + name, count])),
      ...Object.fromEntries(Object.entries(marks).map(([name, some]) => [MARKS + name, new Set(some)])),
    },
    set: Object.fromEntries(Object.entries(causes).map(([code, cause]) => [CAUSE + code, cause])),
  };
}

/** What an update makes of the item, as DynamoDB does it; for the store in memory as well. */
export function withUpdate(item: Item | undefined, update: TimelineUpdate, writer: TimelineWriter): Item {
  const { add, set } = timelineChanges(update);
  const next: Record<string, unknown> = {
    ...item, ...set, ...update.key, v: SCHEMA_VERSION, expiresAt: update.expiresAt, [WRITER + writer.id]: writer.update,
  };
  for (const [name, value] of Object.entries(add)) {
    next[name] = typeof value === 'number' ? Number(next[name] ?? 0) + value : new Set([...(next[name] as Set<string> | undefined) ?? [], ...value]);
  }
  return next as Item;
}

export function timelineBucket(item: Item): TimelineBucket {
  const startsAt = bucketStart(item);
  const kinds = inverse(KIND_LETTERS);
  const effects = inverse(EFFECT_LETTERS);
  const counts: TimelineCount[] = [];
  const marks = new Map<string, Mark[]>();
  for (const [name, value] of Object.entries(item)) {
    if (name.startsWith(COUNTER)) {
      const [minute, kind, effect] = name.slice(COUNTER.length);
      const cause = item[CAUSE + name.slice(COUNTER.length + 3)] as CountedCause;
      counts.push({ minute: startsAt + Number(minute) * MINUTE, kind: kinds[kind], effect: effects[effect], cause, count: value as number });
    } else if (name.startsWith(MARKS)) {
      marks.set(name.slice(MARKS.length), [...value as Set<string>].map(text => decodeMark(text, startsAt)).sort((a, b) => a.at - b.at));
    }
  }
  return { startsAt, counts: counts.sort((a, b) => a.minute - b.minute), marks };
}

function inverse<T extends string>(letters: Readonly<Record<T, string>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries<string>(letters).map(([name, letter]) => [letter, name as T]));
}
