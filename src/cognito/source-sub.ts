import { FirstSub } from './ids';
import { UserImage } from './user';

/** The attribute of a standby user that holds the `sub` of the source pool; at most 20 characters, Cognito's limit for a name. */
export const SOURCE_SUB_ATTRIBUTE = 'source_sub';
export const CUSTOM_SOURCE_SUB = `custom:${SOURCE_SUB_ATTRIBUTE}`;

/** `sub` that the person had in the very first pool: a pool that was itself restored carries it along. */
export function firstSubOf({ attributes, sub }: Pick<UserImage, 'attributes' | 'sub'>): FirstSub {
  return attributes[CUSTOM_SOURCE_SUB] || sub;
}

/** Whether an app client with these `WriteAttributes` lets its users say which source user they are; without any it may write everything. */
export function writesSourceSub(writeAttributes: readonly string[] | undefined): boolean {
  return !writeAttributes || writeAttributes.length === 0 || writeAttributes.includes(CUSTOM_SOURCE_SUB);
}
