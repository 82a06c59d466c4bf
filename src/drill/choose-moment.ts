import { DrillMoment } from './evidence/drill-facts';
import { drawn } from './seed';
import { earliestMoment } from '../ledger/earliest-moment';
import { SourceRow } from '../ledger/schema';
import { EpochMilliseconds } from '../runtime/flavor';

const DAY = 86_400_000;
/** A drill about a million takes one. What was replaced that soon after the earliest moment goes while the drill runs. */
const MOST_DAYS_OF_A_DRILL = 2;
/** Where the history is short, as much of it as that leaves something to draw from. */
const SHARE_OF_THE_HISTORY = 1 / 4;

export interface MomentChoice {
  readonly moment: 'latest' | 'random';
  /** How far a random moment may lie back. */
  readonly windowDays: number;
  readonly seed: string;
}

/**
 * The moment that the drill brings the pool back to; undefined where no sweep has looked at everything yet, so that nothing is known of any. One
 * within the window that the ledger cannot go back to until the drill is over is drawn from the part that it can.
 */
export function chooseMoment({ moment, windowDays, seed }: MomentChoice, source: SourceRow, now: EpochMilliseconds): DrillMoment | undefined {
  const earliest = earliestMoment(source, now);
  if (earliest === undefined) return undefined;
  const at = (milliseconds: EpochMilliseconds) => new Date(milliseconds).toISOString();
  if (moment === 'latest') return { choice: 'latest', at: at(now) };
  const takes = Math.min(MOST_DAYS_OF_A_DRILL, source.historyDays! * SHARE_OF_THE_HISTORY) * DAY;
  const from = Math.min(now, Math.max(earliestMoment(source, now + takes)!, now - windowDays * DAY));
  return { choice: 'random', at: at(from + Math.floor(drawn(seed, 'moment') * (now - from))), seed, window: { from: at(from), to: at(now) } };
}
