import { FirstSub } from './ids';
import { UserImage } from './user';

/** The attribute of a standby user that holds the `sub` of the source pool; at most 20 characters, Cognito's limit for a name. */
export const SOURCE_SUB_ATTRIBUTE = 'source_sub';
export const CUSTOM_SOURCE_SUB = `custom:${SOURCE_SUB_ATTRIBUTE}`;

/** A user of a source pool, and the `sub` that they had first, where the ledger knows that they were brought back into the same pool. */
type KnownUser = Pick<UserImage, 'attributes' | 'sub'> & { readonly firstSub?: FirstSub };

/**
 * `sub` that applications know the person by: of somebody who was brought back, the first one; else that of the very first pool, which a pool that
 * was itself restored carries along.
 */
export function firstSubOf({ attributes, sub, firstSub }: KnownUser): FirstSub {
  return firstSub ?? (attributes[CUSTOM_SOURCE_SUB] || sub);
}

/** Whether that mark is this user's: who was brought back may have been copied before it was known who they had been. */
export function isMarkOf(user: KnownUser, sourceSub: string | undefined): boolean {
  return sourceSub === firstSubOf(user) || (user.firstSub !== undefined && sourceSub === user.sub);
}

/** Whether an app client with these `WriteAttributes` lets its users say which source user they are; without any it may write everything. */
export function writesSourceSub(writeAttributes: readonly string[] | undefined): boolean {
  return !writeAttributes || writeAttributes.length === 0 || writeAttributes.includes(CUSTOM_SOURCE_SUB);
}
