import { IncidentSubject, WINDOW, crowdedStretch, incidentLimit, subjectName, incidentSubjectOf, subjectsOf } from './incident-rules';
import { UserPoolId } from '../../cognito/ids';
import { CLOCK_SKEW, Cause } from '../../ledger/beginning';
import { directoryChangeOf } from '../../ledger/directory-change';
import { comparedUntil } from '../../ledger/earliest-moment';
import { CAUSE, Incident, IncidentCause, IncidentCounts, MOST_INCIDENT_CAUSES, incidentId, isOfIncident } from '../../ledger/incident';
import { IncidentStore } from '../../ledger/incident-store';
import { LedgerStore, RowChange } from '../../ledger/ledger-store';
import { newestFirst } from '../../ledger/newest-first';
import { Item, SourceRow } from '../../ledger/schema';
import {
  BUCKET, TimelineBucket, TimelineEntry, bucketAt, bucketStart, minuteAt, samplingOf, timelineBucket, timelineUpdates,
} from '../../ledger/timeline';
import { Clock } from '../../runtime/clock';
import { EpochMilliseconds } from '../../runtime/flavor';
import { PublicError } from '../../runtime/public-error';
import { expiry, Observation } from '../observation';

export interface ChangeWatchProps {
  readonly poolId: UserPoolId;
  readonly incidents: IncidentStore;
  readonly ledger: Pick<LedgerStore, 'group' | 'sources'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly historyDays: number;
  /** Attributes whose changes make no incident. */
  readonly ignoredAttributes: readonly string[];
  /** Tells this function instance from every other one. */
  readonly writer: string;
  /** Puts the event of the incident on the bus, and counts it. It may come twice, and must not be lost. */
  announce(incident: Incident): Promise<void>;
}

/** What a sweep found to be gone, in all. */
export interface SweptAway {
  readonly users: number;
  /** Members of each group that is missing. */
  readonly groups: ReadonlyMap<string, number>;
  /** Nothing was marked. */
  readonly held: boolean;
}

/** How long the number of users and the last complete sweep are believed. */
const SOURCE_KEPT = 60_000;
const ENTRIES_AT_A_TIME = 100;
/** An update takes 300 operands. Each name of a mark is one, and each entry may add a counter and a cause. */
const NAMES_AT_A_TIME = 80;
/** So many changes are counted before the end of the batch or the slice: a sweep may find a million. */
const MOST_AT_ONCE = 1_000;
/** Changes that wait while the timeline cannot be written; further ones are not counted. */
const MOST_WAITING = 10_000;
/** Milliseconds in which whoever made an incident has announced it. After that somebody else does. */
const ANNOUNCED_WITHIN = 60_000;
/** Two consumers and a sweep write: more conflicts in a row than this are a fault. */
const ATTEMPTS = 5;

/**
 * Counts every change that capture writes in the timeline, and raises an incident where too many come together. It decides on the counters, which all
 * function instances share, and never on one batch. A batch that is applied again writes no row, and so counts nothing.
 */
export class ChangeWatch {
  private waiting: NotedChange[] = [];
  /** Names whose marks were added, and which were not judged yet, by the beginning of their ten minutes. */
  private readonly added = new Map<EpochMilliseconds, Set<string>>();
  private flushing: Promise<unknown> = Promise.resolve();
  private failed = false;
  private readonly known = new Map<EpochMilliseconds, Item>();
  private updates = 0;
  private source?: { readonly readAt: EpochMilliseconds; readonly row: SourceRow | undefined };
  private readonly ignored: ReadonlySet<string>;

  constructor(private readonly props: ChangeWatchProps) {
    this.ignored = new Set(props.ignoredAttributes);
  }

