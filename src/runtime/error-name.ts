/** What may be logged of an error: its name. A message of AWS may quote the values that the call was about. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'Unknown';
}
