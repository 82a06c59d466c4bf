/** What a difference has to be for the exit code to say so. */
export const FAIL_ON = ['any', 'deleted', 'never'] as const;
export type FailOn = typeof FAIL_ON[number];
