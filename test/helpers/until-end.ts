import { VirtualClock } from './virtual-clock';

/** Far more than any test needs: work that makes no progress fails, where the state machine would go on for its year. */
const MOST_SLICES = 5_000;

/** What the state machine does: call, repeat what failed, go on until there is an end. `onRetry` hears of each repetition. */
export async function untilEnd<A extends { readonly status: string }>(
  clock: VirtualClock, slice: () => Promise<A>, onRetry: () => void,
): Promise<Exclude<A, { status: 'continue' }>> {
  return clock.run(async () => {
    let failures = 0;
    for (let slices = 0; slices < MOST_SLICES; slices++) {
      try {
        const answer = await slice();
        if (answer.status !== 'continue') return answer as Exclude<A, { status: 'continue' }>;
        failures = 0;
      } catch (error) {
        if (++failures > 8) throw error;
        onRetry();
        await clock.sleep(2_000 * 2 ** failures);
      }
    }
    throw new Error(`no end after ${MOST_SLICES} slices`);
  });
}
