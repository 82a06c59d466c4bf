/** Time as a handler's core sees it, so that tests and benches can run in virtual time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

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

/** Runs calls no faster than their category allows, and again later where Cognito says that it was too fast. */
export interface Pacer {
  run<T>(category: QuotaCategory, call: () => Promise<T>): Promise<T>;
}
