import * as fc from 'fast-check';
import { looksIncomplete, prefixDigits, prefixOf, shardCount } from '../../../src/capture/sweep/sweep-shards';

test.each([
  [0, 0], [6_000, 0], [6_001, 1], [96_000, 1], [96_001, 2], [1_000_000, 2], [40_000_000, 3],
])('a pool of %d users is listed by %d digits', (users, digits) => {
  expect(prefixDigits(users)).toBe(digits);
});

test('the prefixes of any length cover every hexadecimal sub once', () => {
  fc.assert(fc.property(fc.uuid(), fc.integer({ min: 0, max: 3 }), (sub, digits) => {
    const prefixes = Array.from({ length: shardCount(digits) }, (_, shard) => prefixOf(shard, digits));
    expect(prefixes.filter(prefix => sub.startsWith(prefix))).toHaveLength(1);
  }), { numRuns: 30 });
});

test('calls of a sweep stay within one a page and one a shard', () => {
  for (const users of [1, 2_000, 100_000, 1_000_000, 40_000_000]) {
    const shards = shardCount(prefixDigits(users));
    // Every shard's last page may be short: at most one more call each than a listing of the whole.
    expect(shards).toBeLessThanOrEqual(Math.max(1, Math.ceil(users / 60) * 0.2));
  }
});

test('Cognito\'s count lags: only a difference of more than 50 users and 1 % is looked into', () => {
  expect(looksIncomplete(950, 1_000)).toBe(false);
  expect(looksIncomplete(949, 1_000)).toBe(true);
  expect(looksIncomplete(99_000, 100_000)).toBe(false);
  expect(looksIncomplete(98_999, 100_000)).toBe(true);
  expect(looksIncomplete(2_000, 1_000)).toBe(false);
});
