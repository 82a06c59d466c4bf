import { GONE } from './user-writes';
import { doneUnless } from '../cognito/refusals';
import { StandbyPool } from '../cognito/target-pool';
import { forEachConcurrently } from '../runtime/concurrency';

/** The quota, and not the number of calls in flight, bounds the pace. */
const AT_ONCE = 8;

/** Ends every session of one page of the pool's users. Answers how many users that were, and where the next page begins. */
export async function signOutPage(pool: StandbyPool, cursor?: string): Promise<{ readonly users: number; readonly next?: string }> {
  const { items, next } = await pool.listUsers(cursor);
  await forEachConcurrently(items, AT_ONCE, async ({ username }) => { await doneUnless(GONE, () => pool.signOutUser(username)); });
  return { users: items.length, next };
}
