/** Cognito's API request rate categories that this library spends; names as in the service's quota documentation. */
export type QuotaCategory =
  | 'UserCreation'
  | 'UserAccountRecovery'
  | 'UserRead'
  | 'UserUpdate'
  | 'UserResourceRead'
  | 'UserResourceUpdate'
  | 'UserList'
  | 'UserPoolRead'
  | 'UserPoolResourceRead'
  | 'UserPoolResourceUpdate'
  | 'UserPoolClientRead';

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
  UserPoolRead: 15,
  UserPoolResourceRead: 20,
  UserPoolResourceUpdate: 15,
  UserPoolClientRead: 15,
};
