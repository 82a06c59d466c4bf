import * as fc from 'fast-check';
import { SubSet } from '../../../src/capture/sweep/sub-set';

async function* chunks(strings: Iterable<string>): AsyncIterable<string[]> {
  for (const text of strings) yield [text];
}

test('does what a Set does, before and after it was packed', async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.tuple(fc.constantFrom('add', 'delete', 'pack'), fc.nat(60).map(String)), { maxLength: 200 }),
    async steps => {
      let set = new SubSet();
      const model = new Set<string>();
      for (const [step, sub] of steps) {
        if (step === 'add') {
          set.add(sub);
          model.add(sub);
        } else if (step === 'delete') {
          expect(set.delete(sub)).toBe(model.delete(sub));
        } else {
          set = await SubSet.unpack(chunks(set.pack()));
        }
        expect(set.size).toBe(model.size);
      }
      for (let i = 0; i <= 60; i += 1) expect(set.has(String(i))).toBe(model.has(String(i)));
    },
  ), { numRuns: 50 });
});

test('takes a fraction of the memory of a Set', async () => {
  const set = new SubSet();
  for (let i = 0; i < 200_000; i += 1) set.add(`user-${i}`);
  expect(set.size).toBe(200_000);
  const bytes = Object.values(set).filter(value => ArrayBuffer.isView(value)).reduce((sum, view) => sum + (view as ArrayBufferView).byteLength, 0);
  expect(bytes / set.size).toBeLessThan(27);
  const again = await SubSet.unpack(chunks(set.pack()));
  for (let i = 0; i < 200_000; i += 1) again.delete(`user-${i}`);
  expect(again.size).toBe(0);
});
