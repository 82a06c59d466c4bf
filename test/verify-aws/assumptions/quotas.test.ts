import { compareRates, ratesOf } from './quotas';

const ASSUMED = { UserCreation: 50, UserList: 30 };

test('rates are those quotas that say so', () => {
  expect([...ratesOf([
    { QuotaName: 'Rate of UserCreation requests', Value: 50 }, { QuotaName: 'User pools per account', Value: 1_000 }, { QuotaName: 'Rate of UserList requests' }, {},
  ])]).toEqual([['UserCreation', 50]]);
});

test.each<[string, [string, number][], object]>([
  ['as assumed', [['UserCreation', 50], ['UserList', 30], ['UserToken', 120]], { observed: '2 as assumed', holds: true }],
  ['raised', [['UserCreation', 80], ['UserList', 30]], { observed: 'UserCreation 80 instead of 50', holds: false }],
  ['one is not listed', [['UserCreation', 50]], { observed: '1 as assumed', notObserved: 'not listed: UserList' }],
  ['one is raised, one not listed', [['UserCreation', 80]], { observed: 'UserCreation 80 instead of 50; not listed: UserList', holds: false }],
  ['none is listed', [['UserToken', 120]], { notObserved: 'Service Quotas lists no rate of any of these categories' }],
])('%s', (_, observed, expected) => {
  expect(compareRates(ASSUMED, new Map(observed))).toEqual(expected);
});
