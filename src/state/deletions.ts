import { EpochMilliseconds } from '../runtime/flavor';

/** Deletions that wait for their time, by the user's `sub` in the source pool, or {@link groupId}. */
export interface Deletions {
  /** A deletion that is scheduled already keeps its time. */
  schedule(id: string, dueAt: EpochMilliseconds): Promise<void>;
  /** Those that are due. */
  due(now: EpochMilliseconds): AsyncIterable<string>;
  cancel(id: string): Promise<void>;
}

export const GROUP = '#group#';

/** No `sub` looks like it. */
export function groupId(name: string): string {
  return `${GROUP}${name}`;
}
