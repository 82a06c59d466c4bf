import { balanced } from './balance';
import { CountCheckpoint, tallied } from './restore-run';
import { Save, SliceContext } from './slice-context';
import { Page } from '../cognito/page';
import { isOver } from '../runtime/clock';
import { UserOutcome } from '../state/outcome';

/** Counts all outcomes in the state table, independently of the tally, and subtracts what the listings showed, bucket by bucket. */
export async function countOutcomes(context: SliceContext, checkpoint: CountCheckpoint, save: Save): Promise<CountCheckpoint | undefined> {
  let at = checkpoint;
  do {
    if (isOver(context)) return undefined;
    const page: Page<UserOutcome> = await context.state.outcomes(at.cursor);
    const restored = page.items.filter(({ outcome }) => outcome === 'restored');
    at = {
      ...at,
      cursor: page.next,
      counted: tallied(at.counted, page.items.length, page.items),
      balance: balanced(at.balance, restored.map(({ sub, memberships }) => ({ sub, users: 1, memberships })), 1),
    };
    if (at.cursor !== undefined) await save(at);
  } while (at.cursor !== undefined);
  return at;
}
