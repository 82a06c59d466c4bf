import { RESTORE_STATUS } from './constants';
import { Checkpoint, countOf, countOfAll, GroupCounts, Outcome, RestoreRun, Tally } from './restore-run';

/** The execution's output. Counts only; who it was is in the standby table. */
export interface RestoreReport {
  readonly execution: string;
  readonly sourceUserPoolId: string;
  readonly targetUserPoolId: string;
  readonly dryRun: boolean;
  /** ISO 8601 */
  readonly startedAt: string;
  readonly endedAt: string;
  /** Live users of the ledger whom the restore was about: the sum of the outcomes. */
  readonly users: number;
  readonly restored: number;
  /** A dry run only. */
  readonly wouldRestore?: number;
  readonly alreadyThere: number;
  readonly skipped: number;
  readonly failed: number;
  readonly memberships: number;
  /** Number of users by outcome and reason. */
  readonly reasons: { readonly [outcome in Outcome]?: Readonly<Record<string, number>> };
  /** What could not be kept, by number of users. */
  readonly warnings: Readonly<Record<string, number>>;
  readonly groups?: GroupCounts;
  /** Users who were in the target and are nobody's in the ledger: left alone. */
  readonly unknownInTarget: number;
  /** Absent in a dry run. */
  readonly verified?: { readonly users: number; readonly memberships: number; readonly different: number; readonly changedSince: number };
}

export interface Verdict {
  readonly status: typeof RESTORE_STATUS.COMPLETE | typeof RESTORE_STATUS.INCOMPLETE;
  readonly message?: string;
}

export function reportOf(run: RestoreRun, { tally, groups, target, verification }: Checkpoint, now: number): RestoreReport {
  const { '': _none, ...restored } = tally.outcomes.restored ?? {};
  return {
    execution: run.execution,
    sourceUserPoolId: run.sourceUserPoolId,
    targetUserPoolId: run.targetUserPoolId,
    dryRun: run.dryRun,
    startedAt: new Date(run.startedAt).toISOString(),
    endedAt: new Date(now).toISOString(),
    users: tally.users,
    restored: countOf(tally, 'restored'),
    ...(run.dryRun ? { wouldRestore: countOf(tally, 'would-restore') } : {}),
    alreadyThere: countOf(tally, 'already-there'),
    skipped: countOf(tally, 'skipped'),
    failed: countOf(tally, 'failed'),
    memberships: tally.memberships,
    reasons: {
      ...(Object.keys(restored).length > 0 ? { restored } : {}),
      ...Object.fromEntries((['already-there', 'skipped', 'failed'] as const).flatMap(outcome => tally.outcomes[outcome] ? [[outcome, tally.outcomes[outcome]]] : [])),
    },
    warnings: tally.warnings,
    groups,
    unknownInTarget: target.unknown,
    ...(run.dryRun ? {} : { verified: verification }),
  };
}

/** Whether the restore may be called one. A failed user is reported and does not make it fail; more failures than successes do. */
export function verdictOf(run: RestoreRun, { tally, counted, verification }: Checkpoint): Verdict {
  const where = `the standby table lists them under the index key ${run.execution}`;
  if (isHopeless(tally)) {
    const [[reason, users]] = Object.entries(tally.outcomes.failed!).sort(([, a], [, b]) => b - a);
    return incomplete(`${countOf(tally, 'failed')} of ${tally.users} users failed, ${users} of them with: ${reason}; ${where}#failed`);
  }
  const counts = countOfAll(tally);
  if (counts !== tally.users || !sameCounts(tally, counted)) {
    return incomplete(`the counts do not add up: ${tally.users} users in the ledger, ${counts} outcomes, ${countOfAll(counted)} of them in the standby table; start the restore again, it goes on with what is missing`);
  }
  if (verification.different > 0) {
    return incomplete(`${verification.different} users are not in the target as the ledger has them; ${where}#different; start the restore again, it converges them`);
  }
  return { status: RESTORE_STATUS.COMPLETE };
}

/** More users failed than there are in the target now. `atLeast`: failures to see before anything is concluded. */
export function isHopeless(tally: Tally, atLeast = 0): boolean {
  const failed = countOf(tally, 'failed');
  return failed > atLeast && failed > countOf(tally, 'restored', 'would-restore', 'already-there');
}

function sameCounts(a: Tally, b: Tally): boolean {
  return (['restored', 'would-restore', 'already-there', 'skipped', 'failed'] as const).every(outcome => countOf(a, outcome) === countOf(b, outcome));
}

function incomplete(message: string): Verdict {
  return { status: RESTORE_STATUS.INCOMPLETE, message };
}
