import { newestFirst } from '../../src/ledger/newest-first';

test('the pool that was swept last comes first, one that never was comes last, and what was given stays as it is', () => {
  const given = [{ poolId: 'never' }, { poolId: 'replaced', sweptAt: 1 }, { poolId: 'followed', sweptAt: 2 }];
  expect(newestFirst(given).map(({ poolId }) => poolId)).toEqual(['followed', 'replaced', 'never']);
  expect(given[0].poolId).toBe('never');
  expect(newestFirst([])).toEqual([]);
});
