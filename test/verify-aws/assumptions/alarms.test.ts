import { fillObservation } from './alarms';

test.each<[string, number[] | undefined, number[] | undefined, object | undefined]>([
  ['nothing is there yet', undefined, undefined, undefined],
  ['the one that is known has no value yet', [], [], undefined],
  ['filled', [1, 1], [1, 1], { observed: '2 values of the sum beside 2 of the metric that is known', holds: true }],
  ['filled in minutes without a value, too', [1], [1, 0], { observed: '2 values of the sum beside 1 of the metric that is known', holds: true }],
  ['not filled', [1, 1], [], { observed: '0 values of the sum beside 2 of the metric that is known', holds: false }],
])('%s', (_, known, filled, expected) => {
  expect(fillObservation([{ Id: 'known', Values: known }, { Id: 'filled', Values: filled }])).toEqual(expected);
});
