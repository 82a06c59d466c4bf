export const METRIC_NAMESPACE = 'CognitoDrReplica';

/** Dimension of every metric: the ledger table's name, which is unique to one CognitoDrReplica. */
export const METRIC_DIMENSION = 'Ledger';

/** Metrics of a sweep, counted once, when it ends. */
export const SWEEP_METRIC = {
  /** 1 for each sweep that completed, and 0 for each slice of one that came further: the sum counts sweeps, the samples tell that one is at work. */
  SWEEP_COMPLETED: 'SweepCompleted',
  /** Users that Cognito listed. */
  USERS_LISTED: 'UsersListed',
  /** Rows of users, groups, memberships and settings that differed and were written. */
  ROWS_WRITTEN: 'RowsWritten',
  /** Users found to be gone, whose rows were marked as deleted. */
  USERS_TOMBSTONED: 'UsersTombstoned',
  /** Rows that could not be copied. */
  ROWS_REFUSED: 'RowsRefused',
  /** Users, groups and memberships found to be gone whose rows were not marked, because there were too many of them. */
  DELETIONS_HELD: 'DeletionsHeld',
  /** 1 for a sweep that wrote changes although CloudTrail delivered no event since the sweep before. */
  EVENTS_MISSING: 'EventsMissing',
  /** Attributes of the pool that the standby pool has not: users who have one could not be restored there. */
  SCHEMA_DRIFT: 'SchemaDrift',
} as const;

/** Metrics of capture, from an event to the ledger. */
export const CAPTURE_METRIC = {
  /** Events of refused calls, events of other pools, and events that change nothing. */
  HINTS_IGNORED: 'HintsIgnored',
  /** Events of managed login's pages that do not name the user. */
  HINTS_WITHOUT_USER: 'HintsWithoutUser',
  /** Messages that will be received again: Cognito answered something older than the event, or a call failed. */
  HINTS_RETRIED: 'HintsRetried',
  /** Cognito kept answering something older than the event, and its answer was accepted. */
  STALE_ANSWERS: 'StaleAnswers',
  /** Users that Cognito did not find although no event deleted them: a sweep decides. */
  USERS_LEFT_TO_SWEEP: 'UsersLeftToSweep',
  /** Time from the event to the ledger, in milliseconds. */
  CAPTURE_LAG: 'CaptureLag',
  /** Rows that a hint brought up to date. */
  ROWS_CAPTURED: 'RowsCaptured',
  /** Sign-ups and sign-ins where the trigger could not tell whether anything changed, or could not send the hint. */
  TRIGGER_MISSES: 'TriggerMisses',
} as const;

/** Metrics of what the consumer and the sweep make of the changes that they write. */
export const INCIDENT_METRIC = {
  /** Incidents that were raised: very many users gone or changed within ten minutes. */
  INCIDENTS: 'Incidents',
} as const;

export const STANDBY_METRIC = {
  /** 1 for each time that somebody opened the standby pool, or began a rehearsal; 0 for each time that somebody closed it. */
  OPENED: 'StandbyOpened',
  /** 1 where a restore holds the standby pool at a moment, 0 where one lets it go. */
  HELD: 'StandbyHeld',
  /** Users whose deletion from a warm standby is due but held back, because there are too many at once. */
  DELETIONS_HELD: 'StandbyDeletionsHeld',
  /** Errors that a trigger of the standby pool met, whatever it answered; refusals that are meant are none. */
  TRIGGER_FAILURES: 'StandbyTriggerFailures',
  /** Sign-ups to the standby pool that its trigger refused as it should. Lambda counts them as errors of the function. */
  SIGN_UPS_REFUSED: 'StandbySignUpsRefused',
  /** Tokens of the standby pool that its trigger refused as it should. Lambda counts them as errors of the function. */
  TOKENS_REFUSED: 'StandbyTokensRefused',
} as const;

/** Metrics of a restore; users are counted once, when it ends. */
export const RESTORE_METRIC = {
  /** Percent of the users to expect that have an outcome, at the end of each slice; nothing where it is not known how many there will be. */
  PROGRESS: 'RestoreProgress',
  /** Users who are in the target as the ledger has them, created or converged by this restore. */
  USERS_RESTORED: 'UsersRestored',
  /** Users who were not restored for a reason that Cognito's rules give: federated, unconfirmed, deleted. */
  USERS_SKIPPED: 'UsersSkipped',
  /** Users that the target refused. */
  USERS_FAILED: 'UsersFailed',
} as const;

/** Metrics of drills, in the replica Region. */
export const DRILL_METRIC = {
  /** 1 for each drill that passed, and 0 for each that failed; nothing for one that made way for a restore. */
  SUCCEEDED: 'DrillSucceeded',
  /** Seconds that bringing everybody back would have taken, extrapolated where the drill was about a sample. */
  RTO: 'DrillRto',
  /** Seconds that the copy was old at the moment of the drill. */
  RPO: 'DrillRpo',
  /** Seconds since the oldest pool that drills have made, and not removed, was made. */
  POOL_AGE: 'DrillPoolAge',
  /** 1 while no drill has passed for twice the interval, 0 otherwise. */
  OVERDUE: 'DrillOverdue',
} as const;
