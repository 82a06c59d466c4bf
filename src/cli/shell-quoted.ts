/** The value as one word of a command to be pasted into a shell: somebody may have chosen it to be more. */
export function shellQuoted(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replace(/'/g, '\'\\\'\'')}'`;
}
