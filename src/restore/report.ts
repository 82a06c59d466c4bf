import { RESTORE_STATUS } from './constants';
import { countOf, countOfAll, outcomeCountsOf, DoneCheckpoint, GroupCounts, RestoreRun, Tally } from './restore-run';
import { sentenceOf } from '../converge/sentences';
import { EpochMilliseconds } from '../runtime/flavor';
import { isHopeless, Outcome, OUTCOMES, ReasonCode, readReasonKey } from '../state/outcome';

/** The execution's output. Counts only; the state table says which users they are. */
export interface RestoreReport {
  readonly execution: string;
  readonly sourceUserPoolId: string;
  readonly targetUserPoolId: string;
  readonly dryRun: boolean;
  /** The moment that users were brought back to; absent in a restore of what the ledger says now. */
  readonly asOf?: AsOfReport;
  /** ISO 8601 */
  readonly startedAt: string;
  readonly endedAt: string;
  /** Live users of the ledger that the restore was about: the sum of the outcomes. */
  readonly users: number;
  readonly restored: number;
  /** Present in a dry run only. */
  readonly wouldRestore?: number;
  readonly alreadyThere: number;
  readonly skipped: number;
  readonly failed: number;
  readonly memberships: number;
  /** Number of users by outcome and reason. */
  readonly reasons: { readonly [outcome in Outcome]?: Readonly<Record<string, number>> };
  /** What could not be kept, by number of users. */
  readonly warnings: Readonly<Record<string, number>>;
  readonly groups: Omit<GroupCounts, 'failed'> & {
    /** Names of the groups that the target refused, by reason; they and their settings are unchanged in the target. */
    readonly failed?: Readonly<Record<string, readonly string[]>>;
  };
  /** Users of the target that the ledger does not know: left alone. */
  readonly unknownInTarget: number;
  /** Users that were restored or compared, and that a sweep found deleted before the restore counted them: not among `users`. */
  readonly goneMeanwhile?: number;
  /** What the target cannot hold, or cannot be trusted with. */
  readonly notes?: readonly string[];
  /** Absent in a dry run. */
  readonly verified?: { readonly users: number; readonly memberships: number; readonly different: number; readonly changedSince: number };
}

/** What a restore as of a moment is not sure of, by number of users; the state table says which, by their warnings. */
export interface AsOfReport {
  /** ISO 8601 */
  readonly moment: string;
  /** Changed around the moment: taken as before that change. */
  readonly uncertain: number;
  /** Right unless an event was lost. */
  readonly byEvent: number;
  /** Failed, because an image that was replaced since is not in the ledger. */
  readonly incomplete: number;
  /** Made in the source pool since: left alone. */
  readonly later: number;
}

export type Verdict =
  | { readonly status: typeof RESTORE_STATUS.COMPLETE }
  | { readonly status: typeof RESTORE_STATUS.INCOMPLETE; readonly message: string };

export function restoreReport(run: RestoreRun, checkpoint: DoneCheckpoint, now: number, notes: readonly string[] = []): RestoreReport {
  const { tally, counted, groups, target, verification } = checkpoint;
  const { '': _none, ...restored } = tally.outcomes.restored ?? {};
  return {
    execution: run.execution,
    sourceUserPoolId: run.sourceUserPoolId,
    targetUserPoolId: run.targetUserPoolId,
    dryRun: run.dryRun,
    ...(run.asOf === undefined ? {} : { asOf: asOfReport(run.asOf, tally) }),
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
      ...(Object.keys(restored).length > 0 ? { restored: inWords(restored) } : {}),
      ...Object.fromEntries((['already-there', 'skipped', 'failed'] as const)
        .flatMap(outcome => tally.outcomes[outcome] ? [[outcome, inWords(tally.outcomes[outcome])]] : [])),
    },
    warnings: inWords(tally.warnings),
    groups: withNames(groups),
    unknownInTarget: Math.max(0, target.unknown - tally.late),
    ...(surplus(tally, counted) > 0 ? { goneMeanwhile: surplus(tally, counted) } : {}),
    ...(notes.length > 0 ? { notes } : {}),
    ...(run.dryRun ? {} : { verified: verification }),
  };
}

