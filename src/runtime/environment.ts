/** Environment of the functions. */
export const ENV_LEDGER_TABLE = 'LEDGER_TABLE';

export const ENV_USER_POOL_ID = 'USER_POOL_ID';

/** JSON object: requests per second by quota category, where they differ from Cognito's defaults. */
export const ENV_QUOTAS = 'QUOTAS';

/** Share of each quota that the sweep may use, 0 < share <= 1. */
export const ENV_QUOTA_SHARE = 'QUOTA_SHARE';

/** Seconds that one invocation works before it hands its checkpoint back. */
export const ENV_SLICE_SECONDS = 'SLICE_SECONDS';

/** Days that history images and tombstones are kept. */
export const ENV_HISTORY_DAYS = 'HISTORY_DAYS';

/** JSON array: attributes whose changes make no incident. */
export const ENV_IGNORED_ATTRIBUTES = 'IGNORED_ATTRIBUTES';

/** JSON array: ARNs of the roles by which a recovery of this library writes the source pool; absent where there is none. */
export const ENV_RECOVERY_PRINCIPALS = 'RECOVERY_PRINCIPALS';

/** JSON array of the custom attributes that the standby pool has, as the app was synthesised; `null` where that is not known. */
export const ENV_STANDBY_ATTRIBUTES = 'STANDBY_ATTRIBUTES';

/** Where the trigger function sends hints. */
export const ENV_HINTS_QUEUE_URL = 'HINTS_QUEUE_URL';

/** `true` where the source pool has MFA: a sign-in is then also a chance to learn the user's preference. */
export const ENV_POOL_HAS_MFA = 'POOL_HAS_MFA';

/** Named as the table itself is, `<ledger>-standby`. */
export const ENV_STATE_TABLE = 'STANDBY_TABLE';

/** JSON: what the switch cannot close, in a pool that was accepted as `unguarded`. */
export const ENV_STANDBY_GAPS = 'STANDBY_GAPS';

/** The standby pool. Its triggers do not get it: the pool refers to them, so it is created after them. */
export const ENV_STANDBY_USER_POOL_ID = 'STANDBY_USER_POOL_ID';

/** Plans and runs of recoveries in place, in the source pool's Region. */
export const ENV_RECOVERY_TABLE = 'RECOVERY_TABLE';

export const ENV_FOLLOW_UP_QUEUE_URL = 'FOLLOW_UP_QUEUE_URL';

/** Name of the claim that carries the first `sub`. */
export const ENV_SOURCE_SUB_CLAIM = 'SOURCE_SUB_CLAIM';

/** `true` where a sign-in makes the user and asks for a new password. */
export const ENV_RESET_PASSWORD_AT_SIGN_IN = 'RESET_PASSWORD_AT_SIGN_IN';

/** Name of the source pool's client that passwords are checked with; absent where passwords are not checked. */
export const ENV_VERIFY_CLIENT_NAME = 'VERIFY_CLIENT_NAME';

/** `true` where only restores and this library's triggers make users with `custom:source_sub`, so that this attribute says who a user is. */
export const ENV_SOURCE_SUB_PROVES = 'SOURCE_SUB_PROVES';

/** `true` where users that are made from the ledger carry `custom:source_sub`. */
export const ENV_MARKS_USERS = 'MARKS_USERS';

/** JSON object: role ARN by group name. */
export const ENV_GROUP_ROLES = 'GROUP_ROLES';

/** JSON object: by which attribute the identities of a provider are linked, by the provider's name. */
export const ENV_LINK_ATTRIBUTES = 'LINK_ATTRIBUTES';

/** Seconds that a user stays on the standby after being deleted from the source pool. */
export const ENV_DELETION_GRACE_SECONDS = 'DELETION_GRACE_SECONDS';

/** Where changes that cannot be applied are kept for an operator. */
export const ENV_SET_ASIDE_QUEUE_URL = 'SET_ASIDE_QUEUE_URL';

/** JSON array: the id of every pool that a restore may write to. */
export const ENV_TARGET_USER_POOL_IDS = 'TARGET_USER_POOL_IDS';

/** ARN of the bus that is told of changes. */
export const ENV_EVENT_BUS_NAME = 'EVENT_BUS_NAME';

/** Name of the state machine of drills, which is the tag and the beginning of the name of every pool that they make. */
export const ENV_DRILL_NAME = 'DRILL_NAME';

/** What drills keep, in the replica Region. */
export const ENV_DRILL_TABLE = 'DRILL_TABLE';

/** Days between two scheduled drills. */
export const ENV_DRILL_INTERVAL_DAYS = 'DRILL_INTERVAL_DAYS';

/** JSON object: `primary` and `replica`, each the name of a stack and its Region. */
export const ENV_DRILL_STACKS = 'DRILL_STACKS';

/** Version of this library, as in its package.json. */
export const ENV_LIBRARY_VERSION = 'LIBRARY_VERSION';

/** Name of the bucket that keeps the reports of drills. */
export const ENV_EVIDENCE_BUCKET = 'EVIDENCE_BUCKET';

/** Years that nobody can change or delete a report; absent where reports are not locked. */
export const ENV_EVIDENCE_LOCK_YEARS = 'EVIDENCE_LOCK_YEARS';

/** `true` where the `sub`s of users who differ are written to a file of their own. */
export const ENV_EVIDENCE_SUBS = 'EVIDENCE_SUBS';

/** JSON object: ARN of each state machine that a step of a Region switch plan may start, by what it runs. */
export const ENV_STATE_MACHINES = 'STATE_MACHINES';
