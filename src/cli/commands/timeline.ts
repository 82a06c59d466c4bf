import { Listing } from './list';
import { CountedCause, TimelineBucket } from '../../ledger/timeline';
import { EpochMilliseconds } from '../../runtime/flavor';
import { inUtc } from '../moments';

/** Changes of users, groups and memberships in one hour. */
export interface ListedHour {
  /** ISO 8601: its beginning. */
  readonly hour: string;
  readonly created: number;
  readonly changed: number;
  readonly disabled: number;
  readonly deleted: number;
  /** Calls that made them, and by whose credentials, the most first. */
  readonly causes: readonly (CountedCause & { readonly count: number })[];
}

const HOUR = 3_600_000;
/** Columns of the longest bar. */
const WIDTH = 40;

/** Hours from the first one to the last one, those without a change included: a gap is as telling as a peak. */
export function hoursOf(buckets: readonly TimelineBucket[], since: EpochMilliseconds, now: EpochMilliseconds): ListedHour[] {
  const counts = buckets.flatMap(bucket => bucket.counts).filter(({ minute }) => minute >= since);
  const hours: ListedHour[] = [];
  for (let start = Math.floor(since / HOUR) * HOUR; start <= now; start += HOUR) {
    const inHour = counts.filter(({ minute }) => minute >= start && minute < start + HOUR);
    const sum = (effect: string) => inHour.filter(each => each.effect === effect).reduce((all, { count }) => all + count, 0);
    const causes = new Map<string, CountedCause & { readonly count: number }>();
    for (const { cause, count } of inHour) {
      const key = JSON.stringify([cause.event, cause.principal]);
      causes.set(key, { ...cause, count: (causes.get(key)?.count ?? 0) + count });
    }
    hours.push({
      hour: new Date(start).toISOString(),
      created: sum('created'),
      changed: sum('changed'),
      disabled: sum('disabled'),
      deleted: sum('deleted'),
      causes: [...causes.values()].sort((a, b) => b.count - a.count),
    });
  }
  return hours;
}

/** A bar for each hour, as long as its changes are many beside those of the busiest one. */
export function hoursListing(hours: readonly ListedHour[]): Listing<ListedHour, ListedHour> {
  const busiest = Math.max(1, ...hours.map(changesOf));
  return {
    head: ['hour', '', 'came', 'changed', 'disabled', 'gone', 'most by'],
    cells: hour => [
      inUtc(Date.parse(hour.hour)), bar(changesOf(hour) / busiest), hour.created, hour.changed, hour.disabled, hour.deleted, mostBy(hour),
    ],
    record: hour => hour,
  };
}

function changesOf({ created, changed, disabled, deleted }: ListedHour): number {
  return created + changed + disabled + deleted;
}

/** One change is seen beside thousands. */
function bar(share: number): string {
  return share === 0 ? '' : '█'.repeat(Math.max(1, Math.round(share * WIDTH)));
}

function mostBy({ causes: [most] }: ListedHour): string {
  return most ? [most.event, most.principal].filter(Boolean).join(' by ') : '';
}
