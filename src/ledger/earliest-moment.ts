import { CLOCK_SKEW, MOST_LAG } from './beginning';
import { SourceRow } from './schema';
import { EpochMilliseconds } from '../runtime/flavor';

const DAY = 86_400_000;

/** The earliest moment of which the ledger knows what the pool was; undefined where no sweep looked at everything yet. */
export function earliestMoment(source: SourceRow, now: EpochMilliseconds): EpochMilliseconds | undefined {
  const { firstSweptAt, historyDays, historyDaysBefore, historyDaysSince } = source;
  if (firstSweptAt === undefined || historyDays === undefined) return undefined;
  const kept = Math.max(firstSweptAt, now - historyDays * DAY);
  if (historyDaysBefore === undefined || historyDaysSince === undefined || historyDaysBefore >= historyDays) return kept;
  // What was replaced before the retention was raised goes after the shorter one.
  return Math.max(kept, Math.min(historyDaysSince, now - historyDaysBefore * DAY));
}

/**
 * Until then the ledger knows of every change for certain: a sweep has compared everything since. What came later, and no event told of, the next one
 * finds. -Infinity where none has, as far as is known: earlier releases did not say of their sweeps whether they did.
 */
export function comparedUntil({ comparedAt }: Pick<SourceRow, 'comparedAt'>): EpochMilliseconds {
  return comparedAt === undefined ? -Infinity : comparedAt - MOST_LAG - CLOCK_SKEW;
}

/** The retention as it is noted at a sweep's end: the one in force, and the shorter one before it, as long as it matters. */
export function retentionOf(
  source: SourceRow | undefined, historyDays: number, now: EpochMilliseconds,
): Pick<SourceRow, 'historyDays' | 'historyDaysBefore' | 'historyDaysSince'> {
  const { historyDays: known, historyDaysBefore, historyDaysSince = now } = source ?? {};
  if (known === undefined || known === historyDays) return { historyDays };
  // A change that came soon after another one: the shortest of the three decides.
  const isRecent = historyDaysBefore !== undefined && now - historyDaysSince < known * DAY;
  return { historyDays, historyDaysBefore: isRecent ? Math.min(known, historyDaysBefore) : known, historyDaysSince: now };
}
