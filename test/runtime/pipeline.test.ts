import * as fc from 'fast-check';
import { runPipeline } from '../../src/runtime/pipeline';
import { VirtualClock } from '../helpers/virtual-clock';

interface Item { readonly id: number; readonly takes: number; readonly ends: 'well' | 'undone' | 'error' }
interface Page { readonly index: number; readonly items: readonly Item[] }

async function run(pages: readonly (readonly Item[])[], atOnce: number, overAt = Infinity) {
  const clock = new VirtualClock(0);
  const seen = { started: [] as number[], committed: [] as number[], results: [] as number[], most: 0, stopped: 0 };
  let inFlight = 0;
  let committing = 0;
  async function* source(): AsyncGenerator<Page> {
    for (let index = 0; index < pages.length; index++) {
      await clock.sleep(1);
      yield { index, items: pages[index] };
    }
  }
  const outcome = clock.run(() => runPipeline<Item, Page, number>({
    pages: source(),
    atOnce,
    isOver: () => clock.now() >= overAt,
    stop: () => { seen.stopped++; },
    work: async item => {
      seen.started.push(item.id);
      seen.most = Math.max(seen.most, ++inFlight);
      await clock.sleep(item.takes);
      inFlight--;
      if (item.ends === 'error') throw new Error(`item ${item.id}`);
      return item.ends === 'well' ? item.id : undefined;
    },
    commit: async done => {
      expect(++committing).toBe(1);
      await clock.sleep(3);
      committing--;
      for (const { page, results } of done) {
        seen.committed.push(page.index);
        seen.results.push(...results);
      }
    },
  }));
  const settled = await Promise.allSettled([outcome]).then(([result]) => result);
  expect(inFlight).toBe(0);
  expect(committing).toBe(0);
  return { ...seen, settled };
}

const items = (ends: fc.Arbitrary<Item['ends']>) => fc.array(fc.array(fc.record({ id: fc.nat(), takes: fc.integer({ min: 0, max: 30 }), ends }), { maxLength: 6 }), { maxLength: 12 });

test('works on every item once, so many at a time, and commits all pages in their order', async () => {
  await fc.assert(fc.asyncProperty(items(fc.constant<Item['ends']>('well')), fc.integer({ min: 1, max: 5 }), async (pages, atOnce) => {
    const { settled, started, committed, results, most } = await run(pages, atOnce);
    const all = pages.flat().map(item => item.id);
    expect(settled).toEqual({ status: 'fulfilled', value: true });
    expect(started).toEqual(all);
    expect([...results].sort()).toEqual([...all].sort());
    expect(committed).toEqual(pages.map((_, index) => index));
    expect(most).toBeLessThanOrEqual(atOnce);
  }));
});

test('whatever ends it, what is committed is a beginning without gaps and nothing is left in flight', async () => {
  const ends = fc.constantFrom<Item['ends']>('well', 'well', 'well', 'undone', 'error');
  await fc.assert(fc.asyncProperty(items(ends), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 100 }), async (pages, atOnce, overAt) => {
    const { settled, committed, results, stopped } = await run(pages, atOnce, overAt);
    expect(committed).toEqual(committed.map((_, index) => index));
    const done = pages.slice(0, committed.length).flat();
    expect(done.every(item => item.ends === 'well')).toBe(true);
    expect(results).toHaveLength(done.length);
    expect(stopped > 0).toBe(settled.status === 'rejected');
    // The other way round need not be: the time may be over before the end of the pages is known.
    if (settled.status === 'fulfilled' && settled.value) expect(committed).toHaveLength(pages.length);
  }));
});
