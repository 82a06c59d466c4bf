import { Outcome, ReasonCode } from '../../state/outcome';

/**
 * Everything that the report of a drill is made of, as the drill's state machine gathers it: plain JSON, of which each part is absent until its phase
 * has ended. A drill that stopped half-way has a report, too, and it says what is missing.
 *
 * No personal data: no name, no address, no value of an attribute, no `sub`. The `sub`s of users who differ are in a file of their own.
 */
export interface DrillFacts {
  /** Name of the execution: the id of the drill. */
  readonly id: string;
  readonly executionArn: string;
  readonly startedAt: IsoUtc;
  /** When the report is made: after the scratch pool is gone, or after the attempt. */
  readonly endedAt: IsoUtc;
  readonly end: DrillEnd;
  readonly versions: {
    /** Of this library, as in its package.json. */
    readonly library: string;
    /** `SCHEMA_VERSION` of the ledger. */
    readonly ledger: number;
    /** Of the runtime that ran the drill, such as `v24.4.0`. */
    readonly node: string;
  };
  /** As deployed, by CloudFormation's GetTemplate; a stack that could not be read, as in a dark Region, says why. */
  readonly templates: { readonly primary: TemplateDigest; readonly replica: TemplateDigest };
  readonly startedBy: { readonly how: DrillStart; readonly roleArn?: string };
  /** Absent where nobody had to approve, or nobody was named. */
  readonly approvedBy?: { readonly roleArn: string };
  /** What is rehearsed, and what is to be shown, in the words of the schedule's owner. */
  readonly scenario: string;
  readonly objective: string;
  /** In the order in which they were begun. */
  readonly phases: readonly DrillPhaseTimes[];
  readonly source: { readonly userPoolId: string; readonly region: string };
  readonly moment?: DrillMoment;
  readonly scope?: DrillScope;
  readonly scratch?: ScratchPool;
  readonly isolation?: readonly IsolationCheck[];
  /** Seconds; each is absent where no target was set. */
  readonly targets: { readonly rto?: number; readonly rpo?: number };
  readonly measured?: DrillMeasures;
  readonly counts?: DrillCounts;
  readonly comparison?: DrillComparison;
  /** What a restore never brings back, by how many users of the scope it would touch. */
  readonly knownLosses?: readonly { readonly code: KnownLoss; readonly users: number }[];
  readonly deviations?: readonly DrillDeviation[];
  readonly signIn?: SignInCheck;
  readonly removal?: ScratchRemoval;
}

/** ISO 8601 in UTC, as Date.toISOString writes it. */
export type IsoUtc = string;

/**
 * Why a drill ended: all of it was done; a real restore came first; or one of its phases failed. One that finds another running, or that somebody
 * stops, leaves no report.
 * `phase` and `error` (the name of an exception, or a code of the drill's own) are there for `failed` alone.
 */
export type DrillEnd =
  | { readonly how: 'completed' | 'yielded' }
  | { readonly how: 'failed'; readonly phase: DrillPhase; readonly error: string };

export const DRILL_STARTS = ['schedule', 'operator', 'region-switch'] as const;
export type DrillStart = typeof DRILL_STARTS[number];

export const DRILL_PHASES = ['choose', 'make-pool', 'restore', 'compare', 'sign-in', 'delete-pool', 'prove-deletion'] as const;
export type DrillPhase = typeof DRILL_PHASES[number];

export interface DrillPhaseTimes {
  readonly phase: DrillPhase;
  readonly startedAt: IsoUtc;
  /** Absent where the phase did not come to its end. */
  readonly endedAt?: IsoUtc;
}

export interface TemplateDigest {
  readonly stack: string;
  /** Of the template's text as CloudFormation has it, lower-case hexadecimal. */
  readonly sha256?: string;
  /** Name of the exception, where it could not be read. */
  readonly unreadable?: string;
}

/** The moment that the pool is brought back to. The same seed in the same window chooses the same moment. */
export type DrillMoment =
  | { readonly choice: 'latest'; readonly at: IsoUtc }
  | { readonly choice: 'random'; readonly at: IsoUtc; readonly seed: string; readonly window: { readonly from: IsoUtc; readonly to: IsoUtc } };

/** `population`: live users of the ledger at the moment. `users`: how many of them the drill is about. */
export type DrillScope =
  | { readonly of: 'everybody'; readonly population: number; readonly users: number }
  | { readonly of: 'sample'; readonly population: number; readonly users: number; readonly seed: string };

/** The pool that was made for the drill alone. */
export interface ScratchPool {
  readonly userPoolId: string;
  readonly name: string;
  readonly region: string;
  readonly createdAt: IsoUtc;
}

