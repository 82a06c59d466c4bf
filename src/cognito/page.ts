/** Some of a listing; `next` is an opaque cursor, absent at the end. A page may be empty and still have a `next`. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** Each of a listing, page after page: an empty page is not the end, only one without a cursor is. */
export async function* eachOfPages<T>(list: (cursor?: string) => Promise<Page<T>>): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const page: Page<T> = await list(cursor);
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}

/** All of a listing at once. */
export async function allPages<T>(list: (cursor?: string) => Promise<Page<T>>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of eachOfPages(list)) found.push(one);
  return found;
}
