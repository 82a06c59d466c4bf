import { GroupImage } from '../cognito/user';
import { GroupRow } from '../ledger/schema';

/**
 * What has to be written so that the target's group is as in the ledger; undefined where it is so already. `base`: what the last run left, which
 * tells what was removed in the source from what the target has of its own.
 */
export function planGroup(row: GroupRow, current: GroupImage | undefined, roleArn: string | undefined, base?: GroupImage): GroupImage | undefined {
  const wanted: GroupImage = {
    name: row.name,
    // Left out, it would stay as it is.
    description: row.description ?? (base?.description ? '' : current?.description),
    precedence: row.precedence ?? (base?.precedence === undefined ? current?.precedence : undefined),
    // A role of the source usually trusts one identity pool: only the caller knows its counterpart.
    roleArn: roleArn ?? current?.roleArn,
  };
  return current && fieldsOf(current) === fieldsOf(wanted) ? undefined : wanted;
}

/** The group as it is made where there is none. */
export function newGroup(row: GroupRow, roleArn: string | undefined): GroupImage {
  return planGroup(row, undefined, roleArn)!;
}

function fieldsOf({ description, precedence, roleArn }: GroupImage): string {
  return JSON.stringify([description || null, precedence, roleArn]);
}
