/** Some of a listing; `next` is an opaque cursor, absent at the end. A page may be empty and still have a `next`. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** All of a listing, page after page: an empty page is not the end, only one without a cursor is. */
export async function allPages<T>(list: (cursor?: string) => Promise<Page<T>>): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(cursor);
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return found;
}
