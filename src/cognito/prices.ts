/** Feature plan of a user pool. */
export type FeaturePlanName = 'LITE' | 'ESSENTIALS' | 'PLUS';

/**
 * What a monthly active user costs, in USD: list prices of us-east-1 in 2026, of the lowest tier, and how many a month an account has free of charge.
 * @see https://aws.amazon.com/cognito/pricing/
 */
export const ACTIVE_USER_PRICES: Readonly<Record<FeaturePlanName, { readonly usd: number; readonly free: number }>> = {
  LITE: { usd: 0.0055, free: 10_000 },
  ESSENTIALS: { usd: 0.015, free: 10_000 },
  PLUS: { usd: 0.02, free: 0 },
};

/** What users cost who become monthly active ones: where others use up what is free, and where nobody does. */
export interface ActiveUsersCost {
  readonly plan: FeaturePlanName;
  readonly users: number;
  /** USD. */
  readonly atMost: number;
  readonly atLeast: number;
}

/** `plan`: as DescribeUserPool says it; a pool that does not say has Essentials. */
export function activeUsersCost(users: number, plan: string = 'ESSENTIALS'): ActiveUsersCost {
  const known: FeaturePlanName = plan === 'LITE' || plan === 'PLUS' ? plan : 'ESSENTIALS';
  const { usd, free } = ACTIVE_USER_PRICES[known];
  const cents = (of: number) => Math.round(of * usd * 100) / 100;
  return { plan: known, users, atMost: cents(users), atLeast: cents(Math.max(0, users - free)) };
}
