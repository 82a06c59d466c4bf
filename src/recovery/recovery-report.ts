import { RECOVERY_STATUS } from './constants';
import { PlanCounts } from './recovery-counts';
import { PlanHead } from './recovery-line';
import { planIdOf, RecoveryRun, Scope } from './recovery-run';
import { sentenceOf } from '../converge/sentences';
import { EpochMilliseconds } from '../runtime/flavor';
import { isHopeless, readReasonKey } from '../state/outcome';

type Counted = Readonly<Record<string, number>>;

/** The execution's output, and the detail of its event. PlanCounts, and `sub`s: values are in the table of recoveries alone. */
export interface RecoveryReport {
  readonly execution: string;
  readonly plan: string;
  readonly userPoolId: string;
  /** Whether the pool was written. */
  readonly executed: boolean;
  readonly undoes?: string;
  readonly kind?: string;
  /** ISO 8601 */
  readonly asOf?: string;
  readonly to?: string;
  readonly scope?: Scope['of'];
  /** Id of an incident whose deletions a sweep held when the plan was made: they are not in it. */
  readonly deletionsHeld?: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** The first moment at which the plan cannot be executed any more; absent where it is not to be executed. */
  readonly validUntil?: string;
  readonly users: { readonly undeleted: number; readonly reverted: number; readonly leftAsTheyAre: number };
  readonly groups: { readonly created: number; readonly reverted: number; readonly leftAsTheyAre: number };
  /** Users by what has become of them since that moment. */
  readonly changes: Counted;
  readonly attributes: Counted;
  /** Users by MFA method that was switched on since, and is switched off. */
  readonly secondFactors: Counted;
  readonly enabled: number;
  readonly disabled: number;
  readonly memberships: { readonly given: number; readonly taken: number };
  /** Users by how sure it is what they were. */
  readonly certainty: Counted;
  readonly leftAsTheyAre: Counted;
  readonly warnings: Counted;
  /** Lines by what became of them; absent where nothing was executed. */
  readonly outcomes?: Counted;
  readonly reasons?: Readonly<Record<string, Counted>>;
  /** From the old `sub` of each user who came back to the new one. */
  readonly recoveredSubs?: Readonly<Record<string, string>>;
  /** How many more came back than are shown: the ledger knows them all. */
  readonly moreRecoveredSubs?: number;
}

export function recoveryReport(run: RecoveryRun, head: PlanHead, counts: PlanCounts, now: EpochMilliseconds, validFor: number): RecoveryReport {
  const { order, plannedAt, executionBegunAt, isDifference } = head;
  const executed = executionBegunAt !== undefined;
  const more = counts.subsInAll - Object.keys(counts.subs).length;
  const iso = (moment: EpochMilliseconds) => new Date(moment).toISOString();
  return {
    execution: run.execution,
    plan: planIdOf(run),
    userPoolId: run.sourceUserPoolId,
    executed,
    ...head.undoes !== undefined ? { undoes: head.undoes } : {},
    ...order ? { kind: isDifference ? 'difference' : order.kind, asOf: iso(order.asOf), scope: order.scope.of } : {},
    ...order?.deletionsHeld !== undefined ? { deletionsHeld: order.deletionsHeld } : {},
    ...order?.to !== undefined ? { to: iso(order.to) } : {},
    startedAt: iso(run.startedAt),
    endedAt: iso(now),
    ...executed || isDifference || plannedAt === undefined ? {} : { validUntil: iso(plannedAt + validFor) },
    users: { undeleted: counts.users.create ?? 0, reverted: counts.users.reverse ?? 0, leftAsTheyAre: counts.users.leave ?? 0 },
    groups: { created: counts.groups.create ?? 0, reverted: counts.groups.reverse ?? 0, leftAsTheyAre: counts.groups.leave ?? 0 },
    changes: counts.changes,
    attributes: counts.attributes,
    secondFactors: counts.secondFactors,
    enabled: counts.enabled,
    disabled: counts.disabled,
    memberships: { given: counts.joined, taken: counts.left },
    certainty: counts.certainty as Counted,
    leftAsTheyAre: bySentence(counts.reasons),
    warnings: bySentence(counts.warnings),
    ...executed ? {
      outcomes: counts.outcomes as Counted,
      reasons: Object.fromEntries(Object.entries(counts.results).map(([outcome, reasons]) => [outcome, bySentence(reasons)] as const)
        .filter(([, reasons]) => Object.keys(reasons).length > 0)),
      recoveredSubs: counts.subs,
    } : {},
    ...executed && more > 0 ? { moreRecoveredSubs: more } : {},
  };
}

export type RecoveryVerdict =
  | { readonly status: typeof RECOVERY_STATUS.PLANNED | typeof RECOVERY_STATUS.COMPLETE }
  | { readonly status: typeof RECOVERY_STATUS.INCOMPLETE; readonly message: string };

/** Whether the recovery succeeded. A failed line is reported and does not make it fail; more failures than successes do. */
export function recoveryVerdict(plan: string, { executionBegunAt }: PlanHead, { outcomes, open, results }: PlanCounts): RecoveryVerdict {
  if (executionBegunAt === undefined) return { status: RECOVERY_STATUS.PLANNED };
  if (!isHopeless(outcomes)) {
    if (open === 0) return { status: RECOVERY_STATUS.COMPLETE };
    return { status: RECOVERY_STATUS.INCOMPLETE, message: `${open} lines of the plan ${plan} have no result; execute it again, it goes on` };
  }
  const [[reason, lines]] = Object.entries(bySentence(results.failed ?? {})).sort(([, a], [, b]) => b - a);
  const untried = open > 0 ? `; ${open} were not tried: when the cause is gone, execute the plan again, and it goes on with these` : '';
  return {
    status: RECOVERY_STATUS.INCOMPLETE,
    message: `${outcomes.failed} lines of the plan ${plan} failed, ${lines} of them with: ${reason}; the table of recoveries lists them under the `
      + `index key ${plan}#failed${untried}`,
  };
}

/** PlanCounts by sentence instead of by reason. */
function bySentence(counts: Counted): Record<string, number> {
  const words: Record<string, number> = {};
  for (const [key, lines] of Object.entries(counts)) {
    if (key === '') continue;
    const sentence = sentenceOf(readReasonKey(key));
    words[sentence] = (words[sentence] ?? 0) + lines;
  }
  return words;
}
