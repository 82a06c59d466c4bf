import { lagObservation } from './lag';

test.each<[string, number[], number, object]>([
  ['nothing came', [], 3, { notObserved: 'no event arrived' }],
  ['quick', [2_000, 1_000, 30_000], 0, { observed: 'p50 2.0 s, max 30.0 s, 3 events', holds: true }],
  ['an event of the same second is not early', [-400], 0, { observed: 'p50 0.0 s, max 0.0 s, 1 events', holds: true }],
  ['half of them slow', [1_000, 121_000, 122_000], 0, { observed: 'p50 121.0 s, max 122.0 s, 3 events', holds: false }],
  ['one very slow', [1_000, 1_000, 601_000], 0, { observed: 'p50 1.0 s, max 601.0 s, 3 events', holds: false }],
  ['one did not come', [2_000, 1_000, 30_000], 1, { observed: 'p50 2.0 s, max 30.0 s, 3 events; 1 did not arrive within 900 s', holds: false }],
  ['most did not come', [1_000], 3, { observed: 'p50 more than 900.0 s, max 1.0 s, 1 events; 3 did not arrive within 900 s', holds: false }],
])('%s', (_, milliseconds, missing, expected) => {
  expect(lagObservation(milliseconds, missing, 900_000)).toEqual(expected);
});