/** What keeps the drill from touching anybody: of the scratch pool, which every drill looks at, and of everything else. */
export const SCRATCH_ISOLATION_CODES = [
  'own-name-and-tag', 'no-triggers', 'no-email-sender', 'no-sms-role', 'no-domain', 'no-message-sent',
] as const;
export const ISOLATION_CODES = [...SCRATCH_ISOLATION_CODES, 'source-untouched', 'standby-untouched', 'links-untouched'] as const;
export type IsolationCode = typeof ISOLATION_CODES[number];

export interface IsolationCheck {
  readonly code: IsolationCode;
  /** `by-permission`: not looked at, as the drill has no permission to change it. */
  readonly seen: 'held' | 'broken' | 'by-permission';
}

/** Seconds, and users a second. */
export interface DrillMeasures {
  /** From the start of the restore into the pool, which was there already, to its last user. */
  readonly restoreSeconds: number;
  /** From the start of the drill to the end of the restore: pool, groups and users. */
  readonly recoverySeconds: number;
  readonly usersPerSecond: number;
  /** What everybody would have taken at the achieved rates, by the arithmetic of `npm run bench:restore`; absent where everybody was restored. */
  readonly extrapolated?: {
    readonly users: number;
    readonly recoverySeconds: number;
    /** Share of each Cognito quota that is assumed: a drill uses less than a restore would. */
    readonly quotaShare: number;
  };
  /** Share of each Cognito quota that the drill itself used at most. */
  readonly quotaShare: number;
  /** How old the copy was at the moment: from the last look that confirmed every row. */
  readonly copyAgeSeconds: number;
  /** Users of the scope of whom the ledger is not certain what they were at the moment. */
  readonly uncertainUsers: number;
}

/** Live users of the ledger that the drill is about, and what became of each. */
export interface DrillCounts {
  readonly in: number;
  readonly out: readonly DrillOutcome[];
}

export interface DrillOutcome {
  readonly outcome: Outcome;
  /** Absent where there is nothing to explain. */
  readonly reason?: ReasonCode;
  readonly users: number;
}

export interface DrillComparison {
  /** Lower-case hexadecimal SHA-256 of each set: what the ledger says of the moment, and what the scratch pool holds. */
  readonly expected: DirectoryDigest;
  readonly found: DirectoryDigest;
  readonly differences: readonly DrillDifference[];
}

export interface DirectoryDigest {
  readonly sha256: string;
  readonly users: number;
  readonly groups: number;
  readonly memberships: number;
}

export const DIFFERENCE_CODES = [
  'user-missing', 'user-not-expected', 'attribute', 'status', 'enabled', 'second-factor', 'membership-missing', 'membership-not-expected',
  'group-missing', 'group-not-expected', 'group-setting',
] as const;
export type DifferenceCode = typeof DIFFERENCE_CODES[number];

/** One kind of difference. Without a reason it is not explained, and the drill fails. */
export interface DrillDifference {
  readonly code: DifferenceCode;
  /** Name of the attribute or of the setting; never a value. */
  readonly field?: string;
  /** Why it is so, where the library knows. */
  readonly reason?: ReasonCode;
  readonly count: number;
}

export const KNOWN_LOSSES = ['passwords', 'subs', 'totp', 'passkeys', 'devices'] as const;
export type KnownLoss = typeof KNOWN_LOSSES[number];

/** How the scratch pool, or the drill, is not as the source pool, or as a real restore. */
export const DEVIATION_CODES = [
  'setting-left-out', 'mfa-not-required', 'sample-only', 'quota-share-smaller', 'messages-not-sent', 'app-not-rehearsed', 'template-unreadable',
  'approval-missing',
] as const;
export type DeviationCode = typeof DEVIATION_CODES[number];

export interface DrillDeviation {
  readonly code: DeviationCode;
  /** Names of the settings that are meant, such as `LambdaConfig`. */
  readonly settings?: readonly string[];
}

/** One user of each kind that cannot be sent a message signs in to the scratch pool. */
export interface SignInCheck {
  readonly kinds: readonly SignInOfKind[];
}

export interface SignInOfKind {
  /** Such as `user-name-and-password`, `authenticator-app`, `disabled`: a code of the drill's own, never a name. */
  readonly kind: string;
  /** A user who may not sign in is expected to be refused. */
  readonly expected: 'signed-in' | 'refused';
  /** `no-such-user`: nobody of that kind is in the scope. */
  readonly seen: 'signed-in' | 'refused' | 'no-such-user' | 'failed';
  /** Name of the exception, where it failed. */
  readonly error?: string;
}

export type ScratchRemoval =
  /** DescribeUserPool says that there is no such pool, and no pool of the drill's name and tag is listed. AWS may keep it inactive for 14 days. */
  | { readonly how: 'proven'; readonly deletedAt: IsoUtc; readonly provenAt: IsoUtc }
  /** The pool was still seen after that, or cannot be looked at any more. */
  | { readonly how: 'not-proven'; readonly deletedAt: IsoUtc }
  | { readonly how: 'failed'; readonly error: string }
  /** No pool had been made. */
  | { readonly how: 'nothing-to-remove' };
