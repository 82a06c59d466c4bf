import { EXIT, exitCodeOf, folded, jsonOf, summaryOf, tableOf } from './report';
import { Row, Verdict } from './verify';

const row = (verdict: Verdict): Row => ({ id: 'id', what: 'what', assumed: 'this', source: 'inferred', observed: 'that', verdict });
const HELD = row('as assumed');
const DIFFERENT = row('differs');
const UNSEEN = row('not observed: no trail');
const BROKEN = row('check failed: AccessDeniedException');

test.each<[string, Row[], string[], number]>([
  ['all as assumed', [HELD, HELD], [], EXIT.AS_ASSUMED],
  ['some not observed', [HELD, UNSEEN], [], EXIT.AS_ASSUMED],
  ['one different', [HELD, DIFFERENT, UNSEEN], [], EXIT.DIFFERS],
  ['something left', [HELD], ['a table'], EXIT.FAILED],
  ['something left and one different', [DIFFERENT], ['a table'], EXIT.FAILED],
  ['a check failed', [HELD, BROKEN], [], EXIT.FAILED],
  ['every check failed', [BROKEN, BROKEN], [], EXIT.FAILED],
  ['a check failed and one different', [BROKEN, DIFFERENT], [], EXIT.DIFFERS],
  ['nothing checked', [], [], EXIT.FAILED],
])('exit code: %s', (_, rows, left, code) => {
  expect(exitCodeOf({ rows, left })).toBe(code);
});

test('the table has every row, and the reason why something was not observed', () => {
  const rows = [HELD, DIFFERENT, UNSEEN, BROKEN, BROKEN];
  const text = tableOf(rows);
  expect(text.split('\n').filter(line => line.includes('what'))).toHaveLength(5);
  expect(text).toContain('not observed: no trail');
  expect(summaryOf(rows)).toBe('5 assumptions: 1 as assumed, 1 different, 1 not observed, 2 whose check failed');
});

test.each([
  ['short', 10, 'short'],
  ['one two three', 7, 'one two\nthree'],
  ['additionalEventData.sub', 10, 'additional\nEventData.\nsub'],
  ['in additionalEventData.sub; masked', 12, 'in\nadditionalEv\nentData.sub;\nmasked'],
  ['', 5, ''],
])('%p in lines of %d', (text, width, expected) => {
  expect(folded(text, width)).toBe(expected);
});

test('the file holds everything', () => {
  const report = { run: '01234567', region: 'us-east-1', replicaRegion: 'us-west-2', startedAt: '2026-01-01T00:00:00.000Z', rows: [HELD], left: ['a table: command'] };
  expect(JSON.parse(jsonOf(report))).toEqual(report);
});