  /** Notes a row that was written. It never fails: what cannot be counted now waits for {@link flush}. */
  public async note({ put, replacesObservedAt, history, notKept }: RowChange, seen: Observation): Promise<void> {
    const replaced = history?.image as Item | undefined ?? notKept;
    // The same row once more, with a newer date.
    if (replacesObservedAt !== undefined && !replaced) return;
    const change = directoryChangeOf(replaced, put);
    if (!change || this.waiting.length >= MOST_WAITING) return;
    const { kind, effect, sub } = change;
    // The row says by which of several events it became what it is.
    const cause = put.cause as Cause | undefined ?? seen.cause;
    // A sweep knows no event, but Cognito dates what it changed.
    const dated = kind === 'user' && (effect === 'changed' || effect === 'disabled') ? put.modifiedAt as EpochMilliseconds : undefined;
    this.waiting.push({
      at: cause.at ?? dated ?? seen.observedAt,
      kind,
      effect,
      cause: { event: cause.event, principal: cause.principal },
      marksOf: subjectsOf(change, cause, this.ignored),
      sub,
      ...(kind === 'user' && effect === 'created' ? { createdAt: put.createdAt as EpochMilliseconds } : {}),
    });
    if (this.waiting.length < MOST_AT_ONCE || this.failed) return;
    await this.flush().catch(() => { this.failed = true; });
  }

  /** Writes what was noted, and raises what it amounts to. Where it fails, what was noted waits for the next time. */
  public async flush(): Promise<void> {
    const next = this.flushing.catch(() => undefined).then(async () => {
      if (this.waiting.length === 0 && this.added.size === 0) return;
      const noted = chunksOf(this.waiting);
      this.waiting = [];
      try {
        await this.count(noted);
        this.failed = false;
      } catch (error) {
        // What was counted is not counted again.
        this.waiting = [...noted.flat(), ...this.waiting].slice(0, MOST_WAITING);
        throw error;
      }
    });
    this.flushing = next;
    return next;
  }

  /** Raises what a sweep found in all: it does not know when. Events of incidents that are not on the bus yet are put there. */
  public async sweepEnded({ users, groups, held }: SweptAway): Promise<void> {
    const source = await this.sourceRow();
    if (source?.sweptAt !== undefined) {
      const limit = incidentLimit(source.users ?? 0);
      const now = this.props.clock.now();
      const found: [IncidentSubject, IncidentCounts, number][] = [
        [{ kind: 'users-gone' }, { deleted: users }, users],
        ...[...groups].map(([group, members]): [IncidentSubject, IncidentCounts, number] => [{ kind: 'group-gone', group }, { members }, members]),
      ];
      for (const [subject, counts, count] of found.filter(([, , many]) => many > limit)) {
        const stretch = { first: sweptUntil(source), last: now };
        const what = { counts, causes: [{ event: CAUSE.SWEEP, count }], ...(held ? { held: true as const } : {}) };
        await this.raise(source, subject, stretch, what);
      }
    } else if (source) {
      await this.lookForReplaced(source);
    }
    for (const incident of await this.props.incidents.incidents(this.props.poolId)) await this.announce(incident);
  }

  /** The first sweep of a pool, in a ledger that has the users of another one. Their rows stay, and nobody has them in this pool. */
  private async lookForReplaced(source: SourceRow): Promise<void> {
    const others = (await this.props.ledger.sources()).filter(({ poolId }) => poolId !== this.props.poolId);
    const last = newestFirst(others).find(({ sweptAt, users }) => sweptAt !== undefined && users);
    if (!last) return;
    const now = this.props.clock.now();
    const { poolId: replacedPoolId, users, sweptAt } = last;
    // Nothing is written of the other pool any more: the last that is known of it is what it was.
    await this.raise({ ...source, users }, { kind: 'pool-replaced' }, { first: sweptAt!, last: now }, {
      replacedPoolId, counts: { users }, causes: [{ event: CAUSE.SWEEP, count: users! }], before: now,
    });
  }

