import { VirtualClock } from './virtual-clock';

/** What the state machine does: call, repeat what failed, go on until there is an end. `onRetry` hears of each repetition. */
export async function untilEnd<A extends { readonly status: string }>(
  clock: VirtualClock, slice: () => Promise<A>, onRetry: () => void,
): Promise<Exclude<A, { status: 'continue' }>> {
  return clock.run(async () => {
    for (let failures = 0; ;) {
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
  });
}
