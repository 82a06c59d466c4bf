/** Runs `work` on all values, `atATime` at once. The first error ends it, after the work in flight has ended: nothing runs on unwatched. */
export async function forEachConcurrently<T>(values: Iterable<T>, atATime: number, work: (value: T) => Promise<void>): Promise<void> {
  const iterator = values[Symbol.iterator]();
  const errors: unknown[] = [];
  const worker = async () => {
    for (let next = iterator.next(); !next.done && errors.length === 0; next = iterator.next()) {
      try {
        await work(next.value);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  if (errors.length > 0) throw errors[0];
}

/** Work about the same thing is done one after the other, in the order in which it was begun, whatever became of what was before. */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>();

  /** Runs `work` when no earlier work on any of these keys is left. All keys are taken at once, so that nobody waits in a circle. */
  public async take<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const mine = Promise.allSettled(keys.map(key => this.last.get(key))).then(work);
    keys.forEach(key => this.last.set(key, mine));
    try {
      return await mine;
    } finally {
      keys.filter(key => this.last.get(key) === mine).forEach(key => this.last.delete(key));
    }
  }
}
