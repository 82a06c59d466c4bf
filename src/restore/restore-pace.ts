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

/** Requests per second of each category, where AWS raised it. */
type Quotas = Partial<Record<QuotaCategory, number>>;

/** The quota that bounds a restore. */
export interface BindingQuota {
  readonly category: BindingCategory;
  /** Requests per second, all of it. */
  readonly rate: number;
  /** As long as the restore takes at least. */
  readonly seconds: number;
}

/** The slowest quota for the calls: no restore is faster, and one that nothing else slows down takes hardly longer. */
export function bindingQuota(calls: RestoreCalls, share: number, quotas: Quotas = {}): BindingQuota {
  const all = BINDING.map(category => {
    const rate = quotas[category] ?? DEFAULT_QUOTAS[category];
    return { category, rate, seconds: calls[category] / (rate * share) };
  });
  return all.reduce((slowest, each) => (each.seconds > slowest.seconds ? each : slowest));
}

/** Seconds that the slowest quota needs for the calls. */
export function bindingSeconds(calls: RestoreCalls, share: number, quotas: Quotas = {}): number {
  return bindingQuota(calls, share, quotas).seconds;
}