function asOfReport(moment: EpochMilliseconds, { warnings, outcomes, later = 0 }: Tally): AsOfReport {
  return {
    moment: new Date(moment).toISOString(),
    uncertain: countOfCode(warnings, 'moment-uncertain'),
    byEvent: countOfCode(warnings, 'moment-by-event'),
    incomplete: countOfCode(outcomes.failed, 'moment-unknown'),
    later,
  };
}

/** Whether the restore succeeded. A failed user is reported and does not make the restore fail; more failures than successes do. */
export function verdictOf(run: RestoreRun, { tally, counted, verification }: DoneCheckpoint): Verdict {
  const where = `the state table lists them under the index key ${run.execution}`;
  if (isHopeless(outcomeCountsOf(tally))) {
    const [[reason, users]] = Object.entries(inWords(tally.outcomes.failed!)).sort(([, a], [, b]) => b - a);
    return incomplete(`${countOf(tally, 'failed')} of ${tally.users} users failed, ${users} of them with: ${reason}; ${where}#failed`);
  }
  if (tally.users === 0 && !run.subs && !run.groups && !run.scheduled) {
    return incomplete(`the ledger holds no users of ${run.sourceUserPoolId}: nobody was restored; if the pool was replaced, name the one whose `
      + 'users are wanted as sourceUserPoolId');
  }
  const counts = countOfAll(tally);
  // More outcomes in the table than in the tally are no error: a sweep found users gone after they had been restored.
  if (counts !== tally.users || OUTCOMES.some(outcome => countOf(counted, outcome) < countOf(tally, outcome))) {
    return incomplete(`the counts do not add up: ${tally.users} users in the ledger, ${counts} outcomes, ${countOfAll(counted)} of them in the `
      + 'state table; start the restore again, it goes on with what is missing');
  }
  if (verification.different > 0) {
    return incomplete(`${verification.different} users are not in the target as the ledger has them; ${where}#different; start the restore again, `
      + 'it converges them');
  }
  const [restored, goneThere] = [countOf(tally, 'restored'), deletedThere(tally)];
  if (!run.dryRun && (verification.users < restored || verification.memberships < tally.memberships)) {
    return incomplete(`of ${restored} restored users with ${tally.memberships} memberships only ${verification.users} with `
      + `${verification.memberships} were verified: the target does not show the others, or another restore has written over their links; start `
        + 'the restore again');
  }
  if (goneThere > countOf(tally, 'restored', 'would-restore', 'already-there')) {
    return incomplete(`${goneThere} of ${tally.users} users were skipped, because they were deleted in the target since an earlier restore; to `
      + 'bring them back start the restore again with {"restoreDeleted": true}');
  }
  return { status: RESTORE_STATUS.COMPLETE };
}

function deletedThere({ outcomes }: Tally): number {
  return countOfCode(outcomes.skipped, 'deleted-in-target');
}

function countOfCode(counts: Readonly<Record<string, number>> = {}, code: ReasonCode): number {
  return Object.entries(counts).reduce((sum, [key, users]) => sum + (key !== '' && readReasonKey(key).code === code ? users : 0), 0);
}

/** Counts by sentence instead of by reason. */
function inWords(counts: Readonly<Record<string, number>>): Record<string, number> {
  const words: Record<string, number> = {};
  for (const [key, users] of Object.entries(counts)) {
    const sentence = sentenceOf(readReasonKey(key));
    words[sentence] = (words[sentence] ?? 0) + users;
  }
  return words;
}

function surplus(tally: Tally, counted: Tally): number {
  return OUTCOMES.reduce((sum, outcome) => sum + Math.max(0, countOf(counted, outcome) - countOf(tally, outcome)), 0);
}

function withNames({ failed, ...counts }: GroupCounts): RestoreReport['groups'] {
  if (!failed) return counts;
  const names: Record<string, string[]> = {};
  for (const { name, reason } of failed) (names[sentenceOf(reason)] ??= []).push(name);
  return { ...counts, failed: names };
}

function incomplete(message: string): Verdict {
  return { status: RESTORE_STATUS.INCOMPLETE, message };
}
