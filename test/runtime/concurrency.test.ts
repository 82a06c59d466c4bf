import { Turns } from '../../src/runtime/concurrency';

describe('turns', () => {
  /** Work that ends when it is told to, and notes when it begins. */
  function works(turns: Turns) {
    const begun: string[] = [];
    const ends = new Map<string, { resolve: (value: string) => void; reject: (error: Error) => void }>();
    const take = async (name: string, ...keys: string[]) => turns.take(keys, async () => {
      begun.push(name);
      return new Promise<string>((resolve, reject) => { ends.set(name, { resolve, reject }); });
    });
    return { begun, ends, take };
  }
  const settled = async () => new Promise(resolve => { setImmediate(resolve); });

  test('are taken one after the other for one thing, and at once for others', async () => {
    const { begun, ends, take } = works(new Turns());
    const all = [take('first', 'a', 'b'), take('second', 'b', 'c'), take('other', 'd'), take('third', 'c', 'a')];
    await settled();
    expect(begun).toEqual(['first', 'other']);
    ends.get('first')!.resolve('1');
    await settled();
    expect(begun).toEqual(['first', 'other', 'second']);
    ends.get('second')!.resolve('2');
    await settled();
    expect(begun).toEqual(['first', 'other', 'second', 'third']);
    ends.get('other')!.resolve('3');
    ends.get('third')!.resolve('4');
    expect(await Promise.all(all)).toEqual(['1', '2', '3', '4']);
  });

  test('go on behind work that failed, whose error goes to whoever began it', async () => {
    const { begun, ends, take } = works(new Turns());
    const [first, second] = [take('first', 'a').catch((error: Error) => error.message), take('second', 'a')];
    await settled();
    ends.get('first')!.reject(new Error('failed'));
    await settled();
    expect(begun).toEqual(['first', 'second']);
    ends.get('second')!.resolve('done');
    expect(await Promise.all([first, second])).toEqual(['failed', 'done']);
  });
});
