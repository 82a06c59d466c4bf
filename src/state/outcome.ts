import { SourceSub, TargetSub } from '../cognito/ids';

/**
 * The reasons for what became of a user or a group, and what could not be kept: every code with its details. This is the one closed list. Stored
 * items hold the code; the sentence is made where it is shown (src/converge/sentences.ts). Details say nothing about a person.
 */
interface Details {
  // Why a user is not made.
  readonly 'source-unconfirmed': object;
  readonly 'source-federated': object;
  readonly 'no-sign-in-name': object;
  readonly 'attributes-not-in-schema': { readonly attributes: readonly string[] };
  readonly 'newer-namesake': object;
  /** `since`: ISO 8601 date of the last write of a run, follow-up or follower for the user. */
  readonly 'deleted-in-target': { readonly since: string };
  readonly 'not-in-target': object;
  readonly 'moment-unknown': object;
  // Why the user of that name in the target is left alone.
  readonly 'name-of-another': object;
  readonly 'name-of-unconfirmed': object;
  readonly 'not-made-from-ledger': object;
  readonly 'not-federated-in-target': object;
  readonly 'another-federated-user': object;
  // What became of a user who was in the target already.
  readonly 'unchanged': object;
  readonly 'converged': object;
  readonly 'would-converge': object;
  readonly 'changed-since-copy': object;
  readonly 'left-as-it-is': object;
  readonly 'changed-on-both-sides': { readonly attributes: readonly string[] };
  /** `error`: name of AWS's exception. */
  readonly 'refused': { readonly operation: string; readonly error: string };
  // What could not be kept, or is worth knowing.
  readonly 'moment-uncertain': object;
  readonly 'moment-by-event': object;
  readonly 'moment-coalesced': object;
  readonly 'source-status': { readonly status: string };
  readonly 'target-status': { readonly status: string };
  readonly 'identities-not-linked': object;
  readonly 'linked-by-subject': object;
  readonly 'link-refused': object;
  readonly 'attributes-left-out': { readonly attributes: readonly string[] };
  readonly 'totp-lost': object;
  readonly 'passkeys-lost': object;
  readonly 'group-not-restored': object;
  readonly 'name-lost': { readonly attribute: string };
  readonly 'attribute-immutable': { readonly attribute: string };
  readonly 'verified-in-ledger-only': { readonly attribute: string };
  readonly 'unverified-address': { readonly attribute: string };
  readonly 'mfa-refused': object;
  readonly 'mfa-withheld': object;
  // What a recovery in place leaves as it is, and why.
  readonly 'changed-since-plan': object;
  readonly 'created-since': object;
  /** `sub`: the one that the user has now; absent where such users are counted. */
  readonly 'came-back': { readonly sub?: string };
  readonly 'nothing-to-write': object;
  readonly 'changed-by-others': object;
  readonly 'changed-by-unknown': object;
  readonly 'would-notify': { readonly attribute: string };
  readonly 'mfa-gained': { readonly methods: readonly string[] };
  readonly 'mfa-unknown-before': { readonly methods: readonly string[] };
  readonly 'name-taken': { readonly attribute: string };
  readonly 'name-parked': object;
  readonly 'changed-since-run': { readonly fields: readonly string[] };
  readonly 'disabled-not-deleted': object;
  readonly 'group-stays': object;
  readonly 'group-role': object;
  readonly 'group-precedence': object;
  // How a user who was read back differs.
  readonly 'differs': object;
  readonly 'not-in-groups': { readonly groups: number };
}

export type ReasonCode = keyof Details;
export type ReasonOf<Code extends ReasonCode> = { readonly code: Code } & Details[Code];
export type Reason = { [Code in ReasonCode]: ReasonOf<Code> }[ReasonCode];

/** What became of one user of the ledger. */
export const OUTCOMES = ['restored', 'would-restore', 'already-there', 'skipped', 'failed'] as const;
export type Outcome = typeof OUTCOMES[number];

/** How many users, or lines of a plan, came to each. */
export type OutcomeCounts = { readonly [outcome in Outcome]?: number };

/** After this many failures, and fewer successes than failures, going on would only take longer. */
export const FAILURES_TO_STOP_AT = 1_000;

/** Whether more failed than are in the pool as they should be now. Up to `atLeast` failures prove nothing. */
export function isHopeless({ failed = 0, ...counts }: OutcomeCounts, atLeast = 0): boolean {
  const { restored = 0, 'would-restore': wouldRestore = 0, 'already-there': alreadyThere = 0 } = counts;
  return failed > atLeast && failed > restored + wouldRestore + alreadyThere;
}

export interface UserOutcome {
  /** `sub` in the source pool. */
  readonly sub: SourceSub;
  readonly outcome: Outcome;
  readonly reason?: Reason;
  /** What could not be kept of the user. */
  readonly warnings?: readonly Reason[];
  readonly targetSub?: TargetSub;
  /** How many groups a restored user was put into; verified later. */
  readonly memberships?: number;
  /** The user was in the target before the restore, but no listing showed who they are. */
  readonly late?: boolean;
}

/** A reason as the key of a count; the same in whatever order a table returns its fields. */
export function reasonKey(reason: Reason): string {
  return JSON.stringify(Object.fromEntries(Object.entries(reason).sort(([a], [b]) => (a < b ? -1 : 1))));
}

export function readReasonKey(key: string): Reason {
  return JSON.parse(key) as Reason;
}