  /** Takes out of `noted` what is counted. */
  private async count(noted: NotedChange[][]): Promise<void> {
    const { poolId, clock, historyDays, incidents } = this.props;
    const source = await this.sourceRow();
    // The first copy: everything is new to the ledger, and nothing happened.
    if (source?.sweptAt === undefined) return;
    const now = clock.now();
    const oldest = now - historyDays * DAY;
    const sampling = samplingOf(incidentLimit(source.users ?? 0));
    for (; noted.length > 0; noted.shift()) {
      const some = noted[0].filter(entry => isNews(entry, source)).map(entry => ({ ...entry, at: Math.min(now, Math.max(entry.at, oldest)) }));
      for (const update of timelineUpdates(poolId, some, this.known, sampling, expiry(now, historyDays))) {
        this.updates += 1;
        const item = await incidents.count(update, { id: this.props.writer, update: this.updates });
        const startsAt = bucketStart(update.key);
        this.known.set(startsAt, item);
        const names = this.added.get(startsAt) ?? new Set();
        Object.keys(update.marks).forEach(name => names.add(name));
        this.added.set(startsAt, names);
      }
    }
    await this.judge(source);
    // A batch is mostly about these ten minutes.
    for (const startsAt of [...this.known.keys()].sort((a, b) => a - b).slice(0, -2)) this.known.delete(startsAt);
  }

  private async judge(source: SourceRow): Promise<void> {
    const limit = incidentLimit(source.users ?? 0);
    for (const [startsAt, names] of this.added) {
      if (names.size > 0) await this.judgeBucket(source, startsAt, names, limit);
      this.added.delete(startsAt);
    }
  }

  private async judgeBucket(
    source: SourceRow, startsAt: EpochMilliseconds, names: ReadonlySet<string>, limit: number,
  ): Promise<void> {
    const buckets = await this.around(startsAt);
    const crowded = [...names].flatMap(name => {
      const stretch = crowdedStretch(buckets.flatMap(({ marks }) => marks.get(name) ?? []), limit);
      return stretch ? [{ subject: incidentSubjectOf(name, buckets.flatMap(({ counts }) => counts.map(({ cause }) => cause))), stretch }] : [];
    });
    for (const { subject, stretch } of crowded) {
      if (subject.isUnexplained && !await this.isGroupGone(subject.group!)) continue;
      await this.raise(source, subject, stretch, {});
    }
  }

  /** The ten minutes, those before and those after, as far as they have begun. */
  private async around(startsAt: EpochMilliseconds): Promise<TimelineBucket[]> {
    const { poolId, clock, incidents } = this.props;
    const starts = [startsAt - BUCKET, startsAt, startsAt + BUCKET].filter(start => start <= clock.now());
    const items = await Promise.all(starts.map(async start => (
      start === startsAt ? this.known.get(start) : incidents.timeline(poolId, start))));
    return items.flatMap(item => item ? [timelineBucket(item)] : []);
  }

  /** Every ten minutes of an incident, to say how many it was in all. */
  private async all(first: EpochMilliseconds, last: EpochMilliseconds): Promise<TimelineBucket[]> {
    const { poolId, incidents } = this.props;
    const buckets: TimelineBucket[] = [];
    for (let start = bucketAt(first); start <= last; start += BUCKET) {
      const item = await incidents.timeline(poolId, start);
      if (item) buckets.push(timelineBucket(item));
    }
    return buckets;
  }

  private async isGroupGone(name: string): Promise<boolean> {
    return (await this.props.ledger.group(this.props.poolId, name))?.deletedAt !== undefined;
  }

