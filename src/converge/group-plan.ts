import { GroupImage } from '../cognito/user';

/**
 * What to write so that the target's group matches the ledger; undefined where it already does. `base`: the group as the last run left it, which
 * distinguishes what was removed at the source and what the target has of its own.
 */
export function planGroup(row: GroupImage, current: GroupImage | undefined, roleArn: string | undefined, base?: GroupImage): GroupImage | undefined {
  const wanted: GroupImage = {
    name: row.name,
    // Cognito keeps a description that is left out.
    description: row.description ?? (base?.description ? '' : current?.description),
    precedence: row.precedence ?? (base?.precedence === undefined ? current?.precedence : undefined),
    // The source's role usually trusts one identity pool: only the caller knows its counterpart for the target.
    roleArn: roleArn ?? current?.roleArn,
  };
  return current && fieldsOf(current) === fieldsOf(wanted) ? undefined : wanted;
}

function fieldsOf({ description, precedence, roleArn }: GroupImage): string {
  return JSON.stringify([description || null, precedence, roleArn]);
}
