import { DEFAULT_QUOTAS, ratePerPool } from '../../src/cognito/quotas';
import { QUOTAS } from '../local-aws/gateway/quotas';

test('quotas of the local AWS are the library\'s defaults', () => {
  for (const [category, perSecond] of Object.entries(DEFAULT_QUOTAS)) expect(QUOTAS[category].perSecond).toBe(perSecond);
});

test('descriptions and groups of one pool are paced at five a second, below their category\'s quota', () => {
  for (const category of ['UserPoolClientRead', 'UserPoolResourceRead', 'UserPoolResourceUpdate'] as const) {
    expect(ratePerPool(category)).toBe(5);
    expect(ratePerPool(category, 10)).toBe(5);
    expect(ratePerPool(category, 3)).toBe(3);
    expect(ratePerPool(category, DEFAULT_QUOTAS[category] * 4)).toBe(20);
  }
  expect(ratePerPool('UserList')).toBe(30);
  expect(ratePerPool('UserRead', 500)).toBe(500);
});
