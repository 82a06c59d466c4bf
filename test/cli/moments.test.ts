import { lengthInWords, readDuration, momentGiven } from '../../src/cli/moments';

const NOW = Date.parse('2026-11-02T12:00:00Z');

test.each([
  ['2026-11-02T10:15:00Z', '2026-11-02T10:15:00.000Z'],
  ['2026-11-02T11:15:00.5+01:00', '2026-11-02T10:15:00.500Z'],
  ['2h ago', '2026-11-02T10:00:00.000Z'],
  ['90m', '2026-11-02T10:30:00.000Z'],
  [' 3d ago ', '2026-10-30T12:00:00.000Z'],
  ['now', '2026-11-02T12:00:00.000Z'],
])('%s is %s', (given, moment) => {
  expect(new Date(momentGiven(given, '--as-of', NOW)).toISOString()).toBe(moment);
});

test.each([
  ['2026-11-02T10:15:00', 'invalid-moment'], // no zone
  ['2026-11-02', 'invalid-moment'],
  ['2026-02-30T10:15:00Z', 'invalid-moment'],
  ['yesterday', 'invalid-moment'],
  ['', 'invalid-moment'],
  ['2h later', 'invalid-moment'],
  ['999999999d ago', 'invalid-moment'], // before all time
  ['2026-11-02T12:00:01Z', 'future-moment'],
])('%j is refused with the option, what was given and what is wanted', (given, code) => {
  expect(() => momentGiven(given, '--as-of', NOW)).toThrow(expect.objectContaining({ code, exit: 64, message: expect.stringMatching(/^--as-of: /) }));
});

test.each([['90m', 5_400_000], ['26h', 93_600_000], ['30s', 30_000]])('%s lasts %d ms', (given, milliseconds) => {
  expect(readDuration(given, '--max-age')).toBe(milliseconds);
});

test('a length of time without its unit is refused', () => {
  expect(() => readDuration('26', '--max-age')).toThrow('--max-age: got "26", want a length of time such as 90m or 2h');
});

test.each([[119_000, '119 s'], [120_000, '2 min'], [7_200_000, '2 h'], [48 * 3_600_000, '2 days'], [-5, '0 s']])('%d ms are %s', (given, text) => {
  expect(lengthInWords(given)).toBe(text);
});
