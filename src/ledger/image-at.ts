import { Beginning, CLOCK_SKEW, MOST_LAG } from './beginning';
import { Dated } from './schema';
import { EpochMilliseconds } from '../runtime/flavor';

/**
 * How sure it is that an image is what there was at a moment, from best to worst:
 * - `certain`: looks at Cognito, or Cognito's own date, show it, and show that nothing came after,
 * - `by-event`: an event says it, or no event says that anything came after the last look; right unless an event was lost,
 * - `uncertain`: the change happened around that moment, and the earlier state is taken,
 * - `incomplete`: an image that the row names as its predecessor is not there, so that it is not known what there was.
 */
export const GRADES = ['certain', 'by-event', 'uncertain', 'incomplete'] as const;
export type Grade = typeof GRADES[number];
export type Doubt = Exclude<Grade, 'certain'>;

/** What looking back needs to know of a row, of any kind. */
export interface PastImage extends Pick<Dated, 'began' | 'replaces' | 'refusedAt'> {
  readonly observedAt: EpochMilliseconds;
  readonly deletedAt?: EpochMilliseconds;
  /** When Cognito made it, by its own account. Of a user there was nothing before; a group may have been made again. */
  readonly createdAt?: EpochMilliseconds;
}

/** An image that was replaced. */
export interface KeptImage<R> {
  /** Sort key of its history item. */
  readonly key: string;
  readonly image: R;
  /** When the image that replaced it began; items of earlier releases do not say. */
  readonly ended?: Beginning;
}

export interface LookBack {
  readonly moment: EpochMilliseconds;
  /** A `sub` never comes back: a user's tombstone that has a successor was wrong. Groups and memberships may really be made again. */
  readonly isUser: boolean;
  /** Whether the history is whole; false where only the newest of it was read so far. */
  readonly isWhole: boolean;
  /** Until when a sweep has compared everything (comparedUntil). */
  readonly comparedUntil: EpochMilliseconds;
}

/** `image`: absent where there was nothing at that moment. */
export interface ImageAt<R> {
  readonly image?: R;
  readonly grade: Grade;
}

/** `more`: what was read of the history does not reach back far enough. */
export type Found<R> = ImageAt<R> | 'more';

interface Verdict {
  readonly hasBegun: boolean;
  readonly grade: Grade;
}

/**
 * What there was at the moment, of a row and its replaced images, the newest first. Where the row alone answers, no history has to be read: a row
 * that nobody touched since costs nothing.
 */
export function imageAt<R extends PastImage>(row: R, history: readonly KeptImage<R>[], how: LookBack): Found<R> {
  const { moment, isUser, isWhole } = how;
  if (isUser && isBeforeCreation(row, moment)) return { grade: 'certain' };
  // The newest item is the row's own: the image that replaced it has not been replicated.
  const own = history[0];
  if (own && Date.parse(own.key) >= row.observedAt && !isBefore(own.ended, moment)) return { image: living(row), grade: 'incomplete' };

  let last = hasBegun(row, moment);
  if (last.hasBegun) return chosen(row, moment, moment > confirmedUntil(row, how) ? worse(last.grade, 'by-event') : last.grade);
  let { grade } = last;
  let [oldest, seen] = [row, row];
  for (const { key, image, ended } of history) {
    const isMissing = seen.replaces !== undefined && key < seen.replaces;
    if (isMissing && !isBefore(ended, moment)) return { image: living(image), grade: 'incomplete' };
    seen = image;
    if (isUser && image.deletedAt !== undefined) continue;
    oldest = image;
    last = hasBegun(image, moment);
    grade = worse(grade, last.grade);
    if (last.hasBegun) return chosen(image, moment, grade);
  }
  if (!isWhole && !isFirst(seen)) return 'more';
  if (seen.replaces !== undefined) return { image: living(oldest), grade: 'incomplete' };
  // Nothing is known before the first image. A user who had been made by then is better known by it than not at all.
  return isUser && last.grade === 'uncertain' ? { image: oldest, grade: worse(grade, 'uncertain') } : { grade };
}

/** Whether more than one change came together around the moment, of which no look showed what was in between. */
export function isCoalescedAt(image: PastImage, moment: EpochMilliseconds): boolean {
  return image.began?.coalesced === true && hasBegun(image, moment).grade === 'uncertain';
}

export function worse(a: Grade, b: Grade): Grade {
  return GRADES[Math.max(GRADES.indexOf(a), GRADES.indexOf(b))];
}

function hasBegun({ began, observedAt }: PastImage, moment: EpochMilliseconds): Verdict {
  const { notBefore, since, byEvent } = began ?? { since: observedAt };
  if (moment >= since) return { hasBegun: true, grade: 'certain' };
  if (notBefore !== undefined && moment <= notBefore) return { hasBegun: false, grade: 'certain' };
  if (byEvent && moment >= byEvent.since) return { hasBegun: true, grade: 'by-event' };
  if (byEvent?.notBefore !== undefined && moment <= byEvent.notBefore) return { hasBegun: false, grade: 'by-event' };
  return { hasBegun: false, grade: 'uncertain' };
}

/**
 * Until when a row that nothing has replaced was for certain what it is: by its own last look, as far as Cognito may have lagged, or by a sweep that
 * compared it. After that, an event may have been lost.
 */
function confirmedUntil({ observedAt, refusedAt }: PastImage, { comparedUntil }: LookBack): EpochMilliseconds {
  const looked = observedAt - MOST_LAG - CLOCK_SKEW;
  return refusedAt === undefined ? Math.max(looked, comparedUntil) : looked;
}

/** A row that is dated and names no predecessor has none. */
function isFirst({ began, replaces }: PastImage): boolean {
  return began !== undefined && replaces === undefined;
}

/** Before Cognito made a user there was none. */
function isBeforeCreation({ createdAt }: PastImage, moment: EpochMilliseconds): boolean {
  return createdAt !== undefined && moment < createdAt - CLOCK_SKEW;
}

/** Whether the moment is for certain before that end of an image. */
function isBefore(ended: Beginning | undefined, moment: EpochMilliseconds): boolean {
  return ended?.notBefore !== undefined && moment <= ended.notBefore;
}

/** A newer image was refused: since the row was last seen, it may have been something else. */
function chosen<R extends PastImage>(image: R, moment: EpochMilliseconds, grade: Grade): ImageAt<R> {
  return { image, grade: image.refusedAt !== undefined && moment > image.observedAt ? worse(grade, 'uncertain') : grade };
}

/** A tombstone holds what it buried: as much as is known of somebody whose history is not whole. */
function living<R extends PastImage>({ deletedAt: _at, expiresAt: _until, ...image }: R & { readonly expiresAt?: number }): R {
  return image as unknown as R;
}
