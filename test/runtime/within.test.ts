import { setTimeout } from 'node:timers/promises';
import { within } from '../../src/runtime/within';

test('work that is done in time is answered, and its error is thrown', async () => {
  const { signal } = new AbortController();
  await expect(within(signal, Promise.resolve(7))).resolves.toBe(7);
  await expect(within(signal, Promise.reject(new Error('of the work')))).rejects.toThrow('of the work');
});

test('work that takes longer is not waited for, and its late error disturbs nobody', async () => {
  const late = setTimeout(20).then(() => { throw new Error('late'); });
  await expect(within(AbortSignal.timeout(1), late)).rejects.toMatchObject({ name: 'Timeout' });
  await setTimeout(40);
});
