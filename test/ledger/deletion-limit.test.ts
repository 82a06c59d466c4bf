import { deletionLimit } from '../../src/ledger/deletion-limit';

test('more than 50 and more than 5 % need an operator', () => {
  expect([0, 1_000, 1_001, 2_000].map(deletionLimit)).toEqual([50, 50, 50, 100]);
});
