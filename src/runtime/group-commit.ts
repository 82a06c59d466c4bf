/** Writes the values of concurrent callers together, in few batches; each call ends when its own values are safe. */
export class GroupCommit<T> {
  private waiting: T[] = [];
  private next: Promise<void> | undefined;
  private current: Promise<void> = Promise.resolve();

  constructor(private readonly write: (values: readonly T[]) => Promise<void>) {}

  /** While one batch is being written, the next one gathers. */
  public async add(values: readonly T[]): Promise<void> {
    this.waiting.push(...values);
    this.next ??= this.current.then(async () => {
      const batch = this.waiting;
      this.waiting = [];
      this.current = this.next!;
      this.next = undefined;
      await this.write(batch);
    });
    return this.next;
  }
}
