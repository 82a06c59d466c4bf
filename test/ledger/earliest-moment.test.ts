import * as fc from 'fast-check';
import { earliestMoment, retentionOf } from '../../src/ledger/earliest-moment';
import { SourceRow } from '../../src/ledger/schema';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 1);
const ago = (days: number) => NOW - days * DAY;
const source = (fields: Partial<SourceRow>): SourceRow => ({ poolId: 'us-east-1_AbCdEfGhI', historyDays: 35, ...fields });

test.each<[string, Partial<SourceRow>, number | undefined]>([
  ['no sweep ended yet', {}, undefined],
  ['an earlier release swept', { firstSweptAt: ago(100), historyDays: undefined }, undefined],
  ['the first sweep was a week ago', { firstSweptAt: ago(7) }, ago(7)],
  ['the first sweep was a year ago', { firstSweptAt: ago(365) }, ago(35)],
  ['the retention was 7 days until an hour ago', { firstSweptAt: ago(365), historyDaysBefore: 7, historyDaysSince: ago(1 / 24) }, ago(7)],
  ['the retention was 7 days until 10 days ago', { firstSweptAt: ago(365), historyDaysBefore: 7, historyDaysSince: ago(10) }, ago(10)],
  ['the retention was 7 days until 40 days ago', { firstSweptAt: ago(365), historyDaysBefore: 7, historyDaysSince: ago(40) }, ago(35)],
  ['the retention was 90 days until an hour ago', { firstSweptAt: ago(365), historyDaysBefore: 90, historyDaysSince: ago(1 / 24) }, ago(35)],
])('where %s', (_what, fields, expected) => {
  expect(earliestMoment(source(fields), NOW)).toBe(expected);
});

test('whatever is replaced after the earliest moment is still there, however the retention was changed', () => {
  const change = fc.record({ at: fc.integer({ min: 0, max: 200 }), days: fc.constantFrom(1, 7, 35, 90) });
  fc.assert(fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.integer({ min: 201, max: 260 }), (changes, day) => {
    const inOrder = [{ at: -1, days: 35 }, ...changes.sort((a, b) => a.at - b.at)];
    let known: SourceRow | undefined;
    for (const { at, days } of inOrder) known = source({ firstSweptAt: -DAY, ...known, ...retentionOf(known, days, at * DAY) });
    const earliest = earliestMoment(known!, day * DAY)!;
    // Replaced on any day since then, and kept as long as was said on that day.
    for (let replaced = Math.ceil(earliest / DAY); replaced <= day; replaced += 1) {
      const { days } = inOrder.filter(({ at }) => at <= replaced).at(-1)!;
      expect(replaced + days).toBeGreaterThanOrEqual(day);
    }
  }));
});
