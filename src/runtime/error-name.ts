/** The name of an error, which is all that may be logged: a message of AWS may quote values of the call, and so may a name that is no code. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return 'Unknown';
  const { name } = error;
  return /^\w+$/.test(name) ? name : 'Unknown';
}
