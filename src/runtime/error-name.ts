/** The name of an error, which is all that may be logged: a message of AWS may quote the values that the call was about. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'Unknown';
}
