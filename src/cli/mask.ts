/** For those who look over a shoulder: whoever may run the command may read the whole value elsewhere. */
export function mask(value: string): string {
  const at = value.lastIndexOf('@');
  if (at > 0) return `${hidden(value.slice(0, at))}@${hidden(value.slice(at + 1))}`;
  return hidden(value);
}

/** How long a value is would tell it from others. */
function hidden(text: string): string {
  const [first = ''] = text;
  return `${first}…`;
}