  /** Makes an incident, or makes the newest one longer. */
  private async raise(
    source: SourceRow, subject: IncidentSubject, stretch: { readonly first: number; readonly last: number }, told: Partial<Incident>,
  ): Promise<void> {
    const { poolId, incidents, clock, historyDays } = this.props;
    const { kind, group, attribute, principal } = subject;
    const name = subjectName({ kind, group, principal });
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const newest = await incidents.newestIncident(poolId, name);
      const goesOn = newest && stretch.first <= newest.last + WINDOW && stretch.last >= newest.first - WINDOW ? newest : undefined;
      const first = Math.min(stretch.first, goesOn?.first ?? Infinity);
      const last = Math.max(stretch.last, goesOn?.last ?? 0);
      const counted = countsOf(await this.all(Math.max(first, last - DAY), last), { kind, group, principal }, first, last);
      const causes = told.causes ? merged(goesOn?.causes ?? [], told.causes) : counted.causes;
      const isFound = causes.some(({ event }) => event === CAUSE.SWEEP);
      const attributes = [...new Set([...goesOn?.attributes ?? [], ...(attribute === undefined ? [] : [attribute])])].sort();
      const incident: Incident = {
        poolId,
        id: goesOn?.id ?? incidentId({ kind, subject: name, first }),
        kind,
        subject: name,
        group,
        principal,
        ...(told.replacedPoolId === undefined ? {} : { replacedPoolId: told.replacedPoolId }),
        ...(attributes.length > 0 ? { attributes } : {}),
        first,
        last,
        before: told.before ?? Math.min(first - CLOCK_SKEW, isFound ? sweptUntil(source) : Infinity, goesOn?.before ?? Infinity),
        raisedAt: goesOn?.raisedAt ?? clock.now(),
        noticedAt: clock.now(),
        counts: larger(goesOn?.counts ?? {}, told.counts ?? counted.counts),
        causes: causes.slice(0, MOST_INCIDENT_CAUSES),
        limit: incidentLimit(source.users ?? 0),
        poolUsers: source.users ?? 0,
        // A sweep knows, and has marked them where it does not hold them.
        ...((told.causes ? told.held : goesOn?.held) ? { held: true } : {}),
        announcedAt: goesOn?.announcedAt,
        version: (goesOn?.version ?? 0) + 1,
        expiresAt: expiry(clock.now(), historyDays),
      };
      if (!await incidents.writeIncident(incident, newest)) continue;
      await this.announce(incident);
      return;
    }
    throw new PublicError(`an incident was changed by other writers ${ATTEMPTS} times in a row`);
  }

  /** The one that made the incident announces it; where that failed, the next one that sees it does. */
  private async announce(incident: Incident): Promise<void> {
    const { announcedAt, raisedAt, version } = incident;
    const isAtWork = version > 1 && this.props.clock.now() - raisedAt < ANNOUNCED_WITHIN;
    if (announcedAt !== undefined || isAtWork) return;
    await this.props.announce(incident);
    const told = { ...incident, announcedAt: this.props.clock.now(), version: version + 1 };
    // Another writer that was quicker has announced it as well, or does it with the next version.
    await this.props.incidents.writeIncident(told, incident);
  }

  private async sourceRow(): Promise<SourceRow | undefined> {
    const now = this.props.clock.now();
    if (!this.source || now - this.source.readAt > SOURCE_KEPT) {
      this.source = { readAt: now, row: (await this.props.ledger.sources()).find(({ poolId }) => poolId === this.props.poolId) };
    }
    return this.source.row;
  }
}

/** An incident that lasts longer than a day is counted over its last day, and keeps the largest count that it had. */
const DAY = 86_400_000;

/** Changes of the same ten minutes, as many as one update takes. */
function chunksOf(noted: readonly NotedChange[]): NotedChange[][] {
  const chunks: NotedChange[][] = [];
  let [startsAt, names] = [NaN, new Set<string>()];
  for (const entry of [...noted].sort((a, b) => a.at - b.at)) {
    const chunk = chunks.at(-1);
    const fits = chunk && chunk.length < ENTRIES_AT_A_TIME && bucketAt(entry.at) === startsAt
      && new Set([...names, ...entry.marksOf]).size <= NAMES_AT_A_TIME;
    if (!fits) {
      chunks.push([]);
      [startsAt, names] = [bucketAt(entry.at), new Set()];
    }
    chunks.at(-1)!.push(entry);
    entry.marksOf.forEach(name => names.add(name));
  }
  return chunks;
}

