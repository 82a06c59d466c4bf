import { ACTIVE_USER_PRICES, ActiveUsersCost } from '../../cognito/prices';

/** What users cost who become monthly active ones. How many of the free ones are left, nobody but the bill knows. */
export function costText({ users, plan, atMost, atLeast }: ActiveUsersCost): string {
  const { free } = ACTIVE_USER_PRICES[plan];
  const usd = atLeast === atMost ? atMost.toFixed(2) : `${atLeast.toFixed(2)} to ${atMost.toFixed(2)}`;
  return `${usd} USD for ${users} monthly active users (${plan}${free > 0 ? `; ${free} a month are free` : ''})`;
}
