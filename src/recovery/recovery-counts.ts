import { RecoveryLine } from './recovery-line';
import { Reversal } from '../converge/reversal';
import { Grade } from '../ledger/image-at';
import { Outcome, Reason, reasonKey } from '../state/outcome';

type Counted = Readonly<Record<string, number>>;

/** PlanCounts of the lines of a plan, and of what became of them. They name nobody, but for the `sub`s that changed. */
export interface PlanCounts {
  /** Users by what a recovery does with them: `create`, `reverse`, `leave`. */
  readonly users: Counted;
  readonly groups: Counted;
  /** Users by what has become of them since the moment. */
  readonly changes: Counted;
  /** Users by how sure their line is. */
  readonly certainty: { readonly [grade in Grade]?: number };
  /** Users who get each attribute back, or lose it. */
  readonly attributes: Counted;
  /** Users who lose each MFA method that was switched on since. */
  readonly secondFactors: Counted;
  readonly enabled: number;
  readonly disabled: number;
  readonly joined: number;
  readonly left: number;
  /** Lines that leave something as it is, by reason. */
  readonly reasons: Counted;
  readonly warnings: Counted;
  /** Lines by outcome, and by outcome and reason. */
  readonly outcomes: { readonly [outcome in Outcome]?: number };
  readonly results: { readonly [outcome in Outcome]?: Counted };
  /** Lines that were to be executed and have no result. */
  readonly open: number;
  /** From the old `sub` of users who came back to the new one: as many as an event can carry. */
  readonly subs: Readonly<Record<string, string>>;
  readonly subsInAll: number;
}

export const NO_COUNTS: PlanCounts = {
  users: {},
  groups: {},
  changes: {},
  certainty: {},
  attributes: {},
  secondFactors: {},
  enabled: 0,
  disabled: 0,
  joined: 0,
  left: 0,
  reasons: {},
  warnings: {},
  outcomes: {},
  results: {},
  open: 0,
  subs: {},
  subsInAll: 0,
};

/** An event of EventBridge takes 256 KB, as the output of an execution does; two `sub`s take 80 bytes. */
export const MOST_SUBS_SHOWN = 1_000;

/** The counts with these lines added. */
export function countLines(counts: PlanCounts, lines: readonly RecoveryLine[]): PlanCounts {
  const sum = structuredClone({ ...NO_COUNTS, ...counts }) as Mutable;
  for (const line of lines) {
    add(line.of === 'user' ? sum.users : sum.groups, line.action);
    line.warnings.forEach(warning => add(sum.warnings, reasonKey(warning)));
    if (line.of === 'user') {
      add(sum.changes, line.change);
      add(sum.certainty, line.certainty);
    }
    if (line.action === 'leave') add(sum.reasons, reasonKey(withoutSub(line.reason)));
    if (line.of === 'user' && line.action === 'reverse') countReversal(sum, line.reversal);
    if (line.of === 'user' && line.action === 'create') sum.joined += line.plan.image.groups.length;
    countResult(sum, line);
  }
  return sum;
}

type Sum = 'users' | 'groups' | 'changes' | 'certainty' | 'attributes' | 'secondFactors' | 'reasons' | 'warnings' | 'outcomes';
type Mutable = { [field in Sum]: Record<string, number> } & { [field in Exclude<keyof PlanCounts, Sum | 'subs' | 'results'>]: number } & {
  subs: Record<string, string>;
  results: { [outcome in Outcome]?: Record<string, number> };
};

function countReversal(sum: Mutable, { set, unset, enabled, join, leave, mfaOff = [] }: Reversal): void {
  mfaOff.forEach(method => add(sum.secondFactors, method));
  [...Object.keys(set), ...unset].forEach(name => add(sum.attributes, name));
  if (enabled === true) sum.enabled++;
  if (enabled === false) sum.disabled++;
  sum.joined += join.length;
  sum.left += leave.length;
}

/** A key for each user would outgrow an execution's output. */
function withoutSub(reason: Reason): Reason {
  return reason.code === 'came-back' ? { code: reason.code } : reason;
}

function countResult(sum: Mutable, line: RecoveryLine): void {
  if (line.action === 'leave') return;
  const { result } = line;
  if (!result) {
    sum.open++;
    return;
  }
  add(sum.outcomes, result.outcome);
  add(sum.results[result.outcome] ??= {}, result.reason ? reasonKey(result.reason) : '');
  result.warnings?.forEach(warning => add(sum.warnings, reasonKey(warning)));
  if (line.of !== 'user' || line.action !== 'create' || result.outcome !== 'restored') return;
  sum.subsInAll++;
  if (sum.subsInAll <= MOST_SUBS_SHOWN) sum.subs[line.sub] = result.targetSub!;
}

function add(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