/** `createdAt`: of a user that the ledger did not know. */
type NotedChange = TimelineEntry & { readonly createdAt?: EpochMilliseconds };

/** What a sweep finds happened since then. Before any has compared everything, the last one that came to its end is the best that is known. */
function sweptUntil({ comparedAt, sweepStartedAt = 0 }: SourceRow): EpochMilliseconds {
  return comparedUntil({ comparedAt: comparedAt ?? sweepStartedAt });
}

/** A user that the ledger did not know is news only where they were made since the last comparison. */
function isNews(entry: NotedChange, source: SourceRow): boolean {
  return entry.createdAt === undefined || entry.createdAt >= sweptUntil(source);
}

function countsOf(
  buckets: readonly TimelineBucket[], of: Pick<Incident, 'kind' | 'group' | 'principal'>, first: EpochMilliseconds, last: EpochMilliseconds,
): { readonly counts: IncidentCounts; readonly causes: readonly IncidentCause[] } {
  const some = buckets.flatMap(bucket => bucket.counts).filter(count => (
    count.minute >= minuteAt(first) && count.minute <= last && isOfIncident(count, of) && isCounted(of, count.cause.event)));
  const sum = (effect: string) => some.filter(count => count.effect === effect).reduce((total, { count }) => total + count, 0);
  const counts: Readonly<Record<Incident['kind'], IncidentCounts>> = {
    'users-gone': { deleted: sum('deleted'), disabled: sum('disabled') },
    'attributes-changed': { changed: sum('changed') },
    'group-gone': { members: membersMarked(buckets, of.group ?? '') },
    'pool-replaced': {},
  };
  return { counts: counts[of.kind], causes: merged([], some.map(({ cause, count }) => ({ ...cause, count }))) };
}

/** The counts of a minute are of all groups. */
function membersMarked(buckets: readonly TimelineBucket[], group: string): number {
  const names = [subjectName({ kind: 'group-gone', group }), subjectName({ kind: 'group-gone', group, isUnexplained: true })];
  const users = buckets.flatMap(({ marks }) => names.flatMap(name => (marks.get(name) ?? []).map(({ user }) => user)));
  return new Set(users).size;
}

/** Only what made the incident: what users did themselves in the same minutes is not its cause. */
function isCounted({ kind }: Pick<Incident, 'kind'>, event: string): boolean {
  if (kind === 'pool-replaced') return false;
  const probe = {
    'users-gone': { kind: 'user', effect: 'deleted' },
    'attributes-changed': { kind: 'user', effect: 'changed' },
    'group-gone': { kind: 'membership', effect: 'deleted', group: '' },
  } as const;
  return subjectsOf({ poolId: '', changed: ['a'], ...probe[kind] }, { event }, new Set()).length > 0;
}

/** The same causes may be told again, of the same changes or of more. */
function merged(before: readonly IncidentCause[], told: readonly IncidentCause[]): IncidentCause[] {
  const causes = new Map<string, IncidentCause>();
  const keyOf = ({ event, principal }: IncidentCause) => JSON.stringify([event, principal]);
  for (const cause of told) causes.set(keyOf(cause), { ...cause, count: (causes.get(keyOf(cause))?.count ?? 0) + cause.count });
  for (const cause of before) causes.set(keyOf(cause), { ...cause, count: Math.max(causes.get(keyOf(cause))?.count ?? 0, cause.count) });
  return [...causes.values()].sort((a, b) => b.count - a.count);
}

function larger(one: IncidentCounts, other: IncidentCounts): IncidentCounts {
  const names = Object.keys({ ...one, ...other }) as (keyof IncidentCounts)[];
  return Object.fromEntries(names.map(name => [name, Math.max(one[name] ?? 0, other[name] ?? 0)]));
}
