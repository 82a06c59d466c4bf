/** What a difference has to be for the exit code to say so. */
export const FAIL_ON = ['any', 'deleted', 'never'] as const;
export type FailOn = typeof FAIL_ON[number];

/** What `list` lists. */
export const LISTED = ['users', 'groups', 'incidents', 'runs', 'outcomes', 'drills', 'settings', 'timeline'] as const;

/** Moments that a drill may rehearse. */
export const DRILL_MOMENTS = ['latest', 'random'] as const;

/** `jsonl`: everything that the copy has of a user; `csv`: what Cognito's import of users takes. */
export const EXPORT_FORMATS = ['jsonl', 'csv'] as const;
export type ExportFormat = typeof EXPORT_FORMATS[number];

/** What of an execution is kept in lists, to be looked up: the first two of every run, the third of a restore, the others of a plan. */
export const LISTED_OUTCOMES = ['failed', 'skipped', 'different', 'uncertain', 'would-notify'] as const;
export type ListedOutcomes = typeof LISTED_OUTCOMES[number];
