/** Cognito's API request rate categories that this library spends; names as in the service's quota documentation. */
export type QuotaCategory =
  | 'UserCreation'
  | 'UserAccountRecovery'
  | 'UserRead'
  | 'UserUpdate'
  | 'UserResourceRead'
  | 'UserResourceUpdate'
  | 'UserList'
  | 'UserAuthentication'
  | 'UserPoolRead'
  | 'UserPoolUpdate'
  | 'UserPoolResourceRead'
  | 'UserPoolResourceUpdate'
  | 'UserPoolClientRead'
  | 'UserPoolClientUpdate';

/**
 * Default requests per second of each category, per account and Region.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
 */
export const DEFAULT_QUOTAS: Readonly<Record<QuotaCategory, number>> = {
  UserCreation: 50,
  UserAccountRecovery: 30,
  UserRead: 120,
  UserUpdate: 25,
  UserResourceRead: 50,
  UserResourceUpdate: 25,
  UserList: 30,
  UserAuthentication: 120,
  UserPoolRead: 15,
  UserPoolUpdate: 15,
  UserPoolResourceRead: 20,
  UserPoolResourceUpdate: 15,
  UserPoolClientRead: 15,
  UserPoolClientUpdate: 15,
};

/** Categories of which any one operation may be called less often for one pool than the category's quota says: DEFAULT_PER_POOL times a second. */
const LIMITED_PER_POOL: readonly QuotaCategory[] = ['UserPoolResourceRead', 'UserPoolResourceUpdate', 'UserPoolClientRead', 'UserPoolClientUpdate'];
const DEFAULT_PER_POOL = 5;

/**
 * Requests per second of one operation of this category on one pool, out of a quota. A quota that was raised raises the limit of its pools in
 * proportion.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
 */
export function ratePerPool(category: QuotaCategory, quota: number = DEFAULT_QUOTAS[category]): number {
  if (!LIMITED_PER_POOL.includes(category)) return quota;
  return Math.min(quota, DEFAULT_PER_POOL * Math.max(1, quota / DEFAULT_QUOTAS[category]));
}
