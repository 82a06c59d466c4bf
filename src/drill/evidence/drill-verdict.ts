import { DrillFacts, DrillMeasures, SCRATCH_ISOLATION_CODES } from './drill-facts';

/**
 * Whether the copy was shown to be restorable, in the words of AWS Backup's restore testing. `STOPPED` says nothing of the copy: a real restore came
 * first, another drill was running, or somebody stopped it.
 * @see https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-validation.html
 */
export const VALIDATION_STATUSES = ['SUCCESSFUL', 'FAILED', 'STOPPED'] as const;
export type ValidationStatus = typeof VALIDATION_STATUSES[number];

/** Whether everything that the drill had made is gone. */
export const DELETION_STATUSES = ['SUCCESSFUL', 'FAILED'] as const;
export type DeletionStatus = typeof DELETION_STATUSES[number];

export const TARGET_STATUSES = ['met', 'missed', 'not-set', 'not-measured'] as const;
export type TargetStatus = typeof TARGET_STATUSES[number];

/** Why a drill did not show what it was to show. */
export const DRILL_FAILURES = [
  'phase-failed', 'part-missing', 'nobody-in-scope', 'counts-do-not-add-up', 'users-failed', 'unexplained-differences', 'digests-contradict',
  'isolation-broken', 'isolation-not-checked', 'sign-in-failed', 'nobody-signed-in',
] as const;
export type DrillFailure = typeof DRILL_FAILURES[number];

export interface DrillVerdict {
  readonly validationStatus: ValidationStatus;
  /** In the order of the list; empty where it succeeded. */
  readonly failures: readonly DrillFailure[];
  readonly deletionStatus: DeletionStatus;
  readonly rto: TargetStatus;
  readonly rpo: TargetStatus;
}

/** Every part that a drill has when all of its phases have ended. */
const PARTS = [
  'moment', 'scope', 'scratch', 'isolation', 'measured', 'counts', 'comparison', 'knownLosses', 'deviations', 'signIn', 'removal',
] as const satisfies readonly (keyof DrillFacts)[];

/** What the facts show, and no more: where something is missing, it was not shown. */
export function verdictOfDrill(facts: DrillFacts): DrillVerdict {
  const { end, targets, measured, removal } = facts;
  const isStopped = end.how === 'yielded';
  const failures = isStopped ? [] : DRILL_FAILURES.filter(failure => CHECKS[failure](facts));
  return {
    validationStatus: isStopped ? 'STOPPED' : failures.length > 0 ? 'FAILED' : 'SUCCESSFUL',
    failures,
    deletionStatus: removal?.how === 'proven' || removal?.how === 'nothing-to-remove' ? 'SUCCESSFUL' : 'FAILED',
    rto: targetStatus(targets.rto, measured && recoverySecondsOf(measured)),
    rpo: targetStatus(targets.rpo, measured?.copyAgeSeconds),
  };
}

/** What is held against the target: everybody, extrapolated where the drill was about a sample. */
export function recoverySecondsOf({ extrapolated, recoverySeconds }: DrillMeasures): number {
  return extrapolated?.recoverySeconds ?? recoverySeconds;
}

/** Parts that the facts lack, by name. */
export function missingPartsOf(facts: DrillFacts): string[] {
  return PARTS.filter(part => facts[part] === undefined);
}

function targetStatus(target: number | undefined, measured: number | undefined): TargetStatus {
  if (target === undefined) return 'not-set';
  if (measured === undefined) return 'not-measured';
  return measured <= target ? 'met' : 'missed';
}

const CHECKS: { readonly [failure in DrillFailure]: (facts: DrillFacts) => boolean } = {
  'phase-failed': ({ end }) => end.how === 'failed',
  'part-missing': facts => missingPartsOf(facts).length > 0,
  'nobody-in-scope': ({ scope }) => scope?.users === 0,
  'counts-do-not-add-up': ({ counts, scope }) => counts !== undefined
    && (counts.out.reduce((sum, { users }) => sum + users, 0) !== counts.in || (scope !== undefined && counts.in !== scope.users)),
  'users-failed': ({ counts }) => counts?.out.some(({ outcome, users }) => outcome === 'failed' && users > 0) ?? false,
  'unexplained-differences': ({ comparison }) => comparison?.differences.some(({ reason, count }) => reason === undefined && count > 0) ?? false,
  'digests-contradict': ({ comparison }) => comparison !== undefined
    && (comparison.expected.sha256 === comparison.found.sha256) !== (comparison.differences.length === 0),
  'isolation-broken': ({ isolation }) => isolation?.some(({ seen }) => seen === 'broken') ?? false,
  'isolation-not-checked': ({ isolation }) => isolation !== undefined
    && SCRATCH_ISOLATION_CODES.some(code => !isolation.some(check => check.code === code && (check.seen === 'held' || check.seen === 'broken'))),
  'sign-in-failed': ({ signIn }) => signIn?.kinds.some(({ seen, expected }) => seen !== expected && seen !== 'no-such-user') ?? false,
  'nobody-signed-in': ({ signIn }) => signIn !== undefined && !signIn.kinds.some(({ seen }) => seen === 'signed-in'),
};
