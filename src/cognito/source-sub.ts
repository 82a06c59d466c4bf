import { UserRow } from '../ledger/schema';

/** The attribute of a standby user that holds the `sub` of the source pool; at most 20 characters, Cognito's limit for a name. */
export const SOURCE_SUB_ATTRIBUTE = 'source_sub';

export const CUSTOM_SOURCE_SUB = `custom:${SOURCE_SUB_ATTRIBUTE}`;

/** `sub` that the person had in the very first pool: a pool that was itself restored carries it along. */
export function firstSubOf(row: UserRow): string {
  return row.attributes[CUSTOM_SOURCE_SUB] || row.sub;
}
