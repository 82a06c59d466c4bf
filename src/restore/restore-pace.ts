import { DEFAULT_QUOTAS, QuotaCategory } from '../cognito/quotas';

/** The categories of which one bounds a restore. */
type BindingCategory = 'UserCreation' | 'UserAccountRecovery' | 'UserUpdate';
const BINDING: readonly BindingCategory[] = ['UserCreation', 'UserAccountRecovery', 'UserUpdate'];

/** Calls of a restore into an empty pool, by the quota that they spend. */
export type RestoreCalls = Readonly<Record<BindingCategory, number>>;

/** `byPassword`: whether each user gets a password. */
export function restoreCalls(users: number, memberships: number, byPassword = true): RestoreCalls {
  return { UserCreation: users, UserAccountRecovery: byPassword ? users : 0, UserUpdate: memberships };
}

/** Seconds that the slowest quota needs for the calls: no restore is faster, and one that nothing else slows down takes hardly longer. */
export function bindingSeconds(calls: RestoreCalls, share: number, quotas: Partial<Record<QuotaCategory, number>> = {}): number {
  return Math.max(...BINDING.map(category => calls[category] / ((quotas[category] ?? DEFAULT_QUOTAS[category]) * share)));
}
