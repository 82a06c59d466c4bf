import { CliError, EXIT } from './cli-error';
import { isMoment } from '../runtime/execution-input.lambda-shared';
import { EpochMilliseconds } from '../runtime/flavor';

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const AGO = /^(\d+)\s*(s|m|h|d)(?:\s+ago)?$/;

/** A moment as an operator types it: `2026-11-02T10:15:00Z`, `2h ago`, `now`. */
export function momentGiven(given: string, option: string, now: EpochMilliseconds): EpochMilliseconds {
  const text = given.trim();
  if (text === 'now') return now;
  const ago = AGO.exec(text);
  const before = ago ? now - Number(ago[1]) * UNITS[ago[2] as keyof typeof UNITS] : undefined;
  if (before !== undefined && before >= 0) return before;
  if (!isMoment(text)) {
    throw new CliError(EXIT.USAGE, 'invalid-moment',
      `${option}: got "${given}", want a moment with its time zone, such as 2026-11-02T10:15:00Z, or one like "2h ago"`);
  }
  const moment = Date.parse(text);
  if (moment > now) throw new CliError(EXIT.USAGE, 'future-moment', `${option}: ${inUtc(moment)} is in the future; it is ${inUtc(now)}`);
  return moment;
}

/** A length of time as an operator types it: `90m`, `2h`; milliseconds. */
export function readDuration(given: string, option: string): number {
  const read = /^(\d+)\s*(s|m|h|d)$/.exec(given.trim());
  if (!read) throw new CliError(EXIT.USAGE, 'invalid-duration', `${option}: got "${given}", want a length of time such as 90m or 2h`);
  return Number(read[1]) * UNITS[read[2] as keyof typeof UNITS];
}

export function inUtc(moment: EpochMilliseconds): string {
  return `${new Date(moment).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length)}Z`;
}

/** UTC, and the operator's own clock beside it where it shows another time. */
export function inUtcAndLocal(moment: EpochMilliseconds): string {
  const local = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' }).format(moment);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone === 'UTC' ? inUtc(moment) : `${inUtc(moment)} (${local} ${zone})`;
}

/** The largest unit that says enough: `3 min`, `26 h`. */
export function lengthInWords(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
