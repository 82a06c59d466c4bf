import { lagObservation } from './lag';

test.each([
  ['nothing came', [], { notObserved: 'no event arrived' }],
  ['quick', [2_000, 1_000, 30_000], { observed: 'p50 2.0 s, max 30.0 s, 3 events', holds: true }],
  ['an event of the same second is not early', [-400], { observed: 'p50 0.0 s, max 0.0 s, 1 events', holds: true }],
  ['half of them slow', [1_000, 121_000, 122_000], { observed: 'p50 121.0 s, max 122.0 s, 3 events', holds: false }],
  ['one very slow', [1_000, 1_000, 601_000], { observed: 'p50 1.0 s, max 601.0 s, 3 events', holds: false }],
])('%s', (_, milliseconds, expected) => {
  expect(lagObservation(milliseconds)).toEqual(expected);
});
