import { hoursListing, hoursOf } from '../../src/cli/commands/timeline';
import { TimelineBucket } from '../../src/ledger/timeline';

const HOUR = 3_600_000;
const AT = Date.parse('2026-11-02T10:00:00Z');
const SCRIPT = { event: 'AdminDeleteUser', principal: 'arn:aws:iam::111122223333:role/script' };
const count = (minute: number, effect: 'deleted' | 'changed', times: number, cause = SCRIPT) => ({ minute, kind: 'user' as const, effect, cause, count: times });
const BUCKETS: TimelineBucket[] = [
  { startsAt: AT, marks: new Map(), counts: [count(AT, 'deleted', 400), count(AT + 60_000, 'deleted', 400), count(AT, 'changed', 1, { ...SCRIPT, event: 'x' })] },
  { startsAt: AT + 2 * HOUR, marks: new Map(), counts: [count(AT + 2 * HOUR, 'changed', 1)] },
  { startsAt: AT - HOUR, marks: new Map(), counts: [count(AT - HOUR, 'deleted', 9)] },
];

test('hours from the first to the last, and whose calls they were', () => {
  const hours = hoursOf(BUCKETS, AT, AT + 2 * HOUR + 60_000);
  expect(hours.map(({ hour, deleted, changed }) => [hour.slice(11, 16), deleted, changed])).toEqual([['10:00', 800, 1], ['11:00', 0, 0], ['12:00', 0, 1]]);
  expect(hours[0].causes).toEqual([{ ...SCRIPT, count: 800 }, { ...SCRIPT, event: 'x', count: 1 }]);
});

test('a bar for each: one change is seen beside hundreds, and none where there is none', () => {
  const hours = hoursOf(BUCKETS, AT, AT + 2 * HOUR);
  const { cells } = hoursListing(hours);
  expect(hours.map(hour => String(cells(hour)[1]).length)).toEqual([40, 0, 1]);
  expect(cells(hours[0]).at(-1)).toBe('AdminDeleteUser by arn:aws:iam::111122223333:role/script');
});
