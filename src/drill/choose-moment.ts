import { DrillMoment } from './evidence/drill-facts';
import { drawn } from './seed';
import { earliestMoment } from '../ledger/earliest-moment';
import { SourceRow } from '../ledger/schema';
import { EpochMilliseconds } from '../runtime/flavor';

const DAY = 86_400_000;

export interface MomentChoice {
  readonly moment: 'latest' | 'random';
  /** How far a random moment may lie back. */
  readonly windowDays: number;
  readonly seed: string;
}

/**
 * The moment that the drill brings the pool back to; undefined where no sweep has looked at everything yet, so that nothing is known of any. One
 * within the window that the ledger cannot go back to is drawn from the part that it can.
 */
export function chooseMoment({ moment, windowDays, seed }: MomentChoice, source: SourceRow, now: EpochMilliseconds): DrillMoment | undefined {
  const earliest = earliestMoment(source, now);
  if (earliest === undefined) return undefined;
  const at = (milliseconds: EpochMilliseconds) => new Date(milliseconds).toISOString();
  if (moment === 'latest') return { choice: 'latest', at: at(now) };
  const from = Math.min(now, Math.max(earliest, now - windowDays * DAY));
  return { choice: 'random', at: at(from + Math.floor(drawn(seed, 'moment') * (now - from))), seed, window: { from: at(from), to: at(now) } };
}
