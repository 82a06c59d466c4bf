/** Some work items; a page may carry more, for its commit. */
export interface WorkPage<I> {
  readonly items: readonly I[];
}

export interface PipelineProps<I, P extends WorkPage<I>, R> {
  readonly pages: AsyncIterable<P>;
  /** Items in flight; bounds the memory, however many pages there are. */
  readonly atOnce: number;
  /** The time is over: start nothing new, let the items in flight end. */
  readonly isOver: () => boolean;
  /** Undefined where the work was not done: its page is not finished then. */
  readonly work: (item: I, page: P) => Promise<R | undefined>;
  /** Pages whose items are all done, in order and without a gap: what is safe to go on from. Never called twice at a time. */
  readonly commit: (pages: readonly { readonly page: P; readonly results: readonly R[] }[]) => Promise<void>;
  /** Something failed: make the items in flight end soon. */
  readonly stop: () => void;
}

interface OpenPage<P, R> {
  readonly page: P;
  readonly results: R[];
  left: number;
}

/**
 * Works on the items of many pages, `atOnce` at a time and regardless of page borders, so that one slow item holds up no other, and
 * commits the pages in their order. Answers whether every page was committed; the first error is thrown after everything in flight has ended.
 */
export async function runPipeline<I, P extends WorkPage<I>, R>(props: PipelineProps<I, P, R>): Promise<boolean> {
  return new Pipeline(props).run();
}

/** Items of open pages, done or not, for each item in flight: this bounds the pages that wait for an earlier one, too. */
const OPEN_PER_IN_FLIGHT = 4;
const OPEN_PAGES = 256;

class Pipeline<I, P extends WorkPage<I>, R> {
  private readonly open: OpenPage<P, R>[] = [];
  private openItems = 0;
  private inFlight = 0;
  private committing = false;
  private errors: unknown[] = [];
  private wake: (() => void) | undefined;

  constructor(private readonly props: PipelineProps<I, P, R>) {}

  public async run(): Promise<boolean> {
    let readAll = false;
    try {
      readAll = await this.readPages();
    } catch (error) {
      this.fail(error);
    }
    await this.until(() => this.inFlight === 0 && !this.committing);
    if (this.errors.length > 0) throw this.errors[0];
    return readAll && this.open.length === 0;
  }

  private async readPages(): Promise<boolean> {
    for await (const page of this.props.pages) {
      const entry: OpenPage<P, R> = { page, results: [], left: page.items.length };
      this.open.push(entry);
      this.openItems += page.items.length;
      if (page.items.length === 0) this.commitFinished();
      for (const item of page.items) {
        if (!this.hasRoom()) await this.until(() => this.hasRoom());
        if (this.isEnding()) return false;
        this.start(item, entry);
      }
      await this.until(() => this.isEnding() || this.mayOpenAnother());
      if (this.isEnding()) return false;
    }
    return true;
  }

  private mayOpenAnother(): boolean {
    return this.inFlight === 0 || (this.open.length < OPEN_PAGES && this.openItems < this.props.atOnce * OPEN_PER_IN_FLIGHT);
  }

  private hasRoom(): boolean {
    return this.inFlight < this.props.atOnce || this.errors.length > 0;
  }

  private isEnding(): boolean {
    return this.errors.length > 0 || this.props.isOver();
  }

  private start(item: I, entry: OpenPage<P, R>): void {
    this.inFlight++;
    this.props.work(item, entry.page).then(result => {
      this.inFlight--;
      if (result !== undefined) {
        entry.results.push(result);
        if (--entry.left === 0) this.commitFinished();
      }
      this.wake?.();
    }, (error: unknown) => {
      this.inFlight--;
      this.fail(error);
    });
  }

  private fail(error: unknown): void {
    this.errors.push(error);
    this.props.stop();
    this.wake?.();
  }

  private commitFinished(): void {
    if (this.committing || this.errors.length > 0) return;
    const count = this.open.findIndex(entry => entry.left > 0);
    const finished = this.open.splice(0, count === -1 ? this.open.length : count);
    if (finished.length === 0) return;
    this.committing = true;
    this.props.commit(finished).then(() => {
      this.committing = false;
      finished.forEach(({ page }) => { this.openItems -= page.items.length; });
      this.commitFinished();
      this.wake?.();
    }, (error: unknown) => {
      this.committing = false;
      this.fail(error);
    });
  }

  /** Checks again whenever an item has ended. */
  private async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>(resolve => { this.wake = resolve; });
  }
}
